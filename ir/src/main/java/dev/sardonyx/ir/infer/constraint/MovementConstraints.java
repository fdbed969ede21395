package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Arrays;

/** Operators that move elements. */
final class MovementConstraints {
  private static final long LARGEST_PAD = 1L << 40;

  private MovementConstraints() {}

  static void addTo(Constraints all) {
    Constraint reduction = Demand.word("reduction", "none", "add", "mul", "max", "min");
    all.add(
        "Pad",
        Demand.word("mode", "constant", "reflect", "edge", "wrap"),
        Demand.vector(1),
        Demand.single(2),
        MovementConstraints::pads);
    all.add("GatherElements", MovementConstraints::within);
    all.add("Scatter", MovementConstraints::within);
    all.add("ScatterElements", reduction.since(16), MovementConstraints::within);
    all.add("ScatterND", reduction.since(16));
    all.add("TensorScatter", Demand.word("mode", "linear", "circular"));
    all.add("Reshape", Demand.vector(1).since(5));
    all.add("Expand", Demand.vector(1), Demand.notNegative(1));
    all.add("Transpose", Demand.each("perm", 0, Integer.MAX_VALUE));
    all.add("Tile", Demand.vector(1).since(6));
    all.add("ConstantOfShape", Demand.vector(0), MovementConstraints::fill);
    all.add("ReverseSequence", Demand.within("time_axis", 0, 1), Demand.within("batch_axis", 0, 1));
    all.add("Slice", vectors(1, 4)); // starts, ends, axes and steps
    Constraint parts = MovementConstraints::parts;
    all.add(
        "Split",
        Demand.vector(1).since(13),
        Demand.atLeast("num_outputs", 1).since(18),
        parts.since(18));
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

  /** Indices along one axis lie at places that the data have in all others. */
  private static void within(InferenceContext c) {
    Shape data = c.inputShape(0);
    Shape indices = c.inputShape(1);
    if (!data.isRanked() || !indices.isRanked() || data.rank() != indices.rank()) {
      return;
    }
    long axis = c.intAttribute("axis", 0);
    for (int i = 0; i < data.rank(); i++) {
      boolean isLonger =
          data.dim(i).isFixed()
              && indices.dim(i).isFixed()
              && indices.dim(i).value() > data.dim(i).value();
      if (isLonger && i != axis && i != axis + data.rank()) {
        throw c.shapeError(
            1,
            "at most " + data.dim(i) + " in axis " + i,
            "%s has shape %s, which is more in axis %d than %s has, %s"
                .formatted(c.inputName(1), indices, i, c.inputName(0), data));
      }
    }
  }

  /** Either the lengths of the parts are given or their number. */
  private static void parts(InferenceContext c) {
    if (!c.hasInput(1) && !c.hasAttribute("num_outputs")) {
      throw Demand.wrong(c, "num_outputs", "given where input split is not", "none");
    }
  }

  /** Larger pads would let sizes overflow 64 bits. */
  private static void pads(InferenceContext c) {
    long[] pads = Demand.numbers(c, "pads", 1);
    if (pads != null && Arrays.stream(pads).anyMatch(p -> p > LARGEST_PAD || p < -LARGEST_PAD)) {
      throw Demand.wrong(c, "pads", "numbers of at most 2^40", Arrays.toString(pads));
    }
  }

  /** What a tensor is filled with is a vector, of one element. */
  private static void fill(InferenceContext c) {
    if (c.node().attribute("value").map(Attribute::value).orElse(null)
            instanceof AttributeValue.Tensor dense
        && dense.value().rank() != 1) {
      throw Demand.wrong(c, "value", "a vector of one element", dense.value().type().toString());
    }
  }
}
