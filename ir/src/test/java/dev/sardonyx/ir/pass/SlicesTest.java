package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Slices that become others take the same elements, whatever their numbers are. */
class SlicesTest {
  private static final List<Long> PLACES =
      List.of(0L, 1L, 2L, 3L, 7L, -1L, -2L, -3L, -8L, Long.MAX_VALUE, Long.MIN_VALUE);

  private static final List<Long> STEPS =
      List.of(1L, 2L, 3L, -1L, -2L, -4L, Long.MAX_VALUE, Long.MIN_VALUE);

  private final Random random = new Random(7);

  private long oneOf(List<Long> numbers) {
    return numbers.get(random.nextInt(numbers.size()));
  }

  private Value sliced(GraphBuilder b, Value x) {
    return b.slice(
        x,
        new long[] {0},
        new long[] {oneOf(PLACES)},
        new long[] {oneOf(PLACES)},
        new long[] {random.nextBoolean() ? 1 : oneOf(STEPS)});
  }

  @Test
  void aSliceOfASliceTakesWhatBothTake() {
    int merged = 0;
    for (int round = 0; round < 2000; round++) {
      int size = random.nextInt(6);
      GraphBuilder b = GraphBuilder.of("main", 18);
      Shape shape = random.nextInt(4) == 0 ? Shape.parse("N") : Shape.of(size);
      Value x = b.input("x", TensorType.of(ElementType.FLOAT, shape));
      b.output(b.neg(sliced(b, sliced(b, x))), "y");
      Model model = b.buildModel();
      Model after = new Slices().apply(model).model();
      float[] elements = new float[size];
      for (int i = 0; i < size; i++) {
        elements[i] = i + 1;
      }
      Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(elements, size));
      assertEquals(
          RandomModels.run(model, inputs),
          RandomModels.run(after, inputs),
          () -> model.graph().constants() + " of " + shape);
      merged += after.graph().nodes().size() == 2 ? 1 : 0;
    }
    assertTrue(merged > 1000, merged + " of 2000 have become one");
  }
}
