package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.training.compile.CompiledNetwork;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.compile.TrainingMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/**
 * Networks made at random, in training: what DL4J computes, dropout included, is what the operators
 * mean, and its gradients are the slopes. {@code -Dsardonyx.randomNetworks=3000} tries more of
 * them.
 */
class RandomNetworksTest {
  private static final int BATCH = 3;
  private static final float[] LABELS = {0, 2, 1};

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void trainingIsWhatTheOperatorsMean(int thousand) {
    int nets = Integer.getInteger("sardonyx.randomNetworks", 30) / 3;
    for (int i = 0; i < nets; i++) {
      check(1000L * thousand + i);
    }
  }

  private static void check(long seed) {
    Model model = RandomNet.of(seed);
    CompiledNetwork compiled =
        NetworkCompiler.forTraining(
            model, TrainingMethod.of(new LossSparseMCXENT(), new Sgd(1), 1));
    ComputationGraph network = compiled.network();
    Tensor images =
        SmallNet.randomTensor(new Random(seed), 0.7f, BATCH, 2, RandomNet.H, RandomNet.W);
    DataSet batch =
        new DataSet(
            Nd4j.create(images.toFloats(), images.dims()),
            Nd4j.createFromArray(LABELS).reshape(BATCH, 1));
    String what = "network " + seed;
    double expected = referenceLoss(withMasks(model, network, batch), images);
    assertEquals(expected, Gradients.loss(network, batch), 1e-4, what + ": loss in training");
    Gradients.assertSlopes(what, network, batch);
  }

  /** The model with each Dropout replaced by the mask that DL4J drew. */
  private static Model withMasks(Model model, ComputationGraph network, DataSet batch) {
    Map<String, INDArray> values = Gradients.values(network, batch);
    Graph graph = model.graph();
    List<Constant> constants = new ArrayList<>(graph.constants());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.is("Dropout")) {
        String result = node.output(0).name();
        INDArray dropped = Objects.requireNonNull(values.get(result));
        Tensor ratio =
            graph.constants().stream()
                .filter(c -> c.name().equals(node.input(1)))
                .map(c -> (Tensor) c.data())
                .findFirst()
                .orElseThrow();
        constants.add(Constant.of(result + "_mask", mask(dropped, (float) ratio.toScalar())));
        nodes.add(
            Node.of("Mul", List.of(node.input(0), result + "_mask"), node.outputs())
                .withName(node.name()));
      } else {
        nodes.add(node);
      }
    }
    return model.withGraph(graph.withNodes(nodes).withConstants(constants));
  }

  /** Where something was kept; where it was 0 before, the mask does not matter. */
  private static Tensor mask(INDArray dropped, float ratio) {
    float[] mask = dropped.dup('c').data().asFloat();
    for (int i = 0; i < mask.length; i++) {
      mask[i] = mask[i] == 0 ? 0 : 1 / (1 - ratio);
    }
    return Tensor.ofFloats(mask, dropped.shape());
  }

  private static double referenceLoss(Model model, Tensor images) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      Tensor output = (Tensor) prepared.run(Map.of("x", images)).get("probabilities");
      float[] probabilities = output.toFloats();
      double loss = 0;
      for (int i = 0; i < BATCH; i++) {
        loss -= Math.log(probabilities[i * RandomNet.CLASSES + (int) LABELS[i]]);
      }
      return loss / BATCH;
    }
  }
}
