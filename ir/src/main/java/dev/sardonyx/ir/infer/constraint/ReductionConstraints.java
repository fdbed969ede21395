package dev.sardonyx.ir.infer.constraint;

import java.util.List;

/** Reductions and other operators along axes, which an operand names as a vector. */
final class ReductionConstraints {
  private ReductionConstraints() {}

  static void addTo(Constraints all) {
    for (String name :
        List.of(
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceProd",
            "ReduceSum",
            "ReduceSumSquare")) {
      all.add(name, Demand.vector(1));
    }
    all.add("TopK", Demand.single(1).since(10));
    all.add("CumSum", Demand.single(1));
    all.add("CumProd", Demand.single(1));
  }
}
