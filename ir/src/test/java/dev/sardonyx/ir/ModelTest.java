package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.check.Checker;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelTest {
  private static final TensorType FLOATS = TensorType.of(ElementType.FLOAT, Shape.parse("N"));

  /** A model of an opset before functions, made of a call. */
  private static Model caller(long opset) {
    Graph graph =
        Graph.of(
            "g",
            List.of(Input.of("x", FLOATS)),
            List.of(Output.of("y", FLOATS)),
            List.of(Node.of("F", List.of("x"), List.of(Result.of("y"))).withOperator("my.F")),
            List.of());
    return Model.of(graph, opset).withOpsetImport("my", 1);
  }

  private static Function function(
      long opset, String overload, List<Attribute> defaults, List<Input> values) {
    return new Function(
        "my",
        "F",
        overload,
        List.of("a"),
        List.of("b"),
        List.of(),
        defaults,
        List.of(Node.of("Relu", List.of("a"), List.of(Result.of("b")))),
        List.of(OpsetImport.of("", opset)),
        values,
        Metadata.EMPTY);
  }

  @ParameterizedTest
  @CsvSource({"7, 8", "9, 8", "14, 8", "15, 8", "21, 10"})
  void functionsRaiseTheIrVersion(long opset, long irVersion) {
    Model model = caller(opset).withFunctions(List.of(function(opset, "", List.of(), List.of())));
    assertEquals(irVersion, model.irVersion());
    assertTrue(Checker.check(model).isValid(), () -> Checker.check(model).toString());
  }

  @Test
  void partsOfFunctionsThatCameLaterRaiseItFurther() {
    Model model = caller(13);
    assertEquals(
        9,
        model
            .withFunctions(
                List.of(
                    function(13, "", List.of(), List.of()),
                    function(13, "", List.of(Attribute.ofFloat("k", 1f)), List.of())))
            .irVersion());
    assertEquals(
        10, model.withFunctions(List.of(function(13, "two", List.of(), List.of()))).irVersion());
    assertEquals(
        10,
        model
            .withFunctions(List.of(function(13, "", List.of(), List.of(Input.of("a", FLOATS)))))
            .irVersion());
  }

  @Test
  void withoutFunctionsItStays() {
    Model model = caller(13);
    assertEquals(model.irVersion(), model.withFunctions(List.of()).irVersion());
  }
}
