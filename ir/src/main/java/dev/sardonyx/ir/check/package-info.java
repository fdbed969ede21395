/**
 * The checker: {@link dev.sardonyx.ir.check.Checker} finds everything that is wrong with a model,
 * one class a group of rules.
 */
@NullMarked
package dev.sardonyx.ir.check;

import org.jspecify.annotations.NullMarked;
