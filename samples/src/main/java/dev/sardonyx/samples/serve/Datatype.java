package dev.sardonyx.samples.serve;

import dev.sardonyx.ir.ElementType;
import java.util.Arrays;
import java.util.Optional;

/** The protocol's names of element types. */
enum Datatype {
  BOOL(ElementType.BOOL),
  UINT8(ElementType.UINT8),
  UINT16(ElementType.UINT16),
  UINT32(ElementType.UINT32),
  UINT64(ElementType.UINT64),
  INT8(ElementType.INT8),
  INT16(ElementType.INT16),
  INT32(ElementType.INT32),
  INT64(ElementType.INT64),
  FP16(ElementType.FLOAT16),
  FP32(ElementType.FLOAT),
  FP64(ElementType.DOUBLE),
  BF16(ElementType.BFLOAT16),
  BYTES(ElementType.STRING);

  private final ElementType elementType;

  Datatype(ElementType elementType) {
    this.elementType = elementType;
  }

  ElementType elementType() {
    return elementType;
  }

  /** The name of a type, if the protocol has one. */
  static Optional<Datatype> of(ElementType type) {
    return Arrays.stream(values()).filter(d -> d.elementType == type).findFirst();
  }

  static Datatype named(String name) throws RequestFailure {
    return Arrays.stream(values())
        .filter(d -> d.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                RequestFailure.badRequest(
                    "there is no datatype '%s'; there are %s"
                        .formatted(name, Arrays.toString(values()))));
  }
}
