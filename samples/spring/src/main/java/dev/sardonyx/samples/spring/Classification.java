package dev.sardonyx.samples.spring;

/**
 * What an image shows.
 *
 * @param label the class
 * @param probability how sure the network is, from 0 to 1
 */
record Classification(String label, double probability) {}
