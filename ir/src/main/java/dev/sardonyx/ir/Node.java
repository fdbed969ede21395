package dev.sardonyx.ir;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One application of an operator.
 *
 * @param domain the operator's domain, empty for ONNX's own ({@code ai.onnx})
 * @param opType the operator's name, such as {@code Conv}
 * @param overload which of several functions of that name, mostly empty
 * @param name the node's own name, which may be empty
 * @param inputs names of values; an absent optional input is {@link #ABSENT}
 * @param attributes in order
 * @param outputs the results, in order; an optional output that is not asked for is {@link
 *     Result#ABSENT}
 */
public record Node(
    String domain,
    String opType,
    String overload,
    String name,
    List<String> inputs,
    List<Attribute> attributes,
    List<Result> outputs,
    Metadata metadata) {
  /** The name that stands for an optional input that is not given. */
  public static final String ABSENT = "";

  /**
   * Paths are no longer: each level of nested graphs has one that holds the names of those around
   * it, so that deep nesting would otherwise take memory with the square of its depth.
   */
  private static final int LONGEST_PATH = 1000;

  public Node {
    inputs = List.copyOf(inputs);
    attributes = List.copyOf(attributes);
    outputs = List.copyOf(outputs);
  }

  /** A node of ONNX's own domain, without a name. */
  public static Node of(
      String opType, List<String> inputs, List<Result> outputs, Attribute... attributes) {
    return new Node("", opType, "", "", inputs, List.of(attributes), outputs, Metadata.EMPTY);
  }

  /** Whether the operator is ONNX's own of the given name, under either spelling of the domain. */
  public boolean is(String onnxOpType) {
    return opType.equals(onnxOpType) && OpsetImport.canonical(domain).isEmpty();
  }

  /** The operator as {@code domain.OpType}, or {@code OpType} alone in ONNX's own domain. */
  public String operator() {
    return OperatorName.of(this).toString();
  }

  /** How a message names the node: its name, or the first of its results. */
  public String label() {
    if (!name.isEmpty()) {
      return name;
    }
    String result =
        outputs.stream().map(Result::name).filter(n -> !n.isEmpty()).findFirst().orElse("");
    return result.isEmpty() ? operator() : operator() + " -> " + result;
  }

  /** The path of the graphs inside the node, which stands in a graph of the given path. */
  public String pathInside(String path) {
    String label = label();
    return path.length() + label.length() < LONGEST_PATH
        ? path + "/" + label
        : clipped(path, LONGEST_PATH / 2) + "/" + clipped(label, LONGEST_PATH / 4);
  }

  private static String clipped(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length) + "...";
  }

  /** Operator and name for people: {@code Conv conv1}, or {@code Conv -> y} without a name. */
  public String described() {
    return name.isEmpty() ? label() : operator() + " " + name;
  }

  public boolean hasInput(int i) {
    return i < inputs.size() && !inputs.get(i).isEmpty();
  }

  /** The name of an input, {@link #ABSENT} if it is not given. */
  public String input(int i) {
    return i < inputs.size() ? inputs.get(i) : ABSENT;
  }

  public boolean hasOutput(int i) {
    return i < outputs.size() && outputs.get(i).isPresent();
  }

  public Result output(int i) {
    return i < outputs.size() ? outputs.get(i) : Result.ABSENT;
  }

  public Optional<Attribute> attribute(String attribute) {
    for (Attribute candidate : attributes) {
      if (candidate.name().equals(attribute)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** The attribute's value if it is there and of the given kind. */
  public <V extends AttributeValue> Optional<V> attribute(String attribute, Class<V> kind) {
    return attribute(attribute).map(Attribute::value).filter(kind::isInstance).map(kind::cast);
  }

  public long intAttribute(String attribute, long otherwise) {
    return attribute(attribute, AttributeValue.Int.class)
        .map(AttributeValue.Int::value)
        .orElse(otherwise);
  }

  public float floatAttribute(String attribute, float otherwise) {
    return attribute(attribute, AttributeValue.Float.class)
        .map(AttributeValue.Float::value)
        .orElse(otherwise);
  }

  public String stringAttribute(String attribute, String otherwise) {
    return attribute(attribute, AttributeValue.String.class)
        .map(AttributeValue.String::value)
        .orElse(otherwise);
  }

  public Optional<long[]> intsAttribute(String attribute) {
    return attribute(attribute, AttributeValue.Ints.class).map(AttributeValue.Ints::values);
  }

  /** The tensor that a Constant node gives; empty for other nodes and for sparse tensors. */
  public Optional<Tensor> constantTensor() {
    return attributes.size() == 1 && is("Constant")
        ? attributes.get(0).value().toTensor()
        : Optional.empty();
  }

  /** The graphs among the attributes, with no regard to their order of execution. */
  public List<Graph> subgraphs() {
    List<Graph> graphs = List.of();
    for (Attribute attribute : attributes) {
      if (attribute.value() instanceof AttributeValue.Graph one) {
        graphs = graphs.isEmpty() ? new ArrayList<>() : graphs;
        graphs.add(one.value());
      } else if (attribute.value() instanceof AttributeValue.Graphs many) {
        graphs = graphs.isEmpty() ? new ArrayList<>() : graphs;
        graphs.addAll(many.values());
      }
    }
    return graphs;
  }

  /**
   * The names of all values the node needs: its inputs, and what its subgraphs take from around.
   */
  public Collection<String> dependencies() {
    List<Graph> bodies = subgraphs();
    if (bodies.isEmpty() && !inputs.contains(ABSENT)) {
      return inputs;
    }
    Set<String> all = new LinkedHashSet<>(inputs);
    for (Graph body : bodies) {
      all.addAll(body.captures().keySet());
    }
    all.remove(ABSENT);
    return all;
  }

  /**
   * The node with each of its subgraphs as a function makes it, in order; the node itself if all
   * stay the very same.
   */
  @SuppressWarnings("ReferenceEquality") // the very same object means: not changed
  public Node withSubgraphs(UnaryOperator<Graph> change) {
    List<Attribute> changed = new ArrayList<>(attributes.size());
    boolean same = true;
    for (Attribute attribute : attributes) {
      AttributeValue value = attribute.value();
      if (value instanceof AttributeValue.Graph one) {
        Graph graph = change.apply(one.value());
        same &= graph == one.value();
        value = new AttributeValue.Graph(graph);
      } else if (value instanceof AttributeValue.Graphs many) {
        List<Graph> graphs = new ArrayList<>(many.values().size());
        for (Graph graph : many.values()) {
          Graph done = change.apply(graph);
          same &= done == graph;
          graphs.add(done);
        }
        value = new AttributeValue.Graphs(graphs);
      }
      changed.add(value == attribute.value() ? attribute : attribute.withValue(value));
    }
    return same ? this : withAttributes(changed);
  }

  /**
   * The node as one of another operator.
   *
   * @param operator the name of one of ONNX's own operators ({@code Relu}) or, with its domain, of
   *     any other ({@code com.microsoft.Gelu})
   */
  public Node withOperator(String operator) {
    OperatorName called = OperatorName.parse(operator);
    return new Node(
        called.domain(),
        called.opType(),
        called.overload(),
        name,
        inputs,
        attributes,
        outputs,
        metadata);
  }

  public Node withName(String changed) {
    return new Node(domain, opType, overload, changed, inputs, attributes, outputs, metadata);
  }

  public Node withInputs(List<String> changed) {
    return new Node(domain, opType, overload, name, changed, attributes, outputs, metadata);
  }

  /** The node with another value as one of its inputs; those before it that it lacks are absent. */
  public Node withInput(int i, String value) {
    List<String> changed = new ArrayList<>(inputs);
    while (changed.size() <= i) {
      changed.add(ABSENT);
    }
    changed.set(i, value);
    return withInputs(changed);
  }

  public Node withOutputs(List<Result> changed) {
    return new Node(domain, opType, overload, name, inputs, attributes, changed, metadata);
  }

  public Node withAttributes(List<Attribute> changed) {
    return new Node(domain, opType, overload, name, inputs, changed, outputs, metadata);
  }

  /** The node with an attribute added or, if it has one of that name, replaced. */
  public Node withAttribute(Attribute attribute) {
    List<Attribute> changed = new ArrayList<>(attributes);
    changed.removeIf(a -> a.name().equals(attribute.name()));
    changed.add(attribute);
    return withAttributes(changed);
  }

  /** The node without an attribute; itself if it has none of that name. */
  public Node withoutAttribute(String attribute) {
    return attribute(attribute).isEmpty()
        ? this
        : withAttributes(attributes.stream().filter(a -> !a.name().equals(attribute)).toList());
  }

  public Node withMetadata(Metadata changed) {
    return new Node(domain, opType, overload, name, inputs, attributes, outputs, changed);
  }
}
