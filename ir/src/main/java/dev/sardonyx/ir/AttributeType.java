package dev.sardonyx.ir;

/**
 * The type of an attribute. The order is that of the numbers in files ({@code
 * AttributeProto.AttributeType}).
 */
public enum AttributeType {
  UNDEFINED,
  FLOAT,
  INT,
  STRING,
  TENSOR,
  GRAPH,
  FLOATS,
  INTS,
  STRINGS,
  TENSORS,
  GRAPHS,
  SPARSE_TENSOR,
  SPARSE_TENSORS,
  TYPE_PROTO,
  TYPE_PROTOS;

  private static final AttributeType[] BY_CODE = values();

  /** The number in files. */
  @SuppressWarnings("EnumOrdinal") // the order is part of the contract, see above
  public int code() {
    return ordinal();
  }

  /**
   * The type with this number in files.
   *
   * @throws IllegalArgumentException if ONNX has no such attribute type
   */
  public static AttributeType of(int code) {
    if (code < 0 || code >= BY_CODE.length) {
      throw new IllegalArgumentException("ONNX has no attribute type " + code);
    }
    return BY_CODE[code];
  }
}
