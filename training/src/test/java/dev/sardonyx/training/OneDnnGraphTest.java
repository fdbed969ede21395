package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.PoolOptions;
import dev.sardonyx.ir.nn.Network;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.nn.ResNet;
import dev.sardonyx.ir.nn.ResidualOptions;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.compile.OutputLoss;
import dev.sardonyx.training.compile.TrainingMethod;
import dev.sardonyx.training.onednn.OneDnnGraph;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.normalization.ExactLrnGradient;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/** The gradients of oneDNN against those that DL4J computes for the same network. */
class OneDnnGraphTest {
  private static final TrainingMethod METHOD =
      TrainingMethod.of(new LossSparseMCXENT(), new Sgd(1), 1);

  static Stream<GradientCase> cases() {
    return GradientCase.all();
  }

  private static DataSet batch(int size, int classes, long... example) {
    long[] dims = new long[example.length + 1];
    dims[0] = size;
    System.arraycopy(example, 0, dims, 1, example.length);
    INDArray x =
        Nd4j.create(SmallNet.randomTensor(new Random(3), 0.5f, dims).toFloats(), dims, 'c');
    INDArray labels = Nd4j.create(size, 1);
    for (int i = 0; i < size; i++) {
      labels.putScalar(i, 0, i % classes);
    }
    return new DataSet(x, labels);
  }

  private static OneDnnGraph compiled(Model model) {
    return (OneDnnGraph) NetworkCompiler.forTraining(model, METHOD).network();
  }

  private static void compute(ComputationGraph network, DataSet batch) {
    network.setInputs(batch.getFeatures().dup());
    network.setLabels(batch.getLabels());
    Nd4j.getRandom().setSeed(7);
    network.computeGradientAndScore();
  }

  /** The same network as stock DL4J. */
  private static ComputationGraph stock(ComputationGraph network) {
    ComputationGraph stock = new ComputationGraph(network.getConfiguration().clone());
    stock.init(network.params().dup(), false);
    ExactLrnGradient.install(stock);
    return stock;
  }

  private static void assertLikeStock(OneDnnGraph network, DataSet batch) {
    ComputationGraph stock = stock(network);
    compute(stock, batch);
    compute(network, batch);
    assertEquals("", network.notTaken());
    assertEquals(stock.score(), network.score(), 1e-5 * Math.abs(stock.score()));
    Map<String, INDArray> expected = stock.gradient().gradientForVariable();
    Map<String, INDArray> actual = network.gradient().gradientForVariable();
    assertEquals(expected.keySet(), actual.keySet());
    double norm = stock.gradient().gradient().norm2Number().doubleValue();
    assertTrue(norm > 0);
    expected.forEach(
        (key, gradient) -> {
          double length = gradient.norm2Number().doubleValue();
          double distance = gradient.sub(actual.get(key)).norm2Number().doubleValue();
          assertTrue(
              distance <= 1e-4 * length + 1e-5 * norm, key + ": " + distance + " of " + length);
        });
    assertEquals(
        0,
        stock.gradient().gradient().sub(network.gradient().gradient()).norm2Number().doubleValue(),
        1e-4 * norm);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void gradientsAreThoseOfStockDl4j(GradientCase net) {
    OneDnnGraph network = compiled(net.model(GradientCase.Use.ALONE));
    DataSet batch = batch(5, GradientCase.CLASSES, 2, GradientCase.H, GradientCase.W);
    compute(network, batch);
    if (network.notTaken().isEmpty()) {
      assertLikeStock(network, batch);
    } else {
      assertTrue(network.notTaken().matches("'.*': .+"), network.notTaken());
    }
  }

  @Test
  void whatDl4jComputesIsKnown() {
    Set<String> kinds = new TreeSet<>();
    Set<String> refused = new TreeSet<>();
    for (GradientCase net : cases().toList()) {
      OneDnnGraph network = compiled(net.model(GradientCase.Use.ALONE));
      compute(network, batch(5, GradientCase.CLASSES, 2, GradientCase.H, GradientCase.W));
      network.foreign().forEach(f -> kinds.add(f.replaceFirst(".*\\((.*)\\)", "$1")));
      if (!network.notTaken().isEmpty()) {
        refused.add(network.notTaken().replaceFirst("'.*': (there is nothing like a )?", ""));
      }
    }
    assertEquals(
        Set.of(
            "ActivationSELU",
            "ActivationSoftSign",
            "ActivationSoftmax",
            "ActivationThresholdedReLU",
            "DropoutLayer",
            "ElementWiseVertex",
            "LocalResponseNormalization",
            "SubsetVertex",
            "Upsampling2D"),
        kinds);
    assertEquals(
        Set.of(
            "ComposableInputPreProcessor",
            "Convolution3D",
            "Cropping1D",
            "Cropping2D",
            "Deconvolution2D",
            "Deconvolution3D",
            "FrozenLayerWithBackprop",
            "PReLULayer",
            "Subsampling3DLayer",
            "it joins along axis 2",
            "its input has 3 axes, not 4",
            "its input has 5 axes, not 4"),
        refused);
  }

  @Test
  void residualAndNormalisedNetworksRunInOneDnnAlone() {
    Network normalized =
        new Network(
            "normalized",
            3,
            8,
            8,
            10,
            GraphBuilder.DEFAULT_OPSET,
            (nn, image, classes) -> {
              ResidualOptions options = ResidualOptions.NORMALIZED;
              Value x = nn.builder().relu(nn.batchNorm(nn.conv(image, 16, 3)));
              x = nn.residual(x, 16, options);
              x = nn.residual(x, 24, options.withStride(2));
              x = nn.residual(x, 24, options.withPreActivation(true));
              return nn.dense(nn.builder().flatten(nn.builder().globalAveragePool(x)), classes);
            });
    for (Network net : List.of(Networks.named("seed"), normalized, ResNet.cifar(8))) {
      OneDnnGraph network = compiled(net.build(1));
      assertLikeStock(network, batch(4, 10, net.channels(), net.height(), net.width()));
      assertEquals(Set.of(), network.foreign(), net.name());
    }
  }

  @Test
  void mobileNetsWindowsAndDilationsToo() {
    Network net =
        new Network(
            "windows",
            3,
            12,
            12,
            4,
            GraphBuilder.DEFAULT_OPSET,
            (nn, image, classes) -> {
              GraphBuilder b = nn.builder();
              Value x = nn.conv(image, 8, 3, ConvOptions.DEFAULT.withDilations(2), true);
              x = b.maxPool(x, PoolOptions.of(3).withStrides(2).withPads(1));
              x = b.relu(nn.conv(x, 8, 3, ConvOptions.same().withGroup(8), false));
              return nn.dense(b.flatten(x), classes);
            });
    OneDnnGraph network = compiled(net.build(1));
    assertLikeStock(network, batch(4, 4, 3, 12, 12));
    assertEquals(Set.of(), network.foreign());
  }

  @Test
  void eachShapeOfABatchIsTakenAndTheSameGivesTheSameBits() {
    OneDnnGraph network = compiled(Networks.named("seed").build(1));
    for (int size : new int[] {4, 3, 1, 4}) {
      assertLikeStock(network, batch(size, 10, 1, 28, 28));
    }
    INDArray first = network.gradient().gradient().dup();
    network.release();
    compute(network, batch(4, 10, 1, 28, 28));
    assertEquals(first, network.gradient().gradient());
  }

  @Test
  void aFrozenPartStays() {
    TrainingMethod method =
        new TrainingMethod(
            List.of(OutputLoss.of(new LossSparseMCXENT())),
            new Sgd(1),
            1,
            0,
            0,
            0,
            GradientNormalization.None,
            1,
            Set.of("block1.relu2_out"));
    OneDnnGraph network =
        (OneDnnGraph)
            NetworkCompiler.forTraining(Networks.named("seed").build(1), method).network();
    DataSet batch = batch(4, 10, 1, 28, 28);
    ComputationGraph stock = stock(network);
    compute(stock, batch);
    compute(network, batch);
    assertEquals("", network.notTaken());
    double norm = stock.gradient().gradient().norm2Number().doubleValue();
    assertEquals(
        0,
        stock.gradient().gradient().sub(network.gradient().gradient()).norm2Number().doubleValue(),
        1e-4 * norm);
  }

  /**
   * The mask of the labels is the weights of the examples. Stock DL4J is asked for one example at a
   * time, since it multiplies the scores before the softmax, too, which only 0 and 1 forgive.
   */
  @Test
  void examplesCountByTheMaskOfTheirLabels() {
    OneDnnGraph network = compiled(Networks.named("seed").build(1));
    ComputationGraph stock = stock(network);
    float[] weights = {1, 0, 0.5f, 2};
    INDArray expected = Nd4j.zerosLike(stock.params());
    double score = 0;
    for (int i = 0; i < weights.length; i++) {
      float[] one = new float[weights.length];
      one[i] = 1;
      masked(stock, one);
      score += weights[i] * stock.score();
      expected.addi(stock.gradient().gradient().mul(weights[i]));
    }
    masked(network, weights);
    assertEquals("", network.notTaken());
    assertEquals(score, network.score(), 1e-5);
    double norm = expected.norm2Number().doubleValue();
    INDArray difference = expected.sub(network.gradient().gradient());
    assertEquals(0, difference.norm2Number().doubleValue(), 1e-4 * norm);
  }

  @Test
  void weightsThatDl4jGetsWrongAreRefusedWhereItTrains() {
    OneDnnGraph network = compiled(Networks.named("seed").build(1));
    network.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onForwardPass(
              org.deeplearning4j.nn.api.Model model, Map<String, INDArray> activations) {}
        });
    masked(network, new float[] {1, 0, 1});
    assertTrue(network.notTaken().contains("looks at activations"), network.notTaken());
    IllegalStateException wrong =
        assertThrows(IllegalStateException.class, () -> masked(network, new float[] {1, 0.5f, 2}));
    assertTrue(wrong.getMessage().startsWith("Examples have weights"), wrong.getMessage());
  }

  private static void masked(ComputationGraph network, float[] mask) {
    INDArray labels = Nd4j.createFromArray(mask).reshape(mask.length, 1);
    network.setLayerMaskArrays(null, new INDArray[] {labels});
    compute(network, batch(mask.length, 10, 1, 28, 28));
  }

  @Test
  void whatOneDnnCannotServeIsLeftToDl4jWithTheReason() {
    OneDnnGraph network = compiled(Networks.named("seed").build(1));
    network.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onForwardPass(
              org.deeplearning4j.nn.api.Model model, Map<String, INDArray> activations) {
            assertEquals(4, activations.get("flatten1_out").size(0));
          }
        });
    compute(network, batch(4, 10, 1, 28, 28));
    assertTrue(network.notTaken().contains("looks at activations"), network.notTaken());
    assertTrue(network.score() > 0);
  }
}
