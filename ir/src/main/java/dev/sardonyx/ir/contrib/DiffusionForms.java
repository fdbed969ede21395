package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.List;

/** What ONNX Runtime's optimizer puts into networks that denoise images, channels last. */
final class DiffusionForms {
  private static final long ALL = -1;

  private DiffusionForms() {}

  static void addTo(ContribOperators operators) {
    operators.one("BiasAdd", n -> n.to().add(n.to().add(n.in(0), n.in(1)), n.in(2)));
    operators.one("BiasSplitGelu", DiffusionForms::biasSplitGelu);
    operators.one("GroupNorm", n -> groupNorm(n, n.in(0)));
    operators.add("SkipGroupNorm", DiffusionForms::skipGroupNorm);
    operators.one("NhwcConv", DiffusionForms::conv);
  }

  /** One half of the features is let through as far as the other says. */
  private static Value biasSplitGelu(ContribNode n) {
    StandardOps to = n.to();
    List<Value> halves = to.splitEvenly(to.add(n.in(0), n.in(1)), -1, 2);
    return to.mul(halves.get(0), to.gelu(halves.get(1)));
  }

  private static List<Value> skipGroupNorm(ContribNode n) {
    StandardOps to = n.to();
    Value skip = n.in(3);
    if (n.rank(3) == 2) { // [N,C], for each place the same
      skip = n.flag("channels_last") ? to.unsqueeze(skip, 1, 2) : to.unsqueeze(skip, 2, 3);
    }
    Value sum = to.add(n.in(0), skip);
    if (n.has(4)) {
      Value bias = n.in(4);
      sum = to.add(sum, n.flag("channels_last") ? bias : to.unsqueeze(bias, 1, 2));
    }
    return List.of(groupNorm(n, sum), sum);
  }

  /** Computed in floats, as its scale and its bias are. */
  private static Value groupNorm(ContribNode n, Value input) {
    StandardOps to = n.to();
    boolean isLast = n.flag("channels_last");
    Value x = to.cast(isLast ? n.channelsFirst(input) : input, ElementType.FLOAT);
    Value groups = to.reshape(x, 0, n.integer("groups", 1), ALL);
    Value centred = to.sub(groups, to.reduceMean(groups, true, -1));
    Value variance = to.reduceMean(to.mul(centred, centred), true, -1);
    Value epsilon = to.scalarLike(variance, n.number("epsilon", 1e-5f));
    Value normal = to.div(centred, to.sqrt(to.add(variance, epsilon)));
    Value y = to.reshape(normal, to.shape(x));
    Value scale = to.cast(to.unsqueeze(n.in(1), 1, 2), ElementType.FLOAT);
    Value bias = to.cast(to.unsqueeze(n.in(2), 1, 2), ElementType.FLOAT);
    y = to.add(to.mul(y, scale), bias);
    if (n.flag("activation")) {
      y = to.mul(y, to.sigmoid(y));
    }
    return to.cast(isLast ? n.channelsLast(y) : y, OperatorBuilder.elementType(input));
  }

  /** Its weights are [M,kH,kW,C/group]. */
  private static Value conv(ContribNode n) {
    StandardOps to = n.to();
    Value y =
        to.node(
            "Conv",
            OperatorBuilder.inputs(
                n.channelsFirst(n.in(0)), n.channelsFirst(n.in(1)), n.optional(2)),
            n.attributesBut());
    return n.channelsLast(y);
  }
}
