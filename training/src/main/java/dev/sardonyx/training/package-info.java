/**
 * Compiles the IR to DL4J, trains it, and takes DL4J networks back into the IR.
 *
 * <pre>{@code
 * IdxFolder mnist = IdxFolder.of(Path.of("mnist"));
 * TrainingResult result = Training.of(model).epochs(3).seed(7).checkpoint(folder).run(mnist.train());
 * System.out.println(result.evaluate(mnist.test()).accuracy());
 * OnnxExport.of(result.model()).write(Path.of("trained.onnx"));
 * }</pre>
 *
 * <p>{@link dev.sardonyx.training.Training} takes any of DL4J's updaters, losses, iterators and
 * listeners, and gives the same weights for the same seed, bit by bit, interrupted or not.
 * Operators that DL4J cannot train are refused before anything is learnt, each with the reason; the
 * README of the module lists those it can. {@link dev.sardonyx.training.Dl4jBackend} runs a model
 * in DL4J, to verify others against. Networks of DL4J are read by {@link
 * dev.sardonyx.training.read}.
 */
@NullMarked
package dev.sardonyx.training;

import org.jspecify.annotations.NullMarked;
