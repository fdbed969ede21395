package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Arrays;

/** Operators that move elements. */
final class MovementConstraints {
  private MovementConstraints() {}

  static void addTo(Constraints all) {
    Constraint reduction = Demand.word("reduction", "none", "add", "mul", "max", "min");
    all.add(
        "Pad",
        Demand.word("mode", "constant", "reflect", "edge", "wrap"),
        Demand.vector(1),
        Demand.single(2),
        MovementConstraints::pads);
    all.add("ScatterElements", reduction.since(16));
    all.add("ScatterND", reduction.since(16));
    all.add("TensorScatter", Demand.word("mode", "linear", "circular"));
    all.add("Reshape", Demand.vector(1).since(5));
    all.add("Expand", Demand.vector(1));
    all.add("Tile", Demand.vector(1).since(6));
    all.add("ConstantOfShape", Demand.vector(0));
    all.add("Compress", Demand.vector(1));
    all.add(
        "ReverseSequence",
        Demand.within("time_axis", 0, 1),
        Demand.within("batch_axis", 0, 1),
        Demand.vector(1));
    all.add("Slice", vectors(1, 4)); // starts, ends, axes and steps
    all.add("Split", Demand.vector(1).since(13), Demand.atLeast("num_outputs", 1).since(18));
    all.add("SequenceAt", Demand.single(1));
    all.add("SequenceErase", Demand.single(1));
    all.add("SequenceInsert", Demand.single(2));
    all.add("ConcatFromSequence", Demand.within("new_axis", 0, 1));
  }

  private static Constraint vectors(int first, int last) {
    return c -> {
      for (int i = first; i <= last; i++) {
        Demand.vector(i).check(c);
      }
    };
  }

  /** Two numbers for each axis that is padded. */
  private static void pads(InferenceContext c) {
    Shape data = c.shape(0);
    Shape axes = c.shape(3);
    Dim padded = c.hasInput(3) ? c.dim(3, 0) : data.isRanked() ? Dim.of(data.rank()) : Dim.UNKNOWN;
    if (c.hasInput(3) && axes.isRanked() && axes.rank() != 1) {
      throw c.rankError(3, "1");
    }
    Dim given = c.since() < 11 ? Dim.UNKNOWN : c.dim(1, 0);
    if (padded.isFixed() && given.isFixed() && given.value() != 2 * padded.value()) {
      throw c.shapeError(
          1,
          2 * padded.value() + " numbers",
          "pads " + c.inputName(1) + " has " + given + " numbers for " + padded + " axes; it takes two each");
    }
    long[] pads = Demand.numbers(c, "pads", 1);
    if (pads != null && Arrays.stream(pads).anyMatch(p -> Math.abs((double) p) > 1L << 40)) {
      throw Demand.wrong(c, "pads", "numbers of at most 2^40", Arrays.toString(pads));
    }
  }
}
