package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.List;

/** Normalisations of batches, channels, layers and vectors. */
final class NormalizationKernels {
  private NormalizationKernels() {}

  static void register(Kernels kernels) {
    kernels.add("BatchNormalization", NormalizationKernels::batchNormalization);
    kernels.one("InstanceNormalization", NormalizationKernels::instanceNormalization);
    kernels.one("GroupNormalization", NormalizationKernels::groupNormalization);
    kernels.add("LayerNormalization", NormalizationKernels::layerNormalization);
    kernels.one("RMSNormalization", NormalizationKernels::rmsNormalization);
    kernels.one("LRN", NormalizationKernels::lrn);
    kernels.one("LpNormalization", NormalizationKernels::lpNormalization);
    kernels.one("MeanVarianceNormalization", NormalizationKernels::meanVariance);
  }

  /** Per channel; before version 9 with attribute {@code spatial} 0 per channel and place. */
  private static List<Datum> batchNormalization(KernelContext c) {
    Tensor x = c.tensor(0);
    boolean perPlace = c.since() < 9 && c.intAttribute("spatial", 1) == 0;
    double epsilon = c.floatAttribute("epsilon", 1e-5f);
    double[] scale = c.doubles(1);
    double[] bias = c.doubles(2);
    double[] mean = c.doubles(3);
    double[] variance = c.doubles(4);
    long[] dims = x.dims();
    int inner = perPlace || dims.length < 2 ? 1 : Dims.product(dims, 2, dims.length);
    int features = scale.length;
    if (dims.length > 1 && !perPlace && dims[1] != features) {
      throw new EvaluationException(
          "X has " + dims[1] + " channels, but scale has " + features + " elements");
    }
    boolean training = isTraining(c);
    if (training) {
      mean = new double[features];
      variance = new double[features];
      statistics(Elements.doubles(x), inner, mean, variance);
    }
    double[] factor = new double[features];
    double[] shift = new double[features];
    for (int f = 0; f < features; f++) {
      factor[f] = scale[f] / Math.sqrt(variance[f] + epsilon);
      shift[f] = bias[f] - mean[f] * factor[f];
    }
    Tensor y = scaleChannels(x, factor, shift, inner, c.parallel());
    return training ? withStatistics(c, y, mean, variance) : List.of(y);
  }

  /** Each channel times a factor plus a shift, in double, rounded once. */
  private static Tensor scaleChannels(
      Tensor x, double[] factor, double[] shift, int inner, Parallel parallel) {
    if (x.elementType() != ElementType.FLOAT) {
      return Rows.numbered(
          x,
          inner,
          (row, values, from) -> scale(values, from, inner, factor, shift, row % factor.length),
          parallel);
    }
    float[] values = Elements.floats(x);
    parallel.rows(
        inner == 0 ? 0 : values.length / inner,
        inner,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            double scale = factor[row % factor.length];
            double bias = shift[row % factor.length];
            for (int i = row * inner; i < (row + 1) * inner; i++) {
              values[i] = (float) (values[i] * scale + bias);
            }
          }
          Elements.makeNanOne(values, from * inner, to * inner);
        });
    return Tensor.ofFloats(values, x.dims());
  }

  private static void scale(
      double[] values, int from, int count, double[] scale, double[] bias, int channel) {
    double factor = scale[channel];
    double shift = bias[channel];
    for (int i = from; i < from + count; i++) {
      values[i] = values[i] * factor + shift;
    }
  }

  private static boolean isTraining(KernelContext c) {
    if (c.since() >= 14) {
      return c.flag("training_mode");
    }
    return c.since() >= 7 ? c.wants(1) : !c.flag("is_test");
  }

  /** Mean and population variance of each feature over the batch and its places. */
  private static void statistics(double[] values, int inner, double[] mean, double[] variance) {
    int features = mean.length;
    double count = (double) values.length / features;
    for (int i = 0; i < values.length; i++) {
      mean[i / inner % features] += values[i] / count;
    }
    for (int i = 0; i < values.length; i++) {
      double distance = values[i] - mean[i / inner % features];
      variance[i / inner % features] += distance * distance / count;
    }
  }

  private static List<Datum> withStatistics(
      KernelContext c, Tensor y, double[] mean, double[] variance) {
    double momentum = c.floatAttribute("momentum", 0.9f);
    Tensor runningMean = running(c.tensor(3), mean, momentum);
    Tensor runningVariance = running(c.tensor(4), variance, momentum);
    Tensor savedMean = Elements.of(runningMean.elementType(), mean, runningMean.dims());
    Tensor savedVariance = Elements.of(runningMean.elementType(), variance, runningMean.dims());
    return List.of(y, runningMean, runningVariance, savedMean, savedVariance);
  }

  private static Tensor running(Tensor before, double[] current, double momentum) {
    double[] values = Elements.doubles(before);
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * momentum + current[i] * (1 - momentum);
    }
    return Elements.of(before.elementType(), values, before.dims());
  }

  /** Brings a row to mean 0 and variance 1, and returns its factor. */
  private static double standardize(
      double[] values, int from, int count, double mean, double epsilon) {
    double squares = ReductionKernels.squares(values, from, count, mean);
    double factor = 1 / Math.sqrt(squares / count + epsilon);
    for (int i = from; i < from + count; i++) {
      values[i] = (values[i] - mean) * factor;
    }
    return factor;
  }

  private static Tensor instanceNormalization(KernelContext c) {
    Tensor x = c.tensor(0);
    return standardized(c, Dims.product(x.dims(), 2, x.rank()), 1);
  }

  /** Groups of so many parts, each brought to mean 0 and variance 1, with a scale for each part. */
  private static Tensor standardized(KernelContext c, int part, int parts) {
    int count = Math.multiplyExact(part, parts);
    double epsilon = c.floatAttribute("epsilon", 1e-5f);
    double[] scale = c.doubles(1);
    double[] bias = c.doubles(2);
    return Rows.numbered(
        c.tensor(0),
        count,
        (row, values, from) -> {
          double mean = ReductionKernels.mean(values, from, count);
          standardize(values, from, count, mean, epsilon);
          for (int i = 0; i < parts; i++) {
            int channel = (row * parts + i) % scale.length;
            scale(values, from + i * part, part, scale, bias, channel);
          }
        },
        c.parallel());
  }

  /** Version 18 has a scale and bias for each group, version 21 for each channel. */
  private static Tensor groupNormalization(KernelContext c) {
    Tensor x = c.tensor(0);
    int groups = Math.toIntExact(c.intAttribute("num_groups"));
    if (x.dim(1) % groups != 0) {
      throw new EvaluationException(x.dim(1) + " channels do not make " + groups + " groups");
    }
    int perGroup = (int) x.dim(1) / groups;
    int inner = Dims.product(x.dims(), 2, x.rank());
    return c.since() < 21 ? standardized(c, perGroup * inner, 1) : standardized(c, inner, perGroup);
  }

  private static List<Datum> layerNormalization(KernelContext c) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.intAttribute("axis", -1), x.rank());
    double epsilon = c.floatAttribute("epsilon", 1e-5f);
    int count = Dims.product(x.dims(), axis, x.rank());
    int rows = Dims.product(x.dims(), 0, axis);
    double[] means = new double[rows];
    double[] inverses = new double[rows];
    Tensor standardized =
        Rows.numbered(
            x,
            count,
            (row, values, from) -> {
              means[row] = ReductionKernels.mean(values, from, count);
              inverses[row] = standardize(values, from, count, means[row], epsilon);
            },
            c.parallel());
    Tensor y = scaled(c, standardized);
    ElementType stash =
        ElementType.of(Math.toIntExact(c.intAttribute("stash_type", ElementType.FLOAT.code())));
    long[] dims = x.dims();
    Arrays.fill(dims, axis, dims.length, 1);
    return List.of(y, Elements.of(stash, means, dims), Elements.of(stash, inverses, dims));
  }

  /** Times the scale, plus the bias if there is one; both broadcast. */
  private static Tensor scaled(KernelContext c, Tensor normalized) {
    Tensor y =
        ArithmeticKernels.binary(
            normalized, c.tensor(1), FloatArithmetic.MULTIPLY, Long::sum, c.parallel());
    return c.has(2)
        ? ArithmeticKernels.binary(y, c.tensor(2), FloatArithmetic.ADD, Long::sum, c.parallel())
        : y;
  }

  /** The result has the scale's element type. */
  private static Tensor rmsNormalization(KernelContext c) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.intAttribute("axis", -1), x.rank());
    double epsilon = c.floatAttribute("epsilon", 1e-5f);
    int count = Dims.product(x.dims(), axis, x.rank());
    Rows.RowFunction normalize =
        (values, from, n) -> {
          double mean = ReductionKernels.squares(values, from, n) / n;
          double factor = 1 / Math.sqrt(mean + epsilon);
          for (int i = from; i < from + n; i++) {
            values[i] *= factor;
          }
        };
    Tensor normalized = Rows.trailing(x, count, normalize, c.parallel());
    return scaled(c, CastKernels.cast(normalized, c.tensor(1).elementType(), true, "up"));
  }

  private static Tensor lrn(KernelContext c) {
    Tensor x = c.tensor(0);
    int size = Math.toIntExact(c.intAttribute("size"));
    double alpha = c.floatAttribute("alpha", 1e-4f);
    double beta = c.floatAttribute("beta", 0.75f);
    double bias = c.floatAttribute("bias", 1);
    int channels = (int) x.dim(1);
    int inner = Dims.product(x.dims(), 2, x.rank());
    RealNumbers values = RealNumbers.of(x);
    return Rows.numbered(
        x,
        inner,
        (row, y, at) -> {
          int channel = row % channels;
          int from = Math.max(0, channel - (size - 1) / 2);
          int to = Math.min(channels - 1, channel + size / 2);
          double[] squares = new double[inner];
          double[] other = new double[inner];
          for (int k = from; k <= to; k++) {
            values.read((row - channel + k) * inner, inner, other);
            for (int i = 0; i < inner; i++) {
              squares[i] += other[i] * other[i];
            }
          }
          for (int i = 0; i < inner; i++) {
            y[at + i] /= power(bias + alpha / size * squares[i], beta);
          }
        },
        c.parallel());
  }

  /** Two roots are faster than a power. */
  private static double power(double base, double exponent) {
    double root = Math.sqrt(base);
    return exponent == 0.75 ? root * Math.sqrt(root) : Math.pow(base, exponent);
  }

  /** A vector of zeros stays one. */
  private static Tensor lpNormalization(KernelContext c) {
    boolean one = c.intAttribute("p", 2) == 1;
    return Rows.along(
        c.tensor(0),
        c.intAttribute("axis", -1),
        (values, from, count) -> {
          double norm = 0;
          for (int i = from; i < from + count; i++) {
            norm += one ? Math.abs(values[i]) : values[i] * values[i];
          }
          norm = one ? norm : Math.sqrt(norm);
          for (int i = from; i < from + count && norm != 0; i++) {
            values[i] /= norm;
          }
        },
        c.parallel());
  }

  private static Tensor meanVariance(KernelContext c) {
    Tensor x = c.tensor(0);
    int[] axes = Dims.axes(c.intsAttribute("axes", new long[] {0, 2, 3}), x.rank());
    Tensor mean =
        ReductionKernels.reduce(x, axes, true, ReductionKernels::mean, null, c.parallel());
    Tensor distance =
        ArithmeticKernels.binary(x, mean, FloatArithmetic.SUBTRACT, Long::sum, c.parallel());
    Tensor squares =
        ArithmeticKernels.binary(
            distance, distance, FloatArithmetic.MULTIPLY, Long::sum, c.parallel());
    Tensor variance =
        ReductionKernels.reduce(squares, axes, true, ReductionKernels::mean, null, c.parallel());
    Tensor deviation = UnaryKernels.map(variance, v -> Math.sqrt(v) + 1e-9);
    return ArithmeticKernels.binary(
        distance, deviation, FloatArithmetic.DIVIDE, Long::sum, c.parallel());
  }
}
