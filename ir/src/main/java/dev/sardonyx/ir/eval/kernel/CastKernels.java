package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.NarrowFloat;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Elements brought to another type. */
final class CastKernels {
  private CastKernels() {}

  static void register(Kernels kernels) {
    kernels.one("Cast", c -> cast(c, target(c)));
    kernels.one("CastLike", c -> cast(c, c.type(1)));
    kernels.one("BitCast", CastKernels::bitCast);
  }

  /** Before version 6 the type is named, later it is a number. */
  private static ElementType target(KernelContext c) {
    if (c.since() >= 6) {
      return ElementType.of(Math.toIntExact(c.intAttribute("to")));
    }
    String name = c.stringAttribute("to", "").toLowerCase(Locale.ROOT);
    return ElementType.named(name)
        .orElseThrow(() -> new EvaluationException("there is no element type " + name));
  }

  private static Tensor cast(KernelContext c, ElementType to) {
    boolean saturate = c.intAttribute("saturate", 1) != 0;
    return cast(c.tensor(0), to, saturate, c.stringAttribute("round_mode", "up"));
  }

  /**
   * The elements as those of another type.
   *
   * @param saturate whether what is too large for a float of 8 bits becomes the largest of them
   * @param roundMode how float8e8m0 rounds: up, down or nearest
   */
  static Tensor cast(Tensor x, ElementType to, boolean saturate, String roundMode) {
    ElementType from = x.elementType();
    if (from == to) {
      return x;
    }
    if (to == ElementType.STRING) {
      return toStrings(x);
    }
    if (from == ElementType.STRING) {
      return fromStrings(x, to);
    }
    if (from.kind() == ElementType.Kind.COMPLEX || to.kind() == ElementType.Kind.COMPLEX) {
      throw new EvaluationException("there is no cast from " + from + " to " + to);
    }
    if (!from.isFloat() && !to.isFloat()) {
      return Elements.of(to, Elements.longs(x), x.dims());
    }
    boolean wide = from.bits() == 64 && from.isInteger() && to.isFloat();
    double[] values =
        wide && to != ElementType.DOUBLE ? Elements.forRounding(x) : Elements.doubles(x);
    return fromReals(to, values, saturate, roundMode, x.dims());
  }

  /** Real numbers as elements of a type. */
  static Tensor fromReals(
      ElementType to, double[] values, boolean saturate, String roundMode, long... dims) {
    if (to == ElementType.FLOAT8E8M0) {
      return powersOfTwo(values, saturate, roundMode, dims);
    }
    if (saturate || !to.isFloat() || to.bits() > 8) {
      return Elements.of(to, values, dims);
    }
    NarrowFloat format = NarrowFloat.of(to);
    ElementCodec codec = ElementCodec.of(to);
    ByteBuffer bytes = Tensor.allocate(to, values.length);
    for (int i = 0; i < values.length; i++) {
      int code = format.encode(values[i], false);
      if (to.bits() == 8) {
        bytes.put(i, (byte) code);
      } else {
        codec.putDouble(bytes, i, values[i]);
      }
    }
    return Tensor.of(to, dims, bytes);
  }

  /** Only the exponent of the number as a float counts; the sign does not. */
  private static Tensor powersOfTwo(
      double[] values, boolean saturate, String roundMode, long... dims) {
    ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT8E8M0, values.length);
    for (int i = 0; i < values.length; i++) {
      int bits = Float.floatToRawIntBits((float) values[i]);
      int exponent = bits >>> 23 & 0xFF;
      int fraction = bits & 0x7FFFFF;
      boolean up =
          switch (roundMode) {
            case "up" -> fraction > 0;
            case "nearest" -> fraction > 0x400000 || fraction == 0x400000 && exponent > 0;
            default -> false;
          };
      if (exponent < 0xFF && up && !(saturate && exponent == 0xFE)) {
        exponent++;
      }
      bytes.put(i, (byte) exponent);
    }
    return Tensor.of(ElementType.FLOAT8E8M0, dims, bytes);
  }

  private static Tensor fromStrings(Tensor x, ElementType to) {
    List<String> strings = x.strings();
    if (to.isInteger()) {
      long[] values = new long[strings.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (long) parse(strings.get(i));
        if (Math.abs(values[i]) > 1L << 52) {
          values[i] = exact(strings.get(i));
        }
      }
      return Elements.of(to, values, x.dims());
    }
    double[] values = strings.stream().mapToDouble(CastKernels::parse).toArray();
    return Elements.of(to, values, x.dims());
  }

  private static long exact(String text) {
    try {
      return new BigDecimal(text.strip()).longValue();
    } catch (NumberFormatException e) {
      throw new EvaluationException("'" + text + "' is not an integer", e);
    }
  }

  private static double parse(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    try {
      return switch (word) {
        case "nan", "+nan", "-nan" -> Double.NaN;
        case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
        case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
        case "true" -> 1;
        case "false" -> 0;
        default -> Double.parseDouble(word);
      };
    } catch (NumberFormatException e) {
      throw new EvaluationException("'" + text + "' is not a number", e);
    }
  }

  private static Tensor toStrings(Tensor x) {
    List<String> strings = new ArrayList<>(x.length());
    ElementType type = x.elementType();
    if (type.isFloat()) {
      for (double value : Elements.doubles(x)) {
        strings.add(text(value, type));
      }
    } else {
      for (long value : Elements.longs(x)) {
        strings.add(
            switch (type) {
              case BOOL -> value == 0 ? "False" : "True";
              case UINT64 -> Long.toUnsignedString(value);
              default -> Long.toString(value);
            });
      }
    }
    return Tensor.ofStrings(strings, x.dims());
  }

  /** The fewest digits that tell the number from its neighbours, written as Python does. */
  private static String text(double value, ElementType type) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return Double.doubleToRawLongBits(value) < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= 17; digits++) {
      shortest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      Tensor back = Elements.of(type, new double[] {shortest.doubleValue()});
      if (back.toScalar() == value) {
        break;
      }
    }
    shortest = shortest.stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = shortest.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String digits = shortest.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    String sign = exponent < 0 ? "-" : "+";
    return (value < 0 ? "-" : "")
        + mantissa
        + "e"
        + sign
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  private static Tensor bitCast(KernelContext c) {
    Tensor x = c.tensor(0);
    ElementType to = ElementType.of(Math.toIntExact(c.intAttribute("to")));
    if (x.elementType().bits() != to.bits() || to.bits() == 0) {
      throw new EvaluationException(
          x.elementType() + " and " + to + " are not of the same number of bits");
    }
    return Tensor.of(to, x.dims(), x.bytes());
  }
}
