package dev.sardonyx.samples.read;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers that carry a loss. */
final class OutputCases {
  private OutputCases() {}

  static Stream<ParityCase> all() {
    List<ParityCase> all = new ArrayList<>();
    InputType row = InputType.feedForward(6);
    all.add(
        ParityCase.chain(
            "loss of rows",
            row,
            new DenseLayer.Builder().nOut(4).build(),
            new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build()));
    all.add(
        ParityCase.chain(
            "centre loss",
            row,
            new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build()));
    all.add(
        ParityCase.chain(
            "one class",
            row,
            new OCNNOutputLayer.Builder()
                .hiddenLayerSize(4)
                .nIn(6)
                .activation(Activation.SIGMOID)
                .build()));
    for (CNN2DFormat format : CNN2DFormat.values()) {
      all.add(
          ParityCase.chain(
              "loss of images " + format,
              InputType.convolutional(4, 5, 3, format),
              new CnnLossLayer.Builder(LossFunction.MCXENT)
                  .format(format)
                  .activation(Activation.SOFTMAX)
                  .build()));
      all.add(
          ParityCase.chain(
              "boxes " + format,
              InputType.convolutional(3, 4, 16, format),
              new Yolo2OutputLayer.Builder()
                  .boundingBoxPriors(Nd4j.createFromArray(new float[][] {{1, 2}, {3, 1.5f}}))
                  .build()));
    }
    for (RNNFormat format : RNNFormat.values()) {
      InputType sequence = InputType.recurrent(3, 6, format);
      all.add(
          ParityCase.chain(
              "output at each step " + format,
              sequence,
              new RnnOutputLayer.Builder(LossFunction.MCXENT)
                  .nOut(5)
                  .activation(Activation.SOFTMAX)
                  .dataFormat(format)
                  .build()));
      all.add(
          ParityCase.chain(
              "loss at each step " + format,
              sequence,
              new RnnLossLayer.Builder(LossFunction.MCXENT)
                  .activation(Activation.SOFTMAX)
                  .dataFormat(format)
                  .build()));
    }
    for (Convolution3D.DataFormat format : Convolution3D.DataFormat.values()) {
      all.add(
          ParityCase.chain(
              "loss of volumes " + format,
              InputType.convolutional3D(format, 2, 3, 4, 3),
              new Cnn3DLossLayer.Builder(format)
                  .lossFunction(LossFunction.MCXENT)
                  .activation(Activation.SOFTMAX)
                  .build()));
    }
    return all.stream();
  }
}
