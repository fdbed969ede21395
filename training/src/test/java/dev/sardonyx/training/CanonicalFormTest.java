package dev.sardonyx.training;

import static dev.sardonyx.training.SmallNet.dims;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.compile.TrainingMethod;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.adapter.SingletonDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/** Models as exporters write them: what they say in several nodes is learnt as one layer. */
class CanonicalFormTest {
  private static final Tensor IMAGES = SmallNet.randomTensor(new Random(9), 1, 6, 2, 4, 4);

  private static DataSet batch() {
    return new DataSet(
        NdArrays.array(IMAGES), Nd4j.createFromArray(new float[] {0, 1, 2, 0, 1, 2}).reshape(6, 1));
  }

  private static TrainingResult trained(Model model) throws IOException {
    return Training.of(model)
        .updater(new Sgd(0.1))
        .epochs(3)
        .run(new SingletonDataSetIterator(batch()));
  }

  /** What the network computes is what the model that came back means. */
  private static void assertComesBack(Model before, TrainingResult result) {
    INDArray expected = result.network().output(false, batch().getFeatures())[0];
    Tensor computed = run(result.model());
    float[] wanted = expected.dup('c').data().asFloat();
    float[] given = computed.toFloats();
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], given[i], 1e-5);
    }
    assertNotEquals(run(before), computed);
    assertEquals(before.graph().inputs(), result.model().graph().inputs());
    assertEquals(before.graph().outputs(), result.model().graph().outputs());
  }

  private static Tensor run(Model model) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      return prepared.run(Map.of("x", IMAGES)).tensor("probabilities");
    }
  }

  private static Attribute value(Tensor tensor) {
    return Attribute.ofTensor("value", tensor);
  }

  /** Weights in Constant nodes, behind Identity, Transpose, ConstantOfShape; computed shapes. */
  private static Model asExported() {
    SmallNet net = new SmallNet();
    String x = net.input("x", 2, 4, 4);
    Random random = new Random(1);
    net.node("Constant", List.of(), "w", value(SmallNet.randomTensor(random, 0.3f, 3, 2, 3, 3)));
    net.node(
        "Identity", List.of(net.constant("shared_b", SmallNet.randomTensor(random, 0.3f, 3))), "b");
    x =
        net.node(
            "Conv",
            List.of(x, "w", "b"),
            "conv",
            dims(3, 4, 4),
            Attribute.ofInts("pads", 1, 1, 1, 1));
    net.constant("three", Tensor.ofLongs(new long[] {3}, 1));
    net.node("ConstantOfShape", List.of("three"), "zeros", value(Tensor.ofFloats(new float[1], 1)));
    net.node(
        "ConstantOfShape", List.of("three"), "ones", value(Tensor.ofFloats(new float[] {1}, 1)));
    x =
        net.node(
            "BatchNormalization",
            List.of(x, "ones", "zeros", "zeros", "ones"),
            "bn",
            dims(3, 4, 4));
    net.node("Shape", List.of(x), "shape");
    net.constant("first", Tensor.scalar(0L));
    net.node("Gather", List.of("shape", "first"), "batch");
    net.constant("axis", Tensor.ofLongs(new long[] {0}, 1));
    net.node("Unsqueeze", List.of("batch", "axis"), "batches");
    net.constant("rest", Tensor.ofLongs(new long[] {-1}, 1));
    net.node("Concat", List.of("batches", "rest"), "rows", Attribute.ofInt("axis", 0));
    net.constant("two", Tensor.ofLongs(new long[] {2}, 1));
    net.constant("size", Tensor.ofLongs(new long[] {4, 8}, 2));
    net.node("Slice", List.of("shape", "axis", "two"), "front");
    net.node("Concat", List.of("front", "size"), "sizes", Attribute.ofInt("axis", 0));
    x = net.node("Resize", List.of(x, "", "", "sizes"), "wide", dims(3, 4, 8));
    x = net.node("Reshape", List.of(x, "rows"), "flat", dims(96));
    net.node(
        "Transpose",
        List.of(net.constant("dense", SmallNet.randomTensor(random, 0.1f, 3, 96))),
        "dense_t",
        Attribute.ofInts("perm", 1, 0));
    x = net.node("MatMul", List.of(x, "dense_t"), "logits", dims(3));
    return net.model(net.node("Softmax", List.of(x), "probabilities", dims(3)));
  }

  @Test
  void whatExportersSayInSeveralNodesLearns() throws IOException {
    Model model = asExported();
    TrainingResult result = trained(model);
    assertComesBack(model, result);
  }

  @Test
  void vectorsThatAreSharedByChanceLearnApart() throws IOException {
    SmallNet net = new SmallNet();
    String x = net.conv3x3("conv", net.input("x", 2, 4, 4), 2, 3, 4, 4);
    net.constant("ones", Tensor.ofFloats(new float[] {1, 1, 1}, 3));
    net.constant("zeros", Tensor.ofFloats(new float[3], 3));
    List<String> shared = List.of("ones", "zeros", "zeros", "ones");
    for (String name : List.of("bn1", "bn2")) {
      x =
          net.node(
              "BatchNormalization",
              List.of(x, shared.get(0), shared.get(1), shared.get(2), shared.get(3)),
              name,
              dims(3, 4, 4));
      x = net.relu(name + "_relu", x, 3, 4, 4);
    }
    Model model = net.model(net.classifier(x, 48, 3));
    TrainingResult result = trained(model);
    assertComesBack(model, result);
    assertEquals(
        8,
        result.model().graph().nodes().stream()
            .filter(n -> n.is("BatchNormalization"))
            .flatMap(n -> n.inputs().subList(1, 5).stream())
            .distinct()
            .count());
  }

  @Test
  void whatNeedsNoRewritingIsLeftAlone() {
    SmallNet net = new SmallNet();
    String x = net.conv3x3("conv", net.input("x", 2, 4, 4), 2, 3, 4, 4);
    Model model = net.model(net.classifier(x, 48, 3));
    assertSame(
        model,
        NetworkCompiler.forTraining(model, TrainingMethod.of(new LossSparseMCXENT(), new Sgd(1), 1))
            .model());
  }

  @Test
  void aFrozenValueStaysAValue() throws IOException {
    Model model = asExported();
    TrainingResult result =
        Training.of(model)
            .freezeUntil("bn")
            .updater(new Sgd(0.1))
            .run(new SingletonDataSetIterator(batch()));
    assertComesBack(model, result);
  }
}
