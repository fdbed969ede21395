package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Moves what is hard to quantise from activations into weights: large channels of what goes into a
 * matrix product are divided by a factor, and the rows of the weights multiplied by it. The model
 * means the same up to rounding. It is for transformers, where a few channels are a hundred times
 * as large as the others, and one scale has to do for all of them.
 *
 * <p>The factors go into the scale and bias of the LayerNormalization or RMSNormalization, or into
 * the constants of the Mul and Add, that give the value, if only the products use it; otherwise
 * into a Mul of its own. Products are MatMul and Gemm with constant matrices that nobody else uses,
 * in the main graph.
 *
 * <p>Source: Xiao et al., SmoothQuant: Accurate and Efficient Post-Training Quantization for Large
 * Language Models, 2023.
 *
 * @param maxima by the names of {@link #values}, the largest absolute element of each channel (the
 *     last dimension) on calibration data; products of other values stay as they are
 * @param alpha how much is moved: from 0, all channels of the weights become equally large, to 1,
 *     all channels of the values do; 0.5 suits most
 */
public record SmoothQuant(Map<String, float[]> maxima, double alpha) implements Pass {
  private static final String NAME = "smooth-quant";

  /** Channels smaller than this are not scaled up any further. */
  private static final double LIMIT = 1e5;

  /**
   * @throws IllegalArgumentException if alpha is not from 0 to 1
   */
  public SmoothQuant {
    maxima = Map.copyOf(maxima);
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("Alpha is from 0 to 1, not " + alpha);
    }
  }

  /** The values of the main graph whose maxima are of use. */
  public static List<String> values(Model model) {
    return List.copyOf(products(GraphIndex.of(model.graph())).keySet());
  }

  /** The products by what they multiply. */
  private static Map<String, List<ChannelWeights>> products(GraphIndex index) {
    Map<String, List<ChannelWeights>> products = new LinkedHashMap<>();
    for (Node node : index.graph().nodes()) {
      if ((node.is("MatMul") || node.is("Gemm")) && index.constant(node.input(0)).isEmpty()) {
        ChannelWeights.of(node, index)
            .ifPresent(
                weights ->
                    products.computeIfAbsent(node.input(0), x -> new ArrayList<>()).add(weights));
      }
    }
    return products;
  }

  @Override
  public PassResult apply(Model model) {
    if (!model.training().isEmpty()) {
      return PassResult.unchanged(model);
    }
    Smoothing smoothing = new Smoothing(model.graph());
    products(smoothing.index).forEach(smoothing::smooth);
    return smoothing.changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(model.withGraph(smoothing.graph()), smoothing.changes);
  }

  /** A graph in the making. */
  private final class Smoothing {
    private final GraphIndex index;
    private final Map<String, Tensor> changed = new HashMap<>();
    private final List<Constant> added = new ArrayList<>();

    /** What is put before a node, by that node's position. */
    private final Map<Integer, Node> inserted = new HashMap<>();

    /** Other first inputs of products, by the names of their results. */
    private final Map<String, String> inputs = new HashMap<>();

    private final List<Change> changes = new ArrayList<>();

    Smoothing(Graph graph) {
      this.index = GraphIndex.of(graph);
    }

    void smooth(String value, List<ChannelWeights> products) {
      float[] reach = maxima.get(value);
      if (reach == null) {
        return;
      }
      for (ChannelWeights product : products) {
        if (product.inputs() != reach.length) {
          throw new IllegalArgumentException(
              "%s has %d channels for %s, but %d maxima are given"
                  .formatted(value, product.inputs(), product.node(), reach.length));
        }
      }
      double[] factors = factors(reach, products);
      if (Arrays.stream(factors).allMatch(factor -> factor == 1)) {
        return;
      }
      for (ChannelWeights product : products) {
        product.unscaleInputs(factors);
        product.into(changed);
      }
      if (index.uses(value) != products.size()
          || index.isOutput(value)
          || !isFolded(value, factors)) {
        multiply(value, factors, products);
      }
      changes.add(Change.of(NAME, index.graph().name(), "smoothed " + value));
    }

    /** What the value's channels are multiplied with. */
    private double[] factors(float[] reach, List<ChannelWeights> products) {
      double[] factors = new double[reach.length];
      double[] largest = new double[reach.length];
      for (ChannelWeights product : products) {
        double[] ranges = product.inputRanges(reach.length);
        for (int i = 0; i < largest.length; i++) {
          largest[i] = Math.max(largest[i], ranges[i]);
        }
      }
      for (int i = 0; i < factors.length; i++) {
        double factor = Math.pow(largest[i], 1 - alpha) / Math.pow(reach[i], alpha);
        boolean both = reach[i] > 0 && largest[i] > 0 && Double.isFinite(factor);
        factors[i] = both ? Math.max(1 / LIMIT, Math.min(LIMIT, factor)) : 0;
      }
      fillIn(factors, reach, largest);
      return factors;
    }

    /**
     * Channels that are zero on one side get a factor, too, with which they do not stand out among
     * the others on the other side: one scale is shared by all.
     */
    private static void fillIn(double[] factors, float[] reach, double[] largest) {
      double furthest = 0;
      double heaviest = 0;
      for (int i = 0; i < factors.length; i++) {
        if (factors[i] > 0) {
          furthest = Math.max(furthest, reach[i] * factors[i]);
          heaviest = Math.max(heaviest, largest[i] / factors[i]);
        }
      }
      for (int i = 0; i < factors.length; i++) {
        if (factors[i] > 0) {
          continue;
        }
        double kept = 1;
        if (reach[i] > 0 && furthest > 0) {
          kept = Math.min(1, furthest / reach[i]);
        } else if (largest[i] > 0 && heaviest > 0) {
          kept = Math.max(1, largest[i] / heaviest);
        }
        factors[i] = Double.isFinite(kept) && kept > 0 ? kept : 1;
      }
    }

    /** Puts the factors into the constants of what gives the value. */
    private boolean isFolded(String value, double[] factors) {
      Node giver = index.producer(value).orElse(null);
      if (giver == null || giver.outputs().stream().filter(Result::isPresent).count() != 1) {
        return false;
      }
      if (giver.is("LayerNormalization") || giver.is("RMSNormalization")) {
        return isLast(giver, factors.length)
            && isScaled(factors, giver.input(1), giver.hasInput(2) ? giver.input(2) : null);
      }
      if (giver.is("Mul")) {
        String constant = constant(giver, factors.length);
        return constant != null && isScaled(factors, constant, null);
      }
      String shift = giver.is("Add") ? constant(giver, factors.length) : null;
      if (shift == null) {
        return false;
      }
      String product = giver.input(giver.input(0).equals(shift) ? 1 : 0);
      Node scale = index.producer(product).orElse(null);
      String constant =
          scale != null && scale.is("Mul") && index.uses(product) == 1 && !index.isOutput(product)
              ? constant(scale, factors.length)
              : null;
      return constant != null && isScaled(factors, constant, shift);
    }

    private boolean isLast(Node normalization, int channels) {
      long axis = normalization.intAttribute("axis", -1);
      Shape shape = index.shape(normalization.input(0));
      return axis == -1
          || shape.isRanked()
              && axis == shape.rank() - 1
              && shape.dim(shape.rank() - 1).equals(Dim.of(channels));
    }

    /** A vector of the channels among the two operands, or null. */
    private @Nullable String constant(Node node, int channels) {
      for (int i = 0; i < 2; i++) {
        Optional<Tensor> tensor = ChannelWeights.own(node, i, index);
        if (tensor.isPresent() && tensor.get().rank() == 1 && tensor.get().size() == channels) {
          return node.input(i);
        }
      }
      return null;
    }

    /** Multiplies both constants, if nobody else uses either. */
    private boolean isScaled(double[] factors, String scale, @Nullable String shift) {
      for (String name : shift == null ? List.of(scale) : List.of(scale, shift)) {
        if (ChannelWeights.own(name, index).filter(v -> v.size() == factors.length).isEmpty()) {
          return false;
        }
      }
      for (String name : shift == null ? List.of(scale) : List.of(scale, shift)) {
        Tensor before = index.constant(name).orElseThrow();
        double[] elements = before.toDoubles();
        for (int i = 0; i < elements.length; i++) {
          elements[i] *= factors[i];
        }
        changed.put(name, Tensor.ofNumbers(before.elementType(), elements, before.dims()));
      }
      return true;
    }

    private void multiply(String value, double[] factors, List<ChannelWeights> products) {
      String factor = fresh(value + "_smoothing");
      String smooth = fresh(value + "_smooth");
      float[] elements = new float[factors.length];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = (float) factors[i];
      }
      added.add(Constant.of(factor, Tensor.ofFloats(elements, elements.length)));
      Node mul =
          Node.of("Mul", List.of(value, factor), List.of(Result.of(smooth, index.type(value))));
      int first = Integer.MAX_VALUE;
      for (ChannelWeights product : products) {
        String result = product.result();
        first = Math.min(first, index.producerPosition(result));
        inputs.put(result, smooth);
      }
      inserted.put(first, mul.withName(fresh(value + ".smooth")));
    }

    private String fresh(String base) {
      String name = base;
      for (int i = 1; index.has(name); i++) {
        name = base + i;
      }
      return name;
    }

    Graph graph() {
      Graph graph = index.graph();
      List<Node> nodes = new ArrayList<>();
      for (int i = 0; i < graph.nodes().size(); i++) {
        Node node = graph.nodes().get(i);
        Node before = inserted.get(i);
        if (before != null) {
          nodes.add(before);
        }
        String other = node.outputs().isEmpty() ? null : inputs.get(node.output(0).name());
        nodes.add(other == null ? node : withFirstInput(node, other));
      }
      List<Constant> constants = new ArrayList<>();
      for (Constant constant : graph.constants()) {
        Tensor tensor = changed.get(constant.name());
        constants.add(tensor == null ? constant : constant.withData(tensor));
      }
      constants.addAll(added);
      return graph.withNodes(nodes).withConstants(constants);
    }

    private static Node withFirstInput(Node node, String input) {
      List<String> all = new ArrayList<>(node.inputs());
      all.set(0, input);
      return node.withInputs(all);
    }
  }
}
