/**
 * The inference rules of ONNX's operators, a class for each family (PoolingInference,
 * ReductionInference, ...), and what they share. A new operator's rule is a function in its family,
 * listed there by its name; a new family is listed in {@link dev.sardonyx.ir.infer.rule.Rules}. Not
 * part of the API.
 */
@NullMarked
package dev.sardonyx.ir.infer.rule;

import org.jspecify.annotations.NullMarked;
