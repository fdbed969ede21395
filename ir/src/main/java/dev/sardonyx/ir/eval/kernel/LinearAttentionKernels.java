package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.List;

/** Recurrences over a sequence whose state is an outer product, and their causal convolution. */
final class LinearAttentionKernels {
  private LinearAttentionKernels() {}

  static void register(Kernels kernels) {
    kernels.add("LinearAttention", LinearAttentionKernels::linearAttention);
    kernels.add("CausalConvWithState", LinearAttentionKernels::causalConv);
  }

  /** One key head's matrix of state, {@code [keySize, valueSize]}, at a place in an array. */
  private record State(double[] values, int at, int keySize, int valueSize) {
    /** Multiplies each row by the exponential of its decay; one decay serves all rows. */
    void decay(double[] decay, int from, int count) {
      for (int d = 0; d < keySize; d++) {
        double factor = Math.exp(decay[from + (count == 1 ? 0 : d)]);
        for (int m = 0; m < valueSize; m++) {
          values[at + d * valueSize + m] *= factor;
        }
      }
    }

    /** The state's answer to a key or query. */
    double[] read(double[] key, int from) {
      double[] result = new double[valueSize];
      for (int d = 0; d < keySize; d++) {
        for (int m = 0; m < valueSize; m++) {
          result[m] += values[at + d * valueSize + m] * key[from + d];
        }
      }
      return result;
    }

    void write(double[] key, int from, double[] value) {
      for (int d = 0; d < keySize; d++) {
        for (int m = 0; m < valueSize; m++) {
          values[at + d * valueSize + m] += key[from + d] * value[m];
        }
      }
    }
  }

  private static List<Datum> linearAttention(KernelContext c) {
    int queryHeads = (int) c.intAttribute("q_num_heads");
    int heads = (int) c.intAttribute("kv_num_heads");
    String rule = c.stringAttribute("update_rule", "gated_delta");
    if (heads <= 0 || queryHeads % heads != 0) {
      throw new EvaluationException(
          queryHeads + " query heads are no multiple of " + heads + " key heads");
    }
    check(c, rule.startsWith("gated"), 4, "decay", rule);
    check(c, rule.endsWith("delta"), 5, "beta", rule);
    int batch = (int) c.tensor(0).dim(0);
    int steps = (int) c.tensor(0).dim(1);
    int keySize = (int) c.tensor(0).dim(2) / queryHeads;
    int valueSize = (int) c.tensor(2).dim(2) / heads;
    double[] states =
        c.has(3) ? c.doubles(3) : new double[Dims.size(batch, heads, keySize, valueSize)];
    double[] y = new double[Dims.size(batch, steps, queryHeads, valueSize)];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        int at = (b * heads + h) * keySize * valueSize;
        run(c, new State(states, at, keySize, valueSize), b, h, queryHeads, heads, y);
      }
    }
    ElementType stateType = c.has(3) ? c.type(3) : c.type(0);
    return List.of(
        Elements.of(c.type(0), y, batch, steps, (long) queryHeads * valueSize),
        Elements.of(stateType, states, batch, heads, keySize, valueSize));
  }

  private static void check(KernelContext c, boolean needed, int input, String name, String rule) {
    if (needed != c.has(input)) {
      throw new EvaluationException(
          "update rule " + rule + (needed ? " needs input " : " takes no input ") + name);
    }
  }

  /** The steps of one key head: decay, correction, write, and the reads of its query heads. */
  private static void run(
      KernelContext c, State state, int b, int h, int queryHeads, int heads, double[] y) {
    double[] q = c.doubles(0);
    double[] k = c.doubles(1);
    double[] v = c.doubles(2);
    double[] decay = c.has(4) ? c.doubles(4) : new double[0];
    double[] beta = c.has(5) ? c.doubles(5) : new double[0];
    int steps = (int) c.tensor(0).dim(1);
    int decays = c.has(4) ? (int) c.tensor(4).dim(2) / heads : 0;
    int betas = c.has(5) ? (int) c.tensor(5).dim(2) : 0;
    int keySize = state.keySize();
    int valueSize = state.valueSize();
    double scale = c.floatAttribute("scale", 0);
    scale = scale == 0 ? 1 / Math.sqrt(keySize) : scale;
    int group = queryHeads / heads;
    for (int t = 0; t < steps; t++) {
      int row = b * steps + t;
      int keyAt = (row * heads + h) * keySize;
      int valueAt = (row * heads + h) * valueSize;
      double[] value = Arrays.copyOfRange(v, valueAt, valueAt + valueSize);
      if (decays > 0) {
        state.decay(decay, (row * heads + h) * decays, decays);
      }
      if (betas > 0) {
        double[] known = state.read(k, keyAt);
        double factor = beta[row * betas + (betas == 1 ? 0 : h)];
        for (int m = 0; m < valueSize; m++) {
          value[m] = factor * (value[m] - known[m]);
        }
      }
      state.write(k, keyAt, value);
      for (int g = 0; g < group; g++) {
        int head = row * queryHeads + h * group + g;
        double[] read = state.read(q, head * keySize);
        for (int m = 0; m < valueSize; m++) {
          y[head * valueSize + m] = scale * read[m];
        }
      }
    }
  }

  /** A convolution of each channel with its own filter over the state followed by the input. */
  private static List<Datum> causalConv(KernelContext c) {
    Tensor x = c.tensor(0);
    Tensor w = c.tensor(1);
    int k = (int) w.dim(2);
    long channels = x.dim(1);
    Tensor before =
        c.has(3) ? c.tensor(3) : Elements.zeros(x.elementType(), x.dim(0), channels, k - 1L);
    Tensor padded = ShapeKernels.concat(List.of(before, x), 2);
    int length = (int) padded.dim(2);
    int out = length - k + 1;
    double[] values = Elements.doubles(padded);
    double[] filters = Elements.doubles(w);
    double[] bias = c.has(2) ? c.doubles(2) : new double[(int) channels];
    double[] y = new double[Dims.size(x.dim(0), channels, out)];
    for (int i = 0; i < y.length; i++) {
      int plane = i / Math.max(1, out);
      int channel = (int) (plane % channels);
      double sum = bias[channel];
      for (int p = 0; p < k; p++) {
        sum += values[plane * length + i % out + p] * filters[channel * k + p];
      }
      y[i] = sum;
    }
    Tensor result = Elements.of(x.elementType(), y, x.dim(0), channels, out);
    if (!c.stringAttribute("activation", "none").equals("none")) {
      result = UnaryKernels.map(result, v -> v * SpecialFunctions.sigmoid(v));
    }
    Tensor present = MovementKernels.split(padded, 2, new long[] {length - (k - 1), k - 1}).get(1);
    return List.of(result, present);
  }
}
