/**
 * The plan of a training, a YAML file: which data, which network, how it learns and what is
 * written. Nothing here reads data or trains; {@link dev.sardonyx.samples.plan.TrainPlan#read}
 * refuses a plan that is wrong with the line, the column and the key.
 */
@NullMarked
package dev.sardonyx.samples.plan;

import org.jspecify.annotations.NullMarked;
