package dev.sardonyx.ir.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The catalogue knows every version of every operator, and gives the one an opset means. */
class OperatorCatalogueTest {
  private final OperatorCatalogue catalogue = OperatorCatalogue.standard();

  @Test
  void everyVersionOfEveryOperatorReads() {
    int versions = 0;
    for (String domain : catalogue.domains()) {
      for (String operator : catalogue.operators(domain)) {
        for (OperatorSchema schema : catalogue.versions(domain, operator)) {
          versions++;
          assertEquals(operator, schema.name());
          schema.inputs().forEach(p -> assertTrue(schema.types().containsKey(p.type())));
          schema.outputs().forEach(p -> assertTrue(schema.types().containsKey(p.type())));
        }
      }
    }
    assertEquals(659, versions);
    assertEquals(
        Set.of("", "ai.onnx.ml", "ai.onnx.preview", "ai.onnx.preview.training"),
        new HashSet<>(catalogue.domains()));
  }

  @Test
  void anOpsetMeansTheNewestVersionNotAfterIt() {
    assertEquals(Optional.of(1), since("Conv", 10));
    assertEquals(Optional.of(11), since("Conv", 11));
    assertEquals(Optional.of(11), since("Conv", 21));
    assertEquals(Optional.of(22), since("Conv", 28));
    assertEquals(Optional.empty(), since("Gelu", 19));
    assertEquals(Optional.of(20), since("Gelu", 20));
    assertEquals(Optional.empty(), since("NoSuchOperator", 20));
  }

  private Optional<Integer> since(String operator, long opset) {
    Optional<Integer> own = catalogue.find("", operator, opset).map(OperatorSchema::since);
    assertEquals(own, catalogue.find("ai.onnx", operator, opset).map(OperatorSchema::since));
    return own;
  }

  @Test
  void signaturesHaveParametersAttributesAndTypes() {
    OperatorSchema concat = catalogue.find("", "Concat", 13).orElseThrow();
    assertEquals(Parameter.Kind.VARIADIC, concat.input(7).orElseThrow().kind());
    assertEquals(Integer.MAX_VALUE, concat.maxInputs());
    AttributeSchema axis = concat.attribute("axis").orElseThrow();
    assertTrue(axis.required());
    assertEquals(AttributeType.INT, axis.type());
    OperatorSchema gemm = catalogue.find("", "Gemm", 13).orElseThrow();
    assertEquals(new AttributeValue.Float(1), gemm.attribute("alpha").orElseThrow().defaultValue());
    assertEquals(Parameter.Kind.OPTIONAL, gemm.input(2).orElseThrow().kind());
    OperatorSchema at = catalogue.find("", "SequenceAt", 11).orElseThrow();
    assertTrue(
        at.types()
            .get(at.inputs().get(0).type())
            .contains(new SequenceType(TensorType.of(ElementType.FLOAT, Shape.UNKNOWN))));
    assertTrue(catalogue.find("", "Upsample", 10).orElseThrow().deprecated());
    assertFalse(catalogue.find("", "Upsample", 9).orElseThrow().deprecated());
  }

  @Test
  void reductionsAreThoseAlongAnyAxes() {
    Set<String> reductions = catalogue.reductions();
    assertEquals(10, reductions.size(), reductions.toString());
    for (String operator : catalogue.operators("")) {
      for (OperatorSchema schema : catalogue.versions("", operator)) {
        boolean isReduction = reductions.contains(operator);
        assertEquals(operator.startsWith("Reduce"), isReduction, operator); // ArgMax takes one axis
        assertEquals(isReduction, schema.isReduction(), schema.toString());
      }
    }
  }
}
