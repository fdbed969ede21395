package dev.sardonyx.samples.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as people read them, with four digits. The page's script writes them in the same way. */
public final class ShortNumber {
  private static final MathContext DIGITS = new MathContext(4);

  private ShortNumber() {}

  /** Such as {@code 250,880}. */
  public static String of(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Such as {@code 0.9857}, {@code 250,880} or {@code 8.94e-7}; empty for NaN. */
  public static String of(double number) {
    if (Double.isNaN(number)) {
      return "";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "infinite" : "-infinite";
    }
    if (number == 0) {
      return "0";
    }
    if (number == Math.rint(number) && Math.abs(number) < 1e9) {
      return String.format(Locale.ROOT, "%,d", (long) number);
    }
    double size = Math.abs(number);
    BigDecimal rounded = new BigDecimal(number).round(DIGITS).stripTrailingZeros();
    if (size >= 1e-3 && size < 1e6) {
      return rounded.scale() <= 0
          ? String.format(Locale.ROOT, "%,d", rounded.longValue())
          : rounded.toPlainString();
    }
    int exponent = rounded.precision() - rounded.scale() - 1;
    return rounded.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
  }
}
