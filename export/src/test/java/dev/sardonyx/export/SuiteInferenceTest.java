package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelPrinter;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.nn.ModelSummary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Shape inference over every model of the ONNX backend test suite. */
class SuiteInferenceTest {
  /** Models whose shapes inference cannot tell, each with the reason. None at present. */
  private static final Map<String, String> WITHOUT_SHAPE = Map.of();

  @Test
  void findsTheDeclaredTypesOfOutputsFromTheInputsAlone() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> wrongTypes = new ArrayList<>();
      List<String> wrongShapes = new ArrayList<>();
      int outputs = 0;
      Dims dims = new Dims();
      for (String name : suite.models()) {
        Graph declared = OnnxReader.read(suite.bytes(name)).graph();
        Model model = stripped(OnnxReader.read(suite.bytes(name)));
        Graph inferred = ShapeInference.infer(model).model().graph();
        for (int i = 0; i < declared.outputs().size(); i++) {
          ValueType expected = declared.outputs().get(i).type();
          ValueType actual = inferred.outputs().get(i).type();
          outputs++;
          if (!withoutShape(expected).equals(withoutShape(actual))) {
            wrongTypes.add(name + ": " + actual + " instead of " + expected);
          }
          if (!dims.compare(expected, actual) && !WITHOUT_SHAPE.containsKey(name)) {
            wrongShapes.add(name + ": " + actual + " instead of " + expected);
          }
        }
      }
      assertEquals(List.of(), wrongTypes, "element types that differ from the declared ones");
      assertEquals(List.of(), wrongShapes, "shapes that contradict the declared ones");
      assertTrue(WITHOUT_SHAPE.size() <= outputs / 100, "at most 1 % of the shapes are excepted");
      // What stays unknown depends on inputs that only come when the model runs.
      assertTrue(dims.unknown * 100 <= dims.fixed * 12, dims + ", at most 12 % may be unknown");
    }
  }

  @Test
  void findsNothingWrongWithTheDeclaredTypes() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> problems = new ArrayList<>();
      for (String name : suite.models()) {
        Model model = OnnxReader.read(suite.bytes(name));
        for (Model form : List.of(model, stripped(model))) {
          for (Problem problem : ShapeInference.infer(form).problems()) {
            problems.add(name + ": " + problem);
          }
        }
      }
      assertEquals(List.of(), problems, "problems of valid models");
    }
  }

  /** As a model is that was read without its weights. */
  private record Unread(long byteSize) implements TensorSource {
    @Override
    public boolean isReadable() {
      return false;
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
      throw new IllegalStateException("nobody has read them");
    }
  }

  private static Tensor unread(Tensor tensor) {
    return tensor.elementType() == ElementType.STRING
        ? tensor
        : Tensor.of(tensor.elementType(), tensor.dims(), new Unread(tensor.byteSize()));
  }

  private static Graph unread(Graph graph) {
    return graph
        .withConstants(
            graph.constants().stream()
                .map(c -> c.data() instanceof Tensor tensor ? c.withData(unread(tensor)) : c)
                .toList())
        .withNodes(graph.nodes().stream().map(SuiteInferenceTest::unread).toList());
  }

  private static Node unread(Node node) {
    return node.withAttributes(
            node.attributes().stream()
                .map(
                    a ->
                        a.value() instanceof AttributeValue.Tensor tensor
                            ? a.withValue(new AttributeValue.Tensor(unread(tensor.value())))
                            : a)
                .toList())
        .withSubgraphs(SuiteInferenceTest::unread);
  }

  @Test
  void needsNoElements() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      for (String name : suite.models()) {
        Model model = stripped(OnnxReader.read(suite.bytes(name)));
        Model without = model.withGraph(unread(model.graph()));
        assertEquals(
            List.of(), assertDoesNotThrow(() -> Checker.check(without).errors(), name), name);
        assertDoesNotThrow(() -> ModelPrinter.print(without), name);
        assertDoesNotThrow(() -> ModelSummary.of(without), name);
      }
    }
  }

  /** With the inputs' elements known, the shapes must be those of the expected outputs. */
  @Test
  void findsTheShapesOfTheExpectedOutputsFromConstantInputs() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> wrong = new ArrayList<>();
      Dims dims = new Dims();
      for (String name : suite.models()) {
        Model model = stripped(OnnxReader.read(suite.bytes(name)));
        Map<String, byte[]> data = firstData(suite, name);
        Graph inferred = ShapeInference.infer(withConstants(model, data)).model().graph();
        for (int i = 0; i < inferred.outputs().size(); i++) {
          byte[] bytes = data.get("output_" + i + ".pb");
          ValueType declared = OnnxReader.read(suite.bytes(name)).graph().outputs().get(i).type();
          if (bytes != null && OnnxData.read(bytes, declared, name) instanceof Tensor expected) {
            ValueType actual = inferred.outputs().get(i).type();
            if (!dims.compare(expected.type(), actual)) {
              wrong.add(name + ": " + actual + " instead of " + expected.type());
            }
          }
        }
      }
      assertEquals(List.of(), wrong, "shapes that contradict the expected outputs");
      assertTrue(dims.unknown * 100 <= dims.fixed * 2, dims + ", at most 2 % may be unknown");
    }
  }

  /** Sizes become symbols, equal ones the same; put back, they must give the declared shapes. */
  @Test
  void findsExpressionsThatGiveTheDeclaredShapes() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> wrong = new ArrayList<>();
      int symbolic = 0;
      for (String name : suite.models()) {
        List<Output> declared = OnnxReader.read(suite.bytes(name)).graph().outputs();
        Map<String, Dim> sizes = new HashMap<>();
        Model model = withSymbols(stripped(OnnxReader.read(suite.bytes(name))), sizes);
        ShapeInference.Inferred inferred = ShapeInference.infer(model);
        inferred.problems().forEach(p -> wrong.add(name + ": " + p));
        for (int i = 0; i < declared.size(); i++) {
          ValueType actual = inferred.model().graph().outputs().get(i).type();
          if (actual instanceof TensorType tensor
              && declared.get(i).type() instanceof TensorType expected
              && tensor.shape().isRanked()) {
            Shape shape = tensor.shape().map(d -> d.substitute(sizes));
            symbolic += tensor.shape().equals(shape) ? 0 : 1;
            if (!shape.isCompatibleWith(expected.shape())) {
              wrong.add(name + ": " + tensor + " is " + shape + " instead of " + expected);
            }
          }
        }
      }
      assertEquals(List.of(), wrong, "expressions that contradict the declared shapes");
      assertTrue(symbolic > 1000, symbolic + " outputs have symbols");
    }
  }

  /** The model with inputs whose dimensions of at least 2 are symbols. */
  private static Model withSymbols(Model model, Map<String, Dim> sizes) {
    Graph graph = model.graph();
    Set<String> constants =
        graph.constants().stream().map(Constant::name).collect(Collectors.toSet());
    List<Input> inputs = new ArrayList<>();
    for (Input input : graph.inputs()) {
      inputs.add(
          input.type() instanceof TensorType tensor && !constants.contains(input.name())
              ? input.withType(tensor.withShape(tensor.shape().map(d -> symbol(d, sizes))))
              : input);
    }
    return model.withGraph(graph.withInputs(inputs));
  }

  private static Dim symbol(Dim dim, Map<String, Dim> sizes) {
    if (!dim.isFixed() || dim.value() < 2) {
      return dim;
    }
    sizes.put("d" + dim.value(), dim);
    return Dim.symbol("d" + dim.value());
  }

  /** Fixed dimensions, and how many of them are not known. */
  private static final class Dims {
    private int fixed;
    private int unknown;

    /** Whether the inferred type is known, and its shape compatible with the expected one. */
    boolean compare(ValueType expected, ValueType actual) {
      if (expected instanceof SequenceType e && actual instanceof SequenceType a) {
        return compare(e.element(), a.element());
      }
      if (expected instanceof OptionalType e && actual instanceof OptionalType a) {
        return compare(e.element(), a.element());
      }
      if (!(expected instanceof TensorType e && actual instanceof TensorType a)) {
        return withoutShape(expected).equals(withoutShape(actual));
      }
      if (e.shape().isRanked()) {
        fixed += e.shape().rank();
        Shape known = a.shape().isRanked() ? a.shape() : Shape.ofRank(e.shape().rank());
        unknown += (int) known.dims().stream().filter(d -> !d.isFixed()).count();
        unknown -= (int) e.shape().dims().stream().filter(d -> !d.isFixed()).count();
      }
      return e.shape().isCompatibleWith(a.shape());
    }

    @Override
    public String toString() {
      return unknown + " of " + fixed + " dimensions are unknown";
    }
  }

  private static ValueType withoutShape(ValueType type) {
    if (type instanceof TensorType tensor) {
      return tensor.withShape(Shape.UNKNOWN);
    }
    if (type instanceof SequenceType sequence) {
      return new SequenceType(withoutShape(sequence.element()));
    }
    return type instanceof OptionalType optional
        ? new OptionalType(withoutShape(optional.element()))
        : type;
  }

  /** The model with no types but those of the main graph's inputs. */
  private static Model stripped(Model model) {
    return model.withGraph(stripped(model.graph(), false));
  }

  private static Graph stripped(Graph graph, boolean inputs) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.add(
          node.withOutputs(
                  node.outputs().stream().map(r -> r.withType(ValueType.unknown())).toList())
              .withAttributes(
                  node.attributes().stream()
                      .map(
                          a ->
                              a.value() instanceof AttributeValue.Graph body
                                  ? a.withValue(
                                      new AttributeValue.Graph(stripped(body.value(), true)))
                                  : a)
                      .toList()));
    }
    List<Output> outputs =
        graph.outputs().stream().map(o -> o.withType(ValueType.unknown())).toList();
    List<Input> untyped =
        graph.inputs().stream().map(i -> i.withType(ValueType.unknown())).toList();
    Graph stripped = graph.withNodes(nodes).withOutputs(outputs);
    return inputs ? stripped.withInputs(untyped) : stripped;
  }

  /** The files of a model's first data set, by their own names. */
  private static Map<String, byte[]> firstData(BackendSuite suite, String model) throws Exception {
    Map<String, byte[]> data = new HashMap<>();
    for (String file : suite.data(model)) {
      if (file.contains("test_data_set_0/")) {
        data.put(file.substring(file.lastIndexOf('/') + 1), suite.bytes(file));
      }
    }
    return data;
  }

  /** The model with its inputs' test data as constants, where they are tensors. */
  private static Model withConstants(Model model, Map<String, byte[]> data) throws Exception {
    Graph graph = model.graph();
    Set<String> initialized =
        graph.constants().stream().map(Constant::name).collect(Collectors.toSet());
    List<Constant> constants = new ArrayList<>(graph.constants());
    List<Input> inputs = new ArrayList<>();
    int file = 0;
    for (Input input : graph.inputs()) {
      byte[] bytes = data.get("input_" + file + ".pb");
      if (initialized.contains(input.name())) {
        inputs.add(input);
        continue;
      }
      file++;
      Datum datum = bytes == null ? null : OnnxData.read(bytes, input.type(), input.name());
      if (datum instanceof Tensor tensor) {
        constants.add(Constant.of(input.name(), tensor));
      } else {
        inputs.add(input);
      }
    }
    return model.withGraph(graph.withInputs(inputs).withConstants(constants));
  }
}
