package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;

/** Axes as operators take them: numbers that may count from the end. */
final class Axes {
  private Axes() {}

  /**
   * The axis attribute as an index into a shape of the given rank.
   *
   * @throws InferenceException if it is not in [-rank, rank)
   */
  static int attribute(InferenceContext c, String attribute, int rank) {
    return normalize(attribute, c.intAttribute(attribute), rank);
  }

  /** An axis as an index into a shape of the given rank. */
  static int normalize(String attribute, long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw outOfRange(attribute, axis, -rank, rank - 1L, rank);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** An axis that may also stand after the last dimension, as Flatten's. */
  static int normalizeInclusive(String attribute, long axis, int rank) {
    if (axis < -rank || axis > rank) {
      throw outOfRange(attribute, axis, -rank, rank, rank);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** Axes as a sorted set of indices; repetition is an error. */
  static SortedSet<Integer> normalize(String attribute, long[] axes, int rank) {
    SortedSet<Integer> indices = new TreeSet<>();
    for (long axis : axes) {
      if (!indices.add(normalize(attribute, axis, rank))) {
        throw new InferenceException(
            ProblemCode.ATTRIBUTE_VALUE,
            attribute,
            "different axes",
            Arrays.toString(axes),
            attribute + " " + Arrays.toString(axes) + " names axis " + axis + " twice");
      }
    }
    return indices;
  }

  private static InferenceException outOfRange(
      String attribute, long axis, long from, long to, int rank) {
    return new InferenceException(
        ProblemCode.ATTRIBUTE_VALUE,
        attribute,
        "from " + from + " to " + to,
        Long.toString(axis),
        attribute + " " + axis + " is out of range: rank " + rank + " takes " + from + " to " + to);
  }
}
