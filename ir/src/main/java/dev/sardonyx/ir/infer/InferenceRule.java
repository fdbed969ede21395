package dev.sardonyx.ir.infer;

/**
 * What one operator says of its outputs' types. Element types that the signature binds to an
 * input's are known without it; a rule adds shapes, values, and what the signature cannot say.
 */
@FunctionalInterface
public interface InferenceRule {
  /**
   * Sets output types (and values, where known) in the context.
   *
   * @throws InferenceException if the inputs contradict the operator
   */
  void infer(InferenceContext context);
}
