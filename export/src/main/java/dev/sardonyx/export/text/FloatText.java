package dev.sardonyx.export.text;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Floating-point numbers as text that reads back to exactly the same bits: the shortest decimal
 * number, {@code inf}, {@code nan}, or the bits of an unusual NaN.
 */
final class FloatText {
  private static final int NAN = 0x7FC00000;
  private static final long NAN64 = 0x7FF8000000000000L;

  private static final List<RoundingMode> ROUNDINGS =
      List.of(RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN);

  /** JDKs before 19 do not always print the shortest decimal, nor the nearest of the shortest. */
  private static final boolean SHORTEST = Runtime.version().feature() >= 19;

  private FloatText() {}

  static String text(float number) {
    int bits = Float.floatToRawIntBits(number);
    if (Float.isNaN(number)) {
      return bits == NAN
          ? "nan"
          : bits == (NAN | Integer.MIN_VALUE) ? "-nan" : "0x" + Integer.toHexString(bits);
    }
    if (Float.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    String text = Float.toString(number);
    return SHORTEST ? text : shortest(text, new BigDecimal(number), number);
  }

  static String text(double number) {
    long bits = Double.doubleToRawLongBits(number);
    if (Double.isNaN(number)) {
      return bits == NAN64
          ? "nan"
          : bits == (NAN64 | Long.MIN_VALUE) ? "-nan" : "0x" + Long.toHexString(bits);
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    String text = Double.toString(number);
    return SHORTEST ? text : shortest(text, new BigDecimal(number), number);
  }

  private static String shortest(String text, BigDecimal exact, Number number) {
    int digits = digits(text);
    // Two digits or fewer cannot be made shorter.
    if (digits <= 2) {
      return text;
    }
    String best = text;
    for (int i = digits; i >= 2; i--) {
      BigDecimal rounded = rounded(exact, i, number);
      if (rounded == null) {
        break;
      }
      best = javaForm(rounded, number);
    }
    return best;
  }

  /**
   * The nearest decimal with this number of digits that reads back to the number; null if none
   * does.
   */
  private static @Nullable BigDecimal rounded(BigDecimal exact, int digits, Number number) {
    // Floats are closer together below a power of two, so only the farther decimal may read back.
    for (RoundingMode mode : ROUNDINGS) {
      BigDecimal rounded = exact.round(new MathContext(digits, mode));
      boolean same =
          number instanceof Float f
              ? rounded.floatValue() == f
              : rounded.doubleValue() == number.doubleValue();
      if (same) {
        return rounded;
      }
    }
    return null;
  }

  private static int digits(String text) {
    int end = text.indexOf('E') < 0 ? text.length() : text.indexOf('E');
    int digits = 0;
    boolean leading = true;
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        leading &= c == '0';
        digits += leading ? 0 : 1;
      }
    }
    return digits;
  }

  /** The decimal as {@link Double#toString} writes decimals: plain from 0.001 to 10 million. */
  private static String javaForm(BigDecimal decimal, Number number) {
    double magnitude = Math.abs(number.doubleValue());
    BigDecimal stripped = decimal.stripTrailingZeros();
    if (magnitude >= 1e-3 && magnitude < 1e7) {
      String plain = stripped.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = stripped.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - stripped.scale();
    String sign = stripped.signum() < 0 ? "-" : "";
    String fraction = digits.length() == 1 ? "0" : digits.substring(1);
    return sign + digits.charAt(0) + "." + fraction + "E" + exponent;
  }

  /**
   * Parses a float.
   *
   * @throws NumberFormatException if the text is not a number
   */
  static float parseFloat(String text) {
    if (text.startsWith("0x")) {
      return Float.intBitsToFloat(Integer.parseUnsignedInt(text.substring(2), 16));
    }
    return switch (special(text)) {
      case "nan" -> Float.intBitsToFloat(text.startsWith("-") ? NAN | Integer.MIN_VALUE : NAN);
      case "inf" -> text.startsWith("-") ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
      default -> Float.parseFloat(decimal(text));
    };
  }

  static double parseDouble(String text) {
    if (text.startsWith("0x")) {
      return Double.longBitsToDouble(Long.parseUnsignedLong(text.substring(2), 16));
    }
    return switch (special(text)) {
      case "nan" -> Double.longBitsToDouble(text.startsWith("-") ? NAN64 | Long.MIN_VALUE : NAN64);
      case "inf" -> text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      default -> Double.parseDouble(decimal(text));
    };
  }

  /** {@code nan}, {@code inf} or nothing, whatever the sign and case. */
  static String special(String text) {
    String word = text.startsWith("-") ? text.substring(1) : text;
    if (word.equalsIgnoreCase("nan")) {
      return "nan";
    }
    return word.equalsIgnoreCase("inf") || word.equalsIgnoreCase("infinity") ? "inf" : "";
  }

  /** Refuses suffixes and hexadecimal numbers, which Java's parser would accept. */
  private static String decimal(String text) {
    for (int i = 0; i < text.length(); i++) {
      if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
        throw new NumberFormatException(text);
      }
    }
    return text;
  }

  static boolean isWhole(String text) {
    return text.matches("-?[0-9]+");
  }
}
