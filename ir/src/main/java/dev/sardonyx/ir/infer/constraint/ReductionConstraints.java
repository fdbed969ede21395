package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.op.OperatorCatalogue;

/** Reductions and other operators along axes, which an operand names as a vector. */
final class ReductionConstraints {
  private ReductionConstraints() {}

  static void addTo(Constraints all) {
    // Runtimes differ in what other numbers mean.
    Constraint keep = Demand.within("keepdims", 0, 1);
    for (String name : OperatorCatalogue.standard().reductions()) {
      all.add(name, keep, Demand.vector(1));
    }
    all.add("ArgMax", keep);
    all.add("ArgMin", keep);
    all.add("TopK", Demand.single(1).since(10));
    all.add("CumSum", Demand.single(1));
    all.add("CumProd", Demand.single(1));
  }
}
