/**
 * Pipelines of Spark ML as models. Each kind of stage is an entry of {@link
 * dev.sardonyx.runtime.spark.ml.StageForms}.
 */
@NullMarked
package dev.sardonyx.runtime.spark.ml;

import org.jspecify.annotations.NullMarked;
