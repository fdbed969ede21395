/**
 * Passes: rewriting a model into one that means the same. A {@link dev.sardonyx.ir.pass.Pass} is a
 * function from model to model that says what it changed; passes are put together with {@link
 * dev.sardonyx.ir.pass.Pass#andThen} and repeated with {@link dev.sardonyx.ir.pass.Pass#fixpoint}.
 *
 * <h2>A pass in ten lines</h2>
 *
 * <p>A {@link dev.sardonyx.ir.pass.NodeTransform} sees one node after the other, in order, together
 * with a {@link dev.sardonyx.ir.pass.Rewriter}, and does something with the node or leaves it. Most
 * say what stands for nodes of an operator; null keeps the node:
 *
 * <pre>{@code
 * static final NodeTransform RULES =
 *     NodeTransform.of("Identity", (node, to) -> to.input(node, 0))
 *         .andThen(NodeTransform.of("Softsign", (node, to) -> {
 *           Value x = to.input(node, 0);
 *           return to.div(x, to.add(to.abs(x), to.scalarLike(x, 1)));
 *         }));
 *
 * Pass pass = Pass.of("plain-operators", RULES);
 * }</pre>
 *
 * <p>The rewriter is an operator builder as {@code GraphBuilder} is. What is built on it stands
 * before the node; it has types by inference, the forms of the model's opset, and unique names made
 * from the node's. It works alike in graphs, subgraphs and functions: a constant is an initializer,
 * or a Constant node where there can be none. Branches and bodies of loops are lambdas, each with a
 * builder of its own, that may use all values so far:
 *
 * <pre>{@code
 * to.replace(to.ifThenElse(to.input(node, 1), b -> b.relu(x), b -> b.neg(x)));
 * }</pre>
 *
 * <p>What a transform may do with the node it sees:
 *
 * <ul>
 *   <li>nothing: the node is kept;
 *   <li>{@code replace(value)}, {@code replace(result, value)}, {@code replace(values)}: values,
 *       old or just built, stand for its results, and must have their types;
 *   <li>{@code change(node.withAttribute(...))}, {@code changeInput(i, value)}: the same results,
 *       computed otherwise;
 *   <li>{@code insertAfter(result, x -> to.relu(x))}: all users of a result use something built
 *       from it; what is to stand before a node is built, and given to {@code changeInput};
 *   <li>{@code remove()}: of a node whose results nobody uses.
 * </ul>
 *
 * <p>What follows is not said: a node whose results all have a replacement goes, and so do nodes
 * and initializers that only it used; nodes that were built and are not used never come; a built
 * value takes the name of the result it stands for, its node the name and metadata of the node; the
 * names of inputs and outputs stay; and the list of {@link dev.sardonyx.ir.pass.Change changes}
 * tells which nodes came from which.
 *
 * <p>What it may ask: {@code producer}, {@code type}, {@code shape}, {@code tensor} (a constant),
 * {@code elements} (of a shape that the graph computes, symbols included), {@code uses}, {@code
 * isUsedOnce}, {@code isPinned}, {@code isPure}, {@code opset}. What it has to remember of a graph
 * lies in {@code memory}; {@code outer()} leads to the graphs around.
 *
 * <p>A small tree of nodes is best said as an {@link dev.sardonyx.ir.pass.Operand} pattern, which
 * sees to constants, sole uses and attributes:
 *
 * <pre>{@code
 * Operand x = Operand.any();
 * Operand w = Operand.constant();
 * Operand b = Operand.constant();
 * NodeTransform gemm =
 *     Operand.of("Add", Operand.of("MatMul", x, w), b)
 *         .inAnyOrder()
 *         .replacedBy((m, to) -> to.gemm(m.value(x), m.value(w), m.value(b)));
 * }</pre>
 *
 * <p>Transforms put together with {@link dev.sardonyx.ir.pass.NodeTransform#andThen} share one walk
 * over the model: the later ones see what the earlier ones make.
 *
 * <p>All passes look into subgraphs and functions, and take time linear in the model. They expect
 * nodes in topological order, as ONNX does; {@link dev.sardonyx.ir.pass.TopologicalSort} brings
 * them there. Models with training information, whose training graphs refer to values by name, are
 * left as they are by passes that remove or merge values.
 */
@NullMarked
package dev.sardonyx.ir.pass;

import org.jspecify.annotations.NullMarked;
