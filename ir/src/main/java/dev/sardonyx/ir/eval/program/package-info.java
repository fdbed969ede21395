/**
 * The reference evaluator's engine: {@link dev.sardonyx.ir.eval.program.Compiler} makes a {@link
 * dev.sardonyx.ir.eval.program.Program} of a graph, and {@link
 * dev.sardonyx.ir.eval.program.Prepared} runs it. Not part of the API.
 */
@NullMarked
package dev.sardonyx.ir.eval.program;

import org.jspecify.annotations.NullMarked;
