/**
 * The checker: {@link dev.sardonyx.ir.check.Checker} finds everything that is wrong with a model,
 * one class a group of rules.
 *
 * <pre>{@code
 * Report report = Checker.check(model);
 * report.rootCauses().forEach(System.out::println);  // code, place, what is wrong
 * Checker.require(model);                            // throws an InvalidModelException instead
 * }</pre>
 *
 * <p>Each problem has a code that stays, {@code SX-303} for example, and the node and value it is
 * about; those that only follow from others are told apart. Beyond ONNX's own rules it finds what
 * is known to end the process of native runtimes. It does not tell what one runtime lacks: that is
 * a target's business.
 */
@NullMarked
package dev.sardonyx.ir.check;

import org.jspecify.annotations.NullMarked;
