package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Builds a {@link Function}, an operator that a model defines by other operators, as a graph is
 * built. Types are mostly not known, for each call may give others.
 *
 * <pre>{@code
 * Function scaledRelu =
 *     FunctionBuilder.function(
 *         "my.ScaledRelu",
 *         21,
 *         f -> {
 *           Value x = f.input("x");
 *           Value scale = f.attribute(Attribute.ofFloat("scale", 1f)); // with its default
 *           f.output(f.mul(f.relu(x), scale), "y");
 *         });
 * Value y = graphBuilder.function(scaledRelu).node("my.ScaledRelu", List.of(x));
 * }</pre>
 */
public final class FunctionBuilder
    implements ActivationOps,
        ControlFlowOps,
        ConvolutionOps,
        IndexingOps,
        LogicOps,
        MathOps,
        NormalizationOps,
        PoolingOps,
        QuantizationOps,
        ReductionOps,
        SequenceModelOps,
        ShapeOps {
  private final OperatorName name;
  private final GraphBuilder body;
  private final List<String> attributes = new ArrayList<>();
  private final List<Attribute> defaults = new ArrayList<>();

  private FunctionBuilder(OperatorName name, int opset) {
    this.name = name;
    this.body = GraphBuilder.of(name.opType(), opset);
  }

  /**
   * Builds a function.
   *
   * @param operator the operator it defines, with its domain, such as {@code my.ScaledRelu}
   * @param opset the version of ONNX's own operators it is written in
   */
  public static Function function(
      String operator, int opset, Consumer<? super FunctionBuilder> body) {
    OperatorName name = OperatorName.parse(operator);
    if (OpsetImport.canonical(name.domain()).isEmpty() || name.opType().isEmpty()) {
      throw GraphBuildException.here(
          "Function '%s' needs a name and a domain of its own, such as my.%s"
              .formatted(operator, name.opType().isEmpty() ? "Block" : name.opType()));
    }
    FunctionBuilder builder = new FunctionBuilder(name, opset);
    body.accept(builder);
    return builder.build();
  }

  /** A formal input, whose type each call says. */
  public Value input(String input) {
    return body.input(input, ValueType.unknown());
  }

  /** An attribute that a call must give, as a scalar or vector constant of the body. */
  public Value attribute(String attribute, AttributeType type) {
    requireNew(attribute);
    attributes.add(attribute);
    body.declareAttribute(name, attribute);
    return constant(attribute, type);
  }

  /** An attribute that a call may give, with its default, as a constant of the body. */
  public Value attribute(Attribute byDefault) {
    requireNew(byDefault.name());
    defaults.add(byDefault);
    body.declareAttribute(name, byDefault.name());
    return constant(byDefault.name(), byDefault.type());
  }

  private void requireNew(String attribute) {
    if (isDeclared(attribute)) {
      throw GraphBuildException.here(
          "Function " + name + " has an attribute " + attribute + " already; use its value again");
    }
  }

  private boolean isDeclared(String attribute) {
    return attributes.contains(attribute)
        || defaults.stream().anyMatch(d -> d.name().equals(attribute));
  }

  private Value constant(String attribute, AttributeType type) {
    String carrier =
        switch (type) {
          case INT -> "value_int";
          case INTS -> "value_ints";
          case FLOAT -> "value_float";
          case FLOATS -> "value_floats";
          case STRING -> "value_string";
          case STRINGS -> "value_strings";
          case TENSOR -> "value";
          default ->
              throw GraphBuildException.here(
                  "Attribute "
                      + attribute
                      + " of type "
                      + type
                      + " is no constant; pass it to a node with reference(...)");
        };
    return body.node("Constant", List.of(), Attribute.ofReference(carrier, attribute, type));
  }

  /**
   * An attribute of a node of the body that takes its value from an attribute of the call, which
   * must give it.
   *
   * @param nodeAttribute the attribute of the node
   * @param attribute the attribute of the function
   */
  public Attribute reference(String nodeAttribute, String attribute, AttributeType type) {
    if (!isDeclared(attribute)) {
      attributes.add(attribute);
      body.declareAttribute(name, attribute);
    }
    return Attribute.ofReference(nodeAttribute, attribute, type);
  }

  /** A value that a call gets back, under a name. */
  public void output(Value value, String output) {
    body.output(value, output);
  }

  @Override
  public int opset() {
    return body.opset();
  }

  @Override
  public List<Value> nodes(
      String operator, int outputs, List<? extends Value> inputs, Attribute... withAttributes) {
    return body.nodes(operator, outputs, inputs, withAttributes);
  }

  @Override
  public Value numberedConstant(String role, TensorData data) {
    return body.numberedConstant(role, data);
  }

  @Override
  public GraphBuilder subgraph(String graph) {
    return body.subgraph(graph);
  }

  @Override
  public String innerName(String base) {
    return body.innerName(base);
  }

  private Function build() {
    Model model = body.buildModel();
    Graph graph = model.graph();
    List<Node> nodes = new ArrayList<>();
    graph.constants().forEach(c -> nodes.add(constantNode(c)));
    graph
        .nodes()
        .forEach(
            n ->
                nodes.add(
                    n.withOutputs(
                        n.outputs().stream()
                            .map(r -> r.isPresent() ? r.withType(ValueType.unknown()) : r)
                            .toList())));
    return new Function(
        name.domain(),
        name.opType(),
        name.overload(),
        graph.inputs().stream().map(i -> i.name()).toList(),
        graph.outputs().stream().map(Output::name).toList(),
        attributes,
        defaults,
        nodes,
        model.opsetImports(),
        List.of(),
        Metadata.EMPTY);
  }

  /** A function has no initializers. */
  private static Node constantNode(Constant constant) {
    if (!(constant.data() instanceof Tensor tensor)) {
      throw GraphBuildException.here(
          "The constant " + constant.name() + " of a function must be a dense tensor");
    }
    return Node.of(
        "Constant",
        List.of(),
        List.of(Result.of(constant.name())),
        Attribute.ofTensor("value", tensor));
  }
}
