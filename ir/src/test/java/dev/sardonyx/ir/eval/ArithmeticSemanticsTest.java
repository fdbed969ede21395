package dev.sardonyx.ir.eval;

import static dev.sardonyx.ir.eval.TensorAssert.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.kernel.Elements;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArithmeticSemanticsTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  private static Tensor of(ElementType type, double... values) {
    return Tensor.ofNumbers(type, values, values.length);
  }

  private static Tensor floats(float... values) {
    return Tensor.ofFloats(values, values.length);
  }

  private static Tensor longs(long... values) {
    return Tensor.ofLongs(values, values.length);
  }

  private static Tensor bits(ElementType type, long... values) {
    return Elements.of(type, values, values.length);
  }

  @Test
  void integersWrap() {
    assertEquals(
        of(ElementType.INT8, -128, 127),
        One.of("Add", 14).of(of(ElementType.INT8, 127, -128), of(ElementType.INT8, 1, -1)));
    assertEquals(
        of(ElementType.UINT8, 255, 44),
        One.of("Sub", 14).of(of(ElementType.UINT8, 0, 0), of(ElementType.UINT8, 1, 212)));
    assertEquals(longs(Long.MIN_VALUE), One.of("Add", 14).of(longs(Long.MAX_VALUE), longs(1)));
    assertEquals(
        of(ElementType.INT32, Integer.MIN_VALUE),
        One.of("Neg", 13).of(of(ElementType.INT32, Integer.MIN_VALUE)));
    assertEquals(
        of(ElementType.INT16, 0),
        One.of("Mul", 14).of(bits(ElementType.INT16, 256), bits(ElementType.INT16, 256)));
  }

  /** Whose longs are negative, which they are not. */
  @Test
  void largeUnsignedIntegers() {
    Tensor large = bits(ElementType.UINT64, Long.MIN_VALUE + 1, 3);
    assertEquals(large, One.of("Abs", 13).of(large));
    assertEquals(large, One.of("PRelu", 16).of(large, bits(ElementType.UINT64, 2)));
    assertEquals(bits(ElementType.UINT64, Long.MIN_VALUE + 4), One.of("ReduceL1", 18).of(large));
  }

  /** As in C and NumPy, other than in Java. */
  @Test
  void powersOfOne() {
    assertEquals(
        floats(1, 1, 1, 1, NAN),
        One.of("Pow", 15).of(floats(1, 1, -1, -1, -1), floats(NAN, INF, INF, -INF, NAN)));
    assertEquals(longs(1, 1), One.of("Pow", 15).of(longs(1, -1), floats(NAN, INF)));
  }

  @Test
  void theAxisOfAScalar() {
    Tensor three = Tensor.scalar(3f);
    assertEquals(three, One.of("ReduceSum", 13).of(three, longs(0)));
    assertEquals(three, One.of("ReduceSum", 13).of(three, longs(-1)));
  }

  @Test
  void integerDivisionTruncates() {
    assertEquals(
        longs(-3, -3, 3, 0), One.of("Div", 14).of(longs(-7, 7, 7, -1), longs(2, -2, 2, 2)));
    assertEquals(
        bits(ElementType.UINT64, Long.MAX_VALUE),
        One.of("Div", 14).of(bits(ElementType.UINT64, -1), bits(ElementType.UINT64, 2)));
    EvaluationException byZero =
        assertThrows(EvaluationException.class, () -> One.of("Div", 14).of(longs(1), longs(0)));
    assertTrue(byZero.getMessage().contains("division by zero"), byZero.getMessage());
  }

  @Test
  void unsigned64ComparesAsUnsigned() {
    Tensor large = bits(ElementType.UINT64, -1);
    Tensor small = bits(ElementType.UINT64, 1);
    assertEquals(large, One.of("Max", 13).of(large, small));
    assertEquals(small, One.of("Min", 13).of(large, small));
    assertEquals(
        Tensor.ofBooleans(new boolean[] {true}, 1), One.of("Greater", 13).of(large, small));
    assertEquals(
        longs(1),
        One.of("ArgMin", 13, Attribute.ofInt("keepdims", 1)).of(bits(ElementType.UINT64, -1, 1)));
  }

  @Test
  void moduloHasTheSignOfTheDivisorAndFmodOfTheDividend() {
    assertEquals(
        longs(1, -1, 1, -1), One.of("Mod", 13).of(longs(7, -7, -7, 7), longs(3, -3, 2, -2)));
    Attribute fmod = Attribute.ofInt("fmod", 1);
    assertEquals(
        longs(1, -1, -1, 1), One.of("Mod", 13, fmod).of(longs(7, -7, -7, 7), longs(3, -3, 2, -2)));
    assertEquals(
        floats(-0.5f, 0.5f, NAN),
        One.of("Mod", 13, fmod).of(floats(-2.5f, 2.5f, 1), floats(2, -2, 0)));
  }

  @Test
  void notANumberSpreads() {
    assertEquals(floats(NAN, NAN), One.of("Max", 13).of(floats(NAN, 1), floats(1, NAN)));
    assertEquals(floats(NAN, NAN), One.of("Min", 13).of(floats(NAN, 1), floats(1, NAN)));
    assertEquals(floats(NAN, 0, 2), One.of("Relu", 14).of(floats(NAN, -1, 2)));
    assertEquals(
        floats(NAN, 1, 0),
        One.of("Clip", 13).of(floats(NAN, INF, -INF), Tensor.scalar(0f), Tensor.scalar(1f)));
    assertEquals(Tensor.scalar(NAN).reshape(1), One.of("ReduceMax", 20).of(floats(1, NAN, 2)));
    assertEquals(longs(1), One.of("ArgMax", 13).of(floats(1, NAN, 2)));
    assertEquals(
        Tensor.ofBooleans(new boolean[] {false, false}, 2),
        One.of("Equal", 19).of(floats(NAN, 1), floats(NAN, NAN)));
  }

  @Test
  void roundsHalfToEven() {
    assertEquals(
        floats(0, 2, 2, -0f, -2), One.of("Round", 11).of(floats(0.5f, 1.5f, 2.5f, -0.5f, -1.5f)));
    assertEquals(
        of(ElementType.UINT8, 0, 2, 2, 255),
        One.of("QuantizeLinear", 13)
            .of(
                floats(0.5f, 1.5f, 2.5f, 1e9f),
                Tensor.scalar(1f),
                Tensor.ofNumbers(ElementType.UINT8, new double[] {0})));
  }

  @Test
  void sixteenBitFloatsAreRoundedAfterEachOperation() {
    // 2048 + 1 lies between two float16 numbers; the tie goes to the even one.
    assertEquals(
        of(ElementType.FLOAT16, 2048, 2052, Double.POSITIVE_INFINITY),
        One.of("Add", 14)
            .of(of(ElementType.FLOAT16, 2048, 2050, 65504), of(ElementType.FLOAT16, 1, 1, 65504)));
    assertEquals(
        of(ElementType.BFLOAT16, 256),
        One.of("Add", 14).of(of(ElementType.BFLOAT16, 256), of(ElementType.BFLOAT16, 1)));
  }

  @Test
  void floatArithmeticIsThatOfFloats() {
    float[] a = {0.1f, 1e-40f, 16777216f, 3.4e38f};
    float[] b = {0.2f, 3f, 1f, 3.4e38f};
    float[] sums = new float[4];
    float[] quotients = new float[4];
    for (int i = 0; i < 4; i++) {
      sums[i] = a[i] + b[i];
      quotients[i] = a[i] / b[i];
    }
    assertEquals(floats(sums), One.of("Add", 14).of(floats(a), floats(b)));
    assertEquals(floats(quotients), One.of("Div", 14).of(floats(a), floats(b)));
  }

  @Test
  void reducingNothingGivesTheNeutralElement() {
    Tensor empty = Tensor.ofFloats(new float[0], 2, 0);
    Tensor axes = longs(1);
    Attribute drop = Attribute.ofInt("keepdims", 0);
    assertEquals(floats(0, 0), One.of("ReduceSum", 13, drop).of(empty, axes));
    assertEquals(floats(1, 1), One.of("ReduceProd", 18, drop).of(empty, axes));
    assertEquals(floats(-INF, -INF), One.of("ReduceMax", 20, drop).of(empty, axes));
    assertEquals(floats(INF, INF), One.of("ReduceMin", 20, drop).of(empty, axes));
    assertEquals(floats(NAN, NAN), One.of("ReduceMean", 18, drop).of(empty, axes));
    assertEquals(
        of(ElementType.INT32, Integer.MIN_VALUE),
        One.of("ReduceMax", 20).of(Tensor.ofInts(new int[0], 0)));
    assertEquals(
        Tensor.ofFloats(new float[0], 0), One.of("ReduceSum", 13, drop).of(empty, longs(0)));
  }

  @Test
  void scalarsAndEmptyTensorsBroadcast() {
    Tensor empty = Tensor.ofFloats(new float[0], 0, 3);
    assertEquals(empty, One.of("Add", 14).of(empty, Tensor.scalar(1f)));
    assertEquals(empty, One.of("Mul", 14).of(Tensor.ofFloats(new float[3], 1, 3), empty));
    assertEquals(Tensor.scalar(3f), One.of("Add", 14).of(Tensor.scalar(1f), Tensor.scalar(2f)));
    assertEquals(
        Tensor.ofFloats(new float[6], 2, 3),
        One.of("MatMul", 13)
            .of(Tensor.ofFloats(new float[0], 2, 0), Tensor.ofFloats(new float[0], 0, 3)));
    assertEquals(
        Tensor.ofFloats(new float[0], 0, 0),
        One.of("Concat", 13, Attribute.ofInt("axis", 0))
            .of(Tensor.ofFloats(new float[0], 0, 0), Tensor.ofFloats(new float[0], 0, 0)));
    assertEquals(Tensor.scalar(1f), One.of("Softmax", 13).of(Tensor.scalar(7f)));
  }

  @Test
  void shapesThatDoNotBroadcastAreNamed() {
    EvaluationException e =
        assertThrows(
            EvaluationException.class,
            () -> One.of("Add", 14).of(Tensor.ofFloats(new float[6], 2, 3), floats(1, 2)));
    assertTrue(
        e.getMessage().contains("float[2,3]") && e.getMessage().contains("float[2]"),
        e.getMessage());
  }

  @Test
  void castTruncatesSaturatesAndReadsText() {
    Attribute toInt8 = Attribute.ofInt("to", ElementType.INT8.code());
    assertEquals(
        of(ElementType.INT8, -2, 2, 0), One.of("Cast", 13, toInt8).of(floats(-2.9f, 2.9f, 256)));
    Attribute toFloat8 = Attribute.ofInt("to", ElementType.FLOAT8E4M3FN.code());
    assertEquals(448.0, One.of("Cast", 19, toFloat8).of(floats(1e6f)).toDoubles()[0]);
    assertEquals(
        Double.NaN,
        One.of("Cast", 19, toFloat8, Attribute.ofInt("saturate", 0))
            .of(floats(1e6f))
            .toDoubles()[0]);
    Attribute toText = Attribute.ofInt("to", ElementType.STRING.code());
    assertEquals(
        Tensor.ofStrings(List.of("0.1", "1.0", "1e-05", "inf", "nan", "1.2345679e+20"), 6),
        One.of("Cast", 13, toText).of(floats(0.1f, 1, 1e-5f, INF, NAN, 1.2345679e20f)));
    Attribute toFloat = Attribute.ofInt("to", ElementType.FLOAT.code());
    assertEquals(
        floats(1.5f, -INF, NAN),
        One.of("Cast", 13, toFloat).of(Tensor.ofStrings(List.of("1.5", "-INF", "NaN"), 3)));
    Attribute toBool = Attribute.ofInt("to", ElementType.BOOL.code());
    assertEquals(
        Tensor.ofBooleans(new boolean[] {true, false, true}, 3),
        One.of("Cast", 13, toBool).of(floats(0.1f, 0, NAN)));
  }

  /** Not to a double first, which could then be a tie that the integer is not. */
  @Test
  void wideIntegersAreRoundedOnce() {
    Random random = new Random(5);
    for (ElementType to :
        List.of(
            ElementType.FLOAT,
            ElementType.FLOAT16,
            ElementType.BFLOAT16,
            ElementType.FLOAT8E5M2,
            ElementType.DOUBLE)) {
      Attribute target = Attribute.ofInt("to", to.code());
      long[] longs = new long[3000];
      for (int i = 0; i < longs.length; i++) {
        // About the middle of two numbers of 3, 8, 11, 24 or 53 bits.
        int bits = new int[] {3, 8, 11, 24, 53}[i % 5];
        int length = Math.min(63, bits + 2 + random.nextInt(62 - bits));
        long top = 1L << bits | random.nextLong() & (1L << bits) - 1 | 1;
        long middle = top << length - bits - 1;
        longs[i] = (random.nextBoolean() ? 1 : -1) * (middle + random.nextInt(3) - 1);
      }
      double[] signed =
          One.of("Cast", 19, target).of(Tensor.ofLongs(longs, longs.length)).toDoubles();
      ByteBuffer bytes = ByteBuffer.allocate(8 * longs.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asLongBuffer().put(longs);
      double[] unsigned =
          One.of("Cast", 19, target)
              .of(Tensor.of(ElementType.UINT64, new long[] {longs.length}, bytes))
              .toDoubles();
      for (int i = 0; i < longs.length; i++) {
        assertNearest(to, new BigDecimal(longs[i]), signed[i]);
        assertNearest(to, new BigDecimal(Long.toUnsignedString(longs[i])), unsigned[i]);
      }
    }
  }

  /** No number of the type is nearer, nor as near with an even last bit if this one has not. */
  private static void assertNearest(ElementType type, BigDecimal number, double rounded) {
    String message = number + " as " + type + " is " + rounded;
    if (Double.isInfinite(rounded) || Math.abs(rounded) == 57344) {
      // From the middle beyond the largest one on; float8e5m2 saturates.
      double largest = type == ElementType.FLOAT16 ? 65520 : 53248;
      assertTrue(number.abs().doubleValue() >= largest, message);
      return;
    }
    int bits =
        switch (type) {
          case FLOAT8E5M2 -> 3;
          case BFLOAT16 -> 8;
          case FLOAT16 -> 11;
          case FLOAT -> 24;
          default -> 53;
        };
    int shift = Math.max(0, number.toBigInteger().abs().bitLength() - bits);
    BigInteger unit = BigInteger.ONE.shiftLeft(shift);
    BigDecimal exact =
        number
            .divide(new BigDecimal(unit))
            .setScale(0, RoundingMode.HALF_EVEN)
            .multiply(new BigDecimal(unit));
    assertTrue(exact.compareTo(new BigDecimal(rounded)) == 0, message);
  }

  @Test
  void fourBitElementsMoveWhole() {
    Tensor x = of(ElementType.INT4, -8, 7, 3, -1, 0);
    assertEquals(
        of(ElementType.INT4, 0, -1, 3, 7, -8), One.of("Gather", 21).of(x, longs(4, 3, 2, 1, 0)));
    assertEquals(
        Tensor.ofNumbers(ElementType.INT4, new double[] {-8, 3, 7, -1}, 2, 2),
        One.of("Transpose", 21)
            .of(Tensor.ofNumbers(ElementType.INT4, new double[] {-8, 7, 3, -1}, 2, 2)));
  }

  /** 3 / 0.6 is 5, although 0.6 as a float is a bit more than 0.6. */
  @Test
  void theNearestNeighbourIsFoundInTheTypeOfTheScales() {
    Tensor x = floats(0, 1, 2, 3, 4, 5, 6, 7, 8);
    Attribute asymmetric = Attribute.ofString("coordinate_transformation_mode", "asymmetric");
    Attribute floor = Attribute.ofString("nearest_mode", "floor");
    assertEquals(
        floats(0, 1, 3, 5, 6), One.of("Resize", 19, asymmetric, floor).of(x, null, floats(0.6f)));
  }

  /** As ONNX Runtime has it, although 2.6 as a float is a bit less than 2.6. */
  @Test
  void aScaledSizeIsFoundInTheTypeOfTheScales() {
    for (float[] sizeAndScale :
        new float[][] {{5, 2.6f}, {10, 1.3f}, {10, 0.9f}, {20, 1.15f}, {50, 0.7f}, {3, 0.7f}}) {
      int size = (int) sizeAndScale[0];
      Tensor x = Tensor.ofFloats(new float[size], size);
      Tensor scales = floats(sizeAndScale[1]);
      long expected = (long) Math.floor(sizeAndScale[0] * sizeAndScale[1]);
      assertEquals(expected, One.of("Resize", 10).of(x, scales).dim(0));
      assertEquals(expected, One.of("Resize", 19).of(x, null, scales).dim(0));
      assertEquals(expected, One.of("Upsample", 9).of(x, scales).dim(0));
    }
  }
}
