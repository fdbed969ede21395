package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recurrent layers with weights of eight bits. */
final class RecurrentForms {
  private RecurrentForms() {}

  static void addTo(ContribOperators operators) {
    operators.add("DynamicQuantizeLSTM", RecurrentForms::lstm);
  }

  /**
   * ONNX's own with dequantised weights. What goes in is not quantised, so that its results are
   * nearer to those of the layer before it was quantised.
   */
  private static List<Value> lstm(ContribNode n) {
    StandardOps to = n.to();
    @Nullable Value[] inputs = new @Nullable Value[8];
    inputs[0] = n.in(0);
    inputs[1] = weights(n, 1, 8);
    inputs[2] = weights(n, 2, 10);
    for (int i = 3; i < 8; i++) {
      inputs[i] = n.optional(i);
    }
    return to.nodes("LSTM", 3, OperatorBuilder.inputs(inputs), n.attributesBut());
  }

  /** From {@code [directions,size,4*hidden]} to floats {@code [directions,4*hidden,size]}. */
  private static Value weights(ContribNode n, int input, int scale) {
    StandardOps to = n.to();
    long[] each = n.rank(scale) == 1 ? new long[] {1, 2} : new long[] {1};
    Value whole = to.castLike(n.in(input), n.in(scale));
    Value zero = to.castLike(to.unsqueeze(n.in(scale + 1), each), n.in(scale));
    Value weights = to.mul(to.sub(whole, zero), to.unsqueeze(n.in(scale), each));
    return to.transpose(weights, 0, 2, 1);
  }
}
