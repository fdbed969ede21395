/**
 * Passes: rewriting a model into one that means the same. A {@link dev.sardonyx.ir.pass.Pass} is a
 * function from model to model that says what it changed; passes are put together with {@link
 * dev.sardonyx.ir.pass.Pass#andThen} and repeated with {@link dev.sardonyx.ir.pass.Pass#fixpoint}.
 *
 * <p>Most passes are a {@link dev.sardonyx.ir.pass.NodeTransform}, which sees one node after the
 * other and keeps, drops or replaces it. All keep the names of graph inputs and outputs, look into
 * subgraphs and functions, and take time linear in the model.
 *
 * <p>A pass that relies on order expects nodes in topological order, as ONNX does; {@link
 * dev.sardonyx.ir.pass.TopologicalSort} brings them there. Models with training information, whose
 * training graphs refer to values by name, are left as they are by passes that remove or merge
 * values.
 */
@NullMarked
package dev.sardonyx.ir.pass;

import org.jspecify.annotations.NullMarked;
