package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.OperatorKernel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.ir.pass.StandardOperators;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * ONNX Runtime's own operators, for each line of contrib-against-ort.txt: the reference evaluator
 * gives what ONNX Runtime gives, of the type that inference foretold, and so does ONNX Runtime when
 * they are said in ONNX's own operators, of a new opset or an old one.
 */
class ContribAgainstOrtTest {
  private static final Tolerance TOLERANCE = new Tolerance(1e-4, 2e-5);

  /** Quantised numbers may be rounded another way. */
  private static final Tolerance ONE_STEP = new Tolerance(0, 1);

  /** Operators, or types of theirs, that ONNX has only since later opsets than 13. */
  private static final Set<String> NEW = Set.of("uint16", "m.GridSample", "m.Trilu");

  static Stream<String> graphs() throws IOException {
    try (InputStream in =
        ContribAgainstOrtTest.class.getResourceAsStream("contrib-against-ort.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines().filter(line -> line.startsWith("(")).toList().stream();
    }
  }

  private static Model model(String graph, int opset) {
    return ModelParser.parse(
        "<ir_version: 10, opset_import: [\"\" : "
            + opset
            + ", \"com.microsoft\" : 1]> g "
            + graph.replace(" m.", " com.microsoft."));
  }

  /** Without a kernel for the CPU, or with other steps of quantising: see OptimizedModelsTest. */
  private static final Set<String> IN_NETWORKS =
      Set.of(
          "BiasAdd",
          "BiasSplitGelu",
          "DynamicQuantizeLSTM",
          "GroupNorm",
          "NhwcConv",
          "SkipGroupNorm");

  @Test
  void everyFormIsCompared() throws IOException {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    List<String> lines = graphs().toList();
    for (String name : catalogue.operators("com.microsoft")) {
      OperatorSchema schema = catalogue.find("com.microsoft", name, 1).orElseThrow();
      boolean isCompared =
          IN_NETWORKS.contains(name) || lines.stream().anyMatch(l -> l.contains("m." + name + " "));
      assertEquals(
          catalogue.definition(schema).orElseThrow() instanceof OperatorKernel, isCompared, name);
    }
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void sameOutputs(String graph) {
    Model given = model(graph, 21);
    Model model = ShapeInference.infer(given).model();
    assertEquals(List.of(), Checker.check(model).problems());
    Map<String, Datum> inputs = inputs(model);
    Map<String, Datum> ort = run(OrtBackend.cpu(), model, inputs);
    Map<String, Datum> reference = run(new ReferenceBackend(), model, inputs);
    assertClose(reference, ort);
    for (Output output : model.graph().outputs()) {
      assertTrue(
          agrees(output.type(), reference.get(output.name())),
          () -> output.name() + " is inferred as " + output.type());
    }
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void sameOutputsInStandardOperators(String graph) {
    Model given = model(graph, 21);
    Map<String, Datum> inputs = inputs(given);
    Map<String, Datum> ort = run(OrtBackend.cpu(), given, inputs);
    for (int opset : new int[] {21, 13}) {
      if (opset < 21 && NEW.stream().anyMatch(graph::contains)) {
        continue;
      }
      Model standard = new StandardOperators().apply(model(graph, opset)).model();
      if (!graph.contains("m.Inverse")) {
        assertEquals(List.of(), own(standard), () -> standard.toString());
      }
      assertClose(run(OrtBackend.cpu(), standard, inputs), ort);
    }
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void simplifyingKeepsThem(String graph) {
    Model given = model(graph, 21);
    Map<String, Datum> inputs = inputs(given);
    Model simple = Passes.simplify().apply(given).model();
    assertClose(run(OrtBackend.cpu(), simple, inputs), run(OrtBackend.cpu(), given, inputs));
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void symbolsStandForTheSizes(String graph) {
    Model given = model(graph, 21);
    SymbolicInputs symbolic = SymbolicInputs.of(given);
    ShapeInference.Inferred inferred = ShapeInference.infer(symbolic.model());
    assertEquals(List.of(), inferred.problems());
    Map<String, Datum> values = run(new ReferenceBackend(), given, inputs(given));
    for (Output output : inferred.model().graph().outputs()) {
      if (output.type() instanceof TensorType type && type.shape().isRanked()) {
        TensorType actual = (TensorType) values.get(output.name()).type();
        assertEquals(actual.elementType(), type.elementType(), output.name());
      }
      symbolic.assertShape(output, values.get(output.name()));
    }
  }

  /** No CPU takes heads that are packed, so they are compared with the same ones apart. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          p = Concat <axis = 3> (a, b, c) y = m.MultiHeadAttention <num_heads = 2> (p)
          p = Concat <axis = 3> (b, c) y = m.MultiHeadAttention <num_heads = 2> (q, p)
          """)
  void packedHeadsAreWhatTheyAreApart(String packed) {
    String graph = "(float[2,3,8] q, float[2,3,8] k, float[2,3,8] v) => (y) ";
    Model apart = model(graph + "{ y = m.MultiHeadAttention <num_heads = 2> (q, k, v) }", 17);
    Map<String, Datum> inputs = inputs(apart);
    String split = "<int64[5] s = {2, 3, 2, 1, 4}> { a = Reshape (q, s) b = Reshape (k, s) ";
    Model together = model(graph + split + "c = Reshape (v, s) " + packed + " }", 17);
    Map<String, Datum> expected = run(OrtBackend.cpu(), apart, inputs);
    assertClose(run(new ReferenceBackend(), together, inputs), expected);
    Model standard = new StandardOperators().apply(together).model();
    assertEquals(List.of(), own(standard));
    assertClose(run(OrtBackend.cpu(), standard, inputs), expected);
  }

  private static List<String> own(Model model) {
    return model.graph().nodes().stream()
        .filter(n -> n.domain().equals("com.microsoft") || n.opType().startsWith("Simplified"))
        .map(Node::operator)
        .toList();
  }

  private static void assertClose(Map<String, Datum> actual, Map<String, Datum> expected) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, value) -> {
          boolean isQuantised = ((Tensor) value).elementType().bits() <= 16;
          assertEquals(
              Optional.empty(),
              isQuantised
                  ? DatumComparison.difference(
                      asFloats(actual.get(name)), asFloats(value), ONE_STEP)
                  : DatumComparison.difference(actual.get(name), value, TOLERANCE),
              name);
        });
  }

  private static Tensor asFloats(Datum value) {
    Tensor tensor = (Tensor) value;
    return Tensor.ofNumbers(ElementType.FLOAT, tensor.toDoubles(), tensor.dims());
  }

  private static boolean agrees(ValueType inferred, Datum value) {
    return inferred instanceof TensorType type
        && value.type() instanceof TensorType actual
        && type.elementType() == actual.elementType()
        && type.shape().isRanked()
        && type.shape().isCompatibleWith(actual.shape());
  }

  private static Map<String, Datum> run(Backend backend, Model model, Map<String, Datum> inputs) {
    try (PreparedModel prepared = backend.prepare(model)) {
      return prepared.run(inputs);
    }
  }

  /** Numbers from -2 to 2; of small integer types any. */
  private static Map<String, Datum> inputs(Model model) {
    Random random = new Random(11);
    Map<String, Datum> inputs = new HashMap<>();
    for (Input input : model.graph().inputs()) {
      TensorType type = (TensorType) input.type();
      long[] dims = type.shape().toLongs();
      ElementType element = type.elementType();
      double[] numbers =
          random.doubles(type.shape().size().value()).map(d -> number(element, d)).toArray();
      inputs.put(input.name(), Tensor.ofNumbers(element, numbers, dims));
    }
    return inputs;
  }

  private static double number(ElementType type, double share) {
    return switch (type) {
      case UINT8 -> Math.floor(share * 256);
      case BOOL -> Math.floor(share * 2);
      case FLOAT -> share * 4 - 2;
      default -> Math.floor(share * 256) - 128;
    };
  }
}
