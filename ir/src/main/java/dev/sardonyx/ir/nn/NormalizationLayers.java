package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.OperatorBuilder;

/** Normalisation whose scale and bias are trained: 1 and 0 at first. */
public interface NormalizationLayers extends LayerBuilder {
  /** {@link #batchNorm(Value, float)} with epsilon 1e-5. */
  default Value batchNorm(Value x) {
    return batchNorm(x, 1e-5f);
  }

  /**
   * Batch normalisation (ONNX {@code BatchNormalization}): scale 1, bias 0, and statistics of mean
   * 0 and variance 1 until it is trained.
   *
   * @param x {@code [N,C,...]}; C must be known
   */
  default Value batchNorm(Value x, float epsilon) {
    long channels = size(x, 1, "batchNorm takes [N,C,...] with a fixed C");
    String name = builder().freshName("bn");
    Value scale = layers().vector(Initializer.ones(), name + ".scale", channels);
    Value bias = layers().vector(Initializer.zeros(), name + ".bias", channels);
    Value mean = layers().vector(Initializer.zeros(), name + ".mean", channels);
    Value variance = layers().vector(Initializer.ones(), name + ".variance", channels);
    return builder().named(name).batchNormalization(x, scale, bias, mean, variance, epsilon);
  }

  /** {@link #layerNorm(Value, float)} with epsilon 1e-5. */
  default Value layerNorm(Value x) {
    return layerNorm(x, 1e-5f);
  }

  /**
   * The last axis to mean 0 and variance 1, then scale and bias (Ba et al. 2016; ONNX {@code
   * LayerNormalization}, made of older operators before opset 17).
   *
   * @param x {@code [N,...,K]}; K must be known
   */
  default Value layerNorm(Value x, float epsilon) {
    long size = size(x, -1, "layerNorm takes [N,...,K] with a fixed K");
    String name = builder().freshName("ln");
    Value scale = layers().vector(Initializer.ones(), name + ".scale", size);
    Value bias = layers().vector(Initializer.zeros(), name + ".bias", size);
    return builder().named(name).layerNormalization(x, scale, bias, -1, epsilon);
  }

  /** {@link #rmsNorm(Value, float)} with epsilon 1e-5. */
  default Value rmsNorm(Value x) {
    return rmsNorm(x, 1e-5f);
  }

  /**
   * The last axis divided by its root mean square, then scaled (Zhang and Sennrich 2019; ONNX
   * {@code RMSNormalization}, made of older operators before opset 23).
   *
   * @param x {@code [N,...,K]}; K must be known
   */
  default Value rmsNorm(Value x, float epsilon) {
    long size = size(x, -1, "rmsNorm takes [N,...,K] with a fixed K");
    String name = builder().freshName("rms");
    Value scale = layers().vector(Initializer.ones(), name + ".scale", size);
    return builder().named(name).rmsNormalization(x, scale, -1, epsilon);
  }

  private static long size(Value x, int axis, String demand) {
    Shape shape = OperatorBuilder.shapeOf(x);
    if (!shape.isRanked() || shape.rank() < 2 || !shape.dim(axis).isFixed()) {
      throw GraphBuildException.here(demand + ", but " + x.name() + " is " + x.type());
    }
    return shape.dim(axis).value();
  }
}
