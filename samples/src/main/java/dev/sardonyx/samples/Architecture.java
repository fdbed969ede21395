package dev.sardonyx.samples;

import dev.sardonyx.training.read.SavedNetwork;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.zoo.model.AlexNet;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.FaceNetNN4Small2;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.deeplearning4j.zoo.model.LeNet;
import org.deeplearning4j.zoo.model.NASNet;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.SimpleCNN;
import org.deeplearning4j.zoo.model.SqueezeNet;
import org.deeplearning4j.zoo.model.TextGenerationLSTM;
import org.deeplearning4j.zoo.model.TinyYOLO;
import org.deeplearning4j.zoo.model.UNet;
import org.deeplearning4j.zoo.model.VGG16;
import org.deeplearning4j.zoo.model.VGG19;
import org.deeplearning4j.zoo.model.Xception;
import org.deeplearning4j.zoo.model.YOLO2;

/**
 * An architecture of DL4J's zoo, with random weights, since its pretrained weights would have to be
 * downloaded.
 *
 * @param shape of one input, channels first; images smaller than the architecture's own where it
 *     allows them, so that all can be tried in minutes
 * @param builder makes the network for the shape
 */
record Architecture(String name, List<Integer> shape, Function<int[], Model> builder) {
  private static final int CLASSES = 10;

  static final List<Architecture> ALL =
      List.of(
          of("LeNet", s -> LeNet.builder().numClasses(CLASSES).inputShape(s).build().init(), 1, 28),
          of("SimpleCNN", s -> simpleCnn(s), 3, 48),
          of(
              "AlexNet",
              s -> AlexNet.builder().numClasses(CLASSES).inputShape(s).build().init(),
              3,
              96),
          of("VGG16", s -> VGG16.builder().numClasses(CLASSES).inputShape(s).build().init(), 3, 32),
          of("VGG19", s -> VGG19.builder().numClasses(CLASSES).inputShape(s).build().init(), 3, 32),
          of(
              "ResNet50",
              s -> ResNet50.builder().numClasses(CLASSES).inputShape(s).build().init(),
              3,
              192),
          of(
              "SqueezeNet",
              s -> SqueezeNet.builder().numClasses(CLASSES).inputShape(s).build().init(),
              3,
              64),
          of(
              "Darknet19",
              s -> Darknet19.builder().numClasses(CLASSES).inputShape(s).build().init(),
              3,
              64),
          of(
              "TinyYOLO",
              s -> TinyYOLO.builder().numClasses(CLASSES).inputShape(s).build().init(),
              3,
              96),
          of("YOLO2", s -> YOLO2.builder().numClasses(CLASSES).inputShape(s).build().init(), 3, 96),
          of("UNet", s -> UNet.builder().numClasses(CLASSES).inputShape(s).build().init(), 3, 32),
          of(
              "Xception",
              s -> Xception.builder().numClasses(CLASSES).inputShape(s).build().init(),
              3,
              75),
          of(
              "InceptionResNetV1",
              s -> InceptionResNetV1.builder().numClasses(CLASSES).inputShape(s).build().init(),
              3,
              160),
          of(
              "FaceNetNN4Small2",
              s -> FaceNetNN4Small2.builder().numClasses(CLASSES).inputShape(s).build().init(),
              3,
              96),
          of(
              "NASNet",
              s -> NASNet.builder().numClasses(CLASSES).inputShape(s).build().init(),
              3,
              96),
          new Architecture("TextGenerationLSTM", List.of(40, 47), Architecture::textGeneration));

  private static Architecture of(
      String name, Function<int[], Model> builder, int channels, int size) {
    return new Architecture(name, List.of(channels, size, size), builder);
  }

  private static Model simpleCnn(int[] shape) {
    return SimpleCNN.builder().numClasses(CLASSES).inputShape(shape).build().init();
  }

  private static Model textGeneration(int[] shape) {
    return TextGenerationLSTM.builder()
        .maxLength(shape[0])
        .totalUniqueCharacters(shape[1])
        .inputShape(shape)
        .build()
        .init();
  }

  /**
   * A network of the architecture.
   *
   * @param seed decides the weights
   */
  SavedNetwork network(long seed) {
    Model model = builder.apply(shape.stream().mapToInt(i -> i).toArray());
    RandomWeights.fill(model, seed);
    return model instanceof ComputationGraph graph
        ? new SavedNetwork.OfGraph(graph)
        : new SavedNetwork.Chain((MultiLayerNetwork) model);
  }

  InputType inputType() {
    return shape.size() == 2
        ? InputType.recurrent(shape.get(1), shape.get(0))
        : InputType.convolutional(shape.get(1), shape.get(2), shape.get(0));
  }
}
