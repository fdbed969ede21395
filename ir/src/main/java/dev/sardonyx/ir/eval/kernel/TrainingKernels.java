package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The update rules of ai.onnx.preview.training, each for any number of tensors. */
final class TrainingKernels {
  private static final String DOMAIN = "ai.onnx.preview.training";

  private TrainingKernels() {}

  static void register(Kernels kernels) {
    kernels.add(DOMAIN, "Adagrad", c -> update(c, 3, TrainingKernels::adagrad));
    kernels.add(DOMAIN, "Adam", c -> update(c, 4, TrainingKernels::adam));
    kernels.add(DOMAIN, "Momentum", c -> update(c, 3, TrainingKernels::momentum));
  }

  /** Changes the i-th element of a tensor and of its statistics. */
  @FunctionalInterface
  private interface Rule {
    /**
     * @param values tensor, gradient and statistics; the new ones take their places
     */
    void apply(KernelContext c, double rate, long step, double[][] values, int i);
  }

  /**
   * Inputs are the rate, the step, all tensors, all gradients, all statistics of the first kind,
   * and so on; outputs the same without rate, step and gradients.
   *
   * @param kinds how many inputs belong to each tensor
   */
  private static List<Datum> update(KernelContext c, int kinds, Rule rule) {
    int count = (c.inputs() - 2) / kinds;
    double rate = c.doubleInput(0, 0);
    long step = c.longInput(1, 0);
    List<List<Datum>> results = new ArrayList<>();
    for (int k = 0; k < kinds; k++) {
      results.add(new ArrayList<>());
    }
    for (int t = 0; t < count; t++) {
      double[][] values = new double[kinds][];
      for (int k = 0; k < kinds; k++) {
        values[k] = c.doubles(2 + k * count + t);
      }
      for (int i = 0; i < values[0].length; i++) {
        rule.apply(c, rate, step, values, i);
      }
      for (int k = 0; k < kinds; k++) {
        Tensor like = c.tensor(2 + k * count + t);
        results.get(k).add(Elements.of(like.elementType(), values[k], like.dims()));
      }
    }
    results.remove(1);
    return results.stream().flatMap(List::stream).toList();
  }

  private static void adagrad(KernelContext c, double rate, long step, double[][] values, int i) {
    double x = values[0][i];
    double gradient = c.floatAttribute("norm_coefficient", 0) * x + values[1][i];
    double decayed = rate / (1 + step * c.floatAttribute("decay_factor", 0));
    values[2][i] += gradient * gradient;
    values[0][i] =
        x - decayed * gradient / (Math.sqrt(values[2][i]) + c.floatAttribute("epsilon", 0));
  }

  private static void adam(KernelContext c, double rate, long step, double[][] values, int i) {
    double alpha = c.floatAttribute("alpha", 0.9f);
    double beta = c.floatAttribute("beta", 0.999f);
    double x = values[0][i];
    double gradient = c.floatAttribute("norm_coefficient", 0) * x + values[1][i];
    values[2][i] = alpha * values[2][i] + (1 - alpha) * gradient;
    values[3][i] = beta * values[3][i] + (1 - beta) * gradient * gradient;
    double corrected =
        step > 0
            ? rate
                * Math.sqrt(1 - Math.pow(beta, (double) step))
                / (1 - Math.pow(alpha, (double) step))
            : rate;
    double scale = Math.sqrt(values[3][i]) + c.floatAttribute("epsilon", 0);
    double changed = x - corrected * values[2][i] / scale;
    values[0][i] = (1 - c.floatAttribute("norm_coefficient_post", 0)) * changed;
  }

  private static void momentum(KernelContext c, double rate, long step, double[][] values, int i) {
    double alpha = c.floatAttribute("alpha");
    double beta = step > 0 ? c.floatAttribute("beta") : 1;
    double x = values[0][i];
    double gradient = c.floatAttribute("norm_coefficient") * x + values[1][i];
    values[2][i] = alpha * values[2][i] + beta * gradient;
    boolean nesterov = c.stringAttribute("mode", "standard").equals("nesterov");
    values[0][i] = x - rate * (nesterov ? gradient + alpha * values[2][i] : values[2][i]);
  }
}
