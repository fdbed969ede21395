package dev.sardonyx.ir.eval;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;

/** Equality of values that may hold tensors, whose elements a failure shows. */
final class TensorAssert {
  private TensorAssert() {}

  static void assertEquals(Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      Assertions.fail("expected " + text(expected) + ", but was " + text(actual));
    }
  }

  private static String text(Object value) {
    if (value instanceof Tensor tensor) {
      String elements =
          tensor.elementType() == ElementType.STRING
              ? tensor.strings().toString()
              : tensor.elementType().isFloat()
                  ? Arrays.toString(tensor.toDoubles())
                  : Arrays.toString(tensor.toLongs());
      return tensor.type() + " " + elements;
    }
    if (value instanceof Collection<?> items) {
      return items.stream().map(TensorAssert::text).toList().toString();
    }
    if (value instanceof Map<?, ?> map) {
      return map.keySet() + " -> " + text(map.values());
    }
    return String.valueOf(value);
  }
}
