package dev.sardonyx.ir;

/**
 * The type of a value: ONNX's {@code TypeProto}. {@link UnknownType} stands for a type that nobody
 * has declared or inferred yet.
 */
public sealed interface ValueType
    permits TensorType,
        SparseTensorType,
        SequenceType,
        OptionalType,
        MapType,
        OpaqueType,
        UnknownType {

  /** The type that says nothing. */
  static ValueType unknown() {
    return UnknownType.INSTANCE;
  }

  /** Whether anything at all is known. */
  default boolean isKnown() {
    return !(this instanceof UnknownType);
  }
}
