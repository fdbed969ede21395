package dev.sardonyx.ir.eval;

import static dev.sardonyx.ir.eval.TensorAssert.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Expected values are those of ONNX's Python reference evaluator, 1.23.1, on the same inputs. */
class QuantizationTest {
  private static Tensor of(ElementType type, double... values) {
    return Tensor.ofNumbers(type, values, values.length);
  }

  private static Attribute type(String name, ElementType type) {
    return Attribute.ofInt(name, type.code());
  }

  @Test
  void scalesMayBePowersOfTwo() {
    Tensor scale = of(ElementType.FLOAT8E8M0, 0.5, 2, 4);
    Attribute axis = Attribute.ofInt("axis", 0);
    Attribute blocks = Attribute.ofInt("block_size", 2);
    assertEquals(
        of(ElementType.FLOAT, 0.5, -1.5, 10, 14, 400),
        One.of("DequantizeLinear", 25, axis, blocks, type("output_dtype", ElementType.FLOAT))
            .of(of(ElementType.INT8, 1, -3, 5, 7, 100), scale));
    assertEquals(
        of(ElementType.FLOAT8E4M3FN, 2, -6, 2.5, 3.5, 24),
        One.of("QuantizeLinear", 25, axis, blocks, type("output_dtype", ElementType.FLOAT8E4M3FN))
            .of(of(ElementType.FLOAT, 1, -3, 5, 7, 100), scale));
  }

  @Test
  void attributeSaturateSaysWhatBecomesOfLargeNumbers() {
    Tensor x = of(ElementType.FLOAT, 1, 1000, Double.NaN);
    Tensor scale = Tensor.scalar(1f);
    Attribute output = type("output_dtype", ElementType.FLOAT8E4M3FN);
    assertEquals(
        of(ElementType.FLOAT8E4M3FN, 1, 448, Double.NaN),
        One.of("QuantizeLinear", 25, output).of(x, scale));
    assertEquals(
        of(ElementType.FLOAT8E4M3FN, 1, Double.NaN, Double.NaN),
        One.of("QuantizeLinear", 25, output, Attribute.ofInt("saturate", 0)).of(x, scale));
  }

  /** The same numbers as doubles, whose quotient of the same floats is rounded to float. */
  @Test
  void bytesAreWhatTheFormulaSays() {
    Random random = new Random(2);
    double[] x = new double[4000];
    for (int i = 0; i < x.length; i++) {
      x[i] =
          switch (i % 4) {
            case 0 -> (float) (random.nextGaussian() * 3);
            case 1 -> (random.nextInt(600) - 300) * 0.01f * 0.5f;
            case 2 -> Float.intBitsToFloat(random.nextInt());
            default -> (float) (random.nextGaussian() * 1e9);
          };
    }
    for (ElementType type : List.of(ElementType.INT8, ElementType.UINT8)) {
      for (int channels : new int[] {1, 4}) {
        double[] scales = {0.01f, 0.02f, 1e-30f, 3};
        double[] zeros = {0, type == ElementType.INT8 ? -128 : 255, 7, 100};
        Tensor y =
            One.of("QuantizeLinear", 21)
                .of(
                    Tensor.ofNumbers(ElementType.FLOAT, x, x.length / 4, 4),
                    Tensor.ofNumbers(ElementType.FLOAT, Arrays.copyOf(scales, channels), channels),
                    Tensor.ofNumbers(type, Arrays.copyOf(zeros, channels), channels));
        long[] actual = y.toLongs();
        double min = type == ElementType.INT8 ? -128 : 0;
        for (int i = 0; i < x.length; i++) {
          int channel = i % channels;
          double whole = Math.rint((float) (x[i] / (float) scales[channel])) + zeros[channel];
          long expected = (long) Math.max(min, Math.min(min + 255, whole));
          org.junit.jupiter.api.Assertions.assertEquals(expected, actual[i], "of " + x[i]);
        }
      }
    }
  }

  @Test
  void attributePrecisionIsTheTypeOfTheQuotient() {
    // 100.05 / 0.1 is a tie in float, and above it with float16's 0.1, which is a little less.
    Tensor x = of(ElementType.FLOAT, 3, 100.05);
    Tensor scale = Tensor.scalar(0.1f);
    Tensor zero = Tensor.ofNumbers(ElementType.INT16, new double[] {0});
    assertEquals(of(ElementType.INT16, 30, 1000), One.of("QuantizeLinear", 25).of(x, scale, zero));
    assertEquals(
        of(ElementType.INT16, 30, 1001),
        One.of("QuantizeLinear", 25, type("precision", ElementType.FLOAT16)).of(x, scale, zero));
  }

  @Test
  void narrowIntegersSaturateAtTheirBounds() {
    Tensor x = of(ElementType.FLOAT, -9, -2.5, -0.5, 0.5, 1.5, 20);
    Tensor scale = Tensor.scalar(1f);
    assertEquals(
        of(ElementType.INT2, -2, -2, 0, 0, 1, 1),
        One.of("QuantizeLinear", 25, type("output_dtype", ElementType.INT2)).of(x, scale));
    assertEquals(
        of(ElementType.UINT2, 0, 0, 0, 0, 2, 3),
        One.of("QuantizeLinear", 25, type("output_dtype", ElementType.UINT2)).of(x, scale));
    assertEquals(
        of(ElementType.INT4, -8, -2, 0, 0, 2, 7),
        One.of("QuantizeLinear", 25, type("output_dtype", ElementType.INT4)).of(x, scale));
  }
}
