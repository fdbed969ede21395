package dev.sardonyx.samples.plan;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.Padding;
import dev.sardonyx.ir.build.PoolOptions;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.ir.nn.ResidualOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A layer of a plan.
 *
 * @param node where it stands
 * @param body adds it to a graph
 */
record LayerPlan(PlanNode node, Body body) {
  /** Adds a layer behind a value. */
  @FunctionalInterface
  interface Body {
    Value build(Layers nn, Value x);
  }

  /** Reads what a plan says of a layer. */
  @FunctionalInterface
  private interface Reader {
    Body read(PlanNode options) throws PlanException;
  }

  /** Layers that have nothing to say. */
  private static final Map<String, Body> PLAIN = new LinkedHashMap<>();

  /** Layers with options. */
  private static final Map<String, Reader> WITH_OPTIONS = new LinkedHashMap<>();

  static {
    PLAIN.put("relu", (nn, x) -> nn.builder().relu(x));
    PLAIN.put("leaky-relu", (nn, x) -> nn.builder().leakyRelu(x, 0.01f));
    PLAIN.put("elu", (nn, x) -> nn.builder().elu(x, 1f));
    PLAIN.put("gelu", (nn, x) -> nn.builder().gelu(x));
    PLAIN.put("sigmoid", (nn, x) -> nn.builder().sigmoid(x));
    PLAIN.put("tanh", (nn, x) -> nn.builder().tanh(x));
    PLAIN.put("softplus", (nn, x) -> nn.builder().softplus(x));
    PLAIN.put("batch-norm", (nn, x) -> nn.batchNorm(x));
    PLAIN.put("flatten", (nn, x) -> nn.builder().flatten(x));
    PLAIN.put("global-average-pool", (nn, x) -> nn.builder().globalAveragePool(x));
    WITH_OPTIONS.put("conv", LayerPlan::conv);
    WITH_OPTIONS.put("residual", node -> residual(node, Shortcut.EITHER));
    WITH_OPTIONS.put("identity-block", node -> residual(node, Shortcut.IDENTITY));
    WITH_OPTIONS.put("projection-block", node -> residual(node, Shortcut.PROJECTION));
    WITH_OPTIONS.put("max-pool", node -> pool(node, true));
    WITH_OPTIONS.put("average-pool", node -> pool(node, false));
    WITH_OPTIONS.put("dense", LayerPlan::dense);
    WITH_OPTIONS.put("dropout", LayerPlan::dropout);
  }

  private enum Shortcut {
    IDENTITY,
    PROJECTION,
    EITHER
  }

  /** All layers that a list names. */
  static List<LayerPlan> list(PlanNode node) throws PlanException {
    List<LayerPlan> layers = new ArrayList<>();
    for (PlanNode part : node.list()) {
      layers.add(of(part));
    }
    return layers;
  }

  private static LayerPlan of(PlanNode node) throws PlanException {
    List<String> all = new ArrayList<>(PLAIN.keySet());
    all.addAll(WITH_OPTIONS.keySet());
    if (node.isText()) {
      String name = node.word(all);
      Body plain = PLAIN.get(name);
      if (plain == null) {
        throw node.wrong(
            "is '" + name + "', which needs a number or options, such as '" + name + ": 2'");
      }
      return new LayerPlan(node, plain);
    }
    PlanMap map = node.map();
    if (map.names().size() != 1) {
      throw node.wrong(
          "has %d keys, %s; a layer of a list is a '-' with one key"
              .formatted(map.names().size(), String.join(", ", map.names())));
    }
    map.requireKeys(all);
    String name = map.names().iterator().next();
    Reader reader = WITH_OPTIONS.get(name);
    if (reader == null) {
      throw node.wrong("is '" + name + "', which has no options; write it without a colon");
    }
    return new LayerPlan(node, reader.read(map.need(name)));
  }

  /** A number alone, or a map that has it under a key. */
  private static PlanMap options(PlanNode node, String main, String... others)
      throws PlanException {
    if (node.isText()) {
      return new PlanMap(node, Map.of(main, node), Map.of());
    }
    List<String> keys = new ArrayList<>(List.of(others));
    keys.add(0, main);
    return node.map(keys.toArray(String[]::new));
  }

  private static Padding padding(PlanMap map, Padding otherwise) throws PlanException {
    if (!map.has("padding")) {
      return otherwise;
    }
    PlanNode node = map.need("padding");
    if (node.isNumber()) {
      long pad = node.count(0);
      return Padding.of(pad, pad, pad, pad);
    }
    return node.word(List.of("same", "none")).equals("same") ? Padding.SAME : Padding.NONE;
  }

  private static Body conv(PlanNode node) throws PlanException {
    PlanMap map = options(node, "filters", "kernel", "stride", "padding", "groups", "bias");
    int filters = map.need("filters").count(1);
    int kernel = map.count("kernel", 1, 3);
    boolean bias = map.flag("bias", true);
    ConvOptions options =
        ConvOptions.DEFAULT
            .withStrides(map.count("stride", 1, 1))
            .withGroup(map.count("groups", 1, 1))
            .withPadding(padding(map, Padding.SAME));
    return (nn, x) -> nn.conv(x, filters, kernel, options, bias);
  }

  private static Body residual(PlanNode node, Shortcut shortcut) throws PlanException {
    PlanMap map = options(node, "filters", "stride", "batch-norm", "pre-activation", "bottleneck");
    int filters = map.need("filters").count(1);
    ResidualOptions options =
        ResidualOptions.PLAIN
            .withStride(map.count("stride", 1, 1))
            .withBatchNorm(map.flag("batch-norm", false))
            .withPreActivation(map.flag("pre-activation", false))
            .withStyle(
                map.flag("bottleneck", false)
                    ? ResidualOptions.Style.BOTTLENECK
                    : ResidualOptions.Style.BASIC);
    return (nn, x) ->
        switch (shortcut) {
          case IDENTITY -> nn.residualBlock(x, filters, options);
          case PROJECTION -> nn.residualBlockWithProjection(x, filters, options);
          case EITHER -> nn.residual(x, filters, options);
        };
  }

  private static Body pool(PlanNode node, boolean max) throws PlanException {
    PlanMap map = options(node, "size", "stride", "padding");
    int size = map.need("size").count(1);
    PoolOptions options =
        PoolOptions.of(size, size)
            .withStrides(map.count("stride", 1, size))
            .withPadding(padding(map, Padding.NONE));
    return (nn, x) -> max ? nn.builder().maxPool(x, options) : nn.builder().averagePool(x, options);
  }

  private static Body dense(PlanNode node) throws PlanException {
    PlanMap map = options(node, "units", "bias");
    int units = map.need("units").count(1);
    boolean bias = map.flag("bias", true);
    return (nn, x) -> nn.dense(rows(nn, x), units, bias);
  }

  /** What dense layers take: all numbers of an example in a row. */
  static Value rows(Layers nn, Value x) {
    Shape shape = OperatorBuilder.shapeOf(x);
    return shape.isRanked() && shape.rank() > 2 ? nn.builder().flatten(x) : x;
  }

  private static Body dropout(PlanNode node) throws PlanException {
    PlanMap map = options(node, "ratio");
    float ratio = (float) map.need("ratio").number(PlanNode.Bounds.SHARE);
    return (nn, x) -> nn.builder().dropout(x, ratio);
  }

  /**
   * The layers behind a value, one after another.
   *
   * @throws PlanException naming the layer that does not fit what is before it
   */
  static Value build(List<LayerPlan> layers, Layers nn, Value input) throws PlanException {
    Value x = input;
    for (LayerPlan layer : layers) {
      try {
        x = layer.body.build(nn, x);
      } catch (GraphBuildException e) {
        throw layer.node.wrong("does not fit: " + e.problem(), e);
      } catch (ArithmeticException e) {
        throw layer.node.wrong("is too large: more numbers than an array holds", e);
      }
    }
    return x;
  }
}
