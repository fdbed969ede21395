package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.pass.FunctionInlining;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Between which numbers an input should lie, by what the model uses it for: an index within the
 * axis that it points into, a length within the axis that it measures, a divisor away from 0. An
 * input is followed through nodes that pass elements on as they are, into subgraphs and functions.
 */
final class ValueRanges {
  /** What an operator's operand, counted from 0, is used for; keys are such as {@code Gather 1}. */
  private static final Map<String, Use> USES = new HashMap<>();

  static {
    for (String use : new String[] {"Gather 1", "GatherElements 1", "ScatterElements 1"}) {
      USES.put(use, (node, index) -> within(size(index, node, 0, node.intAttribute("axis", 0))));
    }
    USES.put("Scatter 1", USES.get("Gather 1"));
    USES.put("GatherND 1", (node, index) -> within(smallest(index, node, 0)));
    USES.put("ScatterND 1", USES.get("GatherND 1"));
    USES.put(
        "ai.onnx.ml.ArrayFeatureExtractor 1", (node, index) -> within(size(index, node, 0, -1)));
    USES.put("OneHot 0", (node, index) -> within(constant(index, node, 1)));
    USES.put("OneHot 1", always(2, 4));
    USES.put(
        "com.microsoft.EmbedLayerNormalization 0",
        (node, index) -> within(size(index, node, 2, 0)));
    USES.put(
        "com.microsoft.EmbedLayerNormalization 1",
        (node, index) -> within(size(index, node, 4, 0)));
    for (String recurrent : new String[] {"RNN", "GRU", "LSTM"}) {
      USES.put(recurrent + " 4", (node, index) -> upTo(size(index, node, 0, 0)));
    }
    USES.put(
        "ReverseSequence 1",
        (node, index) -> upTo(size(index, node, 0, node.intAttribute("time_axis", 0))));
    USES.put("TopK 1", (node, index) -> upTo(size(index, node, 0, node.intAttribute("axis", -1))));
    USES.put("Attention 6", (node, index) -> upTo(size(index, node, 1, -2)));
    for (String axes : new String[] {"CumSum 1", "Squeeze 1", "Unsqueeze 1"}) {
      USES.put(axes, always(0, 0));
    }
    for (String one : new String[] {"Expand 1", "Range 2", "Div 1", "Mod 1", "Loop 0"}) {
      USES.put(one, always(1, 3));
    }
    USES.put("Expand 1", always(1, 1));
    USES.put("Range 1", always(3, 5));
    USES.put("Tile 1", always(1, 2));
    USES.put("Resize 2", always(1, 2));
    USES.put("Upsample 1", always(1, 2));
    USES.put("Pad 1", always(0, 1));
    USES.put("ConstantOfShape 0", always(1, 3));
    USES.put("CenterCropPad 1", always(1, 3));
    USES.put("NonMaxSuppression 2", always(1, 3));
    USES.put("BitShift 1", always(0, 3));
    USES.put("Dropout 1", always(0, 0.5));
    USES.put("Dropout 2", always(0, 0));
    USES.put("Sqrt 0", always(0.05, 1));
    USES.put("Log 0", always(0.05, 1));
    USES.put("Pow 0", always(0.05, 1));
    USES.put("Reciprocal 0", always(0.5, 1.5));
    USES.put("Acosh 0", always(1, 3));
    for (String scale : new String[] {"QuantizeLinear 1", "DequantizeLinear 1"}) {
      USES.put(scale, always(0.01, 0.1));
    }
  }

  private final GraphIndex main;

  private ValueRanges(GraphIndex main) {
    this.main = main;
  }

  /** What is known of a model whose inputs have the sizes that they will have. */
  static ValueRanges of(Model fixed) {
    Model inferred = ShapeInference.infer(withoutCalls(fixed)).model();
    return new ValueRanges(GraphIndex.of(inferred.graph()));
  }

  /** With the bodies of functions in place of calls, if they are not too many. */
  private static Model withoutCalls(Model model) {
    try {
      return new FunctionInlining().apply(model).model();
    } catch (LimitExceededException | IllegalArgumentException e) {
      return model;
    }
  }

  /** Between which numbers an operand has to lie; null if it does not matter or is not known. */
  private interface Use {
    @Nullable ValueRange range(Node node, GraphIndex index);
  }

  private static Use always(double low, double high) {
    return (node, index) -> new ValueRange(low, high);
  }

  private static @Nullable ValueRange within(long size) {
    return size < 1 ? null : new ValueRange(0, size - 1);
  }

  private static @Nullable ValueRange upTo(long size) {
    return size < 1 ? null : new ValueRange(1, size);
  }

  /** An operand's size along an axis, 0 if it is not known. */
  private static long size(GraphIndex index, Node node, int operand, long axis) {
    Shape shape = node.hasInput(operand) ? index.shape(node.input(operand)) : Shape.UNKNOWN;
    if (!shape.isRanked()) {
      return 0;
    }
    long at = axis < 0 ? axis + shape.rank() : axis;
    return at >= 0 && at < shape.rank() && shape.dim((int) at).isFixed()
        ? shape.dim((int) at).value()
        : 0;
  }

  /** An operand's size along its shortest axis. */
  private static long smallest(GraphIndex index, Node node, int operand) {
    Shape shape = node.hasInput(operand) ? index.shape(node.input(operand)) : Shape.UNKNOWN;
    long smallest = Long.MAX_VALUE;
    for (int axis = 0; shape.isRanked() && axis < shape.rank(); axis++) {
      smallest = Math.min(smallest, size(index, node, operand, axis));
    }
    return smallest == Long.MAX_VALUE ? 0 : smallest;
  }

  private static long constant(GraphIndex index, Node node, int operand) {
    return index
        .constant(node.input(operand))
        .filter(tensor -> tensor.size() == 1)
        .map(Tensor::toScalar)
        .orElse(0.0)
        .longValue();
  }

  /**
   * Between which numbers the elements of an input should lie.
   *
   * @param type their type
   */
  ValueRange of(String input, ElementType type) {
    List<ValueRange> needed = new ArrayList<>();
    ElementFlow.follow(
        main,
        input,
        operand -> {
          Node node = operand.node();
          String domain = node.domain().isEmpty() ? "" : node.domain() + ".";
          Use use = USES.get(domain + node.opType() + " " + operand.operand());
          ValueRange range = use == null ? null : use.range(node, operand.graph());
          if (range != null) {
            needed.add(range);
          }
        });
    return needed.stream().reduce(ValueRange::and).orElseGet(() -> usual(type));
  }

  /** Real numbers from -1 to 1, small integers of 8 bits and less all they have, others 0 or 1. */
  private static ValueRange usual(ElementType type) {
    if (type.isFloat()) {
      return type == ElementType.FLOAT8E8M0 ? new ValueRange(0.5, 2) : new ValueRange(-1, 1);
    }
    if (type.isInteger() && type.bits() <= 8) {
      int half = 1 << type.bits() - 1;
      return type.isSigned() ? new ValueRange(-half, half - 1) : new ValueRange(0, 2 * half - 1);
    }
    return new ValueRange(0, 1);
  }
}
