package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.Models;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Runs on buffers of the caller's. */
class BindingTest {
  private static final String IN_USE =
      "The binding is in use by another thread; each thread needs one of its own";

  private static final Model STATE =
      ModelParser.parse(
          "<ir_version: 8, opset_import: [\"\" : 17]>"
              + " g (float[1] x, float[P,1] past) => (float[Q,1] present, float sum) {"
              + " s = Constant <value_ints = [1, 1]> () row = Reshape(x, s)"
              + " present = Concat <axis = 0> (past, row)"
              + " sum = ReduceSum <keepdims = 0> (present) }");

  @Test
  void readsAndWritesTheCallersBuffers() {
    try (InferenceSession session = InferenceSession.of(Models.addRelu());
        Binding binding = session.bind()) {
      FloatBuffer x = binding.allocateInput("x", 2, 3).asFloatBuffer();
      FloatBuffer y = binding.allocateOutput("y", 2, 3).asFloatBuffer();
      for (int i = 0; i < 5; i++) {
        x.put(0, new float[] {i, i, i, -i, -i, -i});
        binding.run();
        float[] result = new float[6];
        y.get(0, result);
        assertArrayEquals(
            new float[] {
              i + 1, Math.max(0, i - 2), i + 3, Math.max(0, 1 - i), 0, Math.max(0, 3 - i)
            },
            result);
        assertArrayEquals(result, binding.tensor("y").toFloats());
      }
    }
  }

  @Test
  void whatIsNotBoundIsKeptUntilTheNextRun() {
    try (InferenceSession session = InferenceSession.of(Models.addRelu());
        Binding binding = session.bind()) {
      assertThrows(IllegalStateException.class, () -> binding.tensor("y"));
      binding.allocateInput("x", 1, 3);
      binding.run();
      assertArrayEquals(new float[] {1, 0, 3}, binding.tensor("y").toFloats());
      binding.allocateInput("x", 0, 3);
      binding.run(RunOptions.DEFAULT.withTimeout(Duration.ofMinutes(1)));
      assertEquals(0, binding.tensor("y").size());
    }
  }

  @Test
  void whatCannotBeBoundIsRefusedByName() {
    try (InferenceSession session = InferenceSession.of(Models.addRelu());
        Binding binding = session.bind()) {
      refused("Input 'x' of type float[N,3] is not bound to a buffer", binding::run);
      refused("Input 'x': dimensions [-1, 3] are not all 0 or more", bound(binding, -1, 3));
      refused("Input 'x': dimensions [4611686018427387904, 3]", bound(binding, 1L << 62, 3));
      refused("Input 'x': float[1000000000,3] takes 12000000000", bound(binding, 1000000000, 3));
      refused("Input 'x' is float[N,3], which cannot be [3]", bound(binding, 3));
    }
    Model other =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[N,3] x) => (float[N] y) {"
                + " y = ReduceSum <keepdims = 0> (x, one) }"
                    .replace("y = ", "one = Constant <value_ints = [1]> () y = "));
    try (InferenceSession session = InferenceSession.of(other);
        Binding binding = session.bind()) {
      refused("Output 'y' of type float[N] cannot be", () -> binding.feedBack("y", "x"));
    }
  }

  private static Executable bound(Binding binding, long... dims) {
    return () -> binding.allocateInput("x", dims);
  }

  private static void refused(String message, Executable use) {
    RuntimeException refusal = assertThrows(RuntimeException.class, use);
    assertTrue(refusal.getMessage().startsWith(message), refusal.getMessage());
  }

  @Test
  void anOutputIsFedBack() {
    try (InferenceSession session = InferenceSession.of(STATE);
        Binding binding = session.bind()) {
      FloatBuffer x = binding.allocateInput("x", 1).asFloatBuffer();
      binding.allocateInput("past", 0, 1);
      FloatBuffer sum = binding.allocateOutput("sum").asFloatBuffer();
      binding.feedBack("present", "past");
      float expected = 0;
      for (int i = 1; i <= 50; i++) {
        x.put(0, i);
        binding.run();
        expected += i;
        assertEquals(expected, sum.get(0));
        assertEquals(i, binding.tensor("present").dim(0));
      }
      // And from the beginning.
      binding.allocateInput("past", 0, 1);
      binding.feedBack("present", "past");
      x.put(0, 7);
      binding.run();
      assertEquals(7, sum.get(0));
    }
  }

  @Test
  void anOutputIsFedBackToSeveralInputs() {
    Model fibonacci =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[1] a, float[1] b) =>"
                + " (float[1] y) { y = Add(a, b) }");
    try (InferenceSession session = InferenceSession.of(fibonacci);
        Binding binding = session.bind()) {
      binding.allocateInput("a", 1).asFloatBuffer().put(0, 1);
      binding.allocateInput("b", 1).asFloatBuffer().put(0, 2);
      binding.feedBack("y", "a");
      binding.run();
      binding.feedBack("y", "b");
      for (int i = 0; i < 3; i++) {
        binding.run();
      }
      // (1 + 2) + 2, and from then on twice what it was.
      assertArrayEquals(new float[] {20}, binding.tensor("y").toFloats());
    }
  }

  @Test
  void anOutputIsEitherWrittenOrFedBack() {
    try (InferenceSession session = InferenceSession.of(STATE);
        Binding first = session.bind();
        Binding second = session.bind()) {
      String message =
          "Output 'present' is either written into a buffer or fed back; put what it gives into"
              + " the input's buffer instead";
      first.allocateOutput("present", 1, 1);
      assertRefused(message, () -> first.feedBack("present", "past"));
      second.feedBack("present", "past");
      assertRefused(message, () -> second.allocateOutput("present", 1, 1));
      Buffer fixed = direct(4).asFloatBuffer().asReadOnlyBuffer();
      assertRefused(
          "Output 'sum': the buffer is read-only", () -> first.output("sum", fixed, new long[0]));
    }
  }

  /** The bits are passed as those of a type that the Java API has. */
  @Test
  void typesThatTheJavaApiDoesNotHave() {
    Model model =
        ModelParser.parse(
            "<ir_version: 9, opset_import: [\"\" : 19]> g (uint64[N] x) => (uint64[N] y)"
                + " { y = Identity(x) }");
    try (InferenceSession session = InferenceSession.of(model);
        Binding binding = session.bind()) {
      LongBuffer x = binding.allocateInput("x", 2).asLongBuffer();
      x.put(0, -1).put(1, 5);
      binding.run();
      assertArrayEquals(new long[] {-1, 5}, (long[]) NestedArrays.of(binding.tensor("y")));
    }
  }

  @Test
  void mistakesAreNamed() {
    try (InferenceSession session = InferenceSession.of(Models.addRelu());
        Binding binding = session.bind()) {
      FloatBuffer good = direct(12).asFloatBuffer();
      assertRefused("The model has no input 'z'; it takes x", () -> binding.input("z", good, 1, 3));
      assertRefused(
          "The model has no output 'z'; it gives y", () -> binding.output("z", good, 1, 3));
      assertRefused(
          "Input 'x' is float[N,3], which cannot be [3, 1]", () -> binding.input("x", good, 3, 1));
      assertRefused(
          "Input 'x': float[2,3] takes 24 bytes, and the buffer has 12",
          () -> binding.input("x", good, 2, 3));
      Buffer heap = FloatBuffer.allocate(3);
      assertRefused(
          "Input 'x': a binding needs a direct buffer, such as ByteBuffer.allocateDirect makes",
          () -> binding.input("x", heap, 1, 3));
      Buffer wrongOrder = ByteBuffer.allocateDirect(12).order(otherOrder());
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> binding.input("x", wrongOrder, 1, 3))
              .getMessage()
              .endsWith("that of the machine is needed: order(ByteOrder.nativeOrder())"));
      LongBuffer longs = direct(24).asLongBuffer();
      assertRefused(
          "Output 'y' has elements of type float, which no LongBuffer holds",
          () -> binding.output("y", longs, 1, 3));
      // An input that is not bound is told by ONNX Runtime.
      assertThrows(RuntimeException.class, binding::run);
      binding.input("x", good, 1, 3).run();
      // A buffer of the wrong shape.
      binding.output("y", direct(24).asFloatBuffer(), 2, 3);
      refused(
          "Output 'y' is bound to a buffer of shape [2, 3], but these inputs give [1, 3]",
          binding::run);
      binding.output("y", direct(12).asFloatBuffer(), 1, 3).run();
    }
  }

  /** As many elements, but another shape; a shape that the model does not declare; two outputs. */
  @Test
  void theShapesBoundAndNeededAreTold() {
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]>"
                + " g (float[N,2] a, float[N,2] b, float[M] c) =>"
                + " (float[N,2] y, float[K] z, float[M] d) {"
                + " y = Add(a, b) f = Constant <value_ints = [-1]> () t = Reshape(y, f)"
                + " z = Concat <axis = 0> (t, c) d = Neg(c) }");
    try (InferenceSession session = InferenceSession.of(model);
        Binding binding = session.bind()) {
      binding.allocateInput("a", 3, 2);
      binding.allocateInput("b", 3, 2);
      binding.allocateInput("c", 1);
      binding.allocateOutput("y", 3, 2);
      binding.allocateOutput("z", 7);
      binding.run();
      binding.allocateOutput("z", 6);
      refused(
          "Output 'z' is bound to a buffer of shape [6], but these inputs give [7]", binding::run);
      binding.allocateInput("c", 0);
      binding.run();
      binding.allocateInput("b", 2, 2);
      String contradiction =
          "The inputs contradict each other: 'N' is 3 in input 'a' of type float[N,2], which is"
              + " given as [3, 2], and 2 in 'b' of type float[N,2], given as [2, 2]. Node ";
      refused(contradiction, binding::run);
      refused(
          contradiction,
          () ->
              session.run(
                  Map.of(
                      "a", Tensor.ofFloats(new float[6], 3, 2),
                      "b", Tensor.ofFloats(new float[4], 2, 2),
                      "c", Tensor.ofFloats(new float[1], 1))));
      binding.allocateInput("a", 2, 2);
      refused(
          "Output 'y' is bound to a buffer of shape [3, 2], but these inputs give [2, 2]",
          binding::run);
    }
  }

  private static void assertRefused(String message, Executable executable) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, executable).getMessage());
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static ByteOrder otherOrder() {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
        ? ByteOrder.BIG_ENDIAN
        : ByteOrder.LITTLE_ENDIAN;
  }

  @Test
  void closedIsClosed() {
    InferenceSession session = InferenceSession.of(Models.addRelu());
    Binding binding = session.bind();
    binding.allocateInput("x", 1, 3);
    binding.run();
    session.close();
    assertThrows(IllegalStateException.class, binding::run);
    assertArrayEquals(new float[] {1, 0, 3}, binding.tensor("y").toFloats());
    binding.close();
    binding.close();
    assertThrows(IllegalStateException.class, binding::run);
    assertThrows(IllegalStateException.class, () -> binding.tensor("y"));
    assertThrows(IllegalStateException.class, session::bind);
  }

  /** Never both in native code. */
  @Test
  void twoThreadsCannotShareABinding() throws Exception {
    Model loop =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (int64 trips, float[8,8] x) =>"
                + " (float[8,8] y) <bool go = {1}> {"
                + " y = Loop <body = b (int64 i, bool c, float[8,8] s) => (bool d, float[8,8] t) {"
                + " d = Identity(c) u = MatMul(s, s) t = Softmax(u) }> (trips, go, x) }");
    try (InferenceSession session = InferenceSession.of(loop);
        Binding binding = session.bind()) {
      binding.allocateInput("trips").asLongBuffer().put(0, Long.MAX_VALUE);
      binding.allocateInput("x", 8, 8);
      Cancellation cancellation = new Cancellation();
      RunOptions endless = RunOptions.DEFAULT.withCancellation(cancellation);
      CompletableFuture<String> run =
          CompletableFuture.supplyAsync(
              () -> {
                String failure = IN_USE;
                while (failure.equals(IN_USE)) {
                  failure = failure(binding, endless);
                }
                return failure;
              });
      RunOptions hasty = RunOptions.DEFAULT.withTimeout(Duration.ofNanos(1));
      while (!failure(binding, hasty).equals(IN_USE)) {
        Thread.onSpinWait();
      }
      cancellation.cancel();
      assertEquals("The run was cancelled", run.get());
    }
  }

  private static String failure(Binding binding, RunOptions options) {
    return String.valueOf(
        assertThrows(RuntimeException.class, () -> binding.run(options)).getMessage());
  }
}
