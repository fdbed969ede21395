package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Post-training static quantisation: QuantizeLinear and DequantizeLinear go around the nodes that
 * the target computes in integers, with scales from known ranges of the values in between. Weights
 * are stored as integers. Runtimes fuse each node with what is around it into an integer kernel;
 * all others compute the same by dequantising.
 *
 * <p>Inputs and outputs of the graph keep their types. Functions are inlined, normalisations folded
 * into weights, and the opset raised to 13, or to 21 for 16 bits. Graphs inside nodes stay as they
 * are. The scale of a bias is that of the input times that of the weights, as integer kernels have
 * it; weights get a coarser scale where a bias would not fit an int32 otherwise.
 *
 * @param ranges by the values of the {@link #prepare prepared} model; a node of which a range is
 *     missing stays in {@code float}
 * @param options what is quantised, and how
 */
public record StaticQuantization(Map<String, Range> ranges, QuantizationOptions options)
    implements Pass {
  private static final String NAME = "static-quantization";
  private static final int OPSET = 13;
  private static final int OPSET_OF_16_BITS = 21;

  public StaticQuantization {
    ranges = Map.copyOf(ranges);
  }

  /**
   * A quantised model.
   *
   * @param model with QuantizeLinear and DequantizeLinear nodes
   * @param report what became of each node of the prepared model
   * @param activations how the values of the prepared model are stored that are integers
   * @param changes what preparing and quantising changed
   */
  public record Quantized(
      Model model,
      QuantizationReport report,
      Map<String, QuantizationParameters> activations,
      List<Change> changes) {
    public Quantized {
      activations = Map.copyOf(activations);
      changes = List.copyOf(changes);
    }
  }

  /**
   * The model whose values the ranges are of: simplified, and in an opset that can say it all. Its
   * outputs are the model's up to rounding. Preparing a prepared model changes nothing.
   */
  public static PassResult prepare(Model model, QuantizationOptions options) {
    int least = options.activations().type().bits() > Byte.SIZE ? OPSET_OF_16_BITS : OPSET;
    Pass raise =
        m -> {
          long opset = m.opset("").orElse(least);
          return opset >= least ? PassResult.unchanged(m) : OpsetConversion.to(least).apply(m);
        };
    return Passes.named("fixed-defaults") // raising the opset raises IR version 3, too
        .andThen(raise)
        .andThen(Passes.simplify())
        .apply(model);
  }

  /** The values of a prepared model whose ranges quantising may need: all of {@code float}. */
  public static List<String> values(Model prepared) {
    Set<String> values = new LinkedHashSet<>();
    Set<String> constants = new LinkedHashSet<>();
    prepared.graph().constants().forEach(c -> constants.add(c.name()));
    prepared.graph().inputs().stream()
        .filter(input -> isFloat(input.type()) && !constants.contains(input.name()))
        .forEach(input -> values.add(input.name()));
    for (Node node : prepared.graph().nodes()) {
      if (node.constantTensor().isEmpty()) {
        node.outputs().stream()
            .filter(result -> result.isPresent() && isFloat(result.type()))
            .map(Result::name)
            .forEach(values::add);
      }
    }
    return new ArrayList<>(values);
  }

  private static boolean isFloat(ValueType type) {
    return type instanceof TensorType tensor && tensor.elementType() == ElementType.FLOAT;
  }

  /**
   * Quantises a model.
   *
   * @throws IllegalArgumentException if a name that is included or excluded is no node's
   * @throws QuantizationException if weights are not finite, naming them
   */
  public Quantized quantize(Model model) {
    PassResult prepared = prepare(model, options);
    requireNodes(model, prepared.model());
    QuantizationPlan plan = new QuantizationPlan(prepared.model(), ranges, options);
    QuantizationPlacement placement = new QuantizationPlacement(plan, options);
    PassResult placed = Pass.of(NAME, placement).apply(prepared.model());
    List<Change> changes = new ArrayList<>(prepared.changes());
    changes.addAll(placed.changes());
    return new Quantized(placed.model(), plan.report(), placement.stored(), changes);
  }

  /** Nodes that preparing folded into others may be named, too. */
  private void requireNodes(Model model, Model prepared) {
    List<String> names = new ArrayList<>(options.included());
    names.addAll(options.excluded());
    for (String name : names) {
      if (!isThere(model, name) && !isThere(prepared, name)) {
        throw new IllegalArgumentException(
            "The model has no node named " + name + " to include or exclude");
      }
    }
  }

  private static boolean isThere(Model model, String name) {
    return model.graph().nodes().stream().anyMatch(n -> QuantizationOptions.isNamed(n, name));
  }

  @Override
  public PassResult apply(Model model) {
    Quantized quantized = quantize(model);
    return quantized.report().quantized() == 0
        ? PassResult.unchanged(model)
        : new PassResult(quantized.model(), quantized.changes());
  }
}
