package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SequenceInferenceTest {
  @Test
  void itemsKeepWhatTheyShare() {
    assertEquals(
        "seq(float[N,?])",
        NodeCase.of("SequenceConstruct", 11).in("float[N,3]", "float[N,4]").types());
    assertEquals(
        "seq(float)", NodeCase.of("SequenceConstruct", 11).in("float[N,3]", "float[N]").types());
    assertEquals(
        "seq(float[N,?])",
        NodeCase.of("SequenceInsert", 11).in("seq(float[N,3])", "float[N,4]", "int64[]").types());
    assertEquals("seq(int64[N,3])", NodeCase.of("SequenceErase", 11).in("seq(int64[N,3])").types());
  }

  @Test
  void emptyAtAndLength() {
    assertEquals("seq(float)", NodeCase.of("SequenceEmpty", 11).types());
    assertEquals(
        "seq(bool)", NodeCase.of("SequenceEmpty", 11).with("dtype", ElementType.BOOL).types());
    assertEquals(
        "float[N,3]", NodeCase.of("SequenceAt", 11).in("seq(float[N,3])", "int32[]").types());
    assertEquals("int64[]", NodeCase.of("SequenceLength", 11).in("seq(float)").types());
  }

  @Test
  void concatenatingItems() {
    assertEquals(
        "float[?,3]",
        NodeCase.of("ConcatFromSequence", 11).in("seq(float[N,3])").with("axis", 0).types());
    assertEquals(
        "float[N,3,?]",
        NodeCase.of("ConcatFromSequence", 11)
            .in("seq(float[N,3])")
            .with("axis", -1)
            .with("new_axis", 1)
            .types());
    assertEquals(
        "float", NodeCase.of("ConcatFromSequence", 11).in("seq(float)").with("axis", 0).types());
  }

  @Test
  void splittingIntoItems() {
    NodeCase.inAllVersions("SplitToSequence", n -> n.in("float[N,6]"), "seq(float[1,6])");
    NodeCase.inAllVersions(
        "SplitToSequence",
        n -> n.in("float[N,6]").with("axis", 1).with("keepdims", 0),
        "seq(float[N])");
    assertEquals("seq(float[N,2])", split("6", Tensor.scalar(2L)).types());
    assertEquals("seq(float[N,?])", split("7", Tensor.scalar(2L)).types());
    assertEquals("seq(float[N,3])", split("6", Tensor.ofLongs(new long[] {3, 3}, 2)).types());
    assertEquals("seq(float[N,?])", split("6", Tensor.ofLongs(new long[] {2, 4}, 2)).types());
    assertEquals(
        "SX-305 b: SplitToSequence: sizes [2, 3] in b do not split axis 1 of a [N,6]: they must add"
            + " up to its size 6",
        split("6", Tensor.ofLongs(new long[] {2, 3}, 2)).problem());
  }

  private static NodeCase split(String size, Tensor split) {
    return NodeCase.of("SplitToSequence", 24).in("float[N," + size + "]").in(split).with("axis", 1);
  }

  @Test
  void optionals() {
    NodeCase.inAllVersions("Optional", n -> n.in("float[N,3]"), "optional(float[N,3])");
    NodeCase.inAllVersions("Optional", n -> n.in("seq(float[N])"), "optional(seq(float[N]))");
    NodeCase.inAllVersions(
        "Optional",
        n -> n.with(Attribute.ofType("type", NodeCase.type("float[7]"))),
        "optional(float[7])");
    NodeCase.inAllVersions("OptionalGetElement", n -> n.in("optional(float[N,3])"), "float[N,3]");
    NodeCase.inVersions("OptionalGetElement", 18, 99, n -> n.in("seq(float[3])"), "seq(float[3])");
    NodeCase.inAllVersions("OptionalHasElement", n -> n.in("optional(seq(float))"), "bool[]");
    NodeCase.inVersions("OptionalHasElement", 18, 99, n -> n, "bool[]");
  }

  @Test
  void problems() {
    assertEquals(
        "SX-305 type: Optional: there is neither an input nor attribute type, so the optional has no"
            + " type; give one of them",
        NodeCase.of("Optional", 15).problem());
    assertEquals(
        "SX-302 b: SequenceInsert: input b has type int64[3], but the sequence's items have"
            + " float[3]",
        NodeCase.of("SequenceInsert", 11).in("seq(float[3])", "int64[3]").problem());
  }

  /** Nodes of a graph over x (float[N,3]) and e (an empty sequence). */
  private static String inferred(String output, Node... nodes) {
    Graph graph =
        Graph.of(
            "main",
            List.of(Input.of("x", NodeCase.type("float[N,3]"))),
            List.of(Output.of(output, ValueType.unknown())),
            Stream.concat(
                    Stream.of(Node.of("SequenceEmpty", List.of(), List.of(Result.of("e")))),
                    Stream.of(nodes))
                .toList(),
            List.of(
                Constant.of("three", Tensor.scalar(3L)),
                Constant.of("zero", Tensor.ofLongs(new long[] {0}, 1))));
    ShapeInference.Inferred inferred = ShapeInference.infer(Model.of(graph, 21));
    return inferred.problems().isEmpty()
        ? inferred.model().graph().outputs().get(0).type().toString()
        : inferred.problems().get(0).message();
  }

  private static Node node(String operator, String output, String... inputs) {
    return Node.of(operator, List.of(inputs), List.of(Result.of(output)));
  }

  @Test
  void theFirstItemOfAnEmptySequenceGivesTheType() {
    assertEquals("seq(float[N,3])", inferred("s", node("SequenceInsert", "s", "e", "x")));
  }

  @Test
  void lengthsAreKnown() {
    Node twice = node("SequenceConstruct", "s", "x", "x");
    assertEquals(
        "float[2*N,3]",
        inferred(
            "y",
            twice,
            node("ConcatFromSequence", "y", "s").withAttribute(Attribute.ofInt("axis", 0))));
    assertEquals(
        "float[N,3,2]",
        inferred(
            "y",
            twice,
            node("Identity", "t", "s"),
            Node.of(
                "ConcatFromSequence",
                List.of("t"),
                List.of(Result.of("y")),
                Attribute.ofInt("axis", 2),
                Attribute.ofInt("new_axis", 1))));
    assertEquals(
        "float[N]",
        inferred(
            "y",
            node("SplitToSequence", "s", "x"),
            node("SequenceLength", "n", "s"),
            Node.of("Unsqueeze", List.of("n", "zero"), List.of(Result.of("shape"))),
            node("ConstantOfShape", "y", "shape")));
  }

  @Test
  void positionsOutsideAreRefused() {
    assertEquals(
        "SequenceAt: position 3 in three is outside of sequence s, which has 2 items",
        inferred(
            "y", node("SequenceConstruct", "s", "x", "x"), node("SequenceAt", "y", "s", "three")));
  }
}
