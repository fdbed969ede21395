package dev.sardonyx.runtime.isolated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.session.ModelRunException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What ends a process is an exception, and the next call has another one. */
class IsolatedBackendTest {
  private static final Tensor X = Tensor.ofFloats(new float[3], 1, 3);

  /** Does what the model's name says. */
  public static final class Hazards implements Supplier<Backend> {
    @Override
    public Backend get() {
      return named("hazards");
    }

    static Backend named(String name) {
      return new Backend() {
        @Override
        public String name() {
          return name;
        }

        @Override
        public PreparedModel prepare(Model model, Options options) {
          return new Hazard(model.graph().name());
        }

        @Override
        public Optional<String> whyUnsupported(Model model) {
          return Optional.empty();
        }
      };
    }
  }

  /** A backend that is named after what it was given. */
  public static final class Named implements Supplier<Backend> {
    private final String argument;

    public Named(String argument) {
      this.argument = argument;
    }

    @Override
    public Backend get() {
      return Hazards.named(argument + " " + System.getProperty("onnxruntime.native.test"));
    }
  }

  private record Hazard(String name) implements PreparedModel {
    @Override
    public Outputs run(Map<String, ? extends Datum> inputs) {
      switch (name) {
        case "crash" -> crash();
        case "exit" -> Runtime.getRuntime().halt(7);
        case "hang" -> hang();
        case "memory" -> fill();
        case "node" -> throw new ModelRunException("Node 'n' (Op) failed", "n", "Op");
        default -> {}
      }
      return Outputs.of(Map.of("y", inputs.get("x")));
    }

    /** Reads where nothing is. */
    private static void crash() {
      try {
        Field field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
        field.setAccessible(true);
        Object unsafe = field.get(null);
        unsafe.getClass().getMethod("putAddress", long.class, long.class).invoke(unsafe, 0L, 1L);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("no way to crash", e);
      }
    }

    private static void hang() {
      try {
        Thread.sleep(600_000);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private static void fill() {
      long[][] all = new long[1 << 20][];
      for (int i = 0; i < all.length; i++) {
        all[i] = new long[1 << 20];
      }
      throw new IllegalStateException("there was room for " + all.length);
    }

    @Override
    public void close() {}
  }

  /** Where the user has ONNX Runtime's libraries, the process looks for them, too. */
  @Test
  void theProcessIsMadeWithAnArgumentAndKnowsWhereNativeLibrariesAre() {
    String property = "onnxruntime.native.test";
    System.setProperty(property, "a folder");
    try (IsolatedBackend backend = IsolatedBackend.of(Named.class).withArgument("an argument")) {
      assertEquals("isolated an argument a folder", backend.name());
    } finally {
      System.clearProperty(property);
    }
  }

  @Test
  void onnxRuntimeRunsOnTheAcceleratorThatIsNamed() {
    try (IsolatedBackend backend = IsolatedBackend.onnxRuntime("cpu");
        PreparedModel model = backend.prepare(Models.addRelu())) {
      assertTrue(backend.name().endsWith(" CPU"), backend.name());
      assertEquals(
          Tensor.ofFloats(new float[] {1, 0, 3}, 1, 3), model.run(Map.of("x", X)).get("y"));
    }
    try (IsolatedBackend backend = IsolatedBackend.onnxRuntime("coreml")) {
      String refused = assertThrows(RuntimeException.class, backend::name).getMessage();
      assertTrue(refused.contains("CoreML is not available"), refused);
    }
  }

  private static Model named(String name) {
    Model model = Models.addRelu();
    return model.withGraph(model.graph().withName(name));
  }

  private static IsolationException failure(IsolatedBackend backend, String name) {
    try (PreparedModel model = backend.prepare(named(name))) {
      return assertThrows(IsolationException.class, () -> model.run(Map.of("x", X)));
    }
  }

  /** Runs a model that hangs, and meanwhile does something to the backend or to the thread. */
  private static RuntimeException ended(IsolatedBackend backend, Consumer<Thread> end) {
    try (PreparedModel model = backend.prepare(named("hang"))) {
      Thread running = Thread.currentThread();
      CompletableFuture<Void> other =
          CompletableFuture.runAsync(
              () -> end.accept(running),
              CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));
      RuntimeException failure =
          assertThrows(RuntimeException.class, () -> model.run(Map.of("x", X)));
      boolean interrupted = Thread.interrupted();
      other.join();
      assertEquals(failure instanceof ModelRunException, interrupted);
      return failure;
    }
  }

  /** A call may take a minute, and the model ten. */
  @Test
  void interruptsAndCloseEndACallUnderWay() {
    try (IsolatedBackend backend = IsolatedBackend.of(Hazards.class)) {
      ModelRunException interrupted =
          assertInstanceOf(ModelRunException.class, ended(backend, Thread::interrupt));
      assertEquals(ModelRunException.Reason.INTERRUPTED, interrupted.reason());
      assertEquals(
          "The run of model 'hang' was interrupted and its process ended",
          interrupted.getMessage());
      try (PreparedModel good = backend.prepare(named("good"))) {
        assertEquals(X, good.run(Map.of("x", X)).tensor());
        RuntimeException closed = ended(backend, running -> backend.close());
        assertEquals("The backend has been closed", closed.getMessage());
        assertThrows(IllegalStateException.class, () -> good.run(Map.of("x", X)));
      }
    }
  }

  @Test
  void whatEndsTheProcessIsAnException() {
    try (IsolatedBackend backend = IsolatedBackend.of(Hazards.class).withHeap("64m");
        PreparedModel good = backend.prepare(named("good"))) {
      assertEquals(X, good.run(Map.of("x", X)).tensor());

      IsolationException crash = failure(backend, "crash");
      assertEquals(IsolationException.Kind.CRASH, crash.kind());
      assertEquals("crash", crash.model());
      assertTrue(crash.getMessage().startsWith("The process of model 'crash' ended with status "));
      assertTrue(
          crash.frame().contains("Unsafe") || crash.frame().contains("libjvm"), crash::toString);
      // Prepared again in the next process.
      assertEquals(X, good.run(Map.of("x", X)).tensor());

      assertEquals(
          "The process of model 'exit' ended with status 7", failure(backend, "exit").getMessage());
      assertEquals(IsolationException.Kind.OUT_OF_MEMORY, failure(backend, "memory").kind());
      assertEquals(X, good.run(Map.of("x", X)).tensor());

      try (PreparedModel node = backend.prepare(named("node"))) {
        ModelRunException failure =
            assertThrows(ModelRunException.class, () -> node.run(Map.of("x", X)));
        assertEquals(Optional.of("n"), failure.node());
        assertEquals(Optional.of("Op"), failure.operator());
      }
    }
  }

  /** Elements that are made when they are read. */
  private record Made(long byteSize, Function<Integer, ByteBuffer> elements)
      implements TensorSource {
    @Override
    public ByteBuffer slice(long offset, int length) {
      return elements.apply(length);
    }
  }

  @Test
  void whatCannotBeHandedOver() {
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> large "
                + "(float[N] x) => (float[N] y) { y = Relu(x) }");
    try (IsolatedBackend backend = IsolatedBackend.of(Hazards.class).withHeap("64m");
        PreparedModel prepared = backend.prepare(model)) {
      Tensor lost =
          Tensor.of(
              ElementType.FLOAT,
              new long[] {3},
              new Made(
                  12,
                  length -> {
                    throw new UncheckedIOException(new IOException("the file is gone"));
                  }));
      assertThrows(UncheckedIOException.class, () -> prepared.run(Map.of("x", lost)));
      // The half of the request that was sent does not become a part of the next one.
      Tensor x = Tensor.ofFloats(new float[] {1, 2}, 2);
      assertEquals(x, prepared.run(Map.of("x", x)).tensor());

      Tensor large =
          Tensor.of(
              ElementType.FLOAT,
              new long[] {20_000_000},
              new Made(80_000_000, length -> ByteBuffer.allocate(length).asReadOnlyBuffer()));
      IsolationException failure =
          assertThrows(IsolationException.class, () -> prepared.run(Map.of("x", large)));
      assertEquals(IsolationException.Kind.OUT_OF_MEMORY, failure.kind());
    }
  }

  @Test
  void timeoutsOfAnyLength() {
    for (Duration timeout : List.of(Duration.ofNanos(1), Duration.ofSeconds(Long.MAX_VALUE))) {
      int millis = IsolatedBackend.millis(timeout);
      assertTrue(millis > 0, () -> timeout + " is " + millis);
    }
  }

  @Test
  void whatHangsIsEnded() {
    try (IsolatedBackend backend =
        IsolatedBackend.of(Hazards.class).withTimeout(Duration.ofSeconds(3))) {
      assertEquals("isolated hazards", backend.name());
      IsolationException hang = failure(backend, "hang");
      assertEquals(IsolationException.Kind.TIMEOUT, hang.kind());
      assertEquals(
          "Model 'hang' took longer than PT3S and its process was ended", hang.getMessage());
    }
  }

  @Test
  void everyKindOfValueTravels() throws IOException {
    Tensor ints = Tensor.ofLongs(new long[] {1, 2}, 2);
    TensorType type = TensorType.of(ElementType.FLOAT, Shape.parse("N,2*N+1,?"));
    List<Datum> all =
        List.of(
            ints,
            Tensor.ofStrings(List.of("a", "ü"), 2),
            Tensor.ofNumbers(ElementType.INT4, new double[] {1, -2, 3}, 3),
            Tensor.ofFloats(new float[0], 0, 3),
            SparseTensor.of(
                Tensor.ofFloats(new float[] {1}, 1), Tensor.ofLongs(new long[] {2}, 1), 4),
            new SequenceDatum(ints.type(), List.of(ints, ints)),
            new SequenceDatum(type, List.of()),
            new OptionalDatum(ints.type(), ints),
            new OptionalDatum(type, null),
            new MapDatum(ints, new SequenceDatum(ints.type(), List.of(ints, ints))));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (Datum datum : all) {
      DatumCodec.write(out, datum);
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    for (Datum datum : all) {
      assertEquals(datum, DatumCodec.read(in));
    }
    assertEquals(-1, in.read());
  }

  /** Beyond the limits of ONNX Runtime's own checks. */
  @Test
  void onnxRuntimeItselfIsolated() {
    Model loop =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> endless (int64 trips, float[8,8] x) =>"
                + " (float[8,8] y) <bool go = {1}> {"
                + " y = Loop <body = b (int64 i, bool c, float[8,8] s) => (bool d, float[8,8] t) {"
                + " d = Identity(c) u = MatMul(s, s) t = Softmax(u) }> (trips, go, x) }");
    try (IsolatedBackend backend =
            IsolatedBackend.onnxRuntime().withTimeout(Duration.ofSeconds(20));
        PreparedModel model = backend.prepare(loop)) {
      Tensor x = Tensor.ofFloats(new float[64], 8, 8);
      assertEquals(1, model.run(Map.of("trips", Tensor.scalar(3L), "x", x)).size());
    }
  }
}
