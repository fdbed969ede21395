package dev.sardonyx.ir.eval.kernel;

/** Functions that Java's Math does not have, to about 1e-15. */
final class SpecialFunctions {
  private SpecialFunctions() {}

  /** The error function: a power series near 0, a continued fraction of erfc further out. */
  static double erf(double x) {
    double z = Math.abs(x);
    if (Double.isNaN(x) || z > 6) {
      return Double.isNaN(x) ? x : Math.copySign(1, x);
    }
    if (z < 2.5) {
      double term = x;
      double sum = x;
      for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
      }
      return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
    double fraction = 0;
    for (int n = 60; n > 0; n--) {
      fraction = n / 2.0 / (z + fraction);
    }
    double erfc = Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction);
    return Math.copySign(1 - erfc, x);
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
