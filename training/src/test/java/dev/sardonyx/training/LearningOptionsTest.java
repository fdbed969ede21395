package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.evaluation.classification.ROCMultiClass;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** What decides how a network learns, besides its data: each option does what it says. */
class LearningOptionsTest {
  private static final LabelledImages IMAGES = Bars.images(96, 1);

  @TempDir private Path folder;

  private static Training bars(Model model) {
    return Training.of(model).batchSize(16).learningRate(0.01).seed(9);
  }

  private static Model train(UnaryOperator<Training> options) throws IOException {
    return options.apply(bars(Bars.network(0)).updater(new Sgd(0.1))).run(IMAGES).model();
  }

  /** The length of all weights that are no biases. */
  private static double length(Model model) {
    double squares = 0;
    for (Constant constant : model.graph().constants()) {
      if (constant.data() instanceof Tensor tensor && tensor.rank() > 1) {
        for (double weight : tensor.toDoubles()) {
          squares += weight * weight;
        }
      }
    }
    return Math.sqrt(squares);
  }

  private static double distance(Model one, Model other) {
    double greatest = 0;
    for (int i = 0; i < one.graph().constants().size(); i++) {
      if (one.graph().constants().get(i).data() instanceof Tensor a
          && other.graph().constants().get(i).data() instanceof Tensor b
          && a.rank() > 1) { // no running statistics
        double[] x = a.toDoubles();
        double[] y = b.toDoubles();
        for (int k = 0; k < x.length; k++) {
          greatest = Math.max(greatest, Math.abs(x[k] - y[k]));
        }
      }
    }
    return greatest;
  }

  @Test
  void penaltiesAndDecayMakeWeightsSmaller() throws IOException {
    double plain = length(train(t -> t));
    assertTrue(length(train(t -> t.l2(0.1))) < 0.95 * plain, "L2");
    assertTrue(length(train(t -> t.l1(0.05))) < 0.95 * plain, "L1");
    assertTrue(length(train(t -> t.weightDecay(0.1))) < 0.95 * plain, "weight decay");
  }

  /** By epochs and by steps; also across a stop, since both are counted in what is saved. */
  @Test
  void aScheduleOfTheLearningRateIsFollowed() throws IOException {
    Sgd once = new Sgd(new MapSchedule(ScheduleType.EPOCH, Map.of(0, 0.1, 1, 0.0)));
    Model first = train(t -> t.updater(once).epochs(1));
    assertEquals(0, distance(train(t -> t.epochs(1)), first));
    assertEquals(0, distance(train(t -> t.updater(once).epochs(3)), first));
    Sgd falling = new Sgd(new ExponentialSchedule(ScheduleType.ITERATION, 0.2, 0.8));
    Model whole = train(t -> t.updater(falling).epochs(3));
    Path kept = folder.resolve("kept");
    train(t -> t.updater(falling).epochs(2).checkpoint(kept));
    Model resumed = train(t -> t.updater(falling).epochs(3).resume(kept));
    assertEquals(0, distance(whole, resumed));
    assertTrue(distance(whole, train(t -> t.updater(new Sgd(0.2)).epochs(3))) > 0);
  }

  @Test
  void clippedGradientsMoveAWeightByNoMoreThanTheLimitAllows() throws IOException {
    Model before = Bars.network(0);
    int steps = 96 / 16;
    double limit = 1e-4;
    assertTrue(distance(before, train(t -> t.clipByValue(limit))) <= 0.1 * limit * steps * 1.05);
    assertTrue(distance(before, train(t -> t.clipByNorm(limit))) <= 0.1 * limit * steps * 1.05);
    assertTrue(distance(before, train(t -> t)) > 0.1 * limit * steps);
  }

  private static Model headed() {
    GraphBuilder b = GraphBuilder.of("headed");
    Layers nn = Layers.of(b, 3);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,8,8")));
    x = b.relu(nn.batchNorm(nn.conv(x, 4, 3)));
    x = b.flatten(x);
    b.output(b.softmax(nn.dense(x, 2), 1), "class");
    return b.buildModel();
  }

  @Test
  void aFrozenPartStaysToTheBitAndTheRestLearns() throws IOException {
    Model before = headed();
    Model after = bars(before).epochs(2).freezeUntil("flatten1_out").run(images8()).model();
    Set<String> changed = new HashSet<>();
    for (int i = 0; i < before.graph().constants().size(); i++) {
      if (!before.graph().constants().get(i).equals(after.graph().constants().get(i))) {
        changed.add(before.graph().constants().get(i).name());
      }
    }
    assertEquals(Set.of("dense1.weight", "dense1.bias"), changed);
    assertEquals(
        "The model has no value 'nowhere' to freeze",
        assertThrows(
                IllegalArgumentException.class,
                () -> bars(before).freezeUntil("nowhere").run(images8()))
            .getMessage());
    assertEquals(
        "Frozen until its output 'class', the model has nothing left to learn",
        assertThrows(
                IllegalArgumentException.class,
                () -> bars(before).freezeUntil("class").run(images8()))
            .getMessage());
  }

  /** Vertices between frozen layers get no gradient from behind. */
  @Test
  void anyNumberOfLayersIsFrozen() throws IOException {
    GraphBuilder b = GraphBuilder.of("deep");
    Layers nn = Layers.of(b, 3);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,8,8")));
    x = nn.residualBlock(b.relu(nn.conv(x, 4, 3)), 4);
    x = b.maxPool(nn.residualBlockWithProjection(x, 8, 2), 2);
    x = b.concat(1, b.flatten(x), b.mul(b.flatten(x), b.constant(2f)));
    x = b.relu(nn.dense(x, 4));
    b.output(b.softmax(nn.dense(x, 2), 1), "class");
    Model model = b.buildModel();
    for (Node node : model.graph().nodes()) {
      String until = node.output(0).name();
      if (List.of("class", "dense2_out").contains(until) || node.is("Constant")) {
        continue;
      }
      Model after = bars(model).freezeUntil(until).run(images8()).model();
      Set<String> frozen =
          ModelEditor.of(model).outputs(until).model().graph().constants().stream()
              .map(Constant::name)
              .collect(Collectors.toSet());
      for (Constant constant : model.graph().constants()) {
        boolean learnable = constant.name().startsWith("dense") || frozen.contains(constant.name());
        if (learnable) {
          assertEquals(
              frozen.contains(constant.name()),
              constant.equals(constant(after, constant.name())),
              until + ": " + constant.name());
        }
      }
    }
  }

  private static Constant constant(Model model, String name) {
    return model.graph().constants().stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aBiasIsNotFrozenUnasked() throws IOException {
    GraphBuilder b = GraphBuilder.of("matmul");
    Layers nn = Layers.of(b, 3);
    Value x = b.flatten(b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,8,8"))));
    Value w = b.constant("w", Tensor.ofFloats(new float[64 * 3], 64, 3));
    Value bias = b.constant("bias", Tensor.ofFloats(new float[3], 3));
    Value sum = b.named("sum").add(b.named("product").matMul(x, w), bias);
    b.output(b.softmax(nn.dense(sum, 2), 1), "class");
    Model model = b.buildModel();
    assertEquals(
        "DL4J cannot express node 'sum' (Add): its bias 'bias' would be frozen with the weights 'w'"
            + " of 'product', for they are one layer; freeze until 'sum_out', or until a value"
            + " before 'product_out'",
        assertThrows(
                UnsupportedModelException.class,
                () -> bars(model).freezeUntil("product_out").run(images8()))
            .getMessage());
    Model after = bars(model).freezeUntil("sum_out").run(images8()).model();
    for (String name : List.of("w", "bias")) {
      assertEquals(constant(model, name), constant(after, name));
    }
    assertEquals(
        "Frozen until [dense1_out], the model has nothing left to learn",
        assertThrows(
                IllegalArgumentException.class,
                () -> bars(model).freezeUntil("dense1_out").run(images8()))
            .getMessage());
  }

  @Test
  void whatIsNotComputedCannotBeFrozen() {
    for (String value : List.of("conv1.weight", "image")) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> bars(headed()).freezeUntil(value).run(images8()))
              .getMessage();
      assertTrue(message.startsWith("The value '" + value + "' to freeze is computed"), message);
    }
  }

  private static LabelledImages images8() {
    byte[] pixels = new byte[32 * 64];
    byte[] labels = new byte[32];
    for (int i = 0; i < 32; i++) {
      labels[i] = (byte) (i % 2);
      for (int k = 0; k < 64; k++) {
        pixels[i * 64 + k] = (byte) ((i % 2 == 0 ? k % 8 : k / 8) * 30);
      }
    }
    return LabelledImages.of("made", pixels, labels, 1, 8, 8);
  }

  @Test
  void classWeightsPullAnswersTowardsTheWeightedClass() throws IOException {
    int classes = Bars.images(96, 1).classes();
    double[] weights = new double[classes];
    Arrays.fill(weights, 1);
    weights[1] = 50;
    Evaluation plain = bars(Bars.network(0)).run(IMAGES).evaluate(IMAGES, new Evaluation(classes));
    Evaluation pulled =
        bars(Bars.network(0))
            .classWeights(weights)
            .run(IMAGES)
            .evaluate(IMAGES, new Evaluation(classes));
    assertTrue(
        pulled.getConfusionMatrix().getPredictedTotal(1)
            > plain.getConfusionMatrix().getPredictedTotal(1));
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> bars(Bars.network(0)).classWeights(1, 2, 3, 4, 5, 6, 7).run(IMAGES))
            .getMessage()
            .startsWith("There are 7 class weights, but the model ends in Softmax"));
    assertThrows(
        IllegalArgumentException.class,
        () -> bars(Bars.network(0)).loss(new LossMSE()).classWeights(weights).run(IMAGES));
  }

  @Test
  void dl4jsEvaluationsSayTheSameAsTheScore() throws IOException {
    TrainingResult result = bars(Bars.network(0)).epochs(2).run(IMAGES);
    Evaluation evaluation = result.evaluate(IMAGES, new Evaluation());
    assertEquals(result.evaluate(IMAGES).accuracy().getAsDouble(), evaluation.accuracy(), 1e-9);
    assertEquals(
        96,
        evaluation.getConfusionMatrix().getClasses().stream()
            .mapToInt(c -> evaluation.getConfusionMatrix().getActualTotal(c))
            .sum());
    DataSetIterator others = IMAGES.batches(16);
    others.setPreProcessor(batch -> ((DataSet) batch).getLabels().subi(100));
    String message =
        assertThrows(TrainingException.class, () -> result.evaluate(others, new Evaluation()))
            .getMessage();
    assertTrue(message.startsWith("A label is class -"), message);
    double area = result.evaluate(IMAGES, new ROCMultiClass(0)).calculateAverageAUC();
    assertTrue(area > 0.5 && area <= 1, "area under the curve " + area);
  }

  @Test
  void theHistoryIsATableOfItsEpochs() throws IOException {
    TrainingResult result = bars(Bars.network(0)).epochs(2).validationShare(0.25).run(IMAGES);
    Path file = folder.resolve("history.csv");
    result.writeHistory(file);
    List<String> lines = Files.readAllLines(file);
    assertEquals("epoch,examples,loss,validation_loss,validation_accuracy,seconds", lines.get(0));
    assertEquals(3, lines.size());
    assertEquals(
        result.history().get(1).validationLoss().getAsDouble(),
        Double.parseDouble(lines.get(2).split(",", -1)[3]));
  }

  private static float[] augmented(ImageAugmentation by, long seed, float... pixels) {
    INDArray images = Nd4j.createFromArray(pixels).reshape(1, 1, 2, pixels.length / 2);
    DataSet batch = new DataSet(images, Nd4j.zeros(1, 1));
    by.of(seed).preProcess(batch);
    return batch.getFeatures().dup('c').data().asFloat();
  }

  @Test
  void imagesAreMovedMirroredAndBrightenedAndTheSeedAloneDecides() {
    float[] image = {1, 2, 3, 4, 5, 6};
    assertArrayEquals(image, augmented(ImageAugmentation.NONE, 1, image));
    Set<List<Float>> seen = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      float[] moved = augmented(ImageAugmentation.NONE.shift(1), seed, image);
      assertArrayEquals(moved, augmented(ImageAugmentation.NONE.shift(1), seed, image));
      seen.add(boxed(moved));
    }
    assertEquals(9, seen.size(), seen.toString());
    assertTrue(seen.contains(List.of(0f, 0f, 0f, 0f, 1f, 2f)), "down and right");
    assertTrue(seen.contains(List.of(5f, 6f, 0f, 0f, 0f, 0f)), "up and left");
    Set<List<Float>> mirrored = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      mirrored.add(boxed(augmented(ImageAugmentation.NONE.flip(), seed, image)));
      float[] bright = augmented(ImageAugmentation.NONE.brightness(0.5), seed, image);
      assertTrue(bright[0] >= 0.5 && bright[0] <= 1.5);
      assertEquals(6 * bright[0], bright[5], 1e-5);
    }
    assertEquals(
        Set.of(List.of(1f, 2f, 3f, 4f, 5f, 6f), List.of(3f, 2f, 1f, 6f, 5f, 4f)), mirrored);
  }

  private static List<Float> boxed(float[] floats) {
    List<Float> boxed = new ArrayList<>();
    for (float each : floats) {
      boxed.add(each);
    }
    return boxed;
  }

  private static Training interrupted() {
    return bars(Bars.network(0.3f))
        .epochs(2)
        .validationShare(0.2)
        .augmentation(ImageAugmentation.NONE.shift(1));
  }

  /** The main class of a process that dies in its second epoch, as if killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) throws IOException {
      interrupted()
          .checkpoint(Path.of(args[0]))
          .checkpointEvery(2)
          .progress(KilledTraining.dyingInSecondEpochAfter(48))
          .run(IMAGES);
    }
  }

  @Test
  void aTrainingKilledInAnEpochGoesOnFromItsLastStepAndEndsAlike() throws Exception {
    KilledTraining.run(Victim.class, folder);
    List<String> notes = new ArrayList<>();
    TrainingResult resumed =
        interrupted()
            .resume(folder)
            .progress(
                new TrainingProgress() {
                  @Override
                  public void note(String line) {
                    notes.add(line);
                  }
                })
            .run(IMAGES);
    assertTrue(notes.contains("Resumed after epoch 1 and 2 batches."), notes.toString());
    TrainingResult whole = interrupted().run(IMAGES);
    assertEquals(whole.model(), resumed.model());
    assertEquals(whole.history().get(1).loss(), resumed.history().get(1).loss());
    assertEquals(whole.history().get(1).images(), resumed.history().get(1).images());
  }

  /** As in another process, where the class of the same lambda has another name. */
  @Test
  void aTrainingWithALambdaForAugmentationGoesOn() throws IOException {
    Training first = bars(Bars.network(0)).augmentation(seed -> batch -> {});
    Training second = bars(Bars.network(0)).augmentation(seed -> batch -> {});
    first.checkpoint(folder).run(IMAGES);
    assertEquals(2, second.epochs(2).resume(folder).run(IMAGES).history().size());
  }

  @Test
  void aCheckpointThatCannotBeWrittenInAnEpochIsToldAsSuch() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Training training = bars(Bars.network(0)).checkpoint(file).checkpointEvery(1);
    assertThrows(IOException.class, () -> training.run(IMAGES));
  }

  @Test
  void checkpointsByTimeAndOptionsThatMakeNoSense() throws IOException {
    interrupted().checkpoint(folder).checkpointEvery(Duration.ofNanos(1)).run(IMAGES);
    assertTrue(Files.exists(folder.resolve(Training.CHECKPOINT_FILE)));
    Training training = bars(Bars.network(0));
    assertThrows(IllegalArgumentException.class, () -> training.l2(-1));
    assertThrows(IllegalArgumentException.class, () -> training.clipByNorm(0));
    assertThrows(IllegalArgumentException.class, () -> training.classWeights(1, 0));
    assertThrows(IllegalArgumentException.class, () -> training.classWeights(1, 1e-60));
    assertThrows(IllegalArgumentException.class, () -> training.checkpointEvery(0));
    assertThrows(IllegalArgumentException.class, () -> training.checkpointEvery(Duration.ZERO));
    assertNotEquals(train(t -> t.augmentation(ImageAugmentation.NONE.shift(1))), train(t -> t));
  }
}
