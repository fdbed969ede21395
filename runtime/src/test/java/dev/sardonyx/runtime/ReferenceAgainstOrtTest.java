package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The reference evaluator gives what ONNX Runtime gives, of the type that inference foretold, for
 * each line of reference-against-ort.txt.
 */
class ReferenceAgainstOrtTest {
  private static final String HEADER =
      "<ir_version: 10, opset_import: [\"\" : 21, \"ai.onnx.ml\" : 3]> g ";
  private static final Tolerance TOLERANCE = new Tolerance(1e-4, 1e-5);

  static Stream<String> graphs() throws IOException {
    try (InputStream in =
        ReferenceAgainstOrtTest.class.getResourceAsStream("reference-against-ort.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines().filter(line -> line.startsWith("(")).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void sameOutputs(String graph) {
    Model given = ModelParser.parse(HEADER + graph);
    assertEquals(List.of(), Checker.check(given).errors());
    Model model = ShapeInference.infer(given).model();
    Map<String, Datum> inputs = inputs(model);
    Map<String, Datum> reference = run(new ReferenceBackend(), model, inputs);
    Map<String, Datum> ort = run(OrtBackend.cpu(), model, inputs);
    assertEquals(ort.keySet(), reference.keySet());
    model
        .graph()
        .outputs()
        .forEach(
            output -> {
              String name = output.name();
              assertEquals(
                  Optional.empty(),
                  DatumComparison.difference(reference.get(name), ort.get(name), TOLERANCE),
                  name);
              assertTrue(
                  agrees(output.type(), reference.get(name)),
                  () -> name + " is inferred as " + output.type());
            });
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void symbolsStandForTheSizes(String graph) {
    Model given = ModelParser.parse(HEADER + graph);
    SymbolicInputs symbolic = SymbolicInputs.of(given);
    ShapeInference.Inferred inferred = ShapeInference.infer(symbolic.model());
    // Numbers that bodies declare are told to hold for some sizes only.
    assertEquals(
        List.of(),
        inferred.problems().stream().filter(p -> p.code() != ProblemCode.STALE_DIMENSION).toList());
    Map<String, Datum> values = run(new ReferenceBackend(), given, inputs(given));
    for (Output output : inferred.model().graph().outputs()) {
      symbolic.assertShape(output, values.get(output.name()));
    }
  }

  private static boolean agrees(ValueType inferred, Datum value) {
    return inferred instanceof TensorType type && value.type() instanceof TensorType actual
        ? type.elementType() == actual.elementType()
            && type.shape().isCompatibleWith(actual.shape())
        : inferred.isKnown();
  }

  private static Map<String, Datum> run(Backend backend, Model model, Map<String, Datum> inputs) {
    try (PreparedModel prepared = backend.prepare(model)) {
      return prepared.run(inputs);
    }
  }

  /** Numbers from -2 to 2; of integer types any. */
  private static Map<String, Datum> inputs(Model model) {
    Random random = new Random(11);
    Map<String, Datum> inputs = new HashMap<>();
    for (Input input : model.graph().inputs()) {
      TensorType type = (TensorType) input.type();
      long[] dims = type.shape().dims().stream().mapToLong(Dim::value).toArray();
      ElementType element = type.elementType();
      double[] numbers =
          random
              .doubles(type.shape().size().value())
              .map(d -> element.isFloat() ? d * 4 - 2 : Math.floor(d * 256) - 128)
              .toArray();
      inputs.put(input.name(), Tensor.ofNumbers(element, numbers, dims));
    }
    return inputs;
  }
}
