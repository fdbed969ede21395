package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;

/** Something that every node of an operator has to keep to. */
@FunctionalInterface
public interface Constraint {
  /**
   * Looks at a node, of which all is known that its operator's rule has found out.
   *
   * @throws InferenceException if the node does not keep to it
   */
  void check(InferenceContext node);

  /** This constraint in the operator's versions from one on. */
  default Constraint since(int version) {
    return node -> {
      if (node.since() >= version) {
        check(node);
      }
    };
  }

  /** This constraint in the operator's versions before one. */
  default Constraint before(int version) {
    return node -> {
      if (node.since() < version) {
        check(node);
      }
    };
  }
}
