package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the channels between two layers equally large: the first layer's weights of a channel are
 * divided by a factor, and the second layer's multiplied by it. The model means the same up to
 * rounding, since operators between them, such as Relu and pooling, keep the factor; but weights of
 * all channels then fill the range they are quantised with. It helps most where weights have one
 * scale for all channels, and in depthwise convolutions. Batch normalisations have to be folded
 * before, as {@link StaticQuantization#prepare} does.
 *
 * <p>A channel whose weights are nearly nothing beside its bias, as normalisations leave of dead
 * ones, goes by its bias: scaled up by its weights it would fill the range of all others.
 *
 * <p>Layers are Conv, Gemm and MatMul with constant weights that nobody else uses, in the main
 * graph.
 *
 * <p>Source: Nagel et al., Data-Free Quantization through Weight Equalization and Bias Correction,
 * 2019, section 4.1.
 */
public record CrossLayerEqualization() implements Pass {
  private static final String NAME = "cross-layer-equalization";

  /** A layer is in two pairs, and evening out one undoes some of the other; it converges fast. */
  private static final int SWEEPS = 30;

  private static final double CONVERGED = 1e-3;

  /** Operators whose result has the positive factor that an element of their input has. */
  private static final Set<String> ELEMENTWISE = Set.of("Identity", "LeakyRelu", "PRelu", "Relu");

  /** The same for a factor of each channel, where channels are the second dimension. */
  private static final Set<String> SPATIAL =
      Set.of("AveragePool", "Flatten", "GlobalAveragePool", "GlobalMaxPool", "MaxPool");

  /** Two layers, the first of which gives the second its channels. */
  private record Pair(ChannelWeights first, ChannelWeights second) {
    /** The largest change of a factor, as the logarithm to the base 2. */
    double equalize() {
      double[] given = first.outputReaches();
      double[] taken = second.inputRanges(given.length);
      double[] factors = new double[given.length];
      double largest = 0;
      for (int i = 0; i < factors.length; i++) {
        boolean both = given[i] > 0 && taken[i] > 0;
        factors[i] = both ? Math.sqrt(taken[i] / given[i]) : 1;
        largest = Math.max(largest, Math.abs(Math.log(factors[i]) / Math.log(2)));
      }
      first.scaleOutputs(factors);
      second.unscaleInputs(factors);
      return largest;
    }
  }

  @Override
  public PassResult apply(Model model) {
    if (!model.training().isEmpty()) {
      return PassResult.unchanged(model);
    }
    GraphIndex index = GraphIndex.of(model.graph());
    Map<Node, Optional<ChannelWeights>> layers = new HashMap<>();
    List<Pair> pairs = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      Node second = second(node, index);
      if (second == null) {
        continue;
      }
      Optional<ChannelWeights> first = layer(node, index, layers);
      Optional<ChannelWeights> next = layer(second, index, layers);
      if (first.isPresent()
          && next.isPresent()
          && first.get().hasOwnBias()
          && next.get().takes(first.get().outputs())) {
        pairs.add(new Pair(first.get(), next.get()));
      }
    }
    boolean changed = pairs.stream().mapToDouble(Pair::equalize).max().orElse(0) > CONVERGED;
    if (!changed) {
      return PassResult.unchanged(model);
    }
    for (int sweep = 1; sweep < SWEEPS; sweep++) {
      if (pairs.stream().mapToDouble(Pair::equalize).max().orElse(0) <= CONVERGED) {
        break;
      }
    }
    return result(model, pairs);
  }

  private static Optional<ChannelWeights> layer(
      Node node, GraphIndex index, Map<Node, Optional<ChannelWeights>> layers) {
    return layers.computeIfAbsent(node, n -> ChannelWeights.of(n, index));
  }

  /** The layer that alone uses a layer's result, or null. */
  private static @Nullable Node second(Node first, GraphIndex index) {
    boolean spatial = first.is("Conv");
    if (!spatial && !first.is("Gemm") && !first.is("MatMul")) {
      return null;
    }
    boolean flat = false;
    Node at = first;
    while (true) {
      String value = at.output(0).name();
      boolean only = at.outputs().stream().filter(r -> r.isPresent()).count() == 1;
      Node next = only ? index.soleConsumer(value).orElse(null) : null;
      if (next == null || !next.hasInput(0) || !next.input(0).equals(value)) {
        return null;
      }
      if (next.is("Conv") || next.is("Gemm") || next.is("MatMul")) {
        return next.is("Conv") == (spatial && !flat) ? next : null;
      }
      boolean moves = SPATIAL.contains(next.opType());
      boolean hands = moves ? spatial && !flat : ELEMENTWISE.contains(next.opType());
      if (!next.domain().isEmpty() || !hands) {
        return null;
      }
      if (next.is("Flatten")) {
        if (next.intAttribute("axis", 1) != 1) {
          return null;
        }
        flat = true;
      }
      at = next;
    }
  }

  private static PassResult result(Model model, List<Pair> pairs) {
    Map<String, Tensor> changed = new HashMap<>();
    List<Change> changes = new ArrayList<>();
    Graph graph = model.graph();
    for (Pair pair : pairs) {
      pair.first().into(changed);
      pair.second().into(changed);
      String what = "equalised " + pair.first().node() + " and " + pair.second().node();
      changes.add(Change.of(NAME, graph.name(), what));
    }
    List<Constant> constants =
        graph.constants().stream()
            .map(c -> changed.containsKey(c.name()) ? c.withData(changed.get(c.name())) : c)
            .toList();
    return new PassResult(model.withGraph(graph.withConstants(constants)), changes);
  }
}
