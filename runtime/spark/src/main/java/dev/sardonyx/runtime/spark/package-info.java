/**
 * Models scored in Apache Spark.
 *
 * <pre>{@code
 * OnnxTransformer network =
 *     new OnnxTransformer()
 *         .setModel("model.onnx")
 *         .setInput("x", "features")
 *         .setOutput("y", "score", OutputForm.VECTOR);
 * Dataset<Row> scored = network.transform(table);
 * }</pre>
 *
 * <p>{@link dev.sardonyx.runtime.spark.OnnxTransformer} is a stage of a pipeline, {@link
 * dev.sardonyx.runtime.spark.OnnxFunctions} registers a model as a function of SQL, for single
 * rows. One session a process computes the rows of a partition in batches. Nothing here trains.
 */
@NullMarked
package dev.sardonyx.runtime.spark;

import org.jspecify.annotations.NullMarked;
