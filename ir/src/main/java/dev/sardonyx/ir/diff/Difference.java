package dev.sardonyx.ir.diff;

/** One thing in which two models differ. */
public sealed interface Difference {
  /** Where: {@code model}, a graph by its path, or a node in it ({@code main: Conv conv1}). */
  String place();

  /** What it is about: an operator's node, an attribute, an input, a type, an initializer. */
  String what();

  /** Only the second model has it. */
  record Added(String place, String what) implements Difference {
    @Override
    public String toString() {
      return "+ " + place + ": " + what;
    }
  }

  /** Only the first model has it. */
  record Removed(String place, String what) implements Difference {
    @Override
    public String toString() {
      return "- " + place + ": " + what;
    }
  }

  /**
   * Both have it, but not the same.
   *
   * @param before what the first model says
   * @param after what the second model says
   */
  record Changed(String place, String what, String before, String after) implements Difference {
    @Override
    public String toString() {
      return "~ " + place + ": " + what + " " + before + " -> " + after;
    }
  }

  /** Constant tensors of one type whose elements differ. */
  record ElementValues(String place, String what, TensorDifference by) implements Difference {
    @Override
    public String toString() {
      return "~ " + place + ": " + what + " " + by;
    }
  }
}
