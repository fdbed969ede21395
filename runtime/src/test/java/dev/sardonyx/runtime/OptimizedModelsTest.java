package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.Target;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.export.text.ModelPrinter;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.pass.Passes;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks as ONNX Runtime's optimizer and quantiser leave them (see contrib/optimized_models.py
 * and transformer_models.py) come through everything, and do the same in ONNX's own operators.
 */
class OptimizedModelsTest {
  private static final Tolerance TOLERANCE = new Tolerance(1e-4, 1e-5);

  /** A quantised value in the middle of a network may be rounded another way. */
  private static final Tolerance QUANTISED = new Tolerance(0.1, 0.03);

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            OptimizedModelsTest.class.getResourceAsStream("contrib/" + name + ".onnx"))) {
      return in.readAllBytes();
    }
  }

  private static Tolerance tolerance(String name) {
    return name.contains("extended") || name.contains("fused") || name.contains("four-bits")
        ? TOLERANCE
        : QUANTISED;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "residual-extended",
        "encoder-extended",
        "encoder-fused",
        "residual-qoperator",
        "residual-qdq",
        "encoder-dynamic",
        "dense-four-bits",
        "text-fused",
        "rms-fused",
        "recurrent-dynamic"
      })
  void comesThrough(String name) throws IOException {
    byte[] file = bytes(name);
    Model model = OnnxReader.read(file);
    assertTrue(model.graph().nodes().stream().anyMatch(OptimizedModelsTest::isOwn), "its own");
    assertArrayEquals(file, OnnxWriter.toBytes(model));
    assertEquals(List.of(), Checker.check(model).errors());
    assertEquals(model, ModelParser.parse(ModelPrinter.print(model)));
    Model inferred = ShapeInference.infer(model).model();
    for (Node node : inferred.graph().nodes()) {
      node.outputs().stream()
          .filter(result -> result.isPresent())
          .forEach(result -> assertTrue(isTyped(result.type()), result + " of " + node.label()));
    }

    Map<String, Datum> inputs = inputs(model);
    Map<String, Datum> expected = run(OrtBackend.cpu(), model, inputs);
    Tolerance tolerance = tolerance(name);
    assertClose(run(new ReferenceBackend(), model, inputs), expected, tolerance);

    Model simple = Passes.simplify().apply(model).model();
    assertEquals(List.of(), Checker.check(simple).errors());
    assertClose(run(OrtBackend.cpu(), simple, inputs), expected, tolerance);

    Model standard = Passes.named("standard-operators").apply(model).model();
    assertEquals(List.of(), Checker.check(standard).errors());
    assertEquals(
        List.of(), standard.graph().nodes().stream().filter(OptimizedModelsTest::isOwn).toList());
    assertClose(run(OrtBackend.cpu(), standard, inputs), expected, tolerance);

    Model target = OnnxExport.of(model).target(Target.opset(17)).toModel();
    assertEquals(17, target.opset("").orElseThrow());
    assertTrue(target.opset("com.microsoft").isEmpty());
    assertClose(run(OrtBackend.cpu(), target, inputs), expected, tolerance);
  }

  /** What only GPUs run, against the network that it was before. */
  @Test
  void whatOnlyGpusRunIsSaidInOnnxsOwn() throws IOException {
    Model plain = OnnxReader.read(bytes("denoiser"));
    Model fused = OnnxReader.read(bytes("denoiser-fused"));
    assertEquals(List.of(), Checker.check(fused).errors());
    Map<String, Datum> inputs = inputs(plain);
    Map<String, Datum> expected = run(OrtBackend.cpu(), plain, inputs);
    assertClose(run(new ReferenceBackend(), fused, inputs), expected, TOLERANCE);
    Model simple = Passes.simplify().apply(fused).model();
    assertClose(run(new ReferenceBackend(), simple, inputs), expected, TOLERANCE);
    Model standard = OnnxExport.of(fused).target(Target.opset(17)).toModel();
    assertClose(run(OrtBackend.cpu(), standard, inputs), expected, TOLERANCE);
  }

  private static boolean isOwn(Node node) {
    return node.domain().equals("com.microsoft");
  }

  private static boolean isTyped(ValueType type) {
    return type instanceof TensorType tensor
        && tensor.elementType() != ElementType.UNDEFINED
        && tensor.shape().isRanked();
  }

  private static void assertClose(
      Map<String, Datum> actual, Map<String, Datum> expected, Tolerance tolerance) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, value) ->
            assertEquals(
                Optional.empty(),
                DatumComparison.difference(actual.get(name), value, tolerance),
                name));
  }

  private static Map<String, Datum> run(Backend backend, Model model, Map<String, Datum> inputs) {
    try (PreparedModel prepared = backend.prepare(model)) {
      return prepared.run(inputs);
    }
  }

  /** Open dimensions are 3 and up; a mask ends with a zero. */
  private static Map<String, Datum> inputs(Model model) {
    Random random = new Random(5);
    Map<String, Long> sizes = new HashMap<>();
    Map<String, Datum> inputs = new HashMap<>();
    for (Input input : model.graph().inputs()) {
      TensorType type = (TensorType) input.type();
      long[] dims =
          type.shape().dims().stream()
              .mapToLong(
                  dim ->
                      dim.isFixed()
                          ? dim.value()
                          : sizes.computeIfAbsent(dim.toString(), d -> 3L + sizes.size()))
              .toArray();
      int size = (int) LongStream.of(dims).reduce(1, (a, b) -> a * b);
      double[] numbers = new double[size];
      for (int i = 0; i < size; i++) {
        numbers[i] =
            switch (input.name()) {
              case "input_ids" -> random.nextInt(30);
              case "token_type_ids" -> random.nextInt(2);
              case "attention_mask" -> i % dims[1] == dims[1] - 1 ? 0 : 1;
              default -> random.nextGaussian();
            };
      }
      inputs.put(input.name(), Tensor.ofNumbers(type.elementType(), numbers, dims));
    }
    return inputs;
  }
}
