package dev.sardonyx.ir;

/** A sparse tensor of the given element type and (dense) shape. */
public record SparseTensorType(ElementType elementType, Shape shape) implements ValueType {
  @Override
  public String toString() {
    return "sparse_tensor(" + TensorType.of(elementType, shape) + ")";
  }
}
