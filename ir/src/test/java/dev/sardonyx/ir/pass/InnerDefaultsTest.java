package dev.sardonyx.ir.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An inner function's default holds where the outer call passes no attribute on. */
class InnerDefaultsTest {
  private static final List<OpsetImport> IMPORTS =
      List.of(OpsetImport.onnx(18), OpsetImport.of("my", 1));

  private static Node call(String name, String in, String out, Attribute... attributes) {
    return new Node(
        "my",
        name,
        "",
        "",
        List.of(in),
        List.of(attributes),
        List.of(Result.of(out)),
        Metadata.EMPTY);
  }

  private static Function function(String name, List<Attribute> defaults, Node node) {
    return new Function(
        "my",
        name,
        "",
        List.of("a"),
        List.of("r"),
        List.of(),
        defaults,
        List.of(node),
        IMPORTS,
        List.of(),
        Metadata.EMPTY);
  }

  @Test
  void theInnerDefaultIsKept() {
    Function inner =
        function(
            "Inner",
            List.of(Attribute.ofFloat("alpha", 0.125f)),
            Node.of(
                "LeakyRelu",
                List.of("a"),
                List.of(Result.of("r")),
                Attribute.ofReference("alpha", "alpha", AttributeType.FLOAT)));
    Function outer =
        function(
            "Outer",
            List.of(),
            call("Inner", "a", "r", Attribute.ofReference("alpha", "slope", AttributeType.FLOAT)));
    Model model =
        SmallModels.ofNodes(
                call("Outer", "x", "b"), call("Outer", "b", "c", Attribute.ofFloat("slope", 0.5f)))
            .withFunctions(List.of(inner, outer));
    Model inlined = new FunctionInlining().apply(model).model();
    assertEquals(
        List.of(0.125f, 0.5f),
        inlined.graph().nodes().stream().map(n -> n.floatAttribute("alpha", -1)).toList());
    assertEquals(List.of(), inlined.functions());
  }
}
