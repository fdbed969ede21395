package dev.sardonyx.ir.op;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;

/** Types as operator signatures write them, such as {@code seq(tensor(float))}. */
final class SignatureType {
  private SignatureType() {}

  static ValueType parse(String text) {
    int open = text.indexOf('(');
    if (open < 0 || !text.endsWith(")")) {
      throw new IllegalArgumentException("Not a type: " + text);
    }
    String inner = text.substring(open + 1, text.length() - 1);
    return switch (text.substring(0, open)) {
      case "tensor" -> TensorType.of(element(inner), Shape.UNKNOWN);
      case "sparse_tensor" -> new SparseTensorType(element(inner), Shape.UNKNOWN);
      case "seq" -> new SequenceType(parse(inner));
      case "optional" -> new OptionalType(parse(inner));
      case "map" -> map(inner);
      default -> throw new IllegalArgumentException("Not a type: " + text);
    };
  }

  /** In {@code map(string, float)} a bare element type is a tensor of it. */
  private static MapType map(String inner) {
    int comma = inner.indexOf(',');
    String value = inner.substring(comma + 1).strip();
    return new MapType(
        element(inner.substring(0, comma).strip()),
        value.contains("(") ? parse(value) : TensorType.of(element(value), Shape.UNKNOWN));
  }

  private static ElementType element(String name) {
    return ElementType.named(name)
        .orElseThrow(() -> new IllegalArgumentException("Not an element type: " + name));
  }
}
