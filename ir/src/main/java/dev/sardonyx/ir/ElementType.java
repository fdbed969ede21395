package dev.sardonyx.ir;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The type of a tensor's elements: every data type of ONNX's {@code TensorProto.DataType}, with its
 * number in files and its width in bits.
 */
public enum ElementType {
  /** ONNX's 0: the element type is not known. */
  UNDEFINED(0, 0, Kind.UNDEFINED),
  FLOAT(1, 32, Kind.FLOAT),
  UINT8(2, 8, Kind.UNSIGNED),
  INT8(3, 8, Kind.SIGNED),
  UINT16(4, 16, Kind.UNSIGNED),
  INT16(5, 16, Kind.SIGNED),
  INT32(6, 32, Kind.SIGNED),
  INT64(7, 64, Kind.SIGNED),
  STRING(8, 0, Kind.STRING),
  BOOL(9, 8, Kind.BOOL),
  FLOAT16(10, 16, Kind.FLOAT),
  DOUBLE(11, 64, Kind.FLOAT),
  UINT32(12, 32, Kind.UNSIGNED),
  UINT64(13, 64, Kind.UNSIGNED),
  COMPLEX64(14, 64, Kind.COMPLEX),
  COMPLEX128(15, 128, Kind.COMPLEX),
  BFLOAT16(16, 16, Kind.FLOAT),
  FLOAT8E4M3FN(17, 8, Kind.FLOAT),
  FLOAT8E4M3FNUZ(18, 8, Kind.FLOAT),
  FLOAT8E5M2(19, 8, Kind.FLOAT),
  FLOAT8E5M2FNUZ(20, 8, Kind.FLOAT),
  UINT4(21, 4, Kind.UNSIGNED),
  INT4(22, 4, Kind.SIGNED),
  FLOAT4E2M1(23, 4, Kind.FLOAT),
  FLOAT8E8M0(24, 8, Kind.FLOAT),
  UINT2(25, 2, Kind.UNSIGNED),
  INT2(26, 2, Kind.SIGNED),
  FLOAT6E2M3(27, 6, Kind.FLOAT),
  FLOAT6E3M2(28, 6, Kind.FLOAT);

  /** What the bits of an element mean. */
  public enum Kind {
    UNDEFINED,
    FLOAT,
    SIGNED,
    UNSIGNED,
    BOOL,
    COMPLEX,
    STRING
  }

  private static final ElementType[] BY_CODE = values();
  private static final Map<String, ElementType> BY_NAME =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(ElementType::onnxName, Function.identity()));

  private final int code;
  private final int bits;
  private final Kind kind;
  private final String onnxName;

  ElementType(int code, int bits, Kind kind) {
    this.code = code;
    this.bits = bits;
    this.kind = kind;
    this.onnxName = name().toLowerCase(Locale.ROOT);
  }

  /** The number in files ({@code TensorProto.DataType}). */
  public int code() {
    return code;
  }

  /** Bits an element takes in packed storage; 0 for strings and the undefined type. */
  public int bits() {
    return bits;
  }

  public Kind kind() {
    return kind;
  }

  /** The name in operator signatures and in ONNX's text form, such as {@code float16}. */
  public String onnxName() {
    return onnxName;
  }

  /** Whether the elements are real floating-point numbers of any width. */
  public boolean isFloat() {
    return kind == Kind.FLOAT;
  }

  /** Whether the elements are signed or unsigned integers; booleans are not. */
  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  public boolean isSigned() {
    return kind == Kind.SIGNED;
  }

  public boolean isUnsigned() {
    return kind == Kind.UNSIGNED;
  }

  /** Whether several elements share a byte (int4, uint4, int2, uint2, float4e2m1, float6). */
  public boolean isPacked() {
    return bits > 0 && bits < 8;
  }

  /**
   * Bytes that {@code count} elements take, the last byte padded; packed elements are one stream of
   * bits, from the low bits of each byte up.
   *
   * @throws IllegalArgumentException for strings and the undefined type, which have no fixed width
   */
  public long byteSize(long count) {
    if (bits == 0) {
      throw new IllegalArgumentException("Elements of type " + onnxName + " have no fixed width");
    }
    return bits >= 8
        ? Math.multiplyExact(count, bits / 8L)
        : count / 8 * bits + (count % 8 * bits + 7) / 8;
  }

  /**
   * The type with this number in files.
   *
   * @throws IllegalArgumentException if ONNX has no such data type
   */
  public static ElementType of(int code) {
    if (code < 0 || code >= BY_CODE.length) {
      throw new IllegalArgumentException("ONNX has no element type " + code);
    }
    return BY_CODE[code];
  }

  /** The type with this ONNX name, such as {@code bfloat16}. */
  public static Optional<ElementType> named(String onnxName) {
    return Optional.ofNullable(BY_NAME.get(onnxName));
  }

  @Override
  public String toString() {
    return onnxName;
  }
}
