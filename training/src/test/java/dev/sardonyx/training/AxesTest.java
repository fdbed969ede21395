package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.compile.TrainingMethod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Values whose axes DL4J has in another order: chains of nodes made at random that move axes, and
 * nodes between them that care. {@code -Dsardonyx.randomAxes=5000} tries more of them.
 */
class AxesTest {
  private static final int BATCH = 2;
  private static final int STEPS = 7;

  /** A chain, and the dimensions that its last value has. */
  private static final class Chain {
    private final Random random;
    private final SmallNet net = new SmallNet();
    private List<Long> dims;
    private String value;
    private int made;

    /** Where the axis of the examples is; DL4J does nothing along it. */
    private int batch;

    private Chain(long seed) {
      random = new Random(seed);
      int rank = 3 + random.nextInt(3);
      dims = new ArrayList<>();
      for (int i = 1; i < rank; i++) {
        dims.add(1L + random.nextInt(4));
      }
      value = net.input("x", dims.stream().mapToLong(d -> d).toArray());
      dims.add(0, (long) BATCH);
    }

    private void node(String opType, List<String> more, Attribute... attributes) {
      List<String> inputs = new ArrayList<>(List.of(value));
      inputs.addAll(more);
      value = net.node(opType, inputs, "v" + made++, attributes);
    }

    private String longs(long... numbers) {
      return net.constant(
          "c" + made + "_" + random.nextInt(), Tensor.ofLongs(numbers, numbers.length));
    }

    private void step() {
      int rank = dims.size();
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> transpose(rank);
        case 3 -> node(random.nextBoolean() ? "Tanh" : "Neg", List.of());
        case 4 -> insert(random.nextInt(rank));
        case 5 -> drop();
        case 6 -> softmax(random.nextInt(rank));
        default -> slice(random.nextInt(rank));
      }
    }

    private void transpose(int rank) {
      List<Integer> order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
      Collections.shuffle(order, random);
      if (random.nextInt(3) > 0) {
        Collections.swap(order, 0, order.indexOf(batch));
      }
      batch = order.indexOf(batch);
      node(
          "Transpose",
          List.of(),
          Attribute.ofInts("perm", order.stream().mapToLong(i -> i).toArray()));
      dims = new ArrayList<>(order.stream().map(dims::get).toList());
    }

    private void insert(int axis) {
      if (dims.size() < 5) {
        node("Unsqueeze", List.of(longs(axis)));
        dims.add(axis, 1L);
        batch += axis <= batch ? 1 : 0;
      }
    }

    private void drop() {
      int axis = dims.indexOf(1L);
      if (axis >= 0 && dims.size() > 2) {
        node("Squeeze", List.of(longs(axis)));
        dims.remove(axis);
        batch -= axis < batch ? 1 : 0;
      }
    }

    private void softmax(int axis) {
      if (axis != batch) {
        node("Softmax", List.of(), Attribute.ofInt("axis", axis));
      }
    }

    private void slice(int axis) {
      if (axis != batch && dims.get(axis) > 1) {
        node("Slice", List.of(longs(1), longs(Long.MAX_VALUE), longs(axis)));
        dims.set(axis, dims.get(axis) - 1);
      }
    }

    private Model model() {
      for (int i = 0; i < STEPS; i++) {
        step();
      }
      node("Neg", List.of());
      return ShapeInference.infer(net.untyped()).model();
    }
  }

  private static Outputs run(Backend backend, Model model, List<String> outputs, Tensor x) {
    try (PreparedModel prepared = backend.prepare(model, Options.DEFAULT.withOutputs(outputs))) {
      return prepared.run(Map.of("x", x));
    }
  }

  @Test
  void whatMovesAxesMeansTheSame() {
    int chains = Integer.getInteger("sardonyx.randomAxes", 150);
    int expressed = 0;
    for (long seed = 0; seed < chains; seed++) {
      Model model = new Chain(seed).model();
      TensorType type = (TensorType) model.graph().inputs().get(0).type();
      long[] dims = type.shape().dims().stream().mapToLong(d -> d.asLong().orElse(BATCH)).toArray();
      Tensor x = SmallNet.randomTensor(new Random(seed), 1, dims);
      String output = model.graph().outputs().get(0).name();
      Outputs given;
      try {
        given = run(new Dl4jBackend(), model, List.of(output), x);
      } catch (UnsupportedModelException e) {
        continue; // such as one that does something to the axis of the examples
      }
      expressed++;
      Tensor wanted = run(new ReferenceBackend(), model, List.of(output), x).tensor(output);
      assertArrayEquals(wanted.dims(), given.tensor(output).dims(), "chain " + seed);
      assertArrayEquals(wanted.toFloats(), given.tensor(output).toFloats(), 1e-5f, "chain " + seed);
    }
    assertTrue(expressed > chains / 4, expressed + " of " + chains + " chains");
  }

  @Test
  void aLossWantsTheExamplesFirst() {
    SmallNet net = new SmallNet();
    String x = net.input("x", 3, 2);
    net.node("Transpose", List.of(x), "y", Attribute.ofInts("perm", 1, 0, 2));
    Model untyped = ShapeInference.infer(net.untyped()).model();
    Model model =
        untyped.withGraph(
            untyped
                .graph()
                .withOutputs(List.of(Output.of("y", TensorType.of(ElementType.FLOAT, 3, 2, 2)))));
    String message =
        assertThrows(
                UnsupportedModelException.class,
                () ->
                    NetworkCompiler.forTraining(
                        model,
                        TrainingMethod.of(
                            List.of(Loss.meanSquaredError().forLabels(2)), new Sgd(1), 1)))
            .getMessage();
    assertEquals(
        "DL4J cannot express node 'y_node' (Transpose): DL4J keeps the axis of the examples first",
        message);
  }
}
