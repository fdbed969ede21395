package dev.sardonyx.ir.contrib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.StandardForm;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorDefinition;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Purity;
import dev.sardonyx.ir.pass.StandardOperators;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ContribOperatorsTest {
  private static final OperatorCatalogue CATALOGUE = OperatorCatalogue.standard();

  private static TensorType floats(String shape) {
    return TensorType.of(ElementType.FLOAT, Shape.parse(shape));
  }

  @Test
  void theCatalogueKnowsTheDomain() {
    OperatorSchema conv = CATALOGUE.find("com.microsoft", "FusedConv", 1).orElseThrow();
    assertEquals(2, conv.minInputs());
    assertEquals(4, conv.maxInputs());
    assertTrue(CATALOGUE.operators("com.microsoft").size() > 100);
    // Others may add to it, so what is not known need not be wrong.
    assertFalse(CATALOGUE.knowsDomain("com.microsoft"));
  }

  @Test
  void everyFormHasASignature() {
    Set<String> known = new TreeSet<>();
    Set<String> formed = new TreeSet<>();
    ContribOperators operators = new ContribOperators();
    for (OperatorDefinition definition : operators.definitions()) {
      String name = definition.schema().domain() + ":" + definition.schema().name();
      known.add(name);
      if (definition instanceof StandardForm) {
        formed.add(name);
      }
    }
    assertEquals(new TreeSet<>(operators.formed()), formed);
    assertTrue(known.containsAll(formed));
    assertTrue(formed.size() >= 50, formed.toString());
  }

  @Test
  void theOptimizersOperatorsOfOnnxsDomainAreKnownInOldOpsets() {
    assertEquals(1, CATALOGUE.find("", "LayerNormalization", 12).orElseThrow().since());
    assertEquals(17, CATALOGUE.find("", "LayerNormalization", 17).orElseThrow().since());
    assertTrue(CATALOGUE.find("", "SimplifiedLayerNormalization", 7).isPresent());
    assertTrue(CATALOGUE.find("", "RMSNormalization", 22).isEmpty());
  }

  @Test
  void buildersImportTheDomainAndInferTypes() {
    GraphBuilder b = GraphBuilder.of("g", 13);
    Value x = b.input("x", floats("N,4,8,8"));
    Value w = b.input("w", floats("6,4,3,3"));
    Value y =
        b.node(
            "com.microsoft.FusedConv",
            List.of(x, w),
            Attribute.ofString("activation", "Relu"),
            Attribute.ofInts("strides", 2, 2));
    assertEquals(floats("N,6,3,3"), y.type());
    b.output(y, "y");
    assertEquals(1, b.buildModel().opset("com.microsoft").orElseThrow());
  }

  @Test
  void misfittingShapesAreTold() {
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", floats("2,3"));
    Value y = b.input("y", floats("4,5"));
    GraphBuildException e =
        assertThrows(GraphBuildException.class, () -> b.node("com.microsoft.FusedMatMul", x, y));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("float[2,3]") && message.contains("float[4,5]"), message);
  }

  @Test
  void whereTheRankIsOpenTheElementTypeIsKnown() {
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.UNKNOWN));
    Value y = b.node("com.microsoft.FusedMatMul", List.of(x, x), Attribute.ofInt("transA", 1));
    ValueType type = y.type();
    assertEquals(TensorType.of(ElementType.FLOAT, Shape.UNKNOWN), type);
  }

  @Test
  void whatDrawsRandomNumbersIsNotPure() {
    List<OpsetImport> imports = List.of(OpsetImport.onnx(21), OpsetImport.of("com.microsoft", 1));
    Purity purity = Purity.of(List.of(), imports);
    assertTrue(purity.isPure(node("Gelu", "x")));
    assertTrue(purity.isPure(node("QLinearAdd", "x")));
    assertFalse(purity.isPure(node("Sampling", "x")));
    assertFalse(purity.isPure(node("Unheard", "x")));
  }

  private static Node node(String operator, String input) {
    return new Node(
        "com.microsoft",
        operator,
        "",
        "",
        List.of(input),
        List.of(),
        List.of(Result.of("y")),
        Metadata.EMPTY);
  }

  @Test
  void whatCannotBeSaidStays() {
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", floats("2,2"));
    Value inverse = b.node("com.microsoft.Inverse", x);
    Value packed = b.input("packed", floats("2,3,2,3,4"));
    Value y =
        b.node(
            "com.microsoft.MultiHeadAttention",
            List.of(packed, packed, packed),
            Attribute.ofInt("num_heads", 2));
    b.output(b.node("com.microsoft.QuickGelu", inverse), "z");
    b.output(y, "y");
    Model standard = new StandardOperators().apply(b.buildModel()).model();
    List<String> left =
        standard.graph().nodes().stream()
            .map(Node::operator)
            .filter(o -> o.contains("microsoft"))
            .toList();
    assertEquals(List.of("com.microsoft.Inverse", "com.microsoft.MultiHeadAttention"), left);
    assertEquals(1, standard.opset("com.microsoft").orElseThrow());
    Map<String, String> refusals = new StandardOperators().refusals(standard);
    assertEquals(1, refusals.size(), refusals.toString());
    assertTrue(refusals.toString().contains("packed"), refusals.toString());
  }

  @Test
  void theEvaluatorKnowsThem() {
    List<OpsetImport> imports = List.of(OpsetImport.onnx(21), OpsetImport.of("com.microsoft", 1));
    assertTrue(ReferenceBackend.supports(node("BiasGelu", "x"), imports));
    assertFalse(ReferenceBackend.supports(node("BeamSearch", "x"), imports));
  }
}
