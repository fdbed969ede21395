package org.deeplearning4j.nn.layers.normalization;

import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The gradient of local response normalisation, as a helper for DL4J's own layer, whose formula
 * divides by the sum around the wrong channel: it is right in the limit of a small alpha only.
 *
 * <p>With {@code s(i) = k + alpha * sum of x(j)^2 over the window around channel i}, the layer
 * computes {@code y(i) = x(i) * s(i)^-beta}, and so
 *
 * <pre>dL/dx(j) = g(j) * s(j)^-beta
 *     - 2 * alpha * beta * x(j) * sum of g(i) * x(i) * s(i)^(-beta-1) over the window around j
 * </pre>
 *
 * <p>It is in DL4J's package because the layer offers no other way to give it a helper. Layouts are
 * NCHW. What is computed forward, and what is saved, stays DL4J's.
 */
public final class ExactLrnGradient implements LocalResponseNormalizationHelper {
  private ExactLrnGradient() {}

  /** Makes the local response normalisations of a network use this gradient. */
  public static void install(ComputationGraph network) {
    for (Layer layer : network.getLayers()) {
      if (layer instanceof LocalResponseNormalization normalization) {
        normalization.helper = new ExactLrnGradient();
      }
    }
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray x,
      INDArray epsilon,
      double k,
      double n,
      double alpha,
      double beta,
      LayerWorkspaceMgr workspaces) {
    int reach = (int) n / 2;
    INDArray scale = window(x.mul(x), reach).muli(alpha).addi(k);
    INDArray power = Transforms.pow(scale, -beta, true);
    INDArray inner = window(epsilon.mul(x).muli(power).divi(scale), reach);
    INDArray gradient =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c');
    gradient.assign(power.muli(epsilon).subi(inner.muli(x).muli(2 * alpha * beta)));
    return new Pair<>(new DefaultGradient(), gradient);
  }

  /** For each channel the sum over the channels up to {@code reach} away. */
  private static INDArray window(INDArray values, int reach) {
    INDArray sum = values.dup();
    long channels = values.size(1);
    for (int i = 1; i <= Math.min(reach, channels - 1); i++) {
      channels(sum, i, channels).addi(channels(values, 0, channels - i));
      channels(sum, 0, channels - i).addi(channels(values, i, channels));
    }
    return sum;
  }

  private static INDArray channels(INDArray values, long from, long to) {
    return values.get(
        NDArrayIndex.all(),
        NDArrayIndex.interval(from, to),
        NDArrayIndex.all(),
        NDArrayIndex.all());
  }

  /** Leaves the way forward to the layer. */
  @Override
  public @Nullable INDArray activate(
      INDArray x,
      boolean training,
      double k,
      double n,
      double alpha,
      double beta,
      LayerWorkspaceMgr workspaces) {
    return null;
  }

  @Override
  public boolean checkSupported(double k, double n, double alpha, double beta) {
    return true;
  }

  @Override
  public boolean checkSupported() {
    return true;
  }

  @Override
  public Map<String, Long> helperMemoryUse() {
    return Map.of();
  }
}
