/**
 * From SameDiff to the IR: {@link dev.sardonyx.training.read.samediff.SameDiffImporter} reads whole
 * graphs, and {@link dev.sardonyx.training.read.samediff.SameDiffReader} those inside of DL4J's
 * layers. {@link dev.sardonyx.training.read.samediff.OperatorTable} lists the operators, each with
 * the function that reads it or the reason why it is refused.
 */
@NullMarked
package dev.sardonyx.training.read.samediff;

import org.jspecify.annotations.NullMarked;
