package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.pass.RandomModels;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Against examples, and against what searching the graphs of random models says. */
class GraphIndexTest {
  private static final TensorType FLOATS = TensorType.of(ElementType.FLOAT, Shape.of(2));

  /** y = x + w, used twice by the product, once in the If's branch and as an output. */
  private static Graph example() {
    GraphBuilder b = GraphBuilder.of("main", 21);
    Value x = b.input("x", FLOATS);
    Value condition = b.input("condition", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    Value w = b.constant("w", Tensor.ofFloats(new float[] {1, 2}, 2));
    Value y = b.add(x, w);
    Value product = b.mul(y, y);
    Value chosen = b.ifThenElse(condition, then -> then.relu(y), other -> other.relu(product));
    b.output(chosen, "chosen");
    b.output(y, "y");
    return b.build();
  }

  private final Graph graph = example();
  private final GraphIndex index = GraphIndex.of(graph);

  private Node node(String opType) {
    return graph.nodes().stream().filter(n -> n.is(opType)).findFirst().orElseThrow();
  }

  @Test
  void anOutputThatIsGivenSeveralTimesIsUsedAsOften() {
    List<Output> outputs = new ArrayList<>(graph.outputs());
    outputs.add(outputs.get(1));
    outputs.add(outputs.get(1));
    assertEquals(6, GraphIndex.of(graph.withOutputs(outputs)).uses("y"));
    assertEquals(1, GraphIndex.of(graph.withOutputs(outputs)).uses("chosen"));
  }

  @Test
  void knowsWhoGivesAndWhoUsesAValue() {
    assertSame(node("Add"), index.producer("y").orElseThrow());
    assertEquals(List.of(node("Mul"), node("If")), index.consumers("y"));
    assertEquals(4, index.uses("y"));
    assertEquals(Optional.empty(), index.producer("x"));
    assertEquals(List.of(node("Add")), index.consumers("x"));
    assertSame(node("Add"), index.soleConsumer("x").orElseThrow());
    assertEquals(Optional.empty(), index.soleConsumer("y"));
    assertEquals(Optional.empty(), index.soleConsumer("chosen"));
    assertEquals(List.of(), index.consumers("nobody"));
    assertEquals(0, index.uses("nobody"));
    assertArrayEquals(new int[] {0, 0}, index.dependencies(1));
    assertTrue(index.isSorted());
  }

  @Test
  void allWhoAskShareOneIndexOfAGraph() {
    assertSame(index, GraphIndex.of(graph));
    Graph renamed = graph.withName("other");
    assertSame(renamed, GraphIndex.of(renamed).graph());
    assertEquals(graph, renamed.withName("main"));
    assertNotEquals(graph, renamed);
    assertEquals(graph.hashCode(), renamed.withName("main").hashCode());
  }

  /** Under either spelling of ONNX's own domain, and apart from others of the same type. */
  @Test
  void operatorsOfNodesAreListedOnceEach() {
    Node relu = Node.of("Relu", List.of("x"), List.of(Result.of("a")));
    Node same =
        new Node(
            "ai.onnx",
            "Relu",
            "",
            "",
            List.of("a"),
            List.of(),
            List.of(Result.of("b")),
            Metadata.EMPTY);
    Node other =
        new Node(
            "my", "Relu", "", "", List.of("b"), List.of(), List.of(Result.of("c")), Metadata.EMPTY);
    Graph three =
        Graph.of(
            "g", List.of(Input.of("x", FLOATS)), List.of(), List.of(relu, same, other), List.of());
    assertEquals(
        List.of(OperatorName.parse("Relu"), OperatorName.parse("my.Relu")), three.operators());
    assertArrayEquals(
        new int[] {0, 0, 1},
        new int[] {three.operatorNumber(0), three.operatorNumber(1), three.operatorNumber(2)});
    assertFalse(three.hasSubgraphs());
    assertTrue(graph.hasSubgraphs());
  }

  @Test
  void tellsInputsInitializersAndConstants() {
    assertTrue(index.input("x").isPresent());
    assertFalse(index.input("w").isPresent());
    assertTrue(index.initializer("w").isPresent());
    assertEquals(2f, index.constant("w").orElseThrow().toFloats()[1]);
    assertEquals(Optional.empty(), index.constant("x"));
    assertEquals(FLOATS, index.type("x"));
    assertEquals(FLOATS, index.type("w"));
    assertEquals(Shape.of(2), index.shape("y"));
    assertEquals(ValueType.unknown(), index.type("nobody"));
    assertTrue(index.isOutput("y"));
    assertEquals("x", index.value("x").orElseThrow().name());
  }

  @Test
  void aDefaultOfAnInputIsNoConstant() {
    Graph open =
        graph.withInputs(List.of(Input.of("x", FLOATS), Input.of("w", ValueType.unknown())));
    GraphIndex withDefault = GraphIndex.of(open);
    assertTrue(withDefault.input("w").isPresent());
    assertTrue(withDefault.initializer("w").isPresent());
    assertEquals(Optional.empty(), withDefault.constant("w"));
    assertEquals(FLOATS, withDefault.type("w"));
  }

  @Test
  void aSubgraphSeesTheGraphsAround() {
    Graph branch = node("If").subgraphs().get(0);
    GraphIndex inner = index.inside(branch);
    assertSame(index, inner.outer().orElseThrow());
    assertEquals(Set.of("y"), inner.captures());
    assertFalse(inner.has("y"));
    assertSame(index, inner.owner("y").orElseThrow());
    assertEquals(Shape.of(2), inner.shape("y"));
    assertTrue(inner.constant("w").isPresent());
    assertEquals(Optional.empty(), inner.producer("y"));
    List<String> names = new ArrayList<>();
    index.forEachGraph(g -> names.add(g.graph().name()));
    assertEquals(3, names.size());
    assertEquals("main", names.get(0));
    assertThrows(IllegalArgumentException.class, () -> index.inside(graph));
  }

  @Test
  void aFunctionHasItsBodysValues() {
    Function function =
        new Function(
            "my",
            "Twice",
            "",
            List.of("a"),
            List.of("b"),
            List.of(),
            List.of(),
            List.of(Node.of("Add", List.of("a", "a"), List.of(Result.of("b")))),
            List.of(OpsetImport.onnx(21)),
            List.of(Input.of("b", FLOATS)),
            Metadata.EMPTY);
    GraphIndex body = GraphIndex.of(function);
    assertTrue(body.input("a").isPresent());
    assertEquals(2, body.uses("a"));
    assertEquals(1, body.consumers("a").size());
    assertEquals(FLOATS, body.type("b"));
  }

  @Test
  void brokenGraphsHaveAnIndexToo() {
    Node first = Node.of("Relu", List.of("b"), List.of(Result.of("a"), Result.ABSENT));
    Node second = Node.of("Clip", List.of("a", "", "none"), List.of(Result.of("b")));
    Node again = Node.of("Relu", List.of("b"), List.of(Result.of("a")));
    Graph broken = Graph.of("g", List.of(), List.of(), List.of(first, second, again), List.of());
    GraphIndex of = GraphIndex.of(broken);
    assertFalse(of.isSorted());
    assertSame(first, of.producer("a").orElseThrow());
    assertEquals(List.of(first, again), of.consumers("b"));
    assertEquals(Set.of("none"), of.captures());
    assertEquals(Optional.empty(), of.owner("none"));
    assertEquals(Optional.empty(), of.value("none"));
    assertEquals(GraphIndex.NONE, of.number(""));
  }

  @Test
  void agreesWithSearchingRandomModels() {
    for (int seed = 0; seed < 40; seed++) {
      GraphIndex.of(RandomModels.model(seed, 30).graph())
          .forEachGraph(GraphIndexTest::requireAgreement);
    }
  }

  private static void requireAgreement(GraphIndex index) {
    Graph graph = index.graph();
    Set<String> names = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      names.addAll(node.dependencies());
      node.outputs().stream().filter(Result::isPresent).forEach(r -> names.add(r.name()));
    }
    for (String name : names) {
      List<Node> users =
          graph.nodes().stream().filter(n -> n.dependencies().contains(name)).toList();
      assertEquals(users, index.consumers(name), name);
      Optional<Node> producer =
          graph.nodes().stream()
              .filter(n -> n.outputs().stream().anyMatch(r -> r.name().equals(name)))
              .findFirst();
      assertEquals(producer, index.producer(name), name);
      assertEquals(name, index.name(index.number(name)));
    }
    assertEquals(graph.captures().keySet(), new HashSet<>(index.captures()));
    int[] uses = new int[index.valueCount()];
    for (int i = 0; i < graph.nodes().size(); i++) {
      index.forEachUse(i, value -> uses[value]++);
    }
    graph.outputs().stream()
        .filter(o -> index.number(o.name()) >= 0)
        .forEach(o -> uses[index.number(o.name())]++);
    for (int value = 0; value < uses.length; value++) {
      assertEquals(uses[value], index.uses(index.name(value)));
      assertEquals(uses[value], index.uses(value));
    }
    for (int i = 0; i < graph.nodes().size(); i++) {
      assertEquals(
          OperatorName.of(graph.nodes().get(i)), graph.operators().get(graph.operatorNumber(i)));
      BitSet one = new BitSet();
      for (int value = 0; value < uses.length; value++) {
        one.clear();
        one.set(value);
        boolean isUsed = graph.nodes().get(i).dependencies().contains(index.name(value));
        assertEquals(isUsed, index.usesAny(i, one), index.name(value));
      }
    }
    assertEquals(
        graph.nodes().stream().anyMatch(n -> !n.subgraphs().isEmpty()), graph.hasSubgraphs());
  }
}
