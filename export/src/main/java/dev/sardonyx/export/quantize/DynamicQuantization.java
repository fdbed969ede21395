package dev.sardonyx.export.quantize;

import dev.sardonyx.export.Target;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;
import java.util.Set;

/**
 * Products in integers, without calibration: weights are 8-bit integers, and what they are
 * multiplied with is quantised in every run by its own range. For networks whose products are
 * large, such as transformers and recurrent ones, on the CPU.
 *
 * <ul>
 *   <li>MatMul and Gemm with constant matrices: DynamicQuantizeLinear, once for each value, and
 *       MatMulInteger, which ONNX Runtime puts together as DynamicQuantizeMatMul;
 *   <li>Conv with constant weights: ConvInteger, if it is asked for, for it is seldom faster;
 *   <li>LSTM with constant weights: ONNX Runtime's own DynamicQuantizeLSTM, where the target has
 *       it;
 *   <li>Gather from a constant table: the table in integers, its elements dequantised.
 * </ul>
 *
 * <p>A node stays as it is if it would not get smaller, or has no such form; the {@link
 * WeightReport} gives the reasons. Functions are inlined first, and models below opset 11 converted
 * to it.
 *
 * <pre>{@code
 * QuantizedModel small = DynamicQuantization.of().quantize(model);
 * System.out.println(small.report());
 * }</pre>
 *
 * @param weights how weights are stored: int8 or uint8
 * @param perChannel whether each channel of weights, of a table each row, has a scale of its own
 * @param operators which operators are quantised, of {@link #OPERATORS}
 * @param contrib whether operators of {@code com.microsoft} may be used
 * @param nodes which nodes may be touched
 */
public record DynamicQuantization(
    QuantizationScheme weights,
    boolean perChannel,
    Set<String> operators,
    boolean contrib,
    NodeSelection nodes)
    implements Pass {
  /** The operators that can be quantised. */
  public static final Set<String> OPERATORS = Set.of("Conv", "Gather", "Gemm", "LSTM", "MatMul");

  /** The opset since which there is DynamicQuantizeLinear. */
  private static final int OLDEST = 11;

  /**
   * @throws IllegalArgumentException if weights are not of 8 bits, those of channels not symmetric,
   *     or an operator is none that can be quantised
   */
  public DynamicQuantization {
    if (weights.type() != ElementType.INT8 && weights.type() != ElementType.UINT8) {
      throw new IllegalArgumentException(
          "Weights are int8 or uint8, not " + weights.type().onnxName());
    }
    if (perChannel && !weights.symmetric()) {
      throw new IllegalArgumentException(
          "Weights with a scale for each channel are quantised symmetrically");
    }
    operators = Set.copyOf(operators);
    for (String operator : operators) {
      if (!OPERATORS.contains(operator)) {
        throw new IllegalArgumentException(
            operator + " is not quantised dynamically; " + OPERATORS + " are");
      }
    }
  }

  /** Symmetric int8 weights with a scale for each channel, in all operators but Conv. */
  public static DynamicQuantization of() {
    return new DynamicQuantization(
        QuantizationScheme.symmetric(ElementType.INT8),
        true,
        Set.of("Gather", "Gemm", "LSTM", "MatMul"),
        true,
        NodeSelection.ALL);
  }

  /** With one scale for each tensor of weights, or one for each of its channels. */
  public DynamicQuantization withWeights(QuantizationScheme changed, boolean forEachChannel) {
    return new DynamicQuantization(changed, forEachChannel, operators, contrib, nodes);
  }

  /** With weights of 7 bits, for x86 processors without VNNI, whose sums saturate otherwise. */
  public DynamicQuantization withReducedRange() {
    return withWeights(weights.withReducedRange(true), perChannel);
  }

  /** With these operators alone. */
  public DynamicQuantization operators(String... changed) {
    return new DynamicQuantization(weights, perChannel, Set.of(changed), contrib, nodes);
  }

  public DynamicQuantization withNodes(NodeSelection selection) {
    return new DynamicQuantization(weights, perChannel, operators, contrib, selection);
  }

  /** With the operators that a target can run. */
  public DynamicQuantization forTarget(Target target) {
    boolean takes = !target.lacks().contains(Target.Feature.CONTRIB_OPERATORS);
    return new DynamicQuantization(weights, perChannel, operators, takes, nodes);
  }

  /**
   * The model with what can be quantised, and what became of the weights.
   *
   * @throws IllegalArgumentException if a pattern of the selection matches no node
   */
  public QuantizedModel quantize(Model model) {
    WeightReport.Draft report = new WeightReport.Draft(model);
    if (!model.training().isEmpty()) {
      return QuantizedModel.of(model, PassResult.unchanged(model), report);
    }
    Pass plain = Passes.named("fixed-defaults").andThen(Passes.named("function-inlining"));
    Model inlined = plain.apply(model).model();
    Model recent =
        inlined.opset("").orElse(OLDEST) < OLDEST
            ? OpsetConversion.to(OLDEST).apply(inlined).model()
            : inlined;
    Model typed = Passes.named("infer-types").apply(recent).model();
    nodes.requireMatches(typed);
    Model importing =
        contrib && operators.contains("LSTM") && has(typed.graph(), "LSTM")
            ? WeightOnlyQuantization.importingContrib(typed)
            : typed;
    DynamicTransform transform = new DynamicTransform(this, report);
    PassResult result = Pass.of("dynamic-quantization", transform.transform()).apply(importing);
    return QuantizedModel.of(model, result, report);
  }

  private static boolean has(Graph graph, String operator) {
    return graph.nodes().stream()
        .anyMatch(
            node ->
                node.is(operator)
                    || node.subgraphs().stream().anyMatch(body -> has(body, operator)));
  }

  @Override
  public PassResult apply(Model model) {
    return quantize(model).result();
  }
}
