package dev.sardonyx.ir.edit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.ir.pass.RandomModels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Edits that leave the meaning of a model as it is, on random models with subgraphs, functions,
 * defaults and annotations: the result is valid, computes the same, and its types hold.
 */
class EditPropertiesTest {
  private static final int MODELS = 60;
  private static final int STEPS = 20;

  /** What all edits are tried on. */
  private static final List<Sample> SAMPLES =
      IntStream.range(0, MODELS).mapToObj(Sample::of).toList();

  /** A model and what it computes. */
  private record Sample(Model model, Map<String, Tensor> inputs, Map<String, Datum> outputs) {
    static Sample of(int seed) {
      Model model = Passes.named("node-naming").apply(RandomModels.model(seed, STEPS)).model();
      Map<String, Tensor> inputs = RandomModels.inputs(model, seed | 1);
      return new Sample(model, inputs, RandomModels.run(model, inputs));
    }
  }

  /** An edit at a random place. */
  @FunctionalInterface
  private interface Edit {
    ModelEditor of(ModelEditor editor, Model model, Random random);
  }

  private static final Map<String, Edit> EDITS = new LinkedHashMap<>();

  static {
    EDITS.put("insertAfter", (e, m, r) -> e.insertAfter(any(floats(m), r), (b, v) -> same(b, v)));
    EDITS.put("insertBefore", EditPropertiesTest::insertBefore);
    EDITS.put("replaceNode", EditPropertiesTest::replaceNode);
    EDITS.put("replacePart", EditPropertiesTest::replacePart);
    EDITS.put("replaceUses", EditPropertiesTest::replaceUses);
    EDITS.put("changeNode", (e, m, r) -> e.changeNode(any(nodes(m, n -> true), r).name(), n -> n));
    EDITS.put(
        "removeNode", (e, m, r) -> e.removeNode(any(nodes(m, n -> n.is("Identity")), r).name()));
    EDITS.put("renameValue", (e, m, r) -> e.renameValue(any(inner(m), r), "another"));
    EDITS.put("prefixInside", (e, m, r) -> e.prefixInside("p/"));
    EDITS.put("outline", EditPropertiesTest::outline);
    EDITS.put("extract", (e, m, r) -> e.extract(inputs(m), List.of("last")));
    EDITS.put("withoutTypes", (e, m, r) -> e.withoutTypes().addOutput(any(inner(m), r)));
    EDITS.put("initializerToInput", (e, m, r) -> e.initializerToInput("option"));
  }

  private static ModelEditor insertBefore(ModelEditor editor, Model model, Random random) {
    Set<String> floats = new LinkedHashSet<>(floats(model));
    Node node = any(nodes(model, n -> n.inputs().stream().anyMatch(floats::contains)), random);
    List<Integer> inputs =
        IntStream.range(0, node.inputs().size())
            .filter(i -> floats.contains(node.input(i)))
            .boxed()
            .toList();
    return editor.insertBefore(node.name(), any(inputs, random), (b, v) -> same(b, v));
  }

  private static ModelEditor replaceNode(ModelEditor editor, Model model, Random random) {
    Node node = any(nodes(model, n -> n.subgraphs().isEmpty() && n.outputs().size() == 1), random);
    Attribute[] attributes = node.attributes().toArray(Attribute[]::new);
    return editor.replaceNode(
        node.name(),
        (b, inputs) -> b.node("Identity", List.of(b.node(node.operator(), inputs, attributes))));
  }

  /** A value of the main graph, computed anew from the inputs of the node that gave it. */
  private static ModelEditor replacePart(ModelEditor editor, Model model, Random random) {
    Node node =
        any(
            model.graph().nodes().stream()
                .filter(n -> n.subgraphs().isEmpty() && n.outputs().size() == 1)
                .filter(n -> n.inputs().stream().noneMatch(String::isEmpty))
                .toList(),
            random);
    Attribute[] attributes = node.attributes().toArray(Attribute[]::new);
    return editor.replacePart(
        List.copyOf(new LinkedHashSet<>(node.inputs())),
        List.of(node.output(0).name()),
        (b, given) -> {
          Map<String, Value> values = new HashMap<>();
          given.forEach(v -> values.put(v.name(), v));
          return List.of(
              b.node(
                  node.operator(), node.inputs().stream().map(values::get).toList(), attributes));
        });
  }

  /** A detour behind a value, and its users brought back. */
  private static ModelEditor replaceUses(ModelEditor editor, Model model, Random random) {
    Set<String> inner = Set.copyOf(inner(model));
    String value = any(floats(model).stream().filter(inner::contains).toList(), random);
    ModelEditor changed = editor.insertAfter(value, (b, v) -> b.neg(v));
    return GraphIndex.of(model.graph()).producer(value).isPresent()
        ? changed.replaceUses(value, value + "_original")
        : changed.replaceUses(value + "_changed", value);
  }

  /** A function of a node and some of those before it, which the same elsewhere calls, too. */
  private static ModelEditor outline(ModelEditor editor, Model model, Random random) {
    Map<String, Node> producers = new HashMap<>();
    model.graph().nodes().forEach(n -> n.outputs().forEach(o -> producers.put(o.name(), n)));
    List<Node> taken = new ArrayList<>(List.of(any(model.graph().nodes(), random)));
    for (int i = random.nextInt(4); i > 0; i--) {
      List<Node> before =
          any(taken, random).dependencies().stream()
              .filter(producers::containsKey)
              .map(producers::get)
              .filter(n -> !taken.contains(n))
              .toList();
      if (!before.isEmpty()) {
        taken.add(any(before, random));
      }
    }
    return editor.outline("made.Block", taken.stream().map(Node::name).toArray(String[]::new));
  }

  /** The very same numbers, by two nodes. */
  private static Value same(OperatorBuilder b, Value value) {
    return b.node("Neg", List.of(b.node("Neg", List.of(value))));
  }

  private static <T> T any(List<T> some, Random random) {
    return some.get(random.nextInt(some.size()));
  }

  private static List<String> inputs(Model model) {
    return model.graph().inputs().stream().map(Input::name).toList();
  }

  /** Values of the main graph that are no inputs or outputs. */
  private static List<String> inner(Model model) {
    Set<String> values = Values.of(model.graph());
    inputs(model).forEach(values::remove);
    model.graph().outputs().stream().map(Output::name).forEach(values::remove);
    return List.copyOf(values);
  }

  /** Values of the main graph that are tensors of floats. */
  private static List<String> floats(Model model) {
    Graph graph = model.graph();
    return Values.of(graph).stream()
        .filter(
            v ->
                GraphIndex.of(graph).type(v) instanceof TensorType type
                    && type.elementType() == ElementType.FLOAT)
        .toList();
  }

  /** Nodes of all graphs that have a name of their own. */
  private static List<Node> nodes(Model model, Predicate<Node> which) {
    Map<String, List<Node>> byName = new LinkedHashMap<>();
    Everywhere.nodes(
        model.graph(), n -> byName.computeIfAbsent(n.name(), k -> new ArrayList<>()).add(n));
    return byName.values().stream()
        .filter(n -> n.size() == 1)
        .map(n -> n.get(0))
        .filter(which)
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> editsKeepTheMeaning() {
    return EDITS.entrySet().stream()
        .map(e -> dynamicTest(e.getKey(), () -> check(e.getKey(), e.getValue())));
  }

  private static void check(String name, Edit edit) {
    int edited = 0;
    for (int seed = 0; seed < MODELS; seed++) {
      Sample sample = SAMPLES.get(seed);
      Model before = sample.model;
      Model after;
      try {
        after = edit.of(ModelEditor.of(before), before, new Random(seed)).model();
        edited++;
      } catch (EditException refused) {
        continue;
      }
      String where = name + " on model " + seed;
      Map<String, Tensor> inputs = new HashMap<>(sample.inputs);
      inputs.keySet().retainAll(inputs(after));
      Map<String, Datum> expected = sample.outputs;
      Map<String, Datum> actual = RandomModels.run(after, inputs);
      for (Output output : after.graph().outputs()) {
        Datum value = actual.get(output.name());
        if (expected.containsKey(output.name())) {
          assertEquals(expected.get(output.name()), value, where + ": " + output.name());
        }
        assertTrue(
            output.type() instanceof TensorType declared
                && value instanceof Tensor tensor
                && declared.shape().isCompatibleWith(tensor.type().shape()),
            where + ": " + output);
      }
    }
    assertTrue(edited > MODELS / 2, name + " edited only " + edited + " of " + MODELS);
  }
}
