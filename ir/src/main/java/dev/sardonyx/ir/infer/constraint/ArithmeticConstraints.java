package dev.sardonyx.ir.infer.constraint;

/** Operators on elements. */
final class ArithmeticConstraints {
  private ArithmeticConstraints() {}

  static void addTo(Constraints all) {
    all.add("BitShift", Demand.word("direction", "LEFT", "RIGHT"));
    all.add("Gelu", Demand.word("approximate", "none", "tanh"));
    all.add("Clip", Demand.single(1), Demand.single(2));
    all.add("Cast", Demand.word("round_mode", "up", "down", "nearest").since(24));
    all.add("Trilu", Demand.single(1));
    all.add("Bernoulli", Demand.within("dtype", 1, 30));
    all.add("Multinomial", Demand.atLeast("sample_size", 1));
    all.add("OneHot", Demand.single(1), Demand.vector(2), Demand.notNegative(0).before(11));
  }
}
