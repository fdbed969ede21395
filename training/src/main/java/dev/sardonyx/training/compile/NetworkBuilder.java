package dev.sardonyx.training.compile;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;

/** A ComputationGraph in the making: what lowerings look values up in and add vertices to. */
final class NetworkBuilder {
  private final RequestedGraph graph;
  private final ComputationGraphConfiguration.GraphBuilder target;
  private final LossLayers losses;
  private final BoundParameters parameters;
  private final Map<String, HeldValue> held = new HashMap<>();
  private final Map<String, String> natural = new HashMap<>();
  private final Map<String, String> sharing = new HashMap<>();
  private final Set<String> usedNames = new HashSet<>();
  private final Set<Node> done = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Node> frozen;
  private boolean freezing;

  /**
   * @param losses what training minimises, by output; empty to compile for inference
   * @param frozen nodes whose weights stay as they are, by identity
   */
  NetworkBuilder(
      RequestedGraph graph,
      ComputationGraphConfiguration.GraphBuilder target,
      Map<String, OutputLoss> losses,
      Set<Node> frozen) {
    this.graph = graph;
    this.target = target;
    this.losses = new LossLayers(graph, losses);
    this.parameters = new BoundParameters(graph, !losses.isEmpty());
    this.frozen = frozen;
    for (String input : graph.inputs().keySet()) {
      computed(input);
    }
  }

  boolean isTraining() {
    return !losses.isEmpty();
  }

  boolean isDone(Node node) {
    return done.contains(node);
  }

  /** The losses of the outputs, if the network is to be trained. */
  LossLayers losses() {
    return losses;
  }

  /** What the parameters of the layers so far are. */
  BoundParameters parameters() {
    return parameters;
  }

  // ---- looking up ----

  long opset() {
    return graph.opset();
  }

  /** The first input of the network. */
  String anyInput() {
    return graph.inputs().keySet().iterator().next();
  }

  Shape shape(String value) {
    return graph.shape(value);
  }

  /** The rank of a value, which must be known. */
  int rank(Node node, String value) {
    Shape shape = shape(value);
    if (!shape.isRanked()) {
      throw new NodeRefusal(node, "the shape of its input '" + value + "' is not known");
    }
    return shape.rank();
  }

  /** A dimension of a value, which must be a number. */
  long size(Node node, String value, int axis) {
    Shape shape = shape(value);
    if (!shape.isRanked() || !shape.dim(axis).isFixed()) {
      throw new NodeRefusal(
          node, "axis %d of its input '%s' %s is not a number".formatted(axis, value, shape));
    }
    return shape.dim(axis).value();
  }

  /** Requires the layout NCHW. */
  void requireImages(Node node, String value) {
    Shape shape = shape(value);
    if (shape.isRanked() && shape.rank() != 4) {
      throw new NodeRefusal(
          node, "its input '%s' %s is not of the form [N,C,H,W]".formatted(value, shape));
    }
  }

  /**
   * How many axes a value has behind batch and channels, 1 to 3.
   *
   * @param input of a node, [N,C,L], [N,C,H,W] or [N,C,D,H,W]
   */
  int spatialAxes(Node node, int input) {
    int axes = rank(node, node.input(input)) - 2;
    if (axes < 1 || axes > 3) {
      throw new NodeRefusal(
          node,
          "its input '%s' %s is not of the form [N,C,L], [N,C,H,W] or [N,C,D,H,W]"
              .formatted(node.input(input), shape(node.input(input))));
    }
    return axes;
  }

  /** The sizes of an example, all axes but the first. */
  long[] example(Node node, String value) {
    return example(node, value, rank(node, value));
  }

  private long[] example(Node node, String value, int rank) {
    return IntStream.range(1, rank).mapToLong(i -> size(node, value, i)).toArray();
  }

  /** The vertex that computes an input of a node, in the value's own order of axes. */
  String vertex(Node node, int input) {
    HeldValue value = held(node, input);
    return value.isNatural() ? value.vertex() : natural(node, node.input(input), value);
  }

  /**
   * The vertex that computes an input of a node, its axes in another order.
   *
   * @param order for each axis of the value the axis of the array
   */
  String vertexInOrder(Node node, int input, int... order) {
    return inOrder(node, node.input(input), held(node, input), order);
  }

  /** A value, which a node gives or reads, as an array with its axes in another order. */
  HeldValue inOrder(Node node, String value, int... order) {
    return new HeldValue(inOrder(node, value, required(value), order), order);
  }

  private String inOrder(Node node, String name, HeldValue value, int... order) {
    if (value.hasOrder(order)) {
      return value.vertex();
    }
    if (value.lacksAxes()) {
      HeldValue whole = HeldValue.natural(natural(node, name, value), order.length);
      return inOrder(node, name, whole, order);
    }
    int[] axes = new int[order.length];
    int[] valueAxes = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      axes[order[i]] = value.order()[i];
      valueAxes[value.order()[i]] = i;
    }
    return new AxisOrder(this, node, name, axes, axis -> size(node, name, valueAxes[axis]))
        .behind(value.vertex());
  }

  /** How the network holds an input of a node. */
  HeldValue held(Node node, int input) {
    String value = node.input(input);
    HeldValue found = held.get(value);
    if (found == null && graph.isConstant(value)) {
      throw new NodeRefusal(
          node,
          "its input %d, '%s', is a constant where DL4J takes only computed values"
              .formatted(input, value));
    }
    if (found == null) {
      throw new MissingValueException(value);
    }
    return found;
  }

  /** The vertex that has a value's own order of axes; made at most once. */
  private String natural(Node node, String value, HeldValue from) {
    String made = natural.get(value);
    if (made == null) {
      int[] valueAxes = from.axesInArray();
      int[] axes = Arrays.stream(from.order()).filter(axis -> axis >= 0).toArray();
      // Looked up before anything is added, for a vertex that nobody reads is an error in DL4J.
      long[] sizes = from.lacksAxes() ? example(node, value, from.order().length) : new long[0];
      made =
          new AxisOrder(this, node, value, axes, axis -> size(node, value, valueAxes[axis]))
              .behind(from.vertex());
      if (from.lacksAxes()) {
        made = helperVertex(value, "reshaped", AxisOrder.reshape(sizes), made);
      }
      natural.put(value, made);
    }
    return made;
  }

  /**
   * The array of an output, in the value's own order of axes if DL4J can have it so; a copy if the
   * output is an input of the network.
   */
  HeldValue output(String value) {
    HeldValue found = required(value);
    HeldValue output = found;
    if (!found.isNatural()) {
      try {
        output =
            HeldValue.natural(
                natural(graph.producer(value).orElseThrow(), value, found), found.order().length);
      } catch (NodeRefusal e) {
        // Whoever gets the array puts its axes in order.
      }
    }
    return graph.inputs().containsKey(output.vertex())
        ? new HeldValue(helperCopy(value, output.vertex()), output.order())
        : output;
  }

  /** How the network holds a value, which must be computed. */
  HeldValue required(String value) {
    HeldValue found = held.get(value);
    if (found == null) {
      throw new UnsupportedModelException("The output '" + value + "' is not computed");
    }
    return found;
  }

  boolean isConstant(Node node, int input) {
    return graph.isConstant(node.input(input));
  }

  /** A constant input; null if the node does not have the input. */
  @Nullable Tensor optionalConstant(Node node, int input) {
    if (!node.hasInput(input)) {
      return null;
    }
    Tensor constant = graph.constant(node.input(input));
    if (constant == null) {
      throw new NodeRefusal(
          node,
          "its input %d, '%s', is computed where DL4J takes only a constant"
              .formatted(input, node.input(input)));
    }
    return constant;
  }

  /** The value's element type if it is known and none of floats; else null. */
  @Nullable ElementType otherThanFloat(String value) {
    return graph.otherThanFloat(value);
  }

  Tensor constant(Node node, int input) {
    Tensor constant = optionalConstant(node, input);
    if (constant == null) {
      throw new NodeRefusal(node, "its input " + input + " is missing");
    }
    return constant;
  }

  /** A constant input of floats, which may become a layer's parameter. */
  Tensor weights(Node node, int input) {
    Tensor weights = constant(node, input);
    if (weights.elementType() != ElementType.FLOAT) {
      throw new NodeRefusal(
          node,
          "its input '%s' is of type %s, not float"
              .formatted(node.input(input), weights.elementType()));
    }
    return weights;
  }

  /** The number of a constant, which training will leave as it is. */
  double number(Node node, int input) {
    Tensor constant = constant(node, input);
    if (isTraining()
        && graph.isInitializer(node.input(input))
        && constant.elementType() == ElementType.FLOAT) {
      parameters.addUntrained(node.input(input));
    }
    return constant.toScalar();
  }

  Optional<Node> producer(String value) {
    return graph.producer(value);
  }

  /** Whether anything that is needed reads a value, or somebody asks for it. */
  boolean isUsed(String value) {
    return graph.isRead(value) || graph.isRequested(value);
  }

  /** The one node that uses the node's only result, if that result is nowhere else to be seen. */
  Optional<Node> fusible(Node node) {
    return node.outputs().stream().skip(1).anyMatch(r -> r.isPresent())
        ? Optional.empty()
        : graph.soleConsumer(node.output(0).name());
  }

  /** The nodes that read the node's first result. */
  List<Node> consumers(Node node) {
    return graph.consumers(node.output(0).name());
  }

  /** The one node that reads a value that is nowhere else to be seen. */
  Optional<Node> soleConsumer(String value) {
    return value.isEmpty() ? Optional.empty() : graph.soleConsumer(value);
  }

  // ---- adding ----

  /** Declares a node computed by the vertex of another one. */
  void markDone(Node node) {
    done.add(node);
  }

  /** Says for which node the layers that follow are, null for none: one that is frozen, or not. */
  void begin(@Nullable Node node) {
    freezing = node != null && frozen.contains(node);
  }

  boolean isFrozen(Node node) {
    return frozen.contains(node);
  }

  /** Adds a layer that computes a value. */
  void layer(String value, Layer layer, String... inputs) {
    target.addLayer(value, freezing ? new FrozenLayer(layer) : layer, inputs);
    computed(value);
  }

  /** Adds a layer whose parameter says how it computes, and never learns. */
  void fixedLayer(String value, Layer layer, String parameter, Tensor elements, String input) {
    target.addLayer(
        value, freezing ? new FrozenLayer(layer) : new FrozenLayerWithBackprop(layer), input);
    computed(value);
    parameters.add(new FixedParameter(value, parameter, elements));
  }

  /** Adds a vertex that computes a value. A frozen layer gives those before it no gradient. */
  void vertex(String value, GraphVertex vertex, String... inputs) {
    target.addVertex(value, freezing ? new FrozenVertex(vertex) : vertex, inputs);
    computed(value);
  }

  private void computed(String value) {
    usedNames.add(value);
    Shape shape = graph.shape(value);
    held.put(value, HeldValue.natural(value, shape.isRanked() ? shape.rank() : 0));
  }

  /** Says that a vertex has a value, in another order of axes. */
  void holds(String value, HeldValue found) {
    held.put(value, found);
  }

  /** Adds a layer for an intermediate that the model does not name; returns its name. */
  String helperLayer(String near, String role, Layer layer, String... inputs) {
    String name = freeName(near, role);
    layer(name, layer, inputs);
    return name;
  }

  String helperVertex(String near, String role, GraphVertex vertex, String... inputs) {
    String name = freeName(near, role);
    vertex(name, vertex, inputs);
    return name;
  }

  /** A copy of an array that a layer may overwrite. */
  String helperCopy(String near, String vertex) {
    return helperVertex(near, "copy", new ScaleVertex(1), vertex);
  }

  /** A name for an intermediate layer, still to be added, that the model does not name. */
  String freeName(String near, String role) {
    String name = near + ":" + role;
    while (usedNames.contains(name) || graph.isKnown(name)) {
      name += "'";
    }
    return name;
  }

  /** A value that is another value. */
  void alias(String value, Node node, int input) {
    view(value, held(node, input), node, input);
  }

  /** A value whose array is that of a node's input. */
  void view(String value, HeldValue found, Node node, int input) {
    held.put(value, found);
    sharing.put(value, node.input(input));
  }

  /** Says that a value's array may be a view of a node's input. */
  void sharesMemory(String value, Node node, int input) {
    sharing.put(value, node.input(input));
  }

  /**
   * Adds an activation. At the end of a network in training it becomes part of the loss.
   *
   * <p>At inference DL4J's ActivationLayer overwrites its input, so a value that anyone else may
   * still read is copied first.
   */
  void activation(String value, IActivation function, Node node, int input) {
    Layer loss = losses.behind(function, value);
    if (loss != null) {
      layer(value, loss, vertex(node, input));
      return;
    }
    Layer layer = new ActivationLayer.Builder().activation(function).build();
    HeldValue from = held(node, input);
    if (from.isNatural()) {
      layer(value, layer, overwritable(value, node, input));
      return;
    }
    // What goes element by element does not mind the order of axes.
    String vertex =
        isExclusive(node.input(input)) ? from.vertex() : helperCopy(value, from.vertex());
    holds(value, new HeldValue(helperLayer(value, "activated", layer, vertex), from.order()));
  }

  /** Adds a vertex that computes each element by itself, in whatever order their axes are. */
  void elementwise(String value, GraphVertex vertex, Node node, int input) {
    HeldValue from = held(node, input);
    if (from.isNatural()) {
      vertex(value, vertex, from.vertex());
    } else {
      String made = helperVertex(value, "scaled", vertex, from.vertex());
      holds(value, new HeldValue(made, from.order()));
    }
  }

  /** The vertex of an input of a node, or of a copy if anyone else may still read the input. */
  String overwritable(String value, Node node, int input) {
    String vertex = vertex(node, input);
    return isExclusive(node.input(input)) ? vertex : helperCopy(value, vertex);
  }

  private boolean isExclusive(String value) {
    for (String v = value; v != null; v = sharing.get(v)) {
      if (graph.inputs().containsKey(v) || graph.soleConsumer(v).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** Ties a node's constant input to a parameter of a layer. */
  void bind(Node node, ParameterBinding binding) {
    parameters.bind(node, binding, freezing);
  }

  /** Binds a vector, whatever axes of 1 surround it. */
  void bindVector(Node node, int input, String layer, String parameter) {
    Tensor vector = weights(node, input);
    bind(
        node,
        ParameterBinding.plain(node.input(input), new long[] {vector.size()}, layer, parameter));
  }
}
