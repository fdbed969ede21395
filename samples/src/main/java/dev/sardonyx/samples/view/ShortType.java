package dev.sardonyx.samples.view;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Types in few characters: {@code 1×64×56×56} for float, {@code int64 1×8} for others. */
final class ShortType {
  private static final int SHORT = 24;

  private ShortType() {}

  /** Empty if nothing is known. */
  static String of(ValueType type) {
    if (!type.isKnown()) {
      return "";
    }
    if (!(type instanceof TensorType tensor)) {
      return type.toString();
    }
    return element(tensor.elementType(), shape(tensor.shape()));
  }

  private static String element(ElementType type, String shape) {
    boolean isFloat = type == ElementType.FLOAT;
    return shape.isEmpty() ? type.toString() : isFloat ? shape : type + " " + shape;
  }

  private static String shape(Shape shape) {
    if (!shape.isRanked()) {
      return "?";
    }
    return shape.dims().stream().map(Dim::toString).collect(Collectors.joining("×"));
  }

  /** A constant: its value if it is one number, and its type otherwise. */
  static String constant(TensorData data) {
    if (data instanceof Tensor tensor && tensor.size() == 1 && tensor.isReadable()) {
      String element = element(tensor);
      if (element.length() <= SHORT) {
        return "= " + element;
      }
    }
    return "⟨" + type(data) + "⟩";
  }

  /** The type of a constant. */
  static String type(TensorData data) {
    String shape =
        Arrays.stream(data.dims()).mapToObj(Long::toString).collect(Collectors.joining("×"));
    return element(data.elementType(), shape);
  }

  private static String element(Tensor tensor) {
    ElementType type = tensor.elementType();
    if (type == ElementType.STRING) {
      return '"' + tensor.strings().get(0) + '"';
    }
    if (type == ElementType.BOOL) {
      return tensor.toLongs()[0] == 0 ? "false" : "true";
    }
    if (type.kind() == ElementType.Kind.COMPLEX) {
      return type.toString();
    }
    return type.isFloat()
        ? Float.toString((float) tensor.toScalar())
        : Long.toString(tensor.toLongs()[0]);
  }
}
