package dev.sardonyx.runtime.session;

import static dev.sardonyx.runtime.Models.floats;
import static dev.sardonyx.runtime.Models.node;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.PoolOptions;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights go to ONNX Runtime beside the graph. */
class SessionLoaderTest {
  private static final int SIDE = 40;

  @TempDir private Path folder;

  /** Direct memory, whose contents the test can change. */
  private static ByteBuffer numbers() {
    ByteBuffer numbers = ByteBuffer.allocateDirect(SIDE * SIDE * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < SIDE * SIDE; i++) {
      numbers.putFloat(4 * i, i);
    }
    return numbers;
  }

  /**
   * Adds a constant between two Transposes, which ONNX Runtime moves away by transposing the
   * constant in its place; a plain product; and constants of which one is an input's default and
   * one is not used.
   */
  private static Model model(ByteBuffer numbers) {
    Tensor square = Tensor.of(ElementType.FLOAT, new long[] {SIDE, SIDE}, numbers);
    Attribute swap = Attribute.ofInts("perm", 1, 0);
    return Models.of(
        17,
        List.of(Input.of("x", floats(SIDE + "," + SIDE)), Input.of("d", floats("?,?"))),
        List.of(Output.of("y", floats("?,?")), Output.of("w", floats("?,?"))),
        List.of(
            Constant.of("w", square),
            Constant.of("v", square),
            Constant.of("d", square),
            Constant.of("unused", square)),
        node("Transpose", List.of("x"), "xt", swap),
        node("Add", List.of("xt", "w"), "sum"),
        node("Transpose", List.of("sum"), "st", swap),
        node("MatMul", List.of("st", "v"), "product"),
        node("Add", List.of("product", "d"), "y"));
  }

  private static Tensor x() {
    return Tensor.ofFloats(new float[SIDE * SIDE], SIDE, SIDE);
  }

  private static float[] expected() {
    return new ReferenceBackend()
        .prepare(model(numbers()))
        .run(Map.of("x", x()))
        .tensor("y")
        .toFloats();
  }

  @ParameterizedTest
  @EnumSource
  void everyOptimisationHasTheWeightsRight(Optimization level) {
    SessionOptions options = SessionOptions.DEFAULT.withOptimization(level);
    try (InferenceSession session = InferenceSession.of(model(numbers()), options)) {
      float[] y = session.run(Map.of("x", x())).tensor("y").toFloats();
      assertTrue(near(expected(), y));
      assertEquals(
          Tensor.of(ElementType.FLOAT, new long[] {SIDE, SIDE}, numbers()),
          session.run(Map.of("x", x())).tensor("w"));
    }
  }

  private static boolean near(float[] expected, float[] actual) {
    for (int i = 0; i < expected.length; i++) {
      if (Math.abs(expected[i] - actual[i]) > 1e-4f * Math.abs(expected[i])) {
        return false;
      }
    }
    return expected.length == actual.length;
  }

  /** What is handed over is copied while the session is made, and may go afterwards. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1024})
  void theBuffersAreNotNeededLonger(long small) throws OrtException {
    ByteBuffer numbers = numbers();
    Model model = model(numbers);
    try (OrtSession.SessionOptions options = Environments.newSessionOptions();
        OrtSession session = SessionLoader.load(model, options, small, false)) {
      for (int i = 0; i < numbers.capacity(); i++) {
        numbers.put(i, (byte) 0x7f);
      }
      try (OnnxTensor x = OrtValues.wrap(zeros(), Carrier.javaType(ElementType.FLOAT), dims());
          OrtSession.Result result = session.run(Map.of("x", x))) {
        Tensor y = (Tensor) OrtValues.read(result.get(0), floats("?,?"));
        assertTrue(near(expected(), y.toFloats()));
      }
    }
  }

  /** ONNX Runtime by itself moves a Pad into the pool after it, whatever it fills with. */
  @ParameterizedTest
  @ValueSource(
      strings = {"MaxPool 2 1", "MaxPool 1 2", "MaxPool 3 2", "AveragePool 2 1", "AveragePool 1 1"})
  void aPoolSeesWhatAPadBeforeItFillsWith(String pool) throws OrtException {
    String[] words = pool.split(" ", -1);
    long kernel = Long.parseLong(words[1]);
    long stride = Long.parseLong(words[2]);
    GraphBuilder b = GraphBuilder.of("padded");
    Value x = b.input("x", floats("1,1,3,4"));
    Value padded = b.pad(x, 0, 0, 1, 1, 0, 0, 1, 1);
    PoolOptions options = PoolOptions.of(kernel, kernel).withStrides(stride, stride);
    Value y =
        words[0].equals("MaxPool") ? b.maxPool(padded, options) : b.averagePool(padded, options);
    b.output(y, "y");
    Model model = b.buildModel();
    Map<String, Tensor> given =
        Map.of(
            "x",
            Tensor.ofFloats(
                new float[] {-1, -2, -3, -4, -5, -6, -7, -8, -9, -8, -7, -6}, 1, 1, 3, 4));
    VerificationReport report =
        Verifier.of(OrtBackend.cpu()).against(new ReferenceBackend(), model, List.of(given));
    assertTrue(report.passed(), report.table());
    // As deployed elsewhere: the exported file with all of ONNX Runtime's own optimisations.
    byte[] exported = OnnxWriter.toBytes(OnnxExport.of(model).toModel());
    try (OrtSession.SessionOptions plain = Environments.newSessionOptions();
        OrtSession session = Environments.shared().createSession(exported, plain);
        OnnxTensor image =
            OnnxTensor.createTensor(
                Environments.shared(),
                FloatBuffer.wrap(given.get("x").toFloats()),
                given.get("x").dims());
        OrtSession.Result result = session.run(Map.of("x", image))) {
      Tensor elsewhere = (Tensor) OrtValues.read(result.get(0), floats("?,?,?,?"));
      try (PreparedModel reference = new ReferenceBackend().prepare(model)) {
        assertTrue(near(reference.run(given).tensor("y").toFloats(), elsewhere.toFloats()));
      }
    }
  }

  @Test
  void aPoolOfAnUnreadFileSeesWhatAPadBeforeItFillsWith() throws Exception {
    GraphBuilder b = GraphBuilder.of("padded");
    Value x = b.input("x", floats("1,1,2,2"));
    Value padded = b.pad(x, 0, 0, 1, 1, 0, 0, 1, 1);
    b.output(b.maxPool(padded, PoolOptions.of(2, 2).withStrides(2, 2)), "y");
    byte[] file = OnnxWriter.toBytes(b.buildModel());
    Tensor given = Tensor.ofFloats(new float[] {-1, -2, -3, -4}, 1, 1, 2, 2);
    try (InferenceSession session =
        InferenceSession.of(file, SessionOptions.DEFAULT.withoutCheck())) {
      Tensor y = session.run(Map.of("x", given)).tensor("y");
      assertArrayEquals(new float[4], y.toFloats(), "each window has zeros around the image");
    }
  }

  private static long[] dims() {
    return new long[] {SIDE, SIDE};
  }

  private static ByteBuffer zeros() {
    return ByteBuffer.allocateDirect(SIDE * SIDE * 4).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void weightsInADataFileStayThere() throws Exception {
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(model(numbers()), file, ExternalData.beside().withThreshold(100));
    Model read = OnnxReader.read(file);
    for (Constant constant : read.graph().constants()) {
      assertTrue(((Tensor) constant.data()).bytes().isDirect(), "mapped, not read");
    }
    try (InferenceSession session = InferenceSession.of(read)) {
      assertTrue(near(expected(), session.run(Map.of("x", x())).tensor("y").toFloats()));
    }
  }

  @Test
  void theGraphAloneIsTheMessage() {
    Model model = model(numbers());
    Graph graph = model.graph();
    Map<String, Tensor> handedOver = Map.of("w", (Tensor) graph.constants().get(0).data());
    int whole = OnnxWriter.toBytes(model).length;
    int rest = OnnxWriter.toBytes(model, handedOver).length;
    assertTrue(whole - rest > SIDE * SIDE * 4 - 100, whole + " and " + rest);
    assertEquals(whole, OnnxWriter.toBytes(model, Map.of("none", x())).length);
  }

  /**
   * A part of torch's EmbeddingBag, not optimised: constant conditions in branches within branches
   * of a loop, on which ONNX Runtime's constant folding ended the process.
   */
  @Test
  void constantBranchesWithinBranches() throws Exception {
    Model model = OnnxReader.readResource(SessionLoaderTest.class, "nested-branches.onnx");
    Map<String, Tensor> rows = Map.of("in0", Tensor.ofLongs(new long[10], 2, 5));
    VerificationReport report =
        Verifier.of(OrtBackend.cpu())
            .outputsOnly()
            .against(new ReferenceBackend(), model, List.of(rows));
    assertTrue(report.passed(), report.table());
  }
}
