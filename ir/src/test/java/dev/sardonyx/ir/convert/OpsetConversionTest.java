package dev.sardonyx.ir.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.FunctionBuilder;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models in other opsets: what they say there, what they compute, and what is refused. */
class OpsetConversionTest {
  private static final TensorType MATRIX = TensorType.of(ElementType.FLOAT, Shape.parse("N,4"));
  private static final Tensor X = Tensor.ofFloats(new float[] {-2, -1, 0, 0.5f, 1, 2, 3, 4}, 2, 4);

  private static Tensor output(Model model) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      return prepared.run(Map.of("x", X)).tensor("y");
    }
  }

  private static Model converted(Model model, int opset) {
    Model converted = OpsetConversion.to(opset).apply(model).model();
    assertEquals(opset, converted.opset("").orElseThrow());
    assertEquals(List.of(), Checker.check(converted).errors());
    float[] before = output(model).toFloats();
    float[] after = output(converted).toFloats();
    assertEquals(before.length, after.length);
    for (int i = 0; i < before.length; i++) {
      assertEquals(before[i], after[i], 1e-6f);
    }
    return converted;
  }

  private static List<String> operators(Model model) {
    return model.graph().nodes().stream().map(Node::opType).toList();
  }

  @Test
  void aModelThatSaysNothingNewChangesOnlyItsNumber() {
    GraphBuilder b = GraphBuilder.of("main", 21);
    b.output(b.relu(b.input("x", MATRIX)), "y");
    Model model = b.buildModel();
    Model older = converted(model, 13);
    assertEquals(model.withOpsetImport("", 13), older);
    assertSame(model, OpsetConversion.to(21).apply(model).model());
  }

  @Test
  void whatIsNewerIsDecomposedAndNamedAfterItsNode() {
    GraphBuilder b = GraphBuilder.of("main", 20);
    b.output(b.gelu(b.input("x", MATRIX)), "y");
    Model older = converted(b.buildModel(), 13);
    assertEquals(List.of("Mul", "Erf", "Add", "Mul", "Mul"), operators(older));
    assertTrue(
        older.graph().nodes().stream().allMatch(n -> n.name().startsWith("gelu1")),
        older.graph().nodes().toString());
  }

  @Test
  void allRefusalsAreToldAtOnceWithTheLowestOpsetThatCan() {
    GraphBuilder b = GraphBuilder.of("main", 20);
    Value x = b.input("x", MATRIX);
    Value bits = b.bitwiseAnd(b.cast(x, ElementType.INT32), b.cast(x, ElementType.INT32));
    Value gelu = b.gelu(b.cast(bits, ElementType.FLOAT));
    b.output(gelu, "y");
    OpsetConversion conversion = OpsetConversion.to(8);
    OpsetConversionException e =
        assertThrows(OpsetConversionException.class, () -> conversion.apply(b.buildModel()));
    assertEquals(
        List.of("BitwiseAnd 18", "Erf 9"),
        e.refusals().stream().map(r -> r.operator() + " " + r.opset()).toList());
    assertEquals(
        "The model cannot be said in opset 8: BitwiseAnd bitwiseAnd1 in main: the operator came"
            + " with opset 18; opset 18 can say it\n"
            + "Erf gelu1.erf in main: the operator came with opset 9; opset 9 can say it",
        e.getMessage());
    assertEquals(e.refusals(), conversion.refusals(b.buildModel()));
  }

  @Test
  void typesThatAnOlderVersionLacksAreCastAround() {
    GraphBuilder b = GraphBuilder.of("main", 14);
    Value bytes = b.cast(b.input("x", MATRIX), ElementType.INT8);
    b.output(b.cast(b.add(bytes, bytes), ElementType.FLOAT), "y");
    assertEquals(
        List.of("Cast", "Cast", "Cast", "Add", "Cast", "Cast"),
        operators(converted(b.buildModel(), 13)));
  }

  @Test
  void aTypeThatNoOtherCanStandForIsRefused() {
    GraphBuilder b = GraphBuilder.of("main", 12);
    Value longs = b.cast(b.input("x", MATRIX), ElementType.INT64);
    b.output(b.cast(b.max(longs, longs), ElementType.FLOAT), "y");
    List<Refusal> refusals = OpsetConversion.to(11).refusals(b.buildModel());
    assertEquals(1, refusals.size());
    assertEquals("Max-8 of opset 11 does not take int64", refusals.get(0).reason());
    assertEquals(12, refusals.get(0).opset());
  }

  /** Where a triangle of strings or complex numbers is left out, they are empty, or 0. */
  @ParameterizedTest
  @EnumSource(names = {"STRING", "COMPLEX64", "BOOL", "FLOAT"})
  void trianglesAreChosen(ElementType type) {
    GraphBuilder b = GraphBuilder.of("main", 14);
    b.output(b.node("Trilu", b.input("x", TensorType.of(type, Shape.of(2, 2)))), "y");
    Model model = b.buildModel();
    Model older = OpsetConversion.to(13).apply(model).model();
    assertEquals(List.of(), Checker.check(older).errors());
    Tensor x =
        type == ElementType.STRING
            ? Tensor.ofStrings(List.of("a", "b", "c", "d"), 2, 2)
            : Tensor.of(type, new long[] {2, 2}, ones(type));
    try (PreparedModel before = new ReferenceBackend().prepare(model);
        PreparedModel after = new ReferenceBackend().prepare(older)) {
      assertEquals(before.run(Map.of("x", x)).tensor(), after.run(Map.of("x", x)).tensor());
    }
  }

  private static ByteBuffer ones(ElementType type) {
    byte[] bytes = new byte[(int) type.byteSize(4)];
    Arrays.fill(bytes, (byte) 1);
    return ByteBuffer.wrap(bytes);
  }

  @Test
  void softmaxOverSeveralAxesComesBack() {
    GraphBuilder b = GraphBuilder.of("main", 11);
    Value x = b.input("x", MATRIX);
    Value cube = b.unsqueeze(x, 2);
    b.output(b.node("Softmax", OperatorBuilder.operands(cube), Attribute.ofInt("axis", 1)), "y");
    Model newer = converted(b.buildModel(), 13);
    assertEquals(List.of("Unsqueeze", "Flatten", "Softmax", "Shape", "Reshape"), operators(newer));
    converted(newer, 11);
  }

  @Test
  void subgraphsMoveToo() {
    GraphBuilder b = GraphBuilder.of("main", 18);
    Value x = b.input("x", MATRIX);
    Value some = b.greater(b.reduceSum(x, false), b.constant(0f));
    b.output(b.ifThenElse(some, t -> t.mish(x), e -> e.neg(x)), "y");
    Model older = converted(b.buildModel(), 11);
    List<Node> then = older.graph().nodes().get(2).subgraphs().get(0).nodes();
    assertEquals(List.of("Softplus", "Tanh", "Mul"), then.stream().map(Node::opType).toList());
    converted(older, 26);
  }

  /** If-1 has branches of one shape; where none is known to differ, nothing is in the way. */
  @Test
  void branchesOfDifferentShapesAreRefusedWhereTheyMustBeTheSame() {
    GraphBuilder b = GraphBuilder.of("main", 18);
    Value x = b.input("x", MATRIX);
    Value some = b.greater(b.reduceSum(x, false), b.constant(0f));
    b.output(b.ifThenElse(some, t -> t.slice(x, 0, 0, 1), e -> e.neg(x)), "y");
    Value flat = b.ifThenElse(some, t -> t.neg(x), e -> e.reduceSum(x, false));
    b.output(flat, "z");
    Model model = b.buildModel();
    converted(model, 11);
    assertEquals(
        List.of("branches that give different shapes, float[N,4] and float[], came with opset 11"),
        OpsetConversion.to(10).refusals(model).stream().map(Refusal::reason).toList());
  }

  private static Model calling(Function function, Attribute... attributes) {
    GraphBuilder b = GraphBuilder.of("main", 21);
    b.function(function);
    b.output(
        b.node(function.operator(), OperatorBuilder.operands(b.input("x", MATRIX)), attributes),
        "y");
    return b.buildModel();
  }

  @Test
  void functionsMoveWithTheirOwnImports() {
    Function act = FunctionBuilder.function("my.Act", 18, f -> f.output(f.mish(f.input("x")), "y"));
    Model older = converted(calling(act), 17);
    assertEquals(List.of("Act"), operators(older));
    Function moved = older.functions().get(0);
    assertEquals(17, moved.opsetImports().get(0).version());
    assertEquals(
        List.of("Softplus", "Tanh", "Mul"), moved.nodes().stream().map(Node::opType).toList());
  }

  @Test
  void functionsThatNeedTheirCallersTypesAreInlined() {
    Function act =
        FunctionBuilder.function("my.Act", 21, f -> f.output(f.node("Gelu", f.input("x")), "y"));
    Model older = converted(calling(act), 13);
    assertEquals(List.of(), older.functions());
    assertEquals(List.of("Mul", "Erf", "Add", "Mul", "Mul"), operators(older));
  }

  @Test
  void functionsWhoseBodiesWouldGetWrongTypesAreInlined() {
    Function twice =
        FunctionBuilder.function(
            "my.Twice",
            21,
            f -> {
              Value x = f.input("x");
              f.output(f.add(x, x), "y");
            });
    GraphBuilder b = GraphBuilder.of("main", 21);
    b.function(twice);
    Value bytes = b.cast(b.input("x", MATRIX), ElementType.INT8);
    b.output(b.cast(b.node("my.Twice", bytes), ElementType.FLOAT), "y");
    assertEquals(List.of(), converted(b.buildModel(), 13).functions());
  }

  @Test
  void modelsOfOpsetSixComeUp() {
    Node add =
        Node.of(
            "Add",
            List.of("x", "x"),
            List.of(Result.of("y", MATRIX)),
            Attribute.ofInt("broadcast", 1));
    GraphBuilder b = GraphBuilder.of("main", 7);
    Value x = b.input("x", MATRIX);
    b.output(b.add(x, x), "y");
    Model seven = b.buildModel();
    Model six = seven.withGraph(seven.graph().withNodes(List.of(add))).withOpsetImport("", 6);
    Model newer = OpsetConversion.to(13).apply(six).model();
    assertEquals(List.of(), newer.graph().nodes().get(0).attributes());
  }

  /** A few bytes of a file that ask for a constant of gigabytes, or of more than there are ints. */
  @Test
  void constantsWithoutMeasureAreRefused() {
    for (long size : new long[] {1 << 13, 1 << 16, 1 << 30}) {
      GraphBuilder wide = GraphBuilder.of("main", 8);
      Value x = wide.input("x", TensorType.of(ElementType.FLOAT, Shape.of(1, 1)));
      wide.output(wide.expand(x, wide.longs("shape", size, size)), "y");
      assertEquals(
          "a constant of dimensions [" + size + ", " + size + "] would stand there",
          OpsetConversion.to(7).refusals(wide.buildModel()).get(0).reason());
      GraphBuilder grid = GraphBuilder.of("main", 20);
      Value theta = grid.input("theta", TensorType.of(ElementType.FLOAT, Shape.of(1, 2, 3)));
      Value places =
          grid.node(
              "AffineGrid", OperatorBuilder.operands(theta, grid.longs("size", 1, 1, size, size)));
      grid.output(places, "y");
      assertEquals(
          "a constant of dimensions [" + size + ", " + size + "] would stand there",
          OpsetConversion.to(19).refusals(grid.buildModel()).get(0).reason());
    }
  }

  @Test
  void aRefusalSaysWhatIsMissingAndNoLineOfJava() {
    GraphBuilder b = GraphBuilder.of("main", 21);
    Value x = b.input("x", TensorType.of(ElementType.INT4, Shape.of(4, 3)));
    Value scale = b.input("scale", TensorType.of(ElementType.FLOAT, Shape.of(2, 3)));
    Value zero = b.input("zero", TensorType.of(ElementType.INT4, Shape.of(2, 3)));
    Value y =
        b.node(
            "DequantizeLinear",
            OperatorBuilder.operands(x, scale, zero),
            Attribute.ofInt("axis", 0),
            Attribute.ofInt("block_size", 2));
    b.output(y, "y");
    assertEquals(
        List.of("its type, int4, came with opset 21 or later"),
        OpsetConversion.to(20).refusals(b.buildModel()).stream().map(Refusal::reason).toList());
    GraphBuildException mistake = assertThrows(GraphBuildException.class, () -> b.add(x, scale));
    assertEquals(mistake.callSite() + ": " + mistake.problem(), mistake.getMessage());
  }

  @Test
  void opsetsThatDoNotExistAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> OpsetConversion.to(6));
    assertThrows(IllegalArgumentException.class, () -> OpsetConversion.to(99));
    assertThrows(IllegalArgumentException.class, () -> OpsetConversion.to(13).ml(9));
  }
}
