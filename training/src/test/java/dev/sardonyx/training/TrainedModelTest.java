package dev.sardonyx.training;

import static dev.sardonyx.training.SmallNet.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.compile.TrainingMethod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.adapter.SingletonDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

/** What training makes of a model: the weights that come back, and the forms that have a loss. */
class TrainedModelTest {
  private static Model gemm(float alpha, float beta) {
    SmallNet net = new SmallNet();
    String x = net.input("x", 4);
    net.weights("w", 3, 4);
    net.weights("b", 3);
    String y =
        net.node(
            "Gemm",
            List.of(x, "w", "b"),
            "logits",
            dims(3),
            Attribute.ofInt("transB", 1),
            Attribute.ofFloat("alpha", alpha),
            Attribute.ofFloat("beta", beta));
    return net.model(net.node("Softmax", List.of(y), "y", dims(3)));
  }

  private static SingletonDataSetIterator vectors() {
    INDArray x =
        Nd4j.create(SmallNet.randomTensor(new Random(2), 1, 6, 4).toFloats(), new long[] {6, 4});
    INDArray labels = Nd4j.createFromArray(new float[] {0, 1, 2, 2, 1, 0}).reshape(6, 1);
    return new SingletonDataSetIterator(new DataSet(x, labels));
  }

  private static Tensor constant(Model model, String name) {
    return model.graph().constants().stream()
        .filter(c -> c.name().equals(name))
        .map(c -> (Tensor) c.data())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aBiasThatGemmLeavesOutComesBackAsItWas() throws IOException {
    Model before = gemm(0.5f, 0);
    Model after = Training.of(before).run(vectors()).model();
    assertEquals(constant(before, "b"), constant(after, "b"));
    assertNotEquals(constant(before, "w"), constant(after, "w"));
    for (float weight : constant(after, "w").toFloats()) {
      assertTrue(Float.isFinite(weight), constant(after, "w").toString());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0,1,alpha 0.0",
    "1e-30,1,alpha",
    "NaN,1,alpha NaN",
    "1,Infinity,beta",
    "1,1e30,beta"
  })
  void weightsThatCouldNotComeBackAreRefused(float alpha, float beta, String culprit) {
    String message =
        assertThrows(
                UnsupportedModelException.class,
                () -> Training.of(gemm(alpha, beta)).run(vectors()))
            .getMessage();
    assertTrue(message.contains("logits_node") && message.contains(culprit), message);
  }

  /** Division by most of these does not undo the multiplication. */
  @ParameterizedTest
  @ValueSource(floats = {1, 0.1f, 3, 0.7f, -1.3f, 1e5f})
  void whatTrainingLeavesAloneComesBackBitByBit(float factor) throws IOException {
    Model before = gemm(factor, factor / 7);
    Model after = Training.of(before).updater(new Sgd(0)).run(vectors()).model();
    assertEquals(before, after);
  }

  @Test
  void singleNumbersThatStayAsTheyAreAreNamed() throws IOException {
    SmallNet net = new SmallNet();
    String x = net.input("x", 4);
    net.constant("gain", Tensor.ofFloats(new float[] {2}, 1));
    net.constant("half", Tensor.scalar(0.5f));
    x = net.node("Mul", List.of(x, "gain"), "m", dims(4));
    x = net.node("Dropout", List.of(x, "half"), "d", dims(4));
    List<String> notes = new ArrayList<>();
    TrainingProgress progress =
        new TrainingProgress() {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        };
    TrainingResult result =
        Training.of(net.model(net.classifier(x, 4, 3))).progress(progress).run(vectors());
    assertEquals(List.of("gain"), result.untrained());
    assertTrue(notes.stream().anyMatch(n -> n.contains("Not trained") && n.endsWith("gain")));
  }

  private static Model trainingMode() {
    SmallNet net = new SmallNet();
    String x = net.input("x", 4);
    net.positive("scale", 4);
    net.weights("shift", 4);
    net.weights("mean", 4);
    net.positive("var", 4);
    net.constant("ratio", Tensor.scalar(0.5f));
    net.constant("training", Tensor.scalar(true));
    x =
        net.node(
            "BatchNormalization",
            List.of(x, "scale", "shift", "mean", "var"),
            "normal",
            dims(4),
            Attribute.ofInt("training_mode", 1),
            Attribute.ofFloat("momentum", 0.7f));
    x = net.node("Dropout", List.of(x, "ratio", "training"), "dropped", dims(4));
    Model model = net.model(net.classifier(x, 4, 3));
    List<Node> nodes = new ArrayList<>(model.graph().nodes());
    List<Result> results =
        List.of(
            nodes.get(0).output(0),
            Result.of("running_mean", SmallNet.type(4)),
            Result.of("running_var", SmallNet.type(4)));
    nodes.set(0, nodes.get(0).withOutputs(results));
    return model.withGraph(model.graph().withNodes(nodes));
  }

  @Test
  void theTrainedModelIsNoLongerInTrainingMode() throws IOException {
    Model after = Training.of(trainingMode()).run(vectors()).model();
    Dl4jBackend dl4j = new Dl4jBackend();
    assertTrue(dl4j.whyUnsupported(trainingMode()).orElse("").contains("training mode"));
    assertEquals("", dl4j.whyUnsupported(after).orElse(""));
    Node normal = after.graph().nodes().get(0);
    assertEquals(0, normal.intAttribute("training_mode", 1));
    assertEquals(1, normal.outputs().size());
    assertFalse(after.graph().nodes().get(1).hasInput(2));
    assertEquals("", Checker.check(after).toString());
  }

  @Test
  void runningStatisticsMoveByOnnxsMomentum() throws IOException {
    Model before = trainingMode();
    Model after = Training.of(before).updater(new Sgd(0)).run(vectors()).model();
    float[] x = vectors().next().getFeatures().dup('c').data().asFloat();
    for (int c = 0; c < 4; c++) {
      double mean = 0;
      double squares = 0;
      for (int i = 0; i < 6; i++) {
        mean += x[i * 4 + c] / 6;
        squares += x[i * 4 + c] * (double) x[i * 4 + c] / 6;
      }
      double wantedMean = 0.7 * constant(before, "mean").toFloats()[c] + 0.3 * mean;
      double wantedVariance =
          0.7 * constant(before, "var").toFloats()[c] + 0.3 * (squares - mean * mean);
      assertEquals(wantedMean, constant(after, "mean").toFloats()[c], 1e-5);
      assertEquals(wantedVariance, constant(after, "var").toFloats()[c], 1e-5);
    }
  }

  /** Marks the bright pixels of images of 6x7. */
  private static DataSet segments() {
    INDArray x =
        Nd4j.create(
            SmallNet.randomTensor(new Random(2), 1, 5, 2, 6, 7).toFloats(),
            new long[] {5, 2, 6, 7});
    INDArray first = x.slice(0, 1).reshape(5, 1, 6, 7);
    return new DataSet(x, first.gt(0).castTo(x.dataType()));
  }

  private static Model segmentation(String end) {
    SmallNet net = new SmallNet();
    String x = net.conv3x3("inner", net.input("x", 2, 6, 7), 2, 4, 6, 7);
    x = net.conv3x3("last", net.relu("r", x, 4, 6, 7), 4, 1, 6, 7);
    return net.model(end.isEmpty() ? x : net.node(end, List.of(x), "y", dims(1, 6, 7)));
  }

  @Test
  void convolutionsThatEndInSigmoidLearnSegments() throws IOException {
    TrainingResult result =
        Training.of(segmentation("Sigmoid"))
            .epochs(60)
            .learningRate(0.02)
            .run(
                new SingletonDataSetIterator(segments()), new SingletonDataSetIterator(segments()));
    List<EpochResult> history = result.history();
    assertTrue(history.get(59).loss() < history.get(0).loss() / 2, history.toString());
    double validation = history.get(0).validationLoss().getAsDouble();
    assertTrue(validation < history.get(0).loss() && validation > history.get(2).loss());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Relu", "Neg", "Sigmoid"})
  void everyEndOfImagesHasALossAndRightGradients(String end) {
    var compiled =
        NetworkCompiler.forTraining(
            segmentation(end), TrainingMethod.of(new LossMSE(), new Sgd(1), 1));
    Gradients.assertSlopes("ends in " + end, compiled.network(), segments());
  }

  @Test
  void labelsThatDoNotFitAreRefusedNamingBothShapes() {
    DataSet data = segments();
    data.setLabels(Nd4j.zeros(5, 1, 7, 6));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Training.of(segmentation("Sigmoid")).run(new SingletonDataSetIterator(data)))
            .getMessage();
    assertTrue(message.contains("'y' is [N,1,6,7]") && message.contains("[5,1,7,6]"), message);
  }

  @Test
  void constantsKeepTheirOrderAndShape() throws IOException {
    Model before = gemm(0.5f, 2);
    Model after = Training.of(before).run(vectors()).model();
    for (int i = 0; i < before.graph().constants().size(); i++) {
      Constant was = before.graph().constants().get(i);
      assertEquals(was.type(), after.graph().constants().get(i).type());
    }
    assertArrayEquals(new long[] {3, 4}, constant(after, "w").dims());
  }
}
