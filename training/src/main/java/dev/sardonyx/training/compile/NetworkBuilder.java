package dev.sardonyx.training.compile;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** A ComputationGraph in the making: what lowerings look values up in and add vertices to. */
final class NetworkBuilder {
  private final RequestedGraph graph;
  private final ComputationGraphConfiguration.GraphBuilder target;
  private final @Nullable ILossFunction loss;
  private final Map<String, String> vertices = new HashMap<>();
  private final Map<String, String> sharing = new HashMap<>();
  private final Set<String> usedNames = new HashSet<>();
  private final Set<Node> done = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<ParameterBinding> bindings = new ArrayList<>();
  private final Map<String, String> boundTo = new HashMap<>();
  private final Set<String> fixed = new TreeSet<>();
  private final Set<Node> frozen;
  private boolean hasLoss;
  private boolean freezing;
  private boolean learns;

  /**
   * @param loss what training minimises; null to compile for inference
   * @param frozen nodes whose weights stay as they are, by identity
   */
  NetworkBuilder(
      RequestedGraph graph,
      ComputationGraphConfiguration.GraphBuilder target,
      @Nullable ILossFunction loss,
      Set<Node> frozen) {
    this.graph = graph;
    this.target = target;
    this.loss = loss;
    this.frozen = frozen;
    for (String input : graph.inputs().keySet()) {
      vertices.put(input, input);
      usedNames.add(input);
    }
  }

  boolean isTraining() {
    return loss != null;
  }

  boolean hasLoss() {
    return hasLoss;
  }

  boolean isDone(Node node) {
    return done.contains(node);
  }

  List<ParameterBinding> bindings() {
    return bindings;
  }

  UnsupportedModelException refuse(Node node, String reason) {
    return new UnsupportedModelException(
        "DL4J cannot express node '%s' (%s): %s".formatted(node.label(), node.operator(), reason));
  }

  // ---- looking up ----

  Shape shape(String value) {
    return graph.shape(value);
  }

  /** The rank of a value, which must be known. */
  int rank(Node node, String value) {
    Shape shape = shape(value);
    if (!shape.isRanked()) {
      throw refuse(node, "the shape of its input '" + value + "' is not known");
    }
    return shape.rank();
  }

  /** A dimension of a value, which must be a number. */
  long size(Node node, String value, int axis) {
    Shape shape = shape(value);
    if (!shape.isRanked() || !shape.dim(axis).isFixed()) {
      throw refuse(
          node, "axis %d of its input '%s' %s is not a number".formatted(axis, value, shape));
    }
    return shape.dim(axis).value();
  }

  /** Requires the layout NCHW. */
  void requireImages(Node node, String value) {
    Shape shape = shape(value);
    if (shape.isRanked() && shape.rank() != 4) {
      throw refuse(node, "its input '%s' %s is not of the form [N,C,H,W]".formatted(value, shape));
    }
  }

  /** The vertex that computes an input of a node. */
  String vertex(Node node, int input) {
    String value = node.input(input);
    String vertex = vertices.get(value);
    if (vertex == null) {
      throw refuse(
          node,
          graph.isConstant(value)
              ? "its input %d, '%s', is a constant where DL4J takes only computed values"
                  .formatted(input, value)
              : "its input %d, '%s', is not a value of the graph".formatted(input, value));
    }
    return vertex;
  }

  /** The vertex of an output; one that copies if the output is an input of the network. */
  String output(String value) {
    String vertex = vertices.get(value);
    if (vertex == null) {
      throw new UnsupportedModelException("The output '" + value + "' is not computed");
    }
    return graph.inputs().containsKey(vertex)
        ? helperVertex(value, "copy", new ScaleVertex(1), vertex)
        : vertex;
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
      throw refuse(
          node,
          "its input %d, '%s', is computed where DL4J takes only a constant"
              .formatted(input, node.input(input)));
    }
    return constant;
  }

  Tensor constant(Node node, int input) {
    Tensor constant = optionalConstant(node, input);
    if (constant == null) {
      throw refuse(node, "its input " + input + " is missing");
    }
    return constant;
  }

  /** A constant input of floats, which may become a layer's parameter. */
  Tensor weights(Node node, int input) {
    Tensor weights = constant(node, input);
    if (weights.elementType() != ElementType.FLOAT) {
      throw refuse(
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
      fixed.add(node.input(input));
    }
    return constant.toScalar();
  }

  /** The initializers that DL4J cannot train, for it knows them as settings of its layers. */
  Set<String> fixed() {
    return fixed;
  }

  Optional<Node> producer(String value) {
    return graph.producer(value);
  }

  /** Whether anything reads a value. */
  boolean isUsed(String value) {
    return graph.isUsed(value);
  }

  /** The one node that uses the node's only result, if that result is nowhere else to be seen. */
  Optional<Node> fusible(Node node) {
    return node.outputs().stream().skip(1).anyMatch(r -> r.isPresent())
        ? Optional.empty()
        : graph.soleConsumer(node.output(0).name());
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

  /** Whether any weights are not frozen. */
  boolean learns() {
    return learns;
  }

  /** Adds a layer that computes a value. */
  void layer(String value, Layer layer, String... inputs) {
    usedNames.add(value);
    target.addLayer(value, freezing ? new FrozenLayer(layer) : layer, inputs);
    vertices.put(value, value);
  }

  /** Adds a vertex that computes a value. A frozen layer gives those before it no gradient. */
  void vertex(String value, GraphVertex vertex, String... inputs) {
    usedNames.add(value);
    target.addVertex(value, freezing ? new FrozenVertex(vertex) : vertex, inputs);
    vertices.put(value, value);
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
    vertices.put(value, vertex(node, input));
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
    if (loss != null && carriesLoss(value)) {
      hasLoss = true;
      layer(value, lossLayer(value, loss, function), vertex(node, input));
      return;
    }
    layer(
        value,
        new ActivationLayer.Builder().activation(function).build(),
        overwritable(value, node, input));
  }

  /** The vertex of an input of a node, or of a copy if anyone else may still read the input. */
  String overwritable(String value, Node node, int input) {
    String vertex = vertex(node, input);
    return isExclusive(node.input(input))
        ? vertex
        : helperVertex(value, "copy", new ScaleVertex(1), vertex);
  }

  private boolean isExclusive(String value) {
    for (String v = value; v != null; v = sharing.get(v)) {
      if (graph.inputs().containsKey(v) || graph.soleConsumer(v).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** Whether training minimises the loss of a value. */
  boolean carriesLoss(String value) {
    return loss != null && graph.isRequested(value);
  }

  /** DL4J has a layer of its own for the loss of each layout. */
  private Layer lossLayer(String value, ILossFunction chosen, IActivation function) {
    Shape shape = shape(value);
    if (!shape.isRanked() || shape.rank() == 2) {
      return new LossLayer.Builder(chosen).activation(function).build();
    }
    if (shape.rank() == 4) {
      return new CnnLossLayer.Builder(chosen).activation(function).build();
    }
    throw new UnsupportedModelException(
        "DL4J has the loss of [N,features] and [N,C,H,W] only, and the output '%s' is %s"
            .formatted(value, shape));
  }

  /** The loss, if a fully connected layer that computes the value must carry it. */
  OutputLayer.@Nullable Builder outputLayer(String value) {
    if (loss == null || !carriesLoss(value)) {
      return null;
    }
    hasLoss = true;
    return new OutputLayer.Builder(loss);
  }

  /** Puts the loss behind a network that ends in something that cannot carry it. */
  void closeWithLoss(String value, ILossFunction ending) {
    String vertex = vertices.get(value);
    if (vertex == null) {
      throw new UnsupportedModelException("The output '" + value + "' is a constant");
    }
    Layer layer = lossLayer(value, ending, new ActivationIdentity());
    vertices.put(value, helperLayer(value, "loss", layer, vertex));
    hasLoss = true;
  }

  /** Ties a node's constant input to a parameter of a layer. */
  void bind(Node node, ParameterBinding binding) {
    if (isTraining() && !graph.isInitializer(binding.constant())) {
      throw refuse(
          node,
          "its weights '%s' come from a Constant node and could not be written back; "
                  .formatted(binding.constant())
              + "make them an initializer");
    }
    String other = boundTo.put(binding.constant() + '@' + binding.offset(), binding.layer());
    if (isTraining() && other != null) {
      throw refuse(
          node,
          "it shares the weights '%s' with '%s', and DL4J cannot train shared weights"
              .formatted(binding.constant(), other));
    }
    bindings.add(binding);
    learns |= !freezing;
  }

  /** Binds a vector, whatever axes of 1 surround it. */
  void bindVector(Node node, int input, String layer, String parameter) {
    Tensor vector = weights(node, input);
    bind(
        node,
        ParameterBinding.plain(node.input(input), new long[] {vector.size()}, layer, parameter));
  }
}
