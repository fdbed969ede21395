package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.check.Checker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Passes on random models: the result is valid, has the same interface, computes the same
 * (evaluated before and after), and is not changed by the same pass again.
 */
class PassPropertiesTest {
  private static final int MODELS = 100;
  private static final int STEPS = 25;

  /** What all passes are tried on. */
  private static final List<Sample> SAMPLES =
      IntStream.range(0, MODELS)
          .mapToObj(seed -> Sample.of(RandomModels.model(seed, STEPS), seed))
          .toList();

  /** A valid model and what it computes. */
  private record Sample(Model model, Map<String, Tensor> inputs, Map<String, Datum> outputs) {
    static Sample of(Model model, long seed) {
      assertEquals("", Checker.check(model).toString(), "problems of model " + seed);
      Map<String, Tensor> inputs = RandomModels.inputs(model, seed);
      return new Sample(model, inputs, RandomModels.run(model, inputs));
    }
  }

  @TestFactory
  Stream<DynamicTest> everyPassKeepsTheMeaning() {
    return Stream.concat(
        Passes.names().stream().map(n -> dynamicTest(n, () -> check(n, Passes.named(n)))),
        Stream.of(dynamicTest("simplify", () -> check("simplify", Passes.simplify()))));
  }

  private static void check(String name, Pass pass) {
    int changed = 0;
    for (int seed = 0; seed < MODELS; seed++) {
      String where = name + " on model " + seed;
      Sample sample = sample(name, seed);
      Model before = prepared(name, sample.model, seed);
      PassResult result = pass.apply(before);
      Model after = result.model();
      changed += result.isChanged() ? 1 : 0;
      assertKept(sample, after, where);
      if (!name.equals("dead-code") && !name.equals("simplify")) {
        assertEquals(before.graph().quantization(), after.graph().quantization(), where);
      }
      assertChangesAreIts(name, result, where);
      PassResult again = pass.apply(after);
      assertEquals(List.of(), again.changes(), where + " a second time");
      assertSame(after, again.model(), where + " a second time");
      if (!result.isChanged()) {
        assertSame(before, after, where + ": unchanged models stay the same object");
      }
    }
    // The builder has inferred all types, and makes no files of the oldest versions.
    if (!name.equals("infer-types") && !name.equals("fixed-defaults")) {
      assertTrue(changed > MODELS / 4, name + " changed only " + changed + " of " + MODELS);
    }
  }

  /** A model that has what the pass looks for, which few others have. */
  private static Sample sample(String pass, int seed) {
    Sample sample = SAMPLES.get(seed);
    return switch (pass) {
      case "repeated-initializers" -> Sample.of(withRepeated(sample.model), seed);
      case "zero-states" -> Sample.of(withRecurrence(sample.model, seed % 3), seed);
      default -> sample;
    };
  }

  /** A model of the same meaning that has what the pass looks for. */
  private static Model prepared(String pass, Model model, long seed) {
    Random random = new Random(seed);
    return switch (pass) {
      case "topological-sort" ->
          everywhere(
              model,
              nodes -> {
                List<Node> shuffled = new ArrayList<>(nodes);
                Collections.shuffle(shuffled, random);
                return shuffled;
              });
      case "standard-operators" -> fused(RandomModels.withLaterNames(model, seed));
      case "node-naming" ->
          everywhere(model, nodes -> nodes.stream().map(n -> n.withName("")).toList());
      case "conv-batch-norm", "pad-folding", "product-chains" ->
          RandomModels.withLaterNames(new ConstantFolding().apply(model).model(), seed);
      case "constants-to-initializers" ->
          new InitializersToConstants().apply(RandomModels.withLaterNames(model, seed)).model();
      default -> RandomModels.withLaterNames(model, seed);
    };
  }

  /** The model with products and convolutions as ONNX Runtime's optimizer would write them. */
  private static Model fused(Model model) {
    List<OpsetImport> imports = new ArrayList<>(model.opsetImports());
    imports.add(OpsetImport.of("com.microsoft", 1));
    Model fused =
        everywhere(model, nodes -> nodes.stream().map(PassPropertiesTest::fused).toList());
    return fused.equals(model) ? model : fused.withVersions(fused.irVersion(), imports);
  }

  private static Node fused(Node node) {
    return Set.of("Conv", "Gemm", "MatMul").contains(node.opType())
        ? new Node(
            "com.microsoft",
            "Fused" + node.opType(),
            "",
            node.name(),
            node.inputs(),
            node.attributes(),
            node.outputs(),
            node.metadata())
        : node;
  }

  private static Model withRepeated(Model model) {
    Graph graph = model.graph();
    return model.withGraph(
        graph.withConstants(graph.constants().stream().map(PassPropertiesTest::repeated).toList()));
  }

  private static Constant repeated(Constant constant) {
    Tensor tensor = (Tensor) constant.data();
    return tensor.elementType() == ElementType.FLOAT // not shapes, nor axes
        ? Constant.of(constant.name(), Tensor.repeated(tensor.first(), tensor.dims()))
        : constant;
  }

  /** With a recurrent layer whose initial state is made of zeros, or not. */
  private static Model withRecurrence(Model model, long kind) {
    Graph graph = model.graph();
    TensorType state = TensorType.of(ElementType.FLOAT, Shape.of(1, 1, 2));
    List<Constant> constants = new ArrayList<>(graph.constants());
    constants.add(Constant.of("rnn_x", Tensor.ofFloats(new float[] {1, -2, 3}, 1, 1, 3)));
    constants.add(Constant.of("rnn_w", Tensor.ofFloats(new float[] {1, 2, 3, 0, 1, 0}, 1, 2, 3)));
    constants.add(Constant.of("rnn_r", Tensor.ofFloats(new float[] {1, 2, 3, 4}, 1, 2, 2)));
    List<Node> nodes = new ArrayList<>();
    if (kind == 2) {
      constants.add(Constant.of("rnn_s", Tensor.ofLongs(new long[] {1, 2}, 2)));
      TensorType flat = TensorType.of(ElementType.FLOAT, Shape.of(1, 2));
      nodes.add(Node.of("ConstantOfShape", List.of("rnn_s"), List.of(Result.of("rnn_z", flat))));
      constants.add(Constant.of("rnn_a", Tensor.ofLongs(new long[1], 1)));
      nodes.add(
          Node.of("Unsqueeze", List.of("rnn_z", "rnn_a"), List.of(Result.of("rnn_h", state))));
    } else {
      constants.add(Constant.of("rnn_h", Tensor.ofFloats(new float[] {0, kind}, 1, 1, 2)));
    }
    nodes.add(
        Node.of(
            "RNN",
            List.of("rnn_x", "rnn_w", "rnn_r", "", "", "rnn_h"),
            List.of(Result.ABSENT, Result.of("rnn_y", state)),
            Attribute.ofInt("hidden_size", 2)));
    nodes.addAll(graph.nodes());
    List<Output> outputs = new ArrayList<>(graph.outputs());
    outputs.add(Output.of("rnn_y", state));
    return model.withGraph(graph.withNodes(nodes).withConstants(constants).withOutputs(outputs));
  }

  /** The model with the nodes of its graph, and of all bodies in it, changed. */
  private static Model everywhere(Model model, UnaryOperator<List<Node>> change) {
    return model.withGraph(everywhere(model.graph(), change));
  }

  private static Graph everywhere(Graph graph, UnaryOperator<List<Node>> change) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      List<Attribute> attributes = new ArrayList<>();
      for (Attribute attribute : node.attributes()) {
        attributes.add(
            attribute.value() instanceof AttributeValue.Graph body
                ? attribute.withValue(new AttributeValue.Graph(everywhere(body.value(), change)))
                : attribute);
      }
      nodes.add(node.withAttributes(attributes));
    }
    return graph.withNodes(change.apply(nodes));
  }

  private static void assertKept(Sample sample, Model after, String where) {
    Model before = sample.model;
    assertEquals("", Checker.check(after).toString(), where + ": problems");
    assertEquals(outside(before), outside(after), where);
    assertTrue(
        before.graph().quantization().containsAll(after.graph().quantization()),
        () -> where + ": " + after.graph().quantization());
    compare(sample.outputs, RandomModels.run(after, sample.inputs), where);
  }

  /** All that others know of a model. */
  private static List<String> outside(Model model) {
    List<String> all = new ArrayList<>();
    model.graph().inputs().forEach(i -> all.add("input " + i.name() + " " + i.type()));
    model.graph().outputs().forEach(o -> all.add("output " + o.name() + " " + o.type()));
    all.add("IR version " + model.irVersion() + ", " + model.opsetImports());
    all.add(model.producerName() + " " + model.producerVersion());
    all.add(model.metadata() + " " + model.graph().metadata());
    return all;
  }

  private static void assertChangesAreIts(String pass, PassResult result, String where) {
    Model model = result.model();
    for (Change change : result.changes()) {
      if (!pass.equals("simplify")) {
        assertEquals(pass, change.pass(), where);
      }
      String root = change.graph().replaceFirst("/.*", "");
      assertTrue(
          root.equals(model.graph().name()) || List.of("Leak", "Twice").contains(root),
          () -> where + " says " + change);
    }
  }

  /** In any order, and each as often as one likes. */
  @Test
  void sequencesOfPassesKeepTheMeaning() {
    for (int seed = 0; seed < MODELS; seed++) {
      Random random = new Random(seed);
      List<String> names = new ArrayList<>();
      Pass all = PassResult::unchanged;
      for (int i = 0; i < 6; i++) {
        names.add(Passes.names().get(random.nextInt(Passes.names().size())));
        all = all.andThen(Passes.named(names.get(i)));
      }
      Model before = RandomModels.withLaterNames(RandomModels.model(1000 + seed, STEPS), seed);
      Model after = all.apply(before).model();
      assertKept(Sample.of(before, seed), after, names + " on model " + (1000 + seed));
    }
  }

  private static void compare(Map<String, Datum> before, Map<String, Datum> after, String where) {
    assertEquals(before.keySet(), after.keySet(), where);
    for (String name : before.keySet()) {
      float[] a = ((Tensor) before.get(name)).toFloats();
      float[] b = ((Tensor) after.get(name)).toFloats();
      assertEquals(a.length, b.length, where + ": elements of " + name);
      for (int i = 0; i < a.length; i++) {
        if (!(Math.abs(a[i] - b[i]) <= 1e-5 + 1e-4 * Math.abs(a[i])) && a[i] != b[i]) {
          fail(where + ": " + name + " differs at " + i + ": " + a[i] + " and " + b[i]);
        }
      }
    }
  }

  @Test
  void simplifyingLeavesLittle() {
    int before = 0;
    int after = 0;
    for (int seed = 0; seed < 20; seed++) {
      Model model = SAMPLES.get(seed).model;
      model = model.withGraph(model.graph().withQuantization(List.of())); // they keep values alive
      Model simple = Passes.simplify().apply(model).model();
      before += model.graph().nodes().size();
      after += simple.graph().nodes().size();
      assertTrue(simple.functions().isEmpty(), "all functions are inlined");
      assertFalse(
          simple.graph().nodes().stream()
              .anyMatch(n -> n.is("Shape") || n.is("BatchNormalization")),
          () -> Listing.of(simple));
      for (Output output : simple.graph().outputs()) {
        assertTrue(output.type().isKnown(), output.name());
      }
    }
    assertTrue(after < before * 2 / 3, before + " nodes became " + after);
  }
}
