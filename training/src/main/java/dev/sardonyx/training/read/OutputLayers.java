package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.training.NdArrays;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layers that carry a loss: at inference, what they compute before it. */
final class OutputLayers {
  private OutputLayers() {}

  static Value output(BaseOutputLayer layer, Site site, Value x) {
    Value y = DenseLayers.affine(site, x, layer.hasBias(), false);
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  /** At each step of a sequence. */
  static Value sequenceOutput(RnnOutputLayer layer, Site site, Value x) {
    GraphBuilder b = site.b();
    site.require(x, 3, "[N,C,T] or [N,T,C]");
    boolean last = Sequences.isChannelsLast(layer.getRnnDataFormat());
    Value steps = last ? x : site.channelsLast(x);
    Value product = b.matMul(steps, site.weights(DefaultParamInitializer.WEIGHT_KEY));
    Value z =
        layer.hasBias() ? b.add(product, site.vector(DefaultParamInitializer.BIAS_KEY)) : product;
    Value y = ActivationReadings.apply(layer.getActivationFn(), site, z);
    return last ? y : site.channelsFirst(y);
  }

  static Value sequenceLoss(RnnLossLayer layer, Site site, Value x) {
    site.require(x, 3, "[N,C,T] or [N,T,C]");
    int features = Sequences.isChannelsLast(layer.getRnnDataFormat()) ? 2 : 1;
    return ActivationReadings.applyAlong(features, layer.getActivationFn(), site, x);
  }

  static Value loss(LossLayer layer, Site site, Value x) {
    return ActivationReadings.apply(layer.getActivationFn(), site, x);
  }

  static Value imageLoss(CnnLossLayer layer, Site site, Value x) {
    site.require(x, 4, layer.getFormat().dimensionNames());
    int channels = layer.getFormat() == CNN2DFormat.NCHW ? 1 : 3;
    return ActivationReadings.applyAlong(channels, layer.getActivationFn(), site, x);
  }

  static Value volumeLoss(Cnn3DLossLayer layer, Site site, Value x) {
    site.require(x, 5, layer.getDataFormat().name());
    int channels = layer.getDataFormat() == Convolution3D.DataFormat.NCDHW ? 1 : 4;
    return ActivationReadings.applyAlong(channels, layer.getActivationFn(), site, x);
  }

  /** {@code f(x V) w}: the score of each example, {@code [N]}. */
  static Value oneClass(OCNNOutputLayer layer, Site site, Value x) {
    site.require(x, 2, "[N,features]");
    Value hidden = site.b().matMul(x, site.weights("v"));
    Value active = ActivationReadings.apply(layer.getActivationFn(), site, hidden);
    return site.b().matMul(active, site.vector("w"));
  }

  /**
   * For each cell and box {@code [x,y,w,h,confidence,classes...]}: sigmoid of the place and the
   * confidence, prior times exp of the size, softmax of the classes.
   */
  static Value yolo(Yolo2OutputLayer layer, Site site, Value x) {
    site.require(x, 4, layer.getFormat().dimensionNames());
    GraphBuilder b = site.b();
    INDArray priors = layer.getBoundingBoxes();
    long boxes = priors.size(0);
    return site.inChannelsFirst(
        x,
        layer.getFormat() == CNN2DFormat.NHWC,
        image -> {
          long each = site.size(image, 1) / boxes;
          Value cells = b.reshape(image, 0, boxes, each, -1);
          List<Value> parts = b.split(cells, 2, 2, 2, 1, each - 5);
          Value prior = b.constant("priors", NdArrays.tensor(priors.reshape(1, boxes, 2, 1)));
          Value decoded =
              b.concat(
                  2,
                  b.sigmoid(parts.get(0)),
                  b.mul(b.exp(parts.get(1)), prior),
                  b.sigmoid(parts.get(2)),
                  b.softmax(parts.get(3), 2));
          return b.reshape(decoded, b.shape(image));
        });
  }
}
