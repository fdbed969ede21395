package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How tensors of an element type cross ONNX Runtime's Java API, which knows only eleven types: as
 * they are, as another type with the same bits, or as a wider type with the same numbers. Where the
 * types differ, Cast nodes inside the model convert between them.
 *
 * @param type what the model takes or gives
 * @param carried what the Java API passes
 */
record Carrier(ElementType type, ElementType carried) {
  /** Made once, since each run asks. */
  private static final Map<ElementType, Optional<Carrier>> INPUTS =
      new EnumMap<>(ElementType.class);

  static {
    for (ElementType type : ElementType.values()) {
      INPUTS.put(type, carriedInput(type).map(carried -> new Carrier(type, carried)));
    }
  }

  /** How a tensor gets into ONNX Runtime, if there is a way. */
  static Optional<Carrier> forInput(ElementType type) {
    return INPUTS.getOrDefault(type, Optional.empty());
  }

  private static Optional<ElementType> carriedInput(ElementType type) {
    return switch (type) {
      case UINT16 -> Optional.of(ElementType.INT16);
      case UINT32 -> Optional.of(ElementType.INT32);
      case UINT64 -> Optional.of(ElementType.INT64);
      case COMPLEX64, COMPLEX128, UNDEFINED -> Optional.empty();
      default -> Optional.of(byValue(type));
    };
  }

  /**
   * How a tensor gets out. Most types are read as raw bytes, unsigned integers and float8 included;
   * narrower types and float8e8m0 are widened.
   */
  static Optional<Carrier> forOutput(ElementType type) {
    return switch (type) {
      case COMPLEX64, COMPLEX128 -> Optional.empty();
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ ->
          Optional.of(new Carrier(type, type));
      default -> Optional.of(new Carrier(type, byValue(type)));
    };
  }

  /** How an item of a sequence gets out; the Java API reads sequences of few types only. */
  static Optional<Carrier> forSequenceOutput(ElementType type) {
    return switch (type) {
      case COMPLEX64, COMPLEX128, UNDEFINED -> Optional.empty();
      case FLOAT, DOUBLE, STRING -> Optional.of(new Carrier(type, type));
      default ->
          Optional.of(new Carrier(type, type.isFloat() ? ElementType.FLOAT : ElementType.INT64));
    };
  }

  private static ElementType byValue(ElementType type) {
    return switch (type) {
      case INT4, INT2 -> ElementType.INT8;
      case UINT4, UINT2 -> ElementType.UINT8;
      case FLOAT4E2M1,
          FLOAT6E2M3,
          FLOAT6E3M2,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT8E8M0 ->
          ElementType.FLOAT;
      default -> type;
    };
  }

  boolean needsCast() {
    return type != carried;
  }

  /** The tensor as it is passed in; the same bytes where the width is the same. */
  Tensor encode(Tensor tensor) {
    return convert(tensor, carried);
  }

  /** The tensor as the model gave it; the same bytes where the width is the same. */
  Tensor decode(Tensor tensor) {
    return convert(tensor, type);
  }

  private static Tensor convert(Tensor tensor, ElementType to) {
    if (tensor.elementType() == to) {
      return tensor;
    }
    if (tensor.elementType().bits() == to.bits()) {
      return Tensor.of(to, tensor.dims(), tensor.bytes());
    }
    return Tensor.ofNumbers(to, tensor.toDoubles(), tensor.dims());
  }

  /** Whether the Java API takes the elements as a buffer for ONNX Runtime to read or write. */
  static boolean isBuffer(ElementType type) {
    return type != ElementType.STRING && javaType(type) != null;
  }

  /** The Java API's name of a type it can pass; null for all others. */
  static @Nullable OnnxJavaType javaType(ElementType type) {
    return switch (type) {
      case FLOAT -> OnnxJavaType.FLOAT;
      case DOUBLE -> OnnxJavaType.DOUBLE;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case STRING -> OnnxJavaType.STRING;
      default -> null;
    };
  }
}
