package dev.sardonyx.ir;

/**
 * A dense tensor.
 *
 * @param elementType the elements' type; {@link ElementType#UNDEFINED} while not known
 * @param shape the shape, of known or unknown rank
 */
public record TensorType(ElementType elementType, Shape shape) implements ValueType {
  public static TensorType of(ElementType elementType, Shape shape) {
    return new TensorType(elementType, shape);
  }

  /** A tensor of fixed dimensions. */
  public static TensorType of(ElementType elementType, long... dims) {
    return new TensorType(elementType, Shape.of(dims));
  }

  public TensorType withShape(Shape changed) {
    return new TensorType(elementType, changed);
  }

  public TensorType withElementType(ElementType changed) {
    return new TensorType(changed, shape);
  }

  /**
   * Such as {@code float[N,3,224,224]}, as in ONNX's text form, but that {@code float} alone is of
   * unknown rank and {@code float[]} a scalar.
   */
  @Override
  public String toString() {
    return elementType.onnxName() + (shape.isRanked() ? shape.toString() : "");
  }
}
