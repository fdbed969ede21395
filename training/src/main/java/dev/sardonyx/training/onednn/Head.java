package dev.sardonyx.training.onednn;

import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * The end of the network, between the way forward and the way back: DL4J's own loss, any of them.
 */
interface Head {
  /**
   * Computes the loss, and its gradient where the way back begins.
   *
   * @return the examples' mean loss, penalties on parameters left out
   */
  double learn(INDArray labels, @Nullable INDArray mask);

  /** Records the last layer. */
  static Head add(RecordingSite site, Layer layer) {
    if (layer.getClass() == OutputLayer.class) {
      OutputLayer output = (OutputLayer) layer;
      site.requirePlain(layer);
      RecordedValue scores = OneDnnDenseLayers.add(site, output, output.hasBias());
      return loss(site.with(scores), output.getLossFn(), output.getActivationFn());
    }
    if (layer.getClass() == LossLayer.class && site.input().rank() == 2) {
      LossLayer output = (LossLayer) layer;
      site.requirePlain(layer);
      return loss(site, output.getLossFn(), output.getActivationFn());
    }
    throw site.refuse("the network ends in a " + layer.getClass().getSimpleName());
  }

  private static Head loss(RecordingSite site, ILossFunction loss, IActivation activation) {
    INDArray scores = array(site.input());
    INDArray delta = array(site.input());
    connect(site, scores, delta);
    return (labels, mask) -> {
      delta.assign(loss.computeGradient(labels, scores.dup(), activation, mask));
      return loss.computeScore(labels, scores.dup(), activation, mask, false) / scores.size(0);
    };
  }

  /** Records where the loss's input comes from, and where its gradient goes. */
  private static void connect(RecordingSite site, INDArray input, INDArray delta) {
    Tape tape = site.tape();
    RecordedValue x = site.input();
    memory.desc plain = Tape.plain(x.dims());
    tape.copy(x.data(), tape.at(Parameters.address(input), plain));
    tape.onTheWayBack(
        () -> {
          ValueGradient gradient = tape.fresh(x.order());
          tape.copy(tape.at(Parameters.address(delta), plain), gradient.data());
          tape.give(x, gradient);
        });
  }

  private static INDArray array(RecordedValue like) {
    return Nd4j.createUninitialized(DataType.FLOAT, like.dims(), 'c');
  }
}
