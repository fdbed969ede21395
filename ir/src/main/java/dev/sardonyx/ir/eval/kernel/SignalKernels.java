package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Fourier transforms and what goes with them. Complex numbers are pairs along the last axis. */
final class SignalKernels {
  private SignalKernels() {}

  static void register(Kernels kernels) {
    kernels.one("DFT", SignalKernels::dft);
    kernels.one("STFT", SignalKernels::stft);
    kernels.one("HannWindow", c -> window(c, t -> 0.5 - 0.5 * Math.cos(t)));
    kernels.one("HammingWindow", c -> window(c, t -> (25 - 21 * Math.cos(t)) / 46));
    kernels.one(
        "BlackmanWindow", c -> window(c, t -> 0.42 - 0.5 * Math.cos(t) + 0.08 * Math.cos(2 * t)));
    kernels.one("MelWeightMatrix", SignalKernels::melWeightMatrix);
  }

  /** A window of the given size, by the angle that goes once round over its period. */
  private static Tensor window(KernelContext c, DoubleUnaryOperator function) {
    int size = Math.toIntExact(c.longInput(0, 0));
    int period = c.intAttribute("periodic", 1) != 0 ? size : size - 1;
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = function.applyAsDouble(2 * Math.PI * i / period);
    }
    return Elements.of(outputType(c), values, size);
  }

  private static ElementType outputType(KernelContext c) {
    return ElementType.of((int) c.intAttribute("output_datatype", ElementType.FLOAT.code()));
  }

  /**
   * The discrete Fourier transform of complex numbers, unscaled: of mixed radix, so that only large
   * prime factors of the length cost its square.
   *
   * @param sign -1 forward, 1 backward
   */
  private static double[][] transform(double[] re, double[] im, int sign) {
    int n = re.length;
    int factor = smallestFactor(n);
    if (factor == n) {
      return direct(re, im, sign);
    }
    int m = n / factor;
    double[] resultRe = new double[n];
    double[] resultIm = new double[n];
    for (int f = 0; f < factor; f++) {
      double[] partRe = new double[m];
      double[] partIm = new double[m];
      for (int i = 0; i < m; i++) {
        partRe[i] = re[i * factor + f];
        partIm[i] = im[i * factor + f];
      }
      double[][] part = transform(partRe, partIm, sign);
      for (int k = 0; k < n; k++) {
        double angle = sign * 2 * Math.PI * ((long) f * k % n) / n;
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        resultRe[k] += part[0][k % m] * cos - part[1][k % m] * sin;
        resultIm[k] += part[0][k % m] * sin + part[1][k % m] * cos;
      }
    }
    return new double[][] {resultRe, resultIm};
  }

  private static double[][] direct(double[] re, double[] im, int sign) {
    int n = re.length;
    double[][] result = new double[2][n];
    for (int k = 0; k < n; k++) {
      for (int i = 0; i < n; i++) {
        double angle = sign * 2 * Math.PI * ((long) i * k % n) / n;
        result[0][k] += re[i] * Math.cos(angle) - im[i] * Math.sin(angle);
        result[1][k] += re[i] * Math.sin(angle) + im[i] * Math.cos(angle);
      }
    }
    return result;
  }

  private static int smallestFactor(int n) {
    for (int f = 2; (long) f * f <= n; f++) {
      if (n % f == 0) {
        return f;
      }
    }
    return n;
  }

  /** Before version 20 the axis is an attribute that counts from the batch. */
  private static Tensor dft(KernelContext c) {
    Tensor x = c.tensor(0);
    long attribute = c.since() < 20 ? c.intAttribute("axis", 1) : c.longInput(2, -2);
    int axis = Dims.axis(attribute, x.rank());
    boolean inverse = c.flag("inverse");
    boolean onesided = c.flag("onesided");
    int size = (int) x.dim(axis);
    int length = (int) c.longInput(1, inverse && onesided ? 2L * (size - 1) : size);
    int parts = (int) x.dim(-1);
    // Lines along the axis, each followed by its parts.
    int[] perm = Dims.identity(x.rank());
    perm[axis] = x.rank() - 2;
    perm[x.rank() - 2] = axis;
    Tensor lines = Rows.permuted(x, perm);
    double[] values = Elements.doubles(lines);
    int outSize = onesided && !inverse ? length / 2 + 1 : length;
    int outParts = onesided && inverse ? 1 : 2;
    int count = size == 0 || parts == 0 ? 0 : values.length / size / parts;
    double[] y = new double[Dims.size(count, outSize, outParts)];
    for (int i = 0; i < count; i++) {
      double[][] line = line(values, i * size * parts, size, parts, length, inverse && onesided);
      double[][] spectrum = transform(line[0], line[1], inverse ? 1 : -1);
      for (int k = 0; k < outSize; k++) {
        for (int p = 0; p < outParts; p++) {
          y[(i * outSize + k) * outParts + p] = spectrum[p][k] / (inverse ? length : 1);
        }
      }
    }
    long[] dims = lines.dims();
    dims[dims.length - 1] = outParts;
    dims[dims.length - 2] = outSize;
    return Rows.permuted(Elements.of(x.elementType(), y, dims), perm);
  }

  /** One line, cut or filled with zeros; the half of a symmetric spectrum is made whole. */
  private static double[][] line(
      double[] values, int at, int size, int parts, int length, boolean half) {
    double[][] line = new double[2][length];
    int given = Math.min(size, half ? length / 2 + 1 : length);
    for (int i = 0; i < given; i++) {
      line[0][i] = values[at + i * parts];
      line[1][i] = parts > 1 ? values[at + i * parts + 1] : 0;
    }
    for (int i = length / 2 + 1; half && i < length; i++) {
      line[0][i] = line[0][length - i];
      line[1][i] = -line[1][length - i];
    }
    if (half) {
      // A real signal's first and middle frequencies have no phase.
      line[1][0] = 0;
      if (length % 2 == 0 && length > 0) {
        line[1][length / 2] = 0;
      }
    }
    return line;
  }

  /** Transforms of frames of a signal {@code [batch, length, parts]}, a step apart, windowed. */
  private static Tensor stft(KernelContext c) {
    Tensor x = c.tensor(0);
    int step = (int) c.longInput(1, 1);
    if (step < 1) {
      throw new EvaluationException("frame_step " + step + " must be at least 1");
    }
    int length = (int) x.dim(1);
    int parts = x.rank() > 2 ? (int) x.dim(2) : 1;
    int frameLength = (int) c.longInput(3, c.has(2) ? c.tensor(2).size() : length);
    double[] window = new double[frameLength];
    Arrays.fill(window, 1);
    if (c.has(2)) {
      double[] given = c.doubles(2);
      Arrays.fill(window, 0);
      System.arraycopy(given, 0, window, 0, Math.min(given.length, frameLength));
    }
    boolean onesided = c.intAttribute("onesided", 1) != 0;
    int bins = onesided ? frameLength / 2 + 1 : frameLength;
    int frames = length < frameLength ? 0 : 1 + (length - frameLength) / step;
    int batch = (int) x.dim(0);
    double[] values = Elements.doubles(x);
    double[] y = new double[Dims.size(batch, frames, bins, 2)];
    for (int i = 0; i < batch * frames; i++) {
      double[][] frame = new double[2][frameLength];
      int at = (i / frames * length + i % frames * step) * parts;
      for (int k = 0; k < frameLength; k++) {
        frame[0][k] = window[k] * values[at + k * parts];
        frame[1][k] = parts > 1 ? window[k] * values[at + k * parts + 1] : 0;
      }
      double[][] spectrum = transform(frame[0], frame[1], -1);
      for (int k = 0; k < bins; k++) {
        y[(i * bins + k) * 2] = spectrum[0][k];
        y[(i * bins + k) * 2 + 1] = spectrum[1][k];
      }
    }
    return Elements.of(x.elementType(), y, batch, frames, bins, 2);
  }

  private static double mel(double hertz) {
    return 2595 * Math.log10(1 + hertz / 700);
  }

  private static double hertz(double mel) {
    return 700 * (Math.pow(10, mel / 2595) - 1);
  }

  /** Triangles over the spectrum's bins, evenly spaced on the mel scale. */
  private static Tensor melWeightMatrix(KernelContext c) {
    int mels = (int) c.longInput(0, 0);
    long length = c.longInput(1, 0);
    double rate = c.doubleInput(2, 1);
    double low = mel(c.doubleInput(3, 0));
    double step = (mel(c.doubleInput(4, 0)) - low) / (mels + 2);
    int[] bins = new int[mels + 2];
    for (int i = 0; i < bins.length; i++) {
      bins[i] = (int) Math.floor((length + 1) * hertz(low + i * step) / rate);
    }
    int rows = (int) (length / 2 + 1);
    double[] y = new double[Dims.size(rows, mels)];
    for (int i = 0; i < mels; i++) {
      int rise = bins[i + 1] - bins[i];
      int fall = bins[i + 2] - bins[i + 1];
      for (int j = bins[i]; j <= bins[i + 1]; j++) {
        y[j * mels + i] = rise == 0 ? 1 : (double) (j - bins[i]) / rise;
      }
      for (int j = bins[i + 1]; j < bins[i + 2]; j++) {
        y[j * mels + i] = (double) (bins[i + 2] - j) / fall;
      }
    }
    return Elements.of(outputType(c), y, rows, mels);
  }
}
