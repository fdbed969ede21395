package dev.sardonyx.runtime.spark;

import java.util.Arrays;
import java.util.Locale;

/** How a column holds what an output has for a row. */
public enum OutputForm {
  /** As the output is: a number or string, or arrays as deep as it has dimensions. */
  ARRAY,
  /** A dense vector of spark.ml; for an output of one dimension. */
  VECTOR,
  /** A number or string; for an output of one element, such as one of type {@code float[N,1]}. */
  SCALAR;

  /** The name that a parameter holds. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if there is none of this name
   */
  static OutputForm of(String id) {
    return Arrays.stream(values())
        .filter(form -> form.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "An output is an array, a vector or a scalar, not '" + id + "'"));
  }
}
