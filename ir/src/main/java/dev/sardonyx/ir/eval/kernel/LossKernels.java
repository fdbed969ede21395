package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Losses of scores {@code [N, C, ...]} against classes {@code [N, ...]}. */
final class LossKernels {
  private LossKernels() {}

  static void register(Kernels kernels) {
    kernels.one("NegativeLogLikelihoodLoss", c -> loss(c, c.tensor(0)));
    kernels.add("SoftmaxCrossEntropyLoss", LossKernels::softmaxCrossEntropy);
  }

  private static List<Datum> softmaxCrossEntropy(KernelContext c) {
    Tensor logProbabilities = Rows.along(c.tensor(0), 1, SoftmaxKernels::logSoftmax, c.parallel());
    List<Datum> outputs = new ArrayList<>(List.of(loss(c, logProbabilities)));
    outputs.add(logProbabilities);
    return outputs;
  }

  /** The negative log likelihood, weighted by class; ignored places count for nothing. */
  private static Tensor loss(KernelContext c, Tensor logLikelihoods) {
    ElementType type = logLikelihoods.elementType();
    double[] values = Elements.doubles(logLikelihoods);
    long[] target = c.longs(1);
    long[] dims = logLikelihoods.dims();
    int classes = (int) dims[1];
    int inner = Dims.product(dims, 2, dims.length);
    boolean ignores = c.hasAttribute("ignore_index");
    long ignored = c.intAttribute("ignore_index", 0);
    double[] weights = c.has(2) ? c.doubles(2) : null;
    double[] losses = new double[target.length];
    double total = 0;
    for (int i = 0; i < target.length; i++) {
      if (ignores && target[i] == ignored) {
        continue;
      }
      int k = GatherKernels.position(target[i], classes);
      double weight = weights == null ? 1 : weights[k];
      losses[i] = -weight * values[(i / inner * classes + k) * inner + i % inner];
      total += weight;
    }
    String reduction = c.stringAttribute("reduction", "mean");
    if (reduction.equals("none")) {
      return Elements.of(type, losses, c.dims(1));
    }
    double sum = ReductionKernels.sum(losses, 0, losses.length);
    return Elements.of(type, new double[] {reduction.equals("mean") ? sum / total : sum});
  }
}
