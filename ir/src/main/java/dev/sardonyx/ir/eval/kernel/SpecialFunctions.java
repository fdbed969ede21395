package dev.sardonyx.ir.eval.kernel;

/** Functions that Java's Math does not have, to about 1e-15. */
final class SpecialFunctions {
  private SpecialFunctions() {}

  /** The error function: the Taylor series about the nearest of points one sixteenth apart. */
  static double erf(double x) {
    double z = Math.abs(x);
    if (Double.isNaN(x) || z > 6) {
      return Double.isNaN(x) ? x : Math.copySign(1, x);
    }
    int point = (int) (z * 16 + 0.5);
    double[] series = ERF[point];
    double distance = z - point / 16.0;
    double sum = series[ERF_TERMS - 1];
    for (int n = ERF_TERMS - 2; n >= 0; n--) {
      sum = sum * distance + series[n];
    }
    return Math.copySign(sum, x);
  }

  private static final int ERF_TERMS = 12;

  /** The Taylor coefficients of erf at each sixteenth from 0 to 6. */
  private static final double[][] ERF = new double[97][];

  static {
    for (int i = 0; i < ERF.length; i++) {
      ERF[i] = erfSeries(i / 16.0);
    }
  }

  /**
   * By the rule of its derivatives: each is -2x times the one before, less 2(n-2) times that
   * before.
   */
  private static double[] erfSeries(double x) {
    double[] series = new double[ERF_TERMS];
    series[0] = erfAt(x);
    double previous = 0;
    double derivative = 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
    double factorial = 1;
    for (int n = 1; n < ERF_TERMS; n++) {
      factorial *= n;
      series[n] = derivative / factorial;
      double next = -2 * x * derivative - 2 * (n - 1) * previous;
      previous = derivative;
      derivative = next;
    }
    return series;
  }

  /** A power series near 0, a continued fraction of erfc further out. */
  private static double erfAt(double z) {
    if (z < 2.5) {
      double term = z;
      double sum = z;
      for (int n = 1; Math.abs(term) > 1e-17 * sum; n++) {
        term *= 2 * z * z / (2 * n + 1);
        sum += term;
      }
      return 2 / Math.sqrt(Math.PI) * Math.exp(-z * z) * sum;
    }
    double fraction = 0;
    for (int n = 60; n > 0; n--) {
      fraction = n / 2.0 / (z + fraction);
    }
    return 1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction);
  }

  /**
   * e to the x, to 5e-13 of it, for results that are rounded to float: the Taylor polynomial about
   * the nearest power of two. It takes a third of the time of {@link Math#exp}.
   */
  static double expForFloat(double x) {
    if (!(Math.abs(x) < 700)) {
      return Math.exp(x);
    }
    double power = Math.rint(x * LOG2_E);
    double r = x - power * LN_2;
    double r2 = r * r;
    double low = 1 + r + r2 * (1 / 2.0 + r * (1 / 6.0));
    double middle = 1 / 24.0 + r * (1 / 120.0) + r2 * (1 / 720.0 + r * (1 / 5040.0));
    double high = 1 / 40320.0 + r * (1 / 362880.0) + r2 * (1 / 3628800.0);
    double r4 = r2 * r2;
    double fraction = low + r4 * (middle + r4 * high);
    return fraction * Double.longBitsToDouble((long) power + 1023 << 52);
  }

  private static final double LN_2 = Math.log(2);
  private static final double LOG2_E = 1 / LN_2;

  /** The hyperbolic tangent, as exactly; near 0 by its Taylor polynomial. */
  static double tanhForFloat(double x) {
    double z = Math.abs(x);
    if (z < 0.05) {
      double x2 = x * x;
      return x * (1 + x2 * (-1 / 3.0 + x2 * (2 / 15.0 - x2 * (17 / 315.0))));
    }
    return Math.copySign(1 - 2 / (expForFloat(2 * z) + 1), x);
  }

  static double asinh(double x) {
    double z = Math.abs(x);
    double y = z > 1e8 ? Math.log(z) + Math.log(2) : Math.log1p(z + z * z / (1 + Math.hypot(z, 1)));
    return Math.copySign(y, x);
  }

  static double acosh(double x) {
    if (x < 1) {
      return Double.NaN; // also where x * x would lose the 1
    }
    return x > 1e8 ? Math.log(x) + Math.log(2) : Math.log(x + Math.sqrt(x * x - 1));
  }

  static double atanh(double x) {
    return 0.5 * Math.log1p(2 * x / (1 - x));
  }

  static double sigmoid(double x) {
    double e = Math.exp(-Math.abs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
  }

  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** Half the sum of x and its product with the error function: exact GELU. */
  static double gelu(double x) {
    return 0.5 * x * (1 + erf(x / Math.sqrt(2)));
  }

  /** GELU approximated by the hyperbolic tangent. */
  static double geluTanh(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }
}
