package dev.sardonyx.runtime.session;

import static dev.sardonyx.runtime.Models.floats;
import static dev.sardonyx.runtime.Models.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.OrtBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Mistakes end in an exception that names the culprit, never in native code. */
class OrtMisuseTest {
  private static final OrtBackend ORT = OrtBackend.cpu();
  private static final Tensor X = Tensor.ofFloats(new float[3], 1, 3);

  private static void assertRefused(String message, Map<String, ? extends Datum> inputs) {
    try (PreparedModel model = ORT.prepare(Models.addRelu())) {
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, () -> model.run(inputs));
      assertEquals(message, refusal.getMessage());
    }
  }

  @Test
  void missingInput() {
    assertRefused("Input 'x' of type float[N,3] is missing; given were []", Map.of());
  }

  @Test
  void unknownInput() {
    assertRefused("The model has no input 'z'; it takes x: float[N,3]", Map.of("x", X, "z", X));
  }

  @Test
  void nullInput() {
    Map<String, Datum> inputs = new HashMap<>();
    inputs.put("x", null);
    assertRefused("Input 'x' is null; it takes float[N,3]", inputs);
  }

  @Test
  void wrongElementType() {
    assertRefused(
        "Input 'x' takes float[N,3], but was given int64[1,3]:"
            + " element type float is needed, not int64",
        Map.of("x", Tensor.ofLongs(new long[3], 1, 3)));
  }

  @Test
  void wrongRank() {
    assertRefused(
        "Input 'x' takes float[N,3], but was given float[3]: rank 2 is needed, not 1",
        Map.of("x", X.reshape(3)));
  }

  @Test
  void wrongDimension() {
    assertRefused(
        "Input 'x' takes float[N,3], but was given float[3,1]: dimension 1 is 3, not 1",
        Map.of("x", X.reshape(3, 1)));
  }

  @Test
  void wrongKindAndWrongItem() {
    assertRefused(
        "Input 'x' takes float[N,3], but was given seq(float): a tensor is needed",
        Map.of("x", new SequenceDatum(TensorType.of(ElementType.FLOAT, Shape.UNKNOWN), List.of())));
    SequenceType type = new SequenceType(floats("?"));
    Model length = Models.unary("SequenceLength", 17, type, TensorType.of(ElementType.INT64));
    try (PreparedModel model = ORT.prepare(length)) {
      Map<String, Datum> inputs =
          Map.of("x", new SequenceDatum(type.element(), List.of(X.reshape(3), X)));
      String message =
          assertThrows(IllegalArgumentException.class, () -> model.run(inputs)).getMessage();
      assertTrue(message.endsWith("item 1 is float[1,3]: rank 1 is needed, not 2"), message);
    }
  }

  @Test
  void useAfterClose() {
    PreparedModel model = ORT.prepare(Models.addRelu());
    model.run(Map.of("x", X));
    model.close();
    model.close();
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, () -> model.run(Map.of("x", X)));
    assertEquals("The model 'test' has been closed", refusal.getMessage());
  }

  @Test
  void unknownOutput() {
    Options options = Options.DEFAULT.withOutputs(List.of("sum", "nonsense"));
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> ORT.prepare(Models.addRelu(), options));
    assertTrue(refusal.getMessage().contains("'nonsense'"), refusal.getMessage());
  }

  @Test
  void aFailingNodeIsNamed() {
    Model model =
        Models.of(
            17,
            List.of(
                Input.of("x", floats("N")), Input.of("to", TensorType.of(ElementType.INT64, 1))),
            List.of(Output.of("y", floats("M"))),
            List.of(),
            node("Reshape", List.of("x", "to"), "y").withName("the_reshape"));
    try (PreparedModel prepared = ORT.prepare(model)) {
      Map<String, Tensor> inputs =
          Map.of("x", Tensor.ofFloats(new float[4], 4), "to", Tensor.ofLongs(new long[] {3}, 1));
      for (int i = 0; i < 2; i++) {
        ModelRunException failure =
            assertThrows(ModelRunException.class, () -> prepared.run(inputs));
        assertEquals("the_reshape", failure.node().orElse(""), failure.getMessage());
        assertEquals("Reshape", failure.operator().orElse(""), failure.getMessage());
        assertTrue(failure.getMessage().contains("'the_reshape'"), failure.getMessage());
      }
      assertEquals(
          Tensor.ofFloats(new float[4], 4),
          prepared
              .run(
                  Map.of(
                      "x",
                      Tensor.ofFloats(new float[4], 4),
                      "to",
                      Tensor.ofLongs(new long[] {4}, 1)))
              .get("y"));
    }
  }

  @Test
  void aFailingNodeWithoutNameIsNamedByItsResult() {
    Model model =
        Models.of(
            17,
            List.of(
                Input.of("x", floats("N")), Input.of("to", TensorType.of(ElementType.INT64, 1))),
            List.of(Output.of("y", floats("M"))),
            List.of(),
            node("Reshape", List.of("x", "to"), "y"));
    try (PreparedModel prepared = ORT.prepare(model)) {
      Map<String, Tensor> inputs =
          Map.of("x", Tensor.ofFloats(new float[4], 4), "to", Tensor.ofLongs(new long[] {3}, 1));
      ModelRunException failure = assertThrows(ModelRunException.class, () -> prepared.run(inputs));
      assertEquals("Reshape -> y", failure.node().orElse(""), failure.getMessage());
    }
  }

  @Test
  void unknownOperator() {
    Model model = Models.unary("NoSuchOp", 17, floats("3"), floats("3"));
    UnsupportedModelException error =
        assertThrows(UnsupportedModelException.class, () -> ORT.prepare(model));
    assertTrue(error.getMessage().contains("no operator NoSuchOp"), error.getMessage());
    UnsupportedModelException refusal =
        assertThrows(UnsupportedModelException.class, () -> ORT.withoutCheck().prepare(model));
    assertTrue(refusal.getMessage().contains("NoSuchOp"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("as a function"), refusal.getMessage());
  }

  @Test
  void newerOpset() {
    Model future = Models.addRelu().withVersions(13, List.of(OpsetImport.onnx(99)));
    UnsupportedModelException refusal =
        assertThrows(UnsupportedModelException.class, () -> ORT.prepare(future));
    assertTrue(
        refusal.getMessage().contains("Convert the model to opset 26"), refusal.getMessage());
  }

  @Test
  void typesNobodyCanPass() {
    TensorType complex = TensorType.of(ElementType.COMPLEX64, 2);
    UnsupportedModelException refusal =
        assertThrows(
            UnsupportedModelException.class,
            () -> ORT.prepare(Models.unary("Identity", 17, complex, complex)));
    assertTrue(refusal.getMessage().contains("complex64"), refusal.getMessage());
    Model model = Models.unary("Identity", 17, complex, complex);
    assertEquals(refusal.getMessage(), ORT.whyUnsupported(model).orElse(""));
  }

  @Test
  void absurdNumbersOfThreads() {
    for (int threads : new int[] {-1, 100_000}) {
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, () -> Options.DEFAULT.withThreads(threads));
      assertTrue(refusal.getMessage().endsWith(", not " + threads), refusal.getMessage());
    }
  }

  @Test
  void noMoreThreadsAreMadeThanThereAreProcessors() throws IOException {
    Path tasks = Path.of("/proc/self/task");
    assumeTrue(Files.exists(tasks), "only Linux tells the threads of a process");
    Options options = Options.DEFAULT.withThreads(Options.MOST_THREADS);
    long before = count(tasks);
    try (PreparedModel model = ORT.prepare(Models.addRelu(), options)) {
      assertEquals(1, model.run(Map.of("x", X)).size());
      long made = count(tasks) - before;
      assertTrue(made < Runtime.getRuntime().availableProcessors() + 50, made + " threads");
    }
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  @Test
  void outputsBeyondABufferAreRefusedBeforeTheyAreRead() {
    OrtValues.requireReadable(ElementType.FLOAT, new long[] {1 << 28, 1});
    ModelRunException refusal =
        assertThrows(
            ModelRunException.class,
            () -> OrtValues.requireReadable(ElementType.FLOAT, new long[] {2, 1 << 28}));
    assertTrue(
        refusal.getMessage().contains("float[2,268435456] of 2147483648 bytes"),
        refusal.getMessage());
  }

  /** Only then is the model run again, without buffers for its outputs. */
  @Test
  void aBufferOfTheWrongShapeIsToldFromOtherFailures() throws OrtException {
    assertTrue(OrtFailure.isOtherShape(failure("Transpose(x)")));
    assertFalse(OrtFailure.isOtherShape(failure("Reshape(x, seven)")));
  }

  /** What ONNX Runtime says when the output of a node on float[3,2] gets a buffer for [2,2]. */
  private static OrtException failure(String node) throws OrtException {
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[3,2] x) => (float[2,2] y)"
                + " <int64[1] seven = {7}> { y = "
                + node
                + " }");
    try (OrtSession.SessionOptions options = Environments.newSessionOptions();
        OrtSession session = SessionLoader.load(model, options);
        Lane lane = new Lane()) {
      lane.feed("x", zeros(3, 2));
      Map<String, OnnxTensor> outputs =
          Map.of("y", lane.output("y", ElementType.FLOAT, new long[] {2, 2}));
      return assertThrows(
          OrtException.class, () -> session.run(lane.feeds(), Set.of(), outputs).close());
    }
  }

  private static Tensor zeros(int rows, int columns) {
    return Tensor.ofFloats(new float[rows * columns], rows, columns);
  }
}
