package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.infer.InferenceContext;
import java.util.List;

/** Operators on elements. */
final class ArithmeticConstraints {
  private ArithmeticConstraints() {}

  static void addTo(Constraints all) {
    all.add("BitShift", Demand.word("direction", "LEFT", "RIGHT"));
    all.add("Gelu", Demand.word("approximate", "none", "tanh"));
    all.add("Clip", Demand.single(1), Demand.single(2));
    all.add("Cast", Demand.word("round_mode", "up", "down", "nearest").since(24));
    Constraint remainder = ArithmeticConstraints::remainder;
    all.add("Mod", Demand.within("fmod", 0, 1), remainder.before(28));
    all.add("Trilu", Demand.single(1));
    all.add("Bernoulli", Demand.within("dtype", 1, 30));
    for (String like : List.of("", "Like")) {
      all.add("RandomNormal" + like, ArithmeticConstraints::scale);
      all.add("RandomUniform" + like, ArithmeticConstraints::range);
    }
    all.add("Multinomial", Demand.atLeast("sample_size", 1));
    all.add("OneHot", Demand.single(1), Demand.vector(2), Demand.notNegative(0).before(11));
  }

  /** Only the truncated remainder is one of floating-point numbers, too. */
  private static void remainder(InferenceContext c) {
    if (!c.flag("fmod") && c.inputElementType(0).isFloat()) {
      throw Demand.wrong(c, "fmod", "1 for numbers of type " + c.inputElementType(0), "0");
    }
  }

  /** A standard deviation; 0 gives the mean everywhere. */
  private static void scale(InferenceContext c) {
    float scale = c.floatAttribute("scale", 1);
    if (!(scale >= 0)) {
      throw Demand.wrong(c, "scale", "at least 0", String.valueOf(scale));
    }
  }

  private static void range(InferenceContext c) {
    float low = c.floatAttribute("low", 0);
    float high = c.floatAttribute("high", 1);
    if (!(low <= high)) {
      throw Demand.wrong(c, "low", "at most high, " + high, String.valueOf(low));
    }
  }
}
