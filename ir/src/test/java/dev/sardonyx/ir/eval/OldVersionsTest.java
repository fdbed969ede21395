package dev.sardonyx.ir.eval;

import static dev.sardonyx.ir.eval.TensorAssert.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What operators meant before their present version. */
class OldVersionsTest {
  private static Tensor counted(long... dims) {
    float[] values = new float[(int) Shape.of(dims).size().value()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.ofFloats(values, dims);
  }

  private static Tensor floats(float... values) {
    return Tensor.ofFloats(values, values.length);
  }

  @Test
  void broadcastingBeforeOpset7TakesAnAxis() {
    Attribute broadcast = Attribute.ofInt("broadcast", 1);
    Tensor x = counted(2, 3, 2);
    Tensor atChannels =
        One.of("Add", 6, broadcast, Attribute.ofInt("axis", 1)).of(x, floats(0, 10, 20));
    assertEquals(
        Tensor.ofFloats(new float[] {0, 1, 12, 13, 24, 25, 6, 7, 18, 19, 30, 31}, 2, 3, 2),
        atChannels);
    Tensor atEnd = One.of("Add", 1, broadcast).of(x, floats(0, 100));
    assertEquals(
        Tensor.ofFloats(new float[] {0, 101, 2, 103, 4, 105, 6, 107, 8, 109, 10, 111}, 2, 3, 2),
        atEnd);
    assertThrows(EvaluationException.class, () -> One.of("Add", 6).of(x, floats(0, 100)));
    assertEquals(
        Tensor.ofBooleans(new boolean[] {true, false}, 1, 2),
        One.of("Less", 1, broadcast).of(counted(1, 2), Tensor.scalar(1f)));
  }

  @Test
  void batchNormalizationNormalizesByTheBatchUnlessTesting() {
    Tensor x = Tensor.ofFloats(new float[] {1, 3}, 2, 1);
    Tensor one = floats(1);
    Tensor zero = floats(0);
    Tensor given =
        One.of(
                "BatchNormalization",
                6,
                Attribute.ofInt("is_test", 1),
                Attribute.ofFloat("epsilon", 0))
            .of(x, one, zero, floats(1), floats(4));
    assertEquals(Tensor.ofFloats(new float[] {0, 1}, 2, 1), given);
    List<Datum> trained =
        One.of(
                "BatchNormalization",
                6,
                Attribute.ofFloat("epsilon", 0),
                Attribute.ofFloat("momentum", 0.5f))
            .withOutputs(3)
            .all(x, one, zero, floats(0), floats(0));
    assertEquals(Tensor.ofFloats(new float[] {-1, 1}, 2, 1), trained.get(0));
    assertEquals(floats(1), trained.get(1));
    assertEquals(floats(0.5f), trained.get(2));
  }

  @Test
  void softmaxBeforeOpset13TakesAllAxesFromOneOn() {
    Tensor y =
        One.of("Softmax", 11, Attribute.ofInt("axis", 1))
            .of(Tensor.ofFloats(new float[8], 2, 2, 2));
    assertEquals(0.25, y.toDoubles()[0]);
    assertEquals(
        0.5, One.of("Softmax", 13).of(Tensor.ofFloats(new float[8], 2, 2, 2)).toDoubles()[0]);
    assertEquals(
        Tensor.ofFloats(new float[] {0, 0, 0, 1}, 1, 2, 2),
        One.of("Hardmax", 1).of(counted(1, 2, 2)));
  }

  @Test
  void whatAreInputsNowWereAttributes() {
    Tensor x = counted(3, 4);
    assertEquals(
        Tensor.ofFloats(new float[] {6, 10}, 2, 1),
        One.of("Slice", 1, Attribute.ofInts("starts", 1, 2), Attribute.ofInts("ends", 1000, -1))
            .of(x));
    assertEquals(counted(2, 6), One.of("Reshape", 1, Attribute.ofInts("shape", 2, -1)).of(x));
    assertEquals(
        counted(1, 12), One.of("Unsqueeze", 1, Attribute.ofInts("axes", 0)).of(counted(12)));
    assertEquals(
        counted(12), One.of("Squeeze", 11, Attribute.ofInts("axes", -2)).of(counted(1, 12)));
    assertEquals(
        Tensor.ofFloats(new float[] {5, 0, 1, 5}, 1, 4),
        One.of("Pad", 1, Attribute.ofInts("paddings", 0, 1, 0, 1), Attribute.ofFloat("value", 5))
            .of(counted(1, 2)));
    assertEquals(
        floats(1, 1, 2),
        One.of("Clip", 6, Attribute.ofFloat("min", 1), Attribute.ofFloat("max", 2)).of(counted(3)));
    assertEquals(
        floats(2, 1), One.of("TopK", 1, Attribute.ofInt("k", 2)).withOutputs(2).of(counted(3)));
    assertEquals(floats(3), One.of("ReduceSum", 1, Attribute.ofInts("axes", 0)).of(counted(3)));
  }

  @Test
  void outputsAndNamesOfOldVersions() {
    List<Datum> parts =
        One.of("Split", 2, Attribute.ofInts("split", 1, 2)).withOutputs(2).all(counted(3));
    assertEquals(List.of(floats(0), floats(1, 2)), parts);
    assertEquals(
        List.of(floats(0, 1), floats(2)),
        One.of("Split", 18, Attribute.ofInt("num_outputs", 2)).withOutputs(2).all(counted(3)));
    assertEquals(
        Tensor.ofInts(new int[] {0, 1}, 2),
        One.of("Cast", 1, Attribute.ofString("to", "INT32")).of(counted(2)));
    assertEquals(
        Tensor.ofFloats(new float[] {0, 1, 0, 1}, 1, 4),
        One.of("Concat", 1).of(counted(1, 2), counted(1, 2)));
    assertEquals(
        Tensor.ofFloats(new float[] {0, 1, 0, 1}, 1, 4),
        One.of("Tile", 1).of(counted(1, 2), Tensor.scalar(2f), Tensor.scalar(1f)));
    List<Datum> dropped = One.of("Dropout", 7).withOutputs(2).all(counted(3));
    assertEquals(List.of(counted(3), floats(1, 1, 1)), dropped);
    assertEquals(
        ElementType.BOOL,
        ((Tensor) One.of("Dropout", 10).withOutputs(2).all(counted(3)).get(1)).elementType());
  }

  @Test
  void upsampleRepeatsNearestPixels() {
    Tensor expected = Tensor.ofFloats(new float[] {0, 0, 1, 1, 0, 0, 1, 1}, 1, 1, 2, 4);
    Tensor x = counted(1, 1, 1, 2);
    assertEquals(
        expected,
        One.of(
                "Upsample",
                1,
                Attribute.ofFloat("height_scale", 2),
                Attribute.ofFloat("width_scale", 2))
            .of(x));
    assertEquals(expected, One.of("Upsample", 7, Attribute.ofFloats("scales", 1, 1, 2, 2)).of(x));
    assertEquals(expected, One.of("Upsample", 9).of(x, floats(1, 1, 2, 2)));
    assertEquals(expected, One.of("Resize", 10).of(x, floats(1, 1, 2, 2)));
  }

  @Test
  void slopesBeforeOpset7BelongToChannels() {
    Tensor x = Tensor.ofFloats(new float[] {-1, -1, -1, -1}, 1, 2, 2);
    assertEquals(
        Tensor.ofFloats(new float[] {-2, -2, -3, -3}, 1, 2, 2),
        One.of("PRelu", 6).of(x, floats(2, 3)));
    assertEquals(
        Tensor.ofFloats(new float[] {-2, -3, -2, -3}, 1, 2, 2),
        One.of("PRelu", 9).of(x, floats(2, 3)));
  }
}
