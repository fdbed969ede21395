package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.keras.KerasReader;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.training.Dl4jBackend;
import dev.sardonyx.training.Loss;
import dev.sardonyx.training.NdArrays;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.SingletonMultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Models that torch and Keras exported go on learning, and what has learnt computes in ONNX Runtime
 * what it does in DL4J. {@code src/test/python/trainable_models.py} makes the files.
 */
class TrainFromFilesTest {
  private static final int BATCH = 8;
  private static final int EPOCHS = 12;

  /** What is asked of an output. */
  private enum Labels {
    CLASSES,
    NUMBERS
  }

  private static Arguments model(String file, UnaryOperator<Training> losses, Labels... labels) {
    return Arguments.of(file, losses, List.of(labels));
  }

  static Stream<Arguments> models() {
    UnaryOperator<Training> logits = t -> t.loss(Loss.crossEntropyFromLogits());
    UnaryOperator<Training> usual = t -> t;
    return Stream.of(
        model("lenet.onnx", usual, Labels.CLASSES),
        model("resnet18.onnx", logits, Labels.CLASSES),
        model("mobilenet.onnx", logits, Labels.CLASSES),
        model("unet.onnx", logits, Labels.CLASSES),
        model("text.onnx", logits, Labels.CLASSES),
        model("volume.onnx", logits, Labels.CLASSES),
        model("rnn.onnx", logits, Labels.CLASSES),
        model("lstm.onnx", logits, Labels.CLASSES),
        model("bidirectional.onnx", logits, Labels.CLASSES),
        model("tagger.onnx", usual, Labels.CLASSES),
        model("decoder.onnx", usual, Labels.NUMBERS),
        model("prelu.onnx", logits, Labels.CLASSES),
        model("pixelshuffle.onnx", t -> t.loss(Loss.meanSquaredError()), Labels.NUMBERS),
        model("shuffle.onnx", logits, Labels.CLASSES),
        model("signal.onnx", logits, Labels.CLASSES),
        model("two_inputs.onnx", logits, Labels.CLASSES),
        model(
            "two_outputs.onnx",
            t -> t.loss(last(t), Loss.meanAbsoluteError()),
            Labels.CLASSES,
            Labels.NUMBERS),
        model("keras_image.h5", usual, Labels.CLASSES),
        model("keras_words.h5", usual, Labels.NUMBERS),
        model("keras_steps.h5", t -> t.loss(Loss.huber(0.5)), Labels.NUMBERS));
  }

  private static String last(Training training) {
    List<Output> outputs = training.model().graph().outputs();
    return outputs.get(outputs.size() - 1).name();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void learnsAndComputesTheSame(
      String file, UnaryOperator<Training> losses, List<Labels> labels, @TempDir Path folder)
      throws IOException {
    Model model = read(file, folder);
    Random random = new Random(3);
    Map<String, Tensor> inputs = inputs(model, random);
    INDArray[] features =
        model.graph().inputs().stream()
            .filter(input -> inputs.containsKey(input.name()))
            .map(input -> NdArrays.array(Objects.requireNonNull(inputs.get(input.name()))))
            .toArray(INDArray[]::new);
    INDArray[] wanted = labels(model, labels, random);
    TrainingResult result =
        losses
            .apply(Training.of(model).epochs(EPOCHS).updater(new Adam(0.01)))
            .run(new SingletonMultiDataSetIterator(new MultiDataSet(features, wanted)));
    double first = result.history().get(0).loss();
    double end = result.history().get(EPOCHS - 1).loss();
    assertTrue(end < first, "loss " + first + " -> " + end);
    assertEquals(List.of(), result.untrained());
    assertAllChanged(model, result.model());

    Model exported = OnnxReader.read(OnnxExport.of(result.model()).toBytes());
    assertEquals(names(model), names(exported));
    VerificationReport report =
        Verifier.of(OrtBackend.cpu())
            .outputsOnly()
            .against(new Dl4jBackend(), exported, List.of(inputs));
    assertTrue(report.passed(), report::toString);
  }

  private static List<String> names(Model model) {
    return Stream.concat(
            model.graph().inputs().stream().map(Input::name),
            model.graph().outputs().stream().map(Output::name))
        .toList();
  }

  private static Model read(String file, Path folder) throws IOException {
    if (file.endsWith(".onnx")) {
      return OnnxReader.readResource(TrainFromFilesTest.class, "training/" + file);
    }
    Path copy = folder.resolve(file);
    try (InputStream in =
        Objects.requireNonNull(
            TrainFromFilesTest.class.getResourceAsStream("training/" + file), file)) {
      Files.copy(in, copy);
    }
    return KerasReader.standard().read(copy);
  }

  /** Every matrix and filter is another than before. */
  private static void assertAllChanged(Model before, Model after) {
    Map<String, Tensor> old = new HashMap<>();
    for (Constant constant : before.graph().constants()) {
      if (constant.data() instanceof Tensor tensor && isWeight(tensor)) {
        old.put(constant.name(), tensor);
      }
    }
    List<String> same = new ArrayList<>();
    for (Constant constant : after.graph().constants()) {
      if (constant.data() instanceof Tensor tensor && tensor.equals(old.get(constant.name()))) {
        same.add(constant.name());
      }
    }
    assertEquals(List.of(), same);
  }

  private static boolean isWeight(Tensor tensor) {
    return tensor.elementType() == ElementType.FLOAT && tensor.rank() > 1;
  }

  private static long[] dims(TensorType type) {
    return type.shape().dims().stream().mapToLong(d -> d.asLong().orElse(BATCH)).toArray();
  }

  private static Map<String, Tensor> inputs(Model model, Random random) {
    List<String> constants = model.graph().constants().stream().map(Constant::name).toList();
    Map<String, Tensor> inputs = new HashMap<>();
    for (Input input : model.graph().inputs()) {
      if (!constants.contains(input.name())) {
        TensorType type = (TensorType) input.type();
        inputs.put(input.name(), random(type.elementType(), dims(type), random));
      }
    }
    return inputs;
  }

  private static Tensor random(ElementType type, long[] dims, Random random) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    if (type == ElementType.INT64) {
      return Tensor.ofLongs(random.longs(size, 0, 20).toArray(), dims);
    }
    if (type == ElementType.INT32) {
      return Tensor.ofInts(random.ints(size, 0, 20).toArray(), dims);
    }
    float[] elements = new float[size];
    for (int i = 0; i < size; i++) {
      elements[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(elements, dims);
  }

  private static INDArray[] labels(Model model, List<Labels> kinds, Random random) {
    INDArray[] labels = new INDArray[kinds.size()];
    for (int i = 0; i < labels.length; i++) {
      long[] dims = dims((TensorType) model.graph().outputs().get(i).type());
      dims[0] = BATCH;
      labels[i] =
          kinds.get(i) == Labels.CLASSES ? classes(dims, random) : zerosAndOnes(dims, random);
    }
    return labels;
  }

  /** One-hot; of sequences [N,T,C] as DL4J has them, [N,C,T]. */
  private static INDArray classes(long[] dims, Random random) {
    long[] shape = dims.length == 3 ? new long[] {dims[0], dims[2], dims[1]} : dims;
    INDArray oneHot = Nd4j.zeros(shape);
    long places = oneHot.length() / shape[0] / shape[1];
    for (long n = 0; n < shape[0]; n++) {
      for (long place = 0; place < places; place++) {
        long label = random.nextInt((int) shape[1]);
        oneHot.putScalar((n * shape[1] + label) * places + place, 1);
      }
    }
    return oneHot;
  }

  private static INDArray zerosAndOnes(long[] dims, Random random) {
    INDArray labels = Nd4j.zeros(dims);
    for (long i = 0; i < labels.length(); i++) {
      labels.putScalar(i, random.nextInt(2));
    }
    return labels;
  }
}
