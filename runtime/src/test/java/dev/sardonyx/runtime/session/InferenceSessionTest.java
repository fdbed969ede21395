package dev.sardonyx.runtime.session;

import static dev.sardonyx.runtime.Models.floats;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.runtime.Models;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceSessionTest {
  private static final Tensor X = Tensor.ofFloats(new float[3], 1, 3);

  @TempDir private Path folder;

  private static SessionOptions options(boolean checked) {
    return checked ? SessionOptions.DEFAULT : SessionOptions.DEFAULT.withoutCheck();
  }

  private static void assertRuns(InferenceSession session) {
    try (session) {
      assertArrayEquals(new float[] {1, 0, 3}, session.run(Map.of("x", X)).tensor().toFloats());
      assertEquals(List.of(Input.of("x", floats("N,3"))), session.inputs());
      assertEquals(List.of(Output.of("y", floats("N,3"))), session.outputs());
      assertEquals("test", session.description().graph());
    }
  }

  /** Beyond ASCII if the locale has names for files that are. */
  private static String name() {
    boolean umlauts =
        Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode("ö");
    return (umlauts ? "größe" : "size") + " x.onnx";
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fromWhereverTheModelIs(boolean checked) throws IOException {
    Model model = Models.addRelu();
    byte[] bytes = OnnxWriter.toBytes(model);
    Path file = Files.write(folder.resolve(name()), bytes);
    assertRuns(InferenceSession.of(model, options(checked)));
    assertRuns(InferenceSession.of(bytes, options(checked)));
    assertRuns(InferenceSession.of(file, options(checked)));
    Path external = folder.resolve("external.onnx");
    OnnxWriter.write(model, external, ExternalData.beside().withThreshold(1));
    assertRuns(InferenceSession.of(external, options(checked)));
  }

  @Test
  void fromAResource() throws IOException {
    assertThrows(
        FileNotFoundException.class,
        () -> InferenceSession.ofResource(InferenceSessionTest.class, "nowhere.onnx"));
    assertRuns(InferenceSession.ofResource(InferenceSessionTest.class, "add-relu.onnx"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsNoModelIsRefusedByName(boolean checked) throws IOException {
    Path nowhere = folder.resolve("nowhere.onnx");
    assertThrows(NoSuchFileException.class, () -> InferenceSession.of(nowhere, options(checked)));
    Path junk = Files.writeString(folder.resolve("junk.onnx"), "no model");
    IOException refusal =
        assertThrows(IOException.class, () -> InferenceSession.of(junk, options(checked)));
    assertTrue(refusal.getMessage().contains("junk.onnx"), refusal.getMessage());
  }

  /** ONNX Runtime takes the shape that is declared, which the checker knows to be wrong. */
  @Test
  void errorsAreFoundUnlessTheModelIsTrusted() throws IOException {
    Model wrong =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[2,3] x) => (float[4,5] y)"
                + " { y = Relu(x) }");
    Path file = Files.write(folder.resolve("wrong.onnx"), OnnxWriter.toBytes(wrong));
    UnsupportedModelException refusal =
        assertThrows(UnsupportedModelException.class, () -> InferenceSession.of(file));
    assertTrue(refusal.getMessage().contains("The model has errors"), refusal.getMessage());
  }

  /**
   * ONNX's inference makes 12 of 5 by 2.6, ONNX Runtime's kernel 13; ONNX Runtime itself only warns
   * of a model that declares either.
   */
  @ParameterizedTest
  @CsvSource({"12,true", "12,false", "13,true", "13,false"})
  void anOutputMayHaveAnotherShapeThanOnnxRuntimeInfers(int declared, boolean checked)
      throws IOException {
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[5] x) => (float["
                + declared
                + "] y) { scales = Constant <value_floats = [2.6]> () a = Identity(x)"
                + " y = Resize(a, , scales) }");
    for (int i = 0; i < 2; i++) {
      try (InferenceSession session =
          i == 0
              ? InferenceSession.of(model, options(checked))
              : InferenceSession.of(OnnxWriter.toBytes(model), options(checked))) {
        for (int run = 0; run < 2; run++) {
          Tensor y = session.run(Map.of("x", Tensor.ofFloats(new float[5], 5))).tensor();
          assertArrayEquals(new long[] {13}, y.dims());
        }
      }
    }
  }

  /** As the Java API does not pass them, the model is read after all. */
  @Test
  void unreadModelsOfOtherTypesAreReadAfterAll() throws IOException {
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (uint16[N] a, seq(float[M]) s)"
                + " => (uint16[N] b, optional(float[M]) o) {"
                + " b = Identity(a) i = Constant <value_int = 0> () e = SequenceAt(s, i)"
                + " o = Optional(e) }");
    try (InferenceSession session =
        InferenceSession.of(OnnxWriter.toBytes(model), options(false))) {
      Tensor item = Tensor.ofFloats(new float[] {5}, 1);
      Outputs outputs =
          session
              .call()
              .with("a", new short[] {(short) 65535, 1})
              .with("s", new SequenceDatum(item.type(), List.of(item)))
              .run();
      assertArrayEquals(new long[] {65535, 1}, outputs.tensor("b").toLongs());
    }
  }

  @Test
  void freeDimensionsAreFixed() {
    SessionOptions options = SessionOptions.DEFAULT.withFreeDimension("N", 2);
    try (InferenceSession session = InferenceSession.of(Models.addRelu(), options)) {
      assertEquals(floats("2,3"), session.inputs().get(0).type());
      assertEquals(2, session.call().with("x", new float[6]).run().tensor().dim(0));
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, () -> session.run(Map.of("x", X)));
      assertTrue(refusal.getMessage().contains("dimension 0 is 2, not 1"), refusal.getMessage());
    }
  }

  @Test
  void whatIsNoInputIsRefusedByNameAndSaysWhatIs() {
    try (InferenceSession session = InferenceSession.of(Models.addRelu())) {
      float[] x = new float[3];
      Map<String, Executable> refusals =
          Map.of(
              "Input 'x': dimensions [-1, 3] are not all 0 or more; name the",
              () -> session.call().with("x", x, -1, 3),
              "Input 'x': dimensions [4294967296, 4294967296] are more elements than",
              () -> session.call().with("x", x, 1L << 32, 1L << 32),
              "Input 'x' takes float[N,3], which is not made of double[]; give a float[] or a",
              () -> session.call().with("x", new double[3]),
              "Input 'x': The arrays are not of one length: that at [1] has 2",
              () -> session.call().with("x", new float[][] {x, {1, 2}}),
              "Input 'x': A tensor cannot be made of Float[]",
              () -> session.call().with("x", new Float[3]));
      refusals.forEach(
          (message, use) -> {
            RuntimeException refusal = assertThrows(IllegalArgumentException.class, use);
            assertTrue(refusal.getMessage().startsWith(message), refusal.getMessage());
          });
    }
  }

  @Test
  void aDimensionThatNoInputHasIsRefused() {
    SessionOptions options = SessionOptions.DEFAULT.withFreeDimension("M", 2);
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> InferenceSession.of(Models.addRelu(), options));
    assertTrue(
        refusal.getMessage().endsWith("has a dimension 'M'; there are [N]"), refusal.getMessage());
  }

  @Test
  void noFileIsWrittenOverTheModelNorIntoNoFolder() throws IOException {
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(Models.addRelu(), file);
    byte[] before = Files.readAllBytes(file);
    for (SessionOptions options :
        List.of(SessionOptions.DEFAULT, SessionOptions.DEFAULT.withoutCheck())) {
      Path same = folder.resolve("nothing/../model.onnx").normalize();
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> InferenceSession.of(file, options.withOptimizedModel(same)));
      assertTrue(refusal.getMessage().contains("written over " + file), refusal.getMessage());
      assertArrayEquals(before, Files.readAllBytes(file));
      Path nowhere = folder.resolve("nowhere/file");
      for (SessionOptions into :
          List.of(options.withOptimizedModel(nowhere), options.withProfile(nowhere))) {
        UncheckedIOException failure =
            assertThrows(UncheckedIOException.class, () -> InferenceSession.of(file, into));
        assertTrue(failure.getMessage().contains(nowhere.toString()), failure.getMessage());
      }
    }
  }

  @Test
  void theOptimisedModelIsSavedAndLoadedAgain() throws IOException {
    Path file = folder.resolve("optimized.onnx");
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[N,3] x) => (float[N,3] y)"
                + " <float[3] w = {1, -2, 3}, float[3] v = {1, 1, 1}> {"
                + " s = Mul(w, v) t = Add(x, s) y = Relu(t) }");
    InferenceSession.of(model, SessionOptions.DEFAULT.withOptimizedModel(file)).close();
    SessionOptions asItIs = SessionOptions.DEFAULT.withOptimization(Optimization.NONE);
    for (SessionOptions options : List.of(asItIs, asItIs.withoutCheck())) {
      try (InferenceSession session = InferenceSession.of(file, options)) {
        assertArrayEquals(new float[] {1, 0, 3}, session.run(Map.of("x", X)).tensor().toFloats());
      }
    }
    assertEquals(2, OnnxReader.read(file).graph().nodes().size(), "w * v is folded");
  }

  @Test
  void theProfileNamesNodesAndProviders() throws IOException {
    SessionOptions options =
        SessionOptions.DEFAULT
            .withProfile(folder.resolve("profile"))
            .withOptimization(Optimization.NONE);
    try (InferenceSession session = InferenceSession.of(Models.addRelu(), options)) {
      for (int i = 0; i < 3; i++) {
        session.run(Map.of("x", X));
      }
      Profile profile = session.profile();
      assertEquals(
          List.of("Add", "Relu"),
          profile.nodes().stream().map(Profile.NodeTime::operator).sorted().toList());
      assertEquals(Map.of("CPUExecutionProvider", 2L), profile.nodesByProvider());
      assertEquals(3, profile.nodes().get(0).runs());
      assertEquals(2, profile.onCpu().size());
      assertTrue(profile.toString().contains("CPUExecutionProvider"), profile.toString());
    }
    try (InferenceSession session = InferenceSession.of(Models.addRelu())) {
      assertThrows(IllegalStateException.class, session::profile);
    }
    assertThrows(
        IOException.class,
        () -> Profile.read(Files.writeString(folder.resolve("no.json"), "{\"a\": 1}")));
  }

  /** ONNX Runtime writes them unescaped, which is no JSON. */
  @Test
  void theProfileHasNodesOfAnyName() throws IOException {
    String name = "a\"b\\n\n\u001b[2J{\"x\": [";
    Model relu =
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[1] x) => (float[1] y) { ["r"] y = Relu (x) }
            """);
    Model model = ModelEditor.of(relu).renameNode("r", name).model();
    SessionOptions options = SessionOptions.DEFAULT.withProfile(folder.resolve("profile"));
    try (InferenceSession session = InferenceSession.of(model, options)) {
      session.run(Map.of("x", Tensor.ofFloats(new float[] {1}, 1)));
      assertEquals(
          List.of(name), session.profile().nodes().stream().map(Profile.NodeTime::node).toList());
    }
    Path noText = Files.write(folder.resolve("no.json"), new byte[] {'[', (byte) 0xff, ']'});
    IOException e = assertThrows(IOException.class, () -> Profile.read(noText));
    assertTrue(e.getMessage().contains("no text in UTF-8"), e.getMessage());
  }

  /** All of them together, and what they compute stays the same. */
  @Test
  void optionsChangeNoResult() {
    List<SessionOptions> all = new ArrayList<>();
    SessionOptions d = SessionOptions.DEFAULT;
    all.add(d.withThreads(Threads.of(1)));
    all.add(d.withThreads(new Threads(2, 2, false)));
    all.add(d.withMemory(Memory.LEAN));
    all.add(d.withMemory(Memory.WITHOUT_PATTERNS));
    all.add(d.withDeterminism());
    all.add(d.withProviders(new Provider.Cpu()).withoutCpuFallback());
    all.add(d.withConfiguration("session.set_denormal_as_zero", "1"));
    for (SessionOptions options : all) {
      assertRuns(InferenceSession.of(Models.addRelu(), options));
    }
  }

  @Test
  void wrongOptionsAreNamed() {
    assertThrows(IllegalArgumentException.class, () -> new Threads(-1, 1, true));
    assertThrows(
        IllegalArgumentException.class, () -> SessionOptions.DEFAULT.withFreeDimension("N", 0));
    assertThrows(
        IllegalArgumentException.class, () -> RunOptions.DEFAULT.withTimeout(Duration.ZERO));
    SessionOptions library =
        SessionOptions.DEFAULT.withCustomOperators(folder.resolve("nowhere.so"));
    UnsupportedModelException refusal =
        assertThrows(
            UnsupportedModelException.class, () -> InferenceSession.of(Models.addRelu(), library));
    assertTrue(refusal.getMessage().contains("nowhere.so"), refusal.getMessage());
  }

  /** Each in a thread of its own: the pool of all may have one only. */
  private static CompletableFuture<Void> async(Runnable task) {
    return CompletableFuture.runAsync(task, run -> new Thread(run).start());
  }

  private static Model loop() {
    return ModelParser.parse(
        "<ir_version: 8, opset_import: [\"\" : 17]> g (int64 trips, float[8,8] x) =>"
            + " (float[8,8] y) <bool go = {1}> {"
            + " y = Loop <body = b (int64 i, bool c, float[8,8] s) => (bool d, float[8,8] t) {"
            + " d = Identity(c) u = MatMul(s, s) t = Softmax(u) }> (trips, go, x) }");
  }

  private static Call endless(InferenceSession session) {
    return session.call().with("trips", Long.MAX_VALUE).with("x", new float[64]);
  }

  private static void assertStillRuns(InferenceSession session) {
    assertEquals(1, session.call().with("trips", 2L).with("x", new float[64]).run().size());
  }

  @Test
  void aTimeoutEndsARun() {
    try (InferenceSession session = InferenceSession.of(loop())) {
      ModelRunException failure =
          assertThrows(
              ModelRunException.class, () -> endless(session).timeout(Duration.ofMillis(30)).run());
      assertEquals(ModelRunException.Reason.TIMED_OUT, failure.reason());
      assertEquals(
          "The run of model 'g' took longer than 0.03s and was ended", failure.getMessage());
      assertStillRuns(session);
      assertEquals(
          1,
          session
              .call()
              .with("trips", 2L)
              .with("x", new float[64])
              .timeout(Duration.ofDays(1))
              .run()
              .size());
    }
  }

  @Test
  void anotherThreadCancelsRuns() throws Exception {
    try (InferenceSession session = InferenceSession.of(loop())) {
      Cancellation cancellation = new Cancellation();
      List<CompletableFuture<?>> runs = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        runs.add(async(() -> endless(session).cancelledBy(cancellation).run()));
      }
      Thread.sleep(20);
      cancellation.cancel();
      runs.add(async(() -> endless(session).cancelledBy(cancellation).run()));
      for (CompletableFuture<?> run : runs) {
        Throwable failure =
            assertThrows(ExecutionException.class, () -> run.get(1, TimeUnit.MINUTES)).getCause();
        assertEquals(ModelRunException.Reason.CANCELLED, ((ModelRunException) failure).reason());
      }
      assertTrue(cancellation.isCancelled());
      assertStillRuns(session);
    }
  }

  @Test
  void closingEndsRuns() throws Exception {
    InferenceSession session = InferenceSession.of(loop());
    CountDownLatch started = new CountDownLatch(2);
    List<CompletableFuture<?>> runs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      runs.add(
          async(
              () -> {
                started.countDown();
                endless(session).run();
              }));
    }
    started.await();
    session.close();
    for (CompletableFuture<?> run : runs) {
      Throwable failure = assertThrows(CompletionException.class, run::join).getCause();
      assertEquals("The model 'g' has been closed", failure.getMessage());
      assertTrue(failure instanceof IllegalStateException, failure::toString);
    }
  }

  @Test
  void logsAndArenasOfOneRun() {
    try (InferenceSession session = InferenceSession.of(Models.addRelu())) {
      RunOptions options = RunOptions.DEFAULT.withLogLevel(LogLevel.ERROR).withShrunkArena();
      assertArrayEquals(
          new float[] {1, 0, 3}, session.run(Map.of("x", X), options).tensor().toFloats());
      assertFalse(options.isPlain());
    }
  }

  /** Every type that ONNX Runtime computes with, from what Java has for it and back. */
  @Test
  void aCallTakesWhatJavaProgramsHave() {
    assertEcho("float[N]", ElementType.FLOAT, new float[] {1, 2}, new float[] {1, 2});
    assertEcho(
        "float[N,2]",
        ElementType.FLOAT,
        new float[][] {{1, 2}, {3, 4}},
        new float[][] {{1, 2}, {3, 4}});
    assertEcho("float", ElementType.FLOAT, 7f, new float[] {7});
    assertEcho("double[N]", ElementType.DOUBLE, new double[] {1, 2}, new double[] {1, 2});
    assertEcho("int64[N]", ElementType.INT64, new long[] {1, 2}, new long[] {1, 2});
    assertEcho("int64[N]", ElementType.INT64, new int[] {1, -2}, new long[] {1, -2});
    assertEcho("int64", ElementType.INT64, 5L, new long[] {5});
    assertEcho("uint64[N]", ElementType.UINT64, new long[] {-1}, new long[] {-1});
    assertEcho("int32[N]", ElementType.INT32, new int[] {1, 2}, new int[] {1, 2});
    assertEcho("uint32[N]", ElementType.UINT32, new int[] {-1}, new int[] {-1});
    assertEcho("int16[N]", ElementType.INT16, new short[] {-3}, new short[] {-3});
    assertEcho("int16[N]", ElementType.INT16, (short) -3, new short[] {-3});
    assertEcho("int8[N]", ElementType.INT8, (byte) -3, new byte[] {-3});
    byte[] changing = {1};
    Tensor fixed = NestedArrays.toTensor(changing);
    changing[0] = 2;
    assertArrayEquals(new byte[] {1}, (byte[]) NestedArrays.of(fixed));
    assertEcho("uint16[N]", ElementType.UINT16, new short[] {-3}, new short[] {-3});
    assertEcho("float16[N]", ElementType.FLOAT16, new short[] {0x3c00}, new float[] {1});
    assertEcho("float16[N]", ElementType.FLOAT16, new float[] {1.5f}, new float[] {1.5f});
    assertEcho("bfloat16[N]", ElementType.BFLOAT16, new float[] {-2}, new float[] {-2});
    assertEcho("int8[N]", ElementType.INT8, new byte[] {-1}, new byte[] {-1});
    assertEcho("uint8[N]", ElementType.UINT8, new byte[] {-1}, new byte[] {-1});
    assertEcho(
        "bool[N]", ElementType.BOOL, new boolean[] {true, false}, new boolean[] {true, false});
    assertEcho("string[N]", ElementType.STRING, new String[] {"a", "ü"}, new String[] {"a", "ü"});
    assertEcho("string[1]", ElementType.STRING, "one", new String[] {"one"});
    assertEcho(
        "float[N]", ElementType.FLOAT, FloatBuffer.wrap(new float[] {1, 2}), new float[] {1, 2});
    assertEcho(
        "int64[N]", ElementType.INT64, ByteBuffer.allocate(8).putLong(0, 258), new long[] {258});
  }

  private static void assertEcho(String type, ElementType element, Object given, Object expected) {
    Model model =
        ModelParser.parse(
            "<ir_version: 9, opset_import: [\"\" : 19]> g ("
                + type
                + " x) => ("
                + type
                + " y) { y = Identity(x) }");
    try (InferenceSession session = InferenceSession.of(model)) {
      Tensor y = session.call().with("x", given).run().tensor();
      assertEquals(element, y.elementType());
      assertTrue(
          Arrays.deepEquals(new Object[] {expected}, new Object[] {NestedArrays.of(y)}),
          () -> type + ": " + y);
    }
  }

  @Test
  void aCallRefusesWhatDoesNotFitByName() {
    try (InferenceSession session = InferenceSession.of(Models.addRelu())) {
      Call call = session.call();
      assertRefused("The model has no input 'z'; it takes x", () -> call.with("z", new float[3]));
      assertRefused(
          "Input 'x' takes float[N,3], which is not made of long[]; give a float[] or a Tensor",
          () -> call.with("x", new long[3]));
      assertRefused(
          "Input 'x' takes float[N,3], but was given 4 elements",
          () -> call.with("x", new float[4]));
      assertRefused(
          "Input 'x': dimensions [2, 3] take 6 elements, not 3",
          () -> call.with("x", new float[3], 2, 3));
      assertRefused(
          "Input 'x': The arrays are not of one length: that at [1] has 2 elements, the first has 3",
          () -> call.with("x", new float[][] {{1, 2, 3}, {1, 2}}));
      assertRefused(
          "Input 'x': The array at [1] is null",
          () -> call.with("x", new float[][] {{1, 2, 3}, null}));
    }
  }

  private static void assertRefused(String message, Executable executable) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, executable).getMessage());
  }
}
