package dev.sardonyx.ir.eval;

import static dev.sardonyx.ir.eval.TensorAssert.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operators and forms that ONNX Runtime has no kernel for, so that it cannot be asked. */
class OperatorValuesTest {
  private static Tensor floats(double... values) {
    return Tensor.ofNumbers(ElementType.FLOAT, values, values.length);
  }

  private static Tensor longs(long... values) {
    return Tensor.ofLongs(values, values.length);
  }

  @Test
  void inverseHyperbolicCosineBelowOneIsNoNumber() {
    assertEquals(
        floats(Double.NaN, Double.NaN, 0, Math.log(2e30)),
        One.of("Acosh", 22).of(floats(-1e30, 0.5, 1, 1e30)));
  }

  @Test
  void aNormalisationByRootMeanSquaresHasTheTypeOfItsScale() {
    Tensor x = Tensor.ofNumbers(ElementType.FLOAT16, new double[] {3, -3}, 1, 2);
    Tensor scale = Tensor.ofDoubles(new double[] {2, 0.5}, 2);
    One node = One.of("RMSNormalization", 23, Attribute.ofFloat("epsilon", 0));
    assertEquals(Tensor.ofDoubles(new double[] {2, -0.5}, 1, 2), node.of(x, scale));
  }

  @Test
  void aVectorOfFeaturesIsARow() {
    Node node =
        Node.of("FeatureVectorizer", List.of("a", "b"), List.of(Result.of("y")))
            .withOperator("ai.onnx.ml.FeatureVectorizer")
            .withAttribute(Attribute.ofInts("inputdimensions", 3, 1));
    Tensor joined =
        (Tensor)
            ReferenceBackend.evaluate(
                    node,
                    List.of(OpsetImport.onnx(17), OpsetImport.of("ai.onnx.ml", 1)),
                    List.of(longs(1, 2, 3), longs(4)))
                .get(0);
    assertEquals(floats(1, 2, 3, 4).reshape(1, 4), joined);
  }

  @Test
  void nonZeroLooksAtBothPartsAndAtLengths() {
    Tensor parts = floats(0, 0, 0, 1, 2, 0);
    Tensor complex = Tensor.of(ElementType.COMPLEX64, new long[] {3}, parts.bytes());
    assertEquals(longs(1, 2).reshape(1, 2), One.of("NonZero", 13).of(complex));
    Tensor texts = Tensor.ofStrings(List.of("a", "", "0"), 3);
    assertEquals(longs(0, 2).reshape(1, 2), One.of("NonZero", 13).of(texts));
  }

  @Test
  void aSparseConstantIsADenseTensor() {
    Tensor values = floats(5, 6);
    SparseTensor flat = SparseTensor.of(values, longs(1, 4), 2, 3);
    SparseTensor coordinates = SparseTensor.of(values, longs(0, 1, 1, 1).reshape(2, 2), 2, 3);
    for (SparseTensor sparse : List.of(flat, coordinates)) {
      Attribute attribute = Attribute.of("sparse_value", new AttributeValue.SparseTensor(sparse));
      assertEquals(floats(0, 5, 0, 0, 6, 0).reshape(2, 3), One.of("Constant", 13, attribute).of());
    }
  }

  @Test
  void aLoopWithoutRoundsGivesNoItemsOfTheBodysType() {
    Graph body =
        Graph.of(
            "body",
            List.of(
                Input.of("i", ValueType.unknown()),
                Input.of("going", ValueType.unknown()),
                Input.of("state", ValueType.unknown())),
            List.of(
                Output.of("going", TensorType.of(ElementType.BOOL)),
                Output.of("state", ValueType.unknown()),
                Output.of("item", ValueType.unknown())),
            List.of(Node.of("Shape", List.of("state"), List.of(Result.of("item")))),
            List.of());
    List<?> outputs =
        One.of("Loop", 16, Attribute.ofGraph("body", body))
            .withOutputs(2)
            .all(Tensor.scalar(0L), null, floats(1, 2));
    assertEquals(floats(1, 2), (Tensor) outputs.get(0));
    assertEquals(Tensor.ofLongs(new long[0], 0, 1), (Tensor) outputs.get(1));
  }

  @Test
  void globalPoolsOfAnyPower() {
    Tensor x = floats(3, -4, 1, 2).reshape(1, 2, 2);
    assertEquals(floats(7, 3).reshape(1, 2, 1), globalLp(1).of(x));
    assertEquals(floats(5, Math.sqrt(5)).reshape(1, 2, 1), globalLp(2).of(x));
    assertEquals(floats(Math.cbrt(91), Math.cbrt(9)).reshape(1, 2, 1), globalLp(3).of(x));
  }

  private static One globalLp(int power) {
    return One.of("GlobalLpPool", 22, Attribute.ofInt("p", power));
  }

  @Test
  void responsesAreNormalizedOverTheChannelsAround() {
    // Size 2 takes a channel and the one after it.
    Tensor x = floats(1, 2, 3).reshape(1, 3, 1);
    One lrn =
        One.of(
            "LRN",
            13,
            Attribute.ofInt("size", 2),
            Attribute.ofFloat("alpha", 1),
            Attribute.ofFloat("beta", 1),
            Attribute.ofFloat("bias", 0.5f));
    assertEquals(
        floats(1 / (0.5 + 5 / 2.0), 2 / (0.5 + 13 / 2.0), 3 / (0.5 + 9 / 2.0)).reshape(1, 3, 1),
        lrn.of(x));
  }

  @Test
  void regionsArePooledInRoundedBins() {
    double[] ramp = new double[16];
    for (int i = 0; i < 16; i++) {
      ramp[i] = i;
    }
    Tensor x = floats(ramp).reshape(1, 1, 4, 4);
    // Batch entry, then x and y of two corners, both of which belong to the region.
    Tensor regions = floats(0, 0, 0, 3, 3, 0, 1, 0, 2, 1).reshape(2, 5);
    One pool = One.of("MaxRoiPool", 22, Attribute.ofInts("pooled_shape", 2, 2));
    assertEquals(floats(5, 7, 13, 15, 1, 2, 5, 6).reshape(2, 1, 2, 2), pool.of(x, regions));
  }

  @Test
  void portableImages() {
    byte[] bitmap = {'P', '4', '\n', '9', ' ', '2', '\n', 0x40, (byte) 0x80, (byte) 0xFF, 0};
    assertEquals(
        bytes(255, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255)
            .reshape(2, 9, 1),
        decoded(bitmap, "Grayscale"));
    byte[] pixmap = {
      'P', '6', '#', 'a', '\n', '1', ' ', '2', ' ', '2', '5', '5', '\n', 1, 2, 3, 4, 5, 6
    };
    assertEquals(bytes(1, 2, 3, 4, 5, 6).reshape(2, 1, 3), decoded(pixmap, "RGB"));
    assertEquals(bytes(3, 2, 1, 6, 5, 4).reshape(2, 1, 3), decoded(pixmap, "BGR"));
  }

  private static Tensor bytes(double... values) {
    return Tensor.ofNumbers(ElementType.UINT8, values, values.length);
  }

  private static Tensor decoded(byte[] encoded, String format) {
    Tensor stream =
        Tensor.of(ElementType.UINT8, new long[] {encoded.length}, ByteBuffer.wrap(encoded));
    return One.of("ImageDecoder", 20, Attribute.ofString("pixel_format", format)).of(stream);
  }
}
