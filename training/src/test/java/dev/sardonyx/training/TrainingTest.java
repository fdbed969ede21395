package dev.sardonyx.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.training.data.IdxFolder;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNBatchNormHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNSubsamplingHelper;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

class TrainingTest {
  @TempDir Path folder;

  private static Training bars(float dropout) {
    return Training.of(Bars.network(dropout)).batchSize(16).learningRate(0.01).seed(9);
  }

  @Test
  void learnsMnist() throws IOException {
    IdxFolder data =
        IdxFolder.of(Path.of("../samples/src/main/resources/dev/sardonyx/samples/mnist"));
    Model model = Weights.glorotUniform(SmallNet.seedNetwork(12), 1);
    TrainingResult result =
        Training.of(model).epochs(2).batchSize(32).seed(1).run(data.train().limit(3000));
    Score score = result.evaluate(data.test().limit(1000));
    assertEquals(1000, score.examples());
    assertTrue(score.accuracy().getAsDouble() > 0.9, "test score after 2 epochs: " + score);
    assertTrue(result.history().get(1).loss() < result.history().get(0).loss());
  }

  @Test
  void theModelComesBackWithTheNetworksWeights() throws IOException {
    Model before = Bars.network(0);
    LabelledImages test = Bars.images(200, 2);
    TrainingResult result = bars(0).epochs(3).run(Bars.images(400, 1));
    Model after = result.model();
    assertEquals(before.graph().nodes(), after.graph().nodes());
    assertEquals(
        before.graph().constants().stream().map(Constant::name).toList(),
        after.graph().constants().stream().map(Constant::name).toList());
    for (int i = 0; i < before.graph().constants().size(); i++) {
      Constant was = before.graph().constants().get(i);
      Constant is = after.graph().constants().get(i);
      assertEquals(was.type(), is.type());
      assertNotEquals(was.data(), is.data(), was.name() + " has learnt nothing");
    }
    // The model, compiled anew, gives what the trained network gives.
    Tensor images = test.tensor(0, 50);
    float[] expected =
        result
            .network()
            .output(Nd4j.createFromArray(images.toFloats()).reshape(images.dims()))[0]
            .dup('c')
            .data()
            .asFloat();
    try (PreparedModel prepared = new Dl4jBackend().prepare(after)) {
      Tensor output = (Tensor) prepared.run(Map.of("image", images)).get("probabilities");
      assertArrayEquals(expected, output.toFloats(), 1e-6f);
    }
    assertTrue(result.evaluate(test).accuracy().getAsDouble() > 0.9, "" + result.evaluate(test));
  }

  static Stream<Arguments> residualForms() {
    return ResidualForms.all(1, Bars.CLASSES).map(n -> Arguments.of(n.name(), n.build(2)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("residualForms")
  void everyResidualFormLearnsAndMeansTheSameInTheReferenceEvaluator(String name, Model model)
      throws IOException {
    TrainingResult result = Training.of(model).epochs(2).batchSize(16).run(Bars.images(160, 1));
    assertTrue(result.history().get(1).loss() < result.history().get(0).loss(), "" + result);
    Tensor images = Bars.images(20, 3).tensor(0, 20);
    float[] expected =
        result
            .network()
            .output(Nd4j.createFromArray(images.toFloats()).reshape(images.dims()))[0]
            .dup('c')
            .data()
            .asFloat();
    try (PreparedModel prepared = new ReferenceBackend().prepare(result.model())) {
      Tensor output = (Tensor) prepared.run(Map.of("image", images)).get("probabilities");
      assertArrayEquals(expected, output.toFloats(), 1e-5f);
    }
  }

  @Test
  void theSameSeedGivesTheSameWeightsAndAnotherOneOthers() throws IOException {
    Model first = bars(0.3f).run(Bars.images(200, 1)).model();
    Model second = bars(0.3f).run(Bars.images(200, 1)).model();
    assertEquals(first, second);
    assertNotEquals(first, bars(0.3f).seed(10).run(Bars.images(200, 1)).model());
    assertEquals(Weights.glorotUniform(first, 3), Weights.glorotUniform(second, 3));
    assertNotEquals(Weights.glorotUniform(first, 3), Weights.glorotUniform(first, 4));
  }

  @Test
  void aResumedTrainingEndsWhereAnUninterruptedOneDoes() throws IOException {
    LabelledImages images = Bars.images(200, 1);
    TrainingResult whole = bars(0.3f).epochs(3).validationShare(0.2).run(images);
    bars(0.3f).epochs(1).validationShare(0.2).checkpoint(folder).run(images);
    TrainingResult resumed = bars(0.3f).epochs(3).validationShare(0.2).resume(folder).run(images);
    assertEquals(whole.model(), resumed.model());
    assertEquals(3, resumed.history().size());
    for (int i = 0; i < 3; i++) {
      assertEquals(whole.history().get(i).loss(), resumed.history().get(i).loss());
      assertEquals(
          whole.history().get(i).validationLoss(), resumed.history().get(i).validationLoss());
    }
    assertEquals(List.of(Checkpoint.FILE_NAME), names(folder), "nothing temporary is left");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(name -> !name.equals(".sardonyx-training.lock")) // which stays for the next
          .toList();
    }
  }

  @Test
  void checkpointsOfOtherNetworksAndOtherFilesAreRefused() throws IOException {
    LabelledImages images = Bars.images(64, 1);
    bars(0).checkpoint(folder).run(images);
    Training other =
        Training.of(Weights.glorotUniform(Bars.network(0.5f), 1)).epochs(2).resume(folder);
    String message = assertThrows(IOException.class, () -> other.run(images)).getMessage();
    assertTrue(message.contains(Checkpoint.FILE_NAME), message);
    Files.writeString(folder.resolve(Checkpoint.FILE_NAME), "no zip");
    assertThrows(IOException.class, () -> bars(0).epochs(2).resume(folder).run(images));
  }

  @Test
  void earlyStoppingGoesBackToTheBestEpoch() throws IOException {
    LabelledImages images = Bars.images(60, 1);
    // Steps far too wide: the validation loss soon has its best behind it.
    TrainingResult result =
        bars(0).updater(new Sgd(0.6)).epochs(40).validationShare(0.5).earlyStopping(2).run(images);
    assertTrue(result.stoppedEarly(), "" + result.history());
    assertEquals(result.history().size() - 2, result.epoch());
    double best = result.history().get(result.epoch() - 1).validationLoss().getAsDouble();
    assertEquals(best, result.evaluate(images.range(30, 60)).loss(), 1e-5);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> bars(0).earlyStopping(1).run(images));
    assertTrue(refused.getMessage().contains("validate"), refused.getMessage());
  }

  @Test
  void progressCountsEveryImageOnce() throws IOException {
    List<TrainingProgress.Step> steps = new ArrayList<>();
    List<String> events = new ArrayList<>();
    TrainingProgress progress =
        new TrainingProgress() {
          @Override
          public void epochStarted(int epoch, int epochs) {
            events.add("start " + epoch + " of " + epochs);
          }

          @Override
          public void batchDone(Step step) {
            steps.add(step);
          }

          @Override
          public void epochDone(EpochResult result) {
            events.add("done " + result.epoch() + " " + result.validationAccuracy().isPresent());
          }
        };
    int[] iterations = {0};
    BaseTrainingListener counter =
        new BaseTrainingListener() {
          @Override
          public void iterationDone(
              org.deeplearning4j.nn.api.Model model, int iteration, int epoch) {
            iterations[0]++;
          }
        };
    bars(0)
        .epochs(2)
        .validationShare(0.1)
        .progress(progress)
        .listeners(counter)
        .run(Bars.images(50, 1));
    assertEquals(List.of("start 1 of 2", "done 1 true", "start 2 of 2", "done 2 true"), events);
    // 45 images in batches of 16.
    assertEquals(
        List.of(16L, 32L, 45L, 16L, 32L, 45L),
        steps.stream().map(TrainingProgress.Step::images).toList());
    assertTrue(steps.stream().allMatch(s -> s.imagesPerEpoch() == 45 && s.loss() > 0));
    assertTrue(steps.get(0).left().compareTo(steps.get(5).left()) > 0);
    assertTrue(steps.get(5).left().isZero());
    assertEquals(6, iterations[0]);
  }

  @Test
  void takesAnyDataSetIteratorAndOneHotLabels() throws IOException {
    LabelledImages images = Bars.images(96, 1);
    List<DataSet> batches = new ArrayList<>();
    DataSetIterator iterator = images.batches(16);
    while (iterator.hasNext()) {
      DataSet batch = iterator.next();
      INDArray oneHot = Nd4j.zeros(batch.numExamples(), Bars.CLASSES);
      for (int i = 0; i < batch.numExamples(); i++) {
        oneHot.putScalar(i, batch.getLabels().getInt(i, 0), 1);
      }
      batches.add(new DataSet(batch.getFeatures(), oneHot));
    }
    DataSetIterator given =
        new org.nd4j.linalg.dataset.adapter.SingletonDataSetIterator(DataSet.merge(batches));
    TrainingResult oneHot = bars(0).epochs(2).run(given);
    assertEquals(2, oneHot.history().size());
    assertEquals(96, oneHot.history().get(1).images());
    TrainingResult sparse =
        bars(0)
            .epochs(2)
            .run(
                new org.nd4j.linalg.dataset.adapter.SingletonDataSetIterator(
                    images.batches(96).next()));
    assertEquals(oneHot.model(), sparse.model());
  }

  @Test
  void anIteratorThatCannotBeResetLosesNothing() throws IOException {
    LabelledImages images = Bars.images(96, 1);
    TrainingResult once = bars(0).run(new OnceIterator(images.batches(16)));
    assertEquals(96, once.history().get(0).images());
    assertEquals(bars(0).run(images.batches(16)).model(), once.model());
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> bars(0).epochs(2).run(new OnceIterator(images.batches(16))))
            .getMessage();
    assertTrue(message.contains("cannot be reset") && message.contains("not 2"), message);
  }

  @Test
  void theLastStepIsLookedAtAsWell() {
    // One batch, so that no loss follows the step that is too wide.
    Training training = bars(0).batchSize(64).updater(new Sgd(1e38));
    String message =
        assertThrows(TrainingException.class, () -> training.run(Bars.images(64, 1))).getMessage();
    assertTrue(message.contains("no longer numbers after epoch 1"), message);
  }

  @Test
  void restoredHelpersAreInTheLayers() throws IOException {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "oneDNN builds of ND4J are for x86 only");
    assertTrue(Dl4jRuntime.helpersEnabled());
    var network = bars(0).run(Bars.images(32, 1)).network();
    var convolution = (ConvolutionLayer) network.getLayer("stem");
    assertTrue(convolution.getHelper() instanceof MKLDNNConvHelper, "convolution");
    assertTrue(network.getLayer("normal").getHelper() instanceof MKLDNNBatchNormHelper, "norm");
    assertTrue(network.getLayer("pool").getHelper() instanceof MKLDNNSubsamplingHelper, "pool");
    assertTrue(
        network.getConfiguration().getVertices().get("block_relu1") instanceof LayerVertex,
        "activations are fused into convolutions: "
            + network.getConfiguration().getVertices().keySet());
    assertFalse(network.getConfiguration().getVertices().containsKey("block_conv1"));
  }

  @Test
  void stockDl4jReadsWhatIsSaved() throws Exception {
    TrainingResult result = bars(0).run(Bars.images(64, 1));
    Path file = folder.resolve("network.zip");
    result.save(file);
    assertFalse(result.network().getConfiguration().toJson().contains("sardonyx"));
    String classPath = System.getProperty("surefire.test.class.path");
    if (classPath == null) {
      classPath = System.getProperty("java.class.path");
    }
    // Only libraries and this class: no Sardonyx, so no answer to DL4J's question about oneDNN.
    String stock =
        Stream.of(classPath.split(java.io.File.pathSeparator))
            .filter(p -> p.endsWith(".jar") && !p.contains("sardonyx"))
            .collect(Collectors.joining(java.io.File.pathSeparator));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    copyClass(StockReader.class, classes);
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes + java.io.File.pathSeparator + stock,
                StockReader.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    List<String> lines = new String(child.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertEquals(0, child.waitFor(), String.join("\n", lines));
    assertTrue(lines.contains("helper false"), "stock has no helpers: " + lines);
    float[] expected = result.network().output(StockReader.counting())[0].dup('c').data().asFloat();
    List<Float> outputs =
        lines.stream()
            .filter(l -> l.startsWith("output "))
            .map(l -> Float.valueOf(l.substring(7)))
            .toList();
    assertEquals(expected.length, outputs.size(), "" + lines);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], outputs.get(i), 1e-5f);
    }
  }

  private static void copyClass(Class<?> type, Path root) throws IOException {
    String name = type.getName().replace('.', '/') + ".class";
    Path target = root.resolve(name);
    Files.createDirectories(target.getParent());
    try (var in = type.getClassLoader().getResourceAsStream(name)) {
      Files.copy(in, target);
    }
  }

  @Test
  void dataThatDoNotFitAreRefusedNamingBothSides() {
    LabelledImages wide = LabelledImages.of("wide", new byte[3 * 80], new byte[3], 1, 8, 10);
    String shapes =
        assertThrows(IllegalArgumentException.class, () -> bars(0).run(wide)).getMessage();
    assertTrue(shapes.contains("[N,1,8,8]") && shapes.contains("[3,1,8,10]"), shapes);
    LabelledImages fifth =
        LabelledImages.of("labels.idx", new byte[2 * 64], new byte[] {0, 4}, 1, 8, 8);
    String label =
        assertThrows(IllegalArgumentException.class, () -> bars(0).run(fifth)).getMessage();
    assertTrue(label.contains("labels.idx: image 1 has label 4"), label);
    assertThrows(IllegalArgumentException.class, () -> bars(0).run(fifth.limit(0)));
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    Training training = bars(0);
    assertThrows(IllegalArgumentException.class, () -> training.epochs(0));
    assertThrows(IllegalArgumentException.class, () -> training.batchSize(0));
    assertThrows(IllegalArgumentException.class, () -> training.learningRate(0));
    assertThrows(IllegalArgumentException.class, () -> training.learningRate(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> training.learningRate(1e39));
    assertThrows(IllegalArgumentException.class, () -> training.learningRate(1e-50));
    assertThrows(IllegalArgumentException.class, () -> training.validationShare(1));
  }

  @Test
  void aLossThatIsNoNumberEndsTheTrainingWithAdvice() {
    Training training = bars(0).epochs(3).updater(new Sgd(1e30));
    String message =
        assertThrows(TrainingException.class, () -> training.run(Bars.images(64, 1))).getMessage();
    assertTrue(message.contains("learning rate"), message);
  }

  @Test
  void aModelWithoutSoftmaxNeedsALoss() throws IOException {
    Model model = Bars.network(0);
    List<Node> nodes = model.graph().nodes();
    Model logits =
        model.withGraph(
            model
                .graph()
                .withNodes(nodes.subList(0, nodes.size() - 1))
                .withOutputs(List.of(Output.of("logits", SmallNet.type(Bars.CLASSES)))));
    LabelledImages images = Bars.images(32, 1);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Training.of(logits).run(images))
            .getMessage();
    assertTrue(message.contains("Gemm") && message.contains("loss"), message);
    DataSet batch = images.batches(32).next();
    batch.setLabels(Nd4j.zeros(32, Bars.CLASSES));
    TrainingResult regression =
        Training.of(logits)
            .loss(new LossMSE())
            .epochs(30)
            .learningRate(0.01)
            .run(new org.nd4j.linalg.dataset.adapter.SingletonDataSetIterator(batch));
    List<EpochResult> history = regression.history();
    assertTrue(history.get(29).loss() < history.get(0).loss() / 2, "" + history);
  }

  @Test
  void intermediateValuesOfTheTrainedModelAreThere() throws IOException {
    Model model = bars(0.5f).run(Bars.images(32, 1)).model();
    List<String> all = new Dl4jBackend().observableValues(model);
    try (PreparedModel prepared =
        new Dl4jBackend().prepare(model, Options.DEFAULT.withOutputs(all))) {
      var values = prepared.run(Map.of("image", Bars.images(3, 4).tensor(0, 3)));
      assertEquals(all, List.copyOf(values.keySet()));
      float[] before = ((Tensor) values.get("normal")).toFloats();
      float[] after = ((Tensor) values.get("relu")).toFloats();
      for (int i = 0; i < before.length; i++) {
        assertEquals(Math.max(0, before[i]), after[i], "Relu overwrites nothing");
      }
    }
  }
}
