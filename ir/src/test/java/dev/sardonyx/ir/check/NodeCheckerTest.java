package dev.sardonyx.ir.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.Result;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One node at a time, as builders make them. */
class NodeCheckerTest {
  private final List<OpsetImport> imports = new ArrayList<>(List.of(OpsetImport.onnx(21)));
  private final NodeChecker checker = NodeChecker.of(imports);

  private String fault(Node node) {
    return checker.check(node).map(Problem::message).orElse("");
  }

  private static Node node(String domain, String operator, int inputs, Attribute... attributes) {
    return new Node(
        domain,
        operator,
        "",
        "n",
        List.of("x", "y", "z").subList(0, inputs),
        List.of(attributes),
        List.of(Result.of("r")),
        Metadata.EMPTY);
  }

  @Test
  void aFaultIsThatOfTheNodeAloneAndTheFirst() {
    assertEquals("", fault(node("", "Relu", 1)));
    assertEquals(
        "node n: Relu-14 takes 1 input, not 2",
        fault(node("", "Relu", 2, Attribute.ofInt("alpha", 1))));
    assertEquals("", fault(node("", "Relu", 1)));
  }

  @Test
  void importsMayBeAddedAndWarningsAreNoFaults() {
    Node custom = node("com.example", "Magic", 1);
    assertEquals(
        "node n: com.example.Magic is of domain com.example, which is not imported", fault(custom));
    imports.add(OpsetImport.of("com.example", 1));
    assertEquals("", fault(custom));
  }

  @Test
  void functionsAreKnownOnceTheyAreAdded() {
    imports.add(OpsetImport.of("my", 1));
    Node call = node("my", "F", 2);
    assertEquals("", fault(call), "an operator of an unknown domain");
    checker.add(
        new Function(
            "my",
            "F",
            "",
            List.of("a"),
            List.of("b"),
            List.of(),
            List.of(),
            List.of(),
            imports,
            List.of(),
            Metadata.EMPTY));
    assertEquals("node n: my.F takes at most 1 input, not 2", fault(call));
  }

  @Test
  void attributesThatAreDeclaredMayBeReferredTo() {
    Node slope = node("", "LeakyRelu", 1, reference("slope"));
    Node other = node("", "LeakyRelu", 1, reference("other"));
    assertEquals(
        "node n: attribute alpha refers to slope, but the node is in no function", fault(slope));
    OperatorName name = OperatorName.of(node("my", "F", 1));
    checker.declare(name, "slope");
    assertEquals("", fault(slope));
    assertEquals(
        "node n: attribute alpha refers to other, which function my.F does not declare",
        fault(other));
    checker.declare(name, "other");
    assertEquals("", fault(slope));
    assertEquals("", fault(other));
  }

  private static Attribute reference(String name) {
    return Attribute.ofReference("alpha", name, AttributeType.FLOAT);
  }
}
