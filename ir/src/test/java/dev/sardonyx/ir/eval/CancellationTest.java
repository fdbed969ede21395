package dev.sardonyx.ir.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A kernel in the middle of a large tensor notices that its thread is interrupted. */
class CancellationTest {
  private static final long[] DIMS = {1, 16, 64, 64};

  /** Floats that interrupt whoever reads them. */
  private record Interrupting(ByteBuffer bytes) implements TensorSource {
    @Override
    public long byteSize() {
      return bytes.capacity();
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
      Thread.currentThread().interrupt();
      return bytes.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN).asReadOnlyBuffer();
    }
  }

  private static Tensor interrupting() {
    Tensor zeros = Tensor.ofFloats(new float[16 * 64 * 64], DIMS);
    ByteBuffer bytes = ByteBuffer.allocate((int) zeros.byteSize());
    return Tensor.of(zeros.elementType(), DIMS, new Interrupting(bytes));
  }

  static Stream<String> operators() {
    return calls().keySet().stream();
  }

  private static Map<String, Runnable> calls() {
    Map<String, Runnable> calls = new LinkedHashMap<>();
    for (String operator :
        new String[] {
          "Relu",
          "Tanh",
          "Erf",
          "Softmax",
          "LogSoftmax",
          "GlobalAveragePool",
          "LpNormalization",
          "MeanVarianceNormalization",
          "ArgMax",
          "Transpose",
          "IsNaN"
        }) {
      calls.put(operator, () -> One.of(operator, 21).of(interrupting()));
    }
    for (String operator : new String[] {"Add", "Max", "Greater"}) {
      calls.put(operator, () -> One.of(operator, 21).of(interrupting(), Tensor.scalar(1f)));
    }
    Attribute window = Attribute.ofInts("kernel_shape", 3, 3);
    for (String operator : new String[] {"MaxPool", "AveragePool", "LpPool"}) {
      calls.put(operator, () -> One.of(operator, 21, window).of(interrupting()));
    }
    Tensor channels = Tensor.ofFloats(new float[16], 16);
    calls.put(
        "InstanceNormalization",
        () -> One.of("InstanceNormalization", 21).of(interrupting(), channels, channels));
    calls.put(
        "Where",
        () -> One.of("Where", 21).of(Tensor.scalar(true), interrupting(), Tensor.scalar(1f)));
    calls.put("ReduceSum", () -> One.of("ReduceSum", 21).of(interrupting(), axes(3)));
    calls.put("Tile", () -> One.of("Tile", 21).of(interrupting(), axes(1, 1, 2, 2)));
    calls.put("Pad", () -> One.of("Pad", 21).of(interrupting(), axes(0, 0, 1, 1, 0, 0, 1, 1)));
    calls.put("TopK", () -> One.of("TopK", 21).withOutputs(2).of(interrupting(), axes(3)));
    calls.put(
        "Resize",
        () ->
            One.of("Resize", 21, Attribute.ofString("mode", "linear"))
                .of(interrupting(), null, Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4)));
    calls.put("Slice", () -> One.of("Slice", 21).of(interrupting(), axes(1), axes(60), axes(3)));
    calls.put("Expand", () -> One.of("Expand", 21).of(interrupting(), axes(3, 16, 64, 64)));
    calls.put(
        "GatherND",
        () -> One.of("GatherND", 21).of(interrupting(), Tensor.ofLongs(new long[8], 8, 1)));
    return calls;
  }

  private static Tensor axes(long... values) {
    return Tensor.ofLongs(values, values.length);
  }

  @AfterEach
  void clear() {
    assertTrue(Thread.interrupted(), "the thread stays interrupted");
  }

  @ParameterizedTest
  @MethodSource("operators")
  void isNoticed(String operator) {
    Runnable call = calls().get(operator);
    EvaluationException e = assertThrows(EvaluationException.class, call::run);
    assertEquals("the run was interrupted", root(e).getMessage());
  }

  private static Throwable root(Throwable e) {
    return e.getCause() == null ? e : root(e.getCause());
  }
}
