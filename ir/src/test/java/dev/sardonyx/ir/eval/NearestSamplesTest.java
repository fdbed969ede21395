package dev.sardonyx.ir.eval;

import static dev.sardonyx.ir.eval.TensorAssert.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values are those of ONNX's Python reference evaluator, 1.23.1, on the same inputs. */
class NearestSamplesTest {
  private static final float[] PLACES = {
    -10, -3.5f, -2, -4 / 3f, -1, -0.9f, -1 / 3f, 0, 0.5f, 2 / 3f, 1, 1.5f, 7 / 3f, 10
  };

  /** The nearest pixel is found first, and then what lies there, inside the image or beyond it. */
  @ParameterizedTest
  @CsvSource({
    "zeros, 0, 0 0 0 0 1 1 1 2 3 3 3 0 0 0",
    "zeros, 1, 0 0 0 1 1 1 2 2 3 3 3 3 0 0",
    "border, 0, 1 1 1 1 1 1 1 2 3 3 3 3 3 3",
    "border, 1, 1 1 1 1 1 1 2 2 3 3 3 3 3 3",
    "reflection, 0, 2 3 2 1 1 1 1 2 3 3 3 3 2 2",
    "reflection, 1, 2 3 2 1 1 1 2 2 3 3 3 3 2 2"
  })
  void gridSampleRoundsBeforeItPads(String padding, int alignCorners, String expected) {
    float[] grid = new float[2 * PLACES.length];
    for (int i = 0; i < PLACES.length; i++) {
      grid[2 * i] = PLACES[i];
    }
    double[] pixels = Arrays.stream(expected.split(" ")).mapToDouble(Double::parseDouble).toArray();
    Tensor y =
        One.of(
                "GridSample",
                20,
                Attribute.ofString("mode", "nearest"),
                Attribute.ofString("padding_mode", padding),
                Attribute.ofInt("align_corners", alignCorners))
            .of(
                Tensor.ofFloats(new float[] {1, 2, 3}, 1, 1, 1, 3),
                Tensor.ofFloats(grid, 1, 1, PLACES.length, 2));
    assertEquals(Tensor.ofNumbers(y.elementType(), pixels, 1, 1, 1, PLACES.length), y);
  }
}
