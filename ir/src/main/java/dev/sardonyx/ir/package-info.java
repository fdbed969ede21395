/**
 * The graph IR: an immutable description of a network that knows no file format and no runtime.
 *
 * <p>A {@link dev.sardonyx.ir.Model} is a main {@link dev.sardonyx.ir.Graph} with the versions of
 * the operators it uses, functions and metadata. A graph has inputs, {@link dev.sardonyx.ir.Node}s
 * in topological order, constants and outputs. Each {@link dev.sardonyx.ir.Value} has one producer
 * and a {@link dev.sardonyx.ir.ValueType}; a {@link dev.sardonyx.ir.Tensor} is constant data,
 * mapped from its file where it came from one. All are values: they never change, and are equal if
 * what they say is.
 *
 * <pre>{@code
 * Model model = OnnxReader.read(Path.of("model.onnx"));   // or GraphBuilder, KerasReader, ...
 * for (Node node : model.graph().nodes()) {
 *   System.out.println(node.name() + ": " + node.operator() + " " + node.inputs());
 * }
 * GraphIndex index = GraphIndex.of(model.graph());        // producers, consumers, types
 * Model other = model.withGraph(model.graph().withName("other"));
 * }</pre>
 *
 * <p>Everything that ONNX can say can be held, operators that nobody knows included; whether it
 * makes sense is for the {@linkplain dev.sardonyx.ir.check checker} to say. Models are {@linkplain
 * dev.sardonyx.ir.build built}, {@linkplain dev.sardonyx.ir.edit edited}, {@linkplain
 * dev.sardonyx.ir.pass rewritten} and {@linkplain dev.sardonyx.ir.eval evaluated} in the packages
 * below. {@link dev.sardonyx.ir.Limits} bound what a model of strangers may cost.
 */
@NullMarked
package dev.sardonyx.ir;

import org.jspecify.annotations.NullMarked;
