package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/** Makes tensors of a file fit the types of inputs. */
final class Fitting {
  private Fitting() {}

  /**
   * The type of the tensor that an input takes.
   *
   * @throws IOException if it takes no tensor
   */
  static TensorType tensorType(String file, Input input) throws IOException {
    ValueType type = input.type();
    while (type instanceof OptionalType optional) {
      type = optional.element();
    }
    if (type instanceof TensorType tensor) {
      return tensor;
    }
    if (!type.isKnown()) {
      return TensorType.of(ElementType.UNDEFINED, Shape.UNKNOWN);
    }
    throw new IOException(
        "%s: holds a tensor, but input '%s' takes %s; give it as .json or .pb"
            .formatted(file, input.name(), input.type()));
  }

  /**
   * The tensor with the input's element type.
   *
   * @throws IOException if its numbers are of another kind, or do not fit
   */
  static Tensor toTypeOf(Input input, Tensor given, String file) throws IOException {
    ElementType wanted = tensorType(file, input).elementType();
    ElementType type = given.elementType();
    if (wanted == ElementType.UNDEFINED || wanted == type) {
      return given;
    }
    if (wanted.isFloat() && type.isFloat()) {
      return Tensor.ofNumbers(wanted, given.toDoubles(), given.dims());
    }
    if (wanted.isInteger() && type.isInteger()) {
      return integers(input, given, wanted, file);
    }
    throw new IOException(
        "%s: holds %s, but input '%s' takes %s"
            .formatted(file, given.type(), input.name(), input.type()));
  }

  private static Tensor integers(Input input, Tensor given, ElementType wanted, String file)
      throws IOException {
    long[] elements = given.toLongs();
    boolean unsigned = given.elementType() == ElementType.UINT64;
    for (long element : elements) {
      BigInteger number =
          unsigned ? new BigInteger(Long.toUnsignedString(element)) : BigInteger.valueOf(element);
      if (!fits(number, wanted)) {
        throw new IOException(
            "%s: holds %s, which does not fit input '%s', %s"
                .formatted(file, number, input.name(), input.type()));
      }
    }
    return ofIntegers(wanted, elements, given.dims());
  }

  /** Whether a number is one of an integer type. */
  static boolean fits(BigInteger number, ElementType type) {
    return type.isUnsigned()
        ? number.signum() >= 0 && number.bitLength() <= type.bits()
        : number.bitLength() < type.bits();
  }

  /** Integers that fit their type; those of uint64 as their bits. */
  static Tensor ofIntegers(ElementType type, long[] elements, long... dims) {
    if (type.bits() == 64) {
      ByteBuffer bytes = Tensor.allocate(type, elements.length);
      bytes.asLongBuffer().put(elements);
      return Tensor.of(type, dims, bytes);
    }
    double[] numbers = new double[elements.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = elements[i];
    }
    return Tensor.ofNumbers(type, numbers, dims);
  }
}
