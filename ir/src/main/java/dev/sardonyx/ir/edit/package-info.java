/**
 * Editing of models that are already there: {@link dev.sardonyx.ir.edit.ModelEditor}. Models are
 * immutable; an editor gives back a changed copy that shares what stayed the same.
 *
 * <pre>{@code
 * Model served =
 *     ModelEditor.of(model)
 *         .renameInput("input.1", "image")
 *         .symbolicBatch("N")
 *         .addOutput("features")
 *         .model();
 * }</pre>
 *
 * <p>Names are those of the model. A name that is not there, or one that is taken, is refused at
 * once with an {@link dev.sardonyx.ir.edit.EditException} that names it; types are inferred anew
 * where an edit changes them. Subgraphs that use a value are followed. To change a model by rules
 * instead of by name, write a {@link dev.sardonyx.ir.pass.Pass}.
 */
@NullMarked
package dev.sardonyx.ir.edit;

import org.jspecify.annotations.NullMarked;
