package dev.sardonyx.training;

import java.util.OptionalDouble;

/**
 * How well a network does on data it did not learn from.
 *
 * @param loss mean loss of an example
 * @param accuracy share of examples whose most probable class is right, 0..1; empty if the loss is
 *     not one of classification
 * @param examples how many were tried
 */
public record Score(double loss, OptionalDouble accuracy, long examples) {}
