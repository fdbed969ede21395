package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Quantisation, and products of quantised tensors. */
final class QuantizationKernels {
  private QuantizationKernels() {}

  static void register(Kernels kernels) {
    kernels.one("QuantizeLinear", QuantizationKernels::quantize);
    kernels.one("DequantizeLinear", QuantizationKernels::dequantize);
    kernels.add("DynamicQuantizeLinear", QuantizationKernels::dynamicQuantize);
    kernels.one("MatMulInteger", QuantizationKernels::matMulInteger);
    kernels.one("ConvInteger", QuantizationKernels::convInteger);
    kernels.one("QLinearMatMul", QuantizationKernels::qLinearMatMul);
    kernels.one("QLinearConv", QuantizationKernels::qLinearConv);
  }

  /**
   * For each position of x the position of its scale: one for all, one for each place along an
   * axis, or one for each block along it.
   */
  private static int[] scaleIndex(KernelContext c, Tensor scale, long[] dims) {
    if (scale.size() == 1) {
      return new int[Dims.size(dims)];
    }
    int axis = Dims.axis(c.intAttribute("axis", 1), dims.length);
    int block = (int) c.intAttribute("block_size", 0);
    int[][] along = new int[dims.length][];
    for (int d = 0; d < dims.length; d++) {
      boolean all = d == axis || block > 0;
      along[d] = all ? Dims.range(dims[d]) : new int[(int) dims[d]];
    }
    long[] scaleDims = Dims.with(Dims.fill(dims.length, 1), axis, scale.size());
    if (block > 0) {
      scaleDims = scale.dims();
      for (int i = 0; i < along[axis].length; i++) {
        along[axis][i] /= block;
      }
    }
    checkScale(scale, scaleDims, along, dims);
    return Dims.gather(scaleDims, along);
  }

  private static void checkScale(Tensor scale, long[] scaleDims, int[][] along, long[] dims) {
    boolean fits = scaleDims.length == dims.length;
    for (int d = 0; d < dims.length && fits; d++) {
      fits = along[d].length == 0 || along[d][along[d].length - 1] < scaleDims[d];
    }
    if (!fits) {
      throw new EvaluationException(
          "scales of shape " + scale.shape() + " do not go with shape " + Arrays.toString(dims));
    }
  }

  /** The quotient of x and its scale in the type that they are divided in. */
  private static double[] scaledDown(KernelContext c, int[] at) {
    double[] x = c.doubles(0);
    double[] scale = c.doubles(1);
    DoubleUnaryOperator rounding = Elements.rounding(quotientType(c));
    double[] result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double divisor = rounding.applyAsDouble(scale[at[i]]);
      result[i] = rounding.applyAsDouble(rounding.applyAsDouble(x[i]) / divisor);
    }
    return result;
  }

  /** Attribute precision's, else the wider of the types of x and its scale. */
  private static ElementType quotientType(KernelContext c) {
    long precision = c.intAttribute("precision", 0);
    if (precision != 0) {
      return ElementType.of(Math.toIntExact(precision));
    }
    ElementType x = c.type(0);
    if (!x.isFloat()) {
      return ElementType.DOUBLE;
    }
    return x == c.type(1) ? x : ElementType.FLOAT;
  }

  private static Tensor quantize(KernelContext c) {
    long[] dims = c.dims(0);
    long wanted = c.intAttribute("output_dtype", 0);
    ElementType type =
        c.has(2)
            ? c.type(2)
            : wanted == 0 ? ElementType.UINT8 : ElementType.of(Math.toIntExact(wanted));
    int[] at = scaleIndex(c, c.tensor(1), dims);
    if (type.isInteger() && type.bits() == 8 && isOfFloats(c)) {
      return quantizedBytes(c, type, at, dims);
    }
    double[] values = scaledDown(c, at);
    double[] zero = c.has(2) ? c.doubles(2) : new double[c.tensor(1).length()];
    if (type.isFloat()) {
      for (int i = 0; i < values.length; i++) {
        values[i] += zero[at[i]];
      }
      return CastKernels.fromReals(type, values, c.intAttribute("saturate", 1) != 0, "up", dims);
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.rint(values[i]) + zero[at[i]];
    }
    return saturated(type, values, dims);
  }

  private static boolean isOfFloats(KernelContext c) {
    return c.type(0) == ElementType.FLOAT && quotientType(c) == ElementType.FLOAT;
  }

  /** What most quantised networks have, by floats alone; a sum that a float rounds is cut off. */
  private static Tensor quantizedBytes(KernelContext c, ElementType type, int[] at, long[] dims) {
    float[] x = Elements.floats(c.tensor(0));
    float[] scale = Elements.floats(c.tensor(1));
    float[] zero = c.has(2) ? Elements.floats(c.tensor(2)) : new float[scale.length];
    float min = Elements.min(type);
    float max = Elements.max(type);
    byte[] result = new byte[x.length];
    boolean isOne = scale.length == 1;
    c.parallel()
        .elements(
            result.length,
            (from, to) -> {
              for (int i = from; i < to; i++) {
                int place = isOne ? 0 : at[i];
                float whole = (float) Math.rint(x[i] / scale[place]) + zero[place];
                result[i] = (byte) Math.max(min, Math.min(max, whole));
              }
            });
    return Tensor.of(type, dims, ByteBuffer.wrap(result));
  }

  /** Whole numbers, brought into the range of an integer type. */
  private static Tensor saturated(ElementType type, double[] values, long... dims) {
    double min = Elements.min(type);
    double max = Elements.max(type);
    long[] result = new long[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (long) Math.max(min, Math.min(max, values[i]));
    }
    return Elements.of(type, result, dims);
  }

  private static Tensor dequantize(KernelContext c) {
    long[] dims = c.dims(0);
    int[] at = scaleIndex(c, c.tensor(1), dims);
    double[] x = c.doubles(0);
    double[] scale = c.doubles(1);
    double[] zero = c.has(2) ? c.doubles(2) : new double[scale.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (x[i] - zero[at[i]]) * scale[at[i]];
    }
    long wanted = c.intAttribute("output_dtype", 0);
    return Elements.of(wanted == 0 ? c.type(1) : ElementType.of(Math.toIntExact(wanted)), x, dims);
  }

  /** To uint8, with the scale and zero point that use its range best and keep 0 exact. */
  private static List<Datum> dynamicQuantize(KernelContext c) {
    double[] x = c.doubles(0);
    float max = (float) Math.max(0, ReductionKernels.max(x, 0, x.length));
    float min = (float) -Math.max(0, ReductionKernels.max(negated(x), 0, x.length));
    float scale = max == min ? 1 : (max - min) / 255;
    double zero = Math.rint(Math.max(0, Math.min(255, -min / scale)));
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.rint((float) (x[i] / scale)) + zero;
    }
    return List.of(
        saturated(ElementType.UINT8, y, c.dims(0)),
        Tensor.scalar(scale),
        saturated(ElementType.UINT8, new double[] {zero}));
  }

  private static double[] negated(double[] x) {
    return Arrays.stream(x).map(v -> -v).toArray();
  }

  /** Integers less their zero point, as doubles: their products and sums are exact. */
  private static Tensor centered(KernelContext c, int x, int zeroPoint, int axis) {
    double[] values = c.doubles(x);
    if (c.has(zeroPoint)) {
      double[] zero = c.doubles(zeroPoint);
      long[] dims = c.dims(x);
      Tensor zeros = Tensor.ofDoubles(zero, c.dims(zeroPoint));
      if (zero.length > 1 && zeros.rank() == 1) {
        zeros = ArithmeticKernels.alignedAt(zeros, axis, dims.length);
      } else if (zero.length == 1) {
        zeros = zeros.reshape();
      }
      return ArithmeticKernels.binary(
          Tensor.ofDoubles(values, dims), zeros, (a, b) -> a - b, Long::sum);
    }
    return Tensor.ofDoubles(values, c.dims(x));
  }

  /** A zero point of rank 1 belongs to the rows of the left factor, the columns of the right. */
  private static Tensor matMulInteger(KernelContext c) {
    Tensor a = centered(c, 0, 2, Math.max(0, c.tensor(0).rank() - 2));
    Tensor b = centered(c, 1, 3, c.tensor(1).rank() - 1);
    Tensor product = LinearAlgebraKernels.matMul(a, b, c.parallel());
    return Elements.of(ElementType.INT32, Elements.doubles(product), product.dims());
  }

  private static Tensor convInteger(KernelContext c) {
    Tensor y = conv(c, centered(c, 0, 2, 0), centered(c, 1, 3, 0), 0, 1);
    return Elements.of(ElementType.INT32, Elements.doubles(y), y.dims());
  }

  private static Tensor conv(KernelContext c, Tensor x, Tensor w, int xInput, int wInput) {
    ConvolutionKernels.Geometry geometry =
        ConvolutionKernels.Geometry.of(c, c.tensor(xInput), c.tensor(wInput));
    double[] bias = c.opType().equals("QLinearConv") && c.has(8) ? c.doubles(8) : null;
    double[] y =
        ConvolutionKernels.conv(
            geometry,
            Elements.doubles(x),
            Elements.doubles(w),
            bias == null ? new double[geometry.filters()] : bias,
            c.parallel());
    return Tensor.ofDoubles(y, geometry.outputDims());
  }

  /** The product of the scales of both factors over that of the result. */
  private static Tensor requantized(
      KernelContext c, Tensor sums, Tensor factorScale, int yScale, int yZero) {
    Tensor scaled = ArithmeticKernels.binary(sums, factorScale, (a, s) -> a * s, Long::sum);
    double scale = c.doubleInput(yScale, 1);
    double zero = c.doubleInput(yZero, 0);
    double[] y = Elements.doubles(scaled);
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.rint(y[i] / scale + zero);
    }
    return saturated(c.type(yZero), y, scaled.dims());
  }

  private static Tensor qLinearMatMul(KernelContext c) {
    Tensor a = centered(c, 0, 2, Math.max(0, c.tensor(0).rank() - 2));
    Tensor b = centered(c, 3, 5, c.tensor(3).rank() - 1);
    Tensor product = LinearAlgebraKernels.matMul(a, b, c.parallel());
    Tensor aScale = rowScale(c.tensor(1));
    Tensor scales = ArithmeticKernels.binary(aScale, wide(c.tensor(4)), (x, y) -> x * y, Long::sum);
    return requantized(c, product, scales, 6, 7);
  }

  private static Tensor wide(Tensor x) {
    return Tensor.ofDoubles(Elements.doubles(x), x.dims());
  }

  /** Scales of rows stand in a column. */
  private static Tensor rowScale(Tensor scale) {
    Tensor s = wide(scale);
    return s.rank() == 1 && s.size() > 1 ? s.reshape(s.size(), 1) : s;
  }

  /** Filters may have a scale and zero point each. */
  private static Tensor qLinearConv(KernelContext c) {
    Tensor y = conv(c, centered(c, 0, 2, 0), centered(c, 3, 5, 0), 0, 3);
    Tensor filterScale = wide(c.tensor(4));
    if (filterScale.size() > 1) {
      filterScale = ArithmeticKernels.alignedAt(filterScale, 1, y.rank());
    } else {
      filterScale = filterScale.reshape();
    }
    double xScale = c.doubleInput(1, 1);
    Tensor scales = UnaryKernels.map(filterScale, s -> s * xScale);
    return requantized(c, y, scales, 6, 7);
  }
}
