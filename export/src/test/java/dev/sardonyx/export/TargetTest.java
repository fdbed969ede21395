package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.Target.Feature;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OnnxRelease;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.FunctionBuilder;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every limit of every target is met by a model, and what can be said otherwise is. */
class TargetTest {
  private static final TensorType MATRIX = TensorType.of(ElementType.FLOAT, Shape.parse("N,4"));

  static List<Target> targets() {
    return Target.runtimes();
  }

  private static List<String> why(Model model, Target target) {
    return new TargetFit(target).whyUnsupported(model);
  }

  /** A model of one operator on a matrix. */
  private static Model of(String operator, int opset) {
    GraphBuilder b = GraphBuilder.of("main", opset);
    b.output(b.node(operator, b.input("x", MATRIX)), "y");
    return b.buildModel();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everyTargetSaysWhereItsLimitsAreKnownFrom(Target target) {
    assertFalse(target.source().isEmpty());
    assertTrue(target.oldestOpset() < target.newestOpset());
    target
        .operators()
        .names()
        .forEach(
            name -> assertTrue(OperatorCatalogue.standard().operators("").contains(name), name));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void modelsComeToTheOpsetsAndTheIrVersionOfTheTarget(Target target) {
    for (int opset : new int[] {7, 11, 18, 28}) {
      Model exported = OnnxExport.of(of("Relu", opset)).target(target).toModel();
      long version = exported.opset("").orElseThrow();
      assertTrue(version >= target.oldestOpset() && version <= target.newestOpset());
      assertTrue(exported.irVersion() <= target.newestIrVersion());
    }
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everyOperatorThatTheTargetLacksIsRefusedOrDecomposed(Target target) {
    for (String operator : OperatorCatalogue.standard().operators("")) {
      OperatorSchema schema =
          OperatorCatalogue.standard().find("", operator, target.newestOpset()).orElse(null);
      if (schema == null || schema.deprecated() || target.operators().has(operator)) {
        continue;
      }
      Model model = standing(operator, target);
      TargetFit fit = new TargetFit(target);
      List<String> reasons = fit.whyUnsupported(model);
      assertTrue(
          !reasons.isEmpty()
              || fit.fit(model).graph().nodes().stream().noneMatch(n -> n.is(operator)),
          operator);
    }
  }

  /** A node of an operator, whatever it says. */
  private static Model standing(String operator, Target target) {
    Node node = Node.of(operator, List.of("x"), List.of(Result.of("y", MATRIX)));
    return Model.of(
        Graph.of(
            "main",
            List.of(Input.of("x", MATRIX)),
            List.of(Output.of("y", MATRIX)),
            List.of(node),
            List.of()),
        target.newestOpset());
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everyTypeThatTheTargetLacksIsRefused(Target target) {
    for (ElementType type : target.lacksTypes()) {
      GraphBuilder b = GraphBuilder.of("main", type == ElementType.FLOAT4E2M1 ? 23 : 13);
      b.output(b.identity(b.input("x", TensorType.of(type, 2))), "y");
      List<String> reasons = why(b.buildModel(), target);
      assertTrue(
          reasons.stream().anyMatch(r -> r.contains("has no type " + type)), reasons.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everyFeatureThatTheTargetLacksIsRefused(Target target) {
    for (Feature feature : target.lacks()) {
      if (feature == Feature.FUNCTIONS || feature == Feature.SPARSE_TENSORS) {
        continue; // the one is inlined, the other has no model in this small a form
      }
      List<String> reasons = why(with(feature), target);
      assertTrue(
          reasons.stream().anyMatch(r -> r.contains("the target has no " + feature.text())),
          reasons.toString());
    }
  }

  private static Model with(Feature feature) {
    GraphBuilder b = GraphBuilder.of("main", 13);
    switch (feature) {
      case OTHER_DOMAINS -> {
        b.importDomain("ai.onnx.ml", 1);
        b.output(b.node("ai.onnx.ml.Binarizer", b.input("x", MATRIX)), "y");
      }
      case CONTRIB_OPERATORS ->
          b.output(b.node("com.microsoft.Inverse", b.input("x", MATRIX)), "y");
      case PREVIEW_OPERATORS -> {
        b.importDomain("ai.onnx.preview", 1);
        Value x = b.input("x", TensorType.of(ElementType.FLOAT, 1, 1, 2, 2));
        b.output(b.node("ai.onnx.preview.FlexAttention", x, x, x), "y");
      }
      case VECTOR_INPUTS ->
          b.output(b.relu(b.input("x", TensorType.of(ElementType.FLOAT, 4))), "y");
      case EMPTY_TENSORS -> b.output(b.slice(b.input("x", MATRIX), 1, 2, 2), "y");
      case STRINGS -> b.output(b.identity(b.input("x", TensorType.of(ElementType.STRING, 1))), "y");
      case BOOLEAN_INITIALIZERS -> {
        Value x = b.input("x", MATRIX);
        b.output(
            b.where(
                b.constant(Tensor.ofBooleans(new boolean[] {true, false, true, true}, 4)), x, x),
            "y");
      }
      case OTHER_THAN_TENSORS -> {
        Value x = b.input("x", MATRIX);
        b.output(b.node("SequenceConstruct", x, x), "y");
      }
      case CONTROL_FLOW -> {
        Value x = b.input("x", MATRIX);
        Value some = b.greater(b.reduceSum(x, false), b.constant(0f));
        b.output(b.ifThenElse(some, t -> t.relu(x), e -> e.neg(x)), "y");
      }
      default -> b.output(b.relu(b.input("x", MATRIX)), "y");
    }
    return b.buildModel();
  }

  @Test
  void operatorsOfOnnxRuntimesOwnAreSaidInOnnxs() {
    GraphBuilder b = GraphBuilder.of("main", 12);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 32));
    Value y = b.node("com.microsoft.Gelu", x);
    Value weights =
        b.constant("w", Tensor.ofNumbers(ElementType.UINT8, new double[5 * 2 * 8], 5, 2, 8));
    Value scales = b.constant("s", Tensor.ofFloats(new float[10], 10));
    b.output(
        b.node(
            "com.microsoft.MatMulNBits",
            List.of(y, weights, scales),
            Attribute.ofInt("K", 32),
            Attribute.ofInt("N", 5),
            Attribute.ofInt("block_size", 16)),
        "y");
    Model model = b.buildModel();
    for (int opset : new int[] {12, 21, 25}) {
      Model fitted = OnnxExport.of(model).target(Target.opset(opset)).toModel();
      assertEquals(opset, fitted.opset("").orElseThrow());
      assertTrue(fitted.opset("com.microsoft").isEmpty());
    }
    Model kept = OnnxExport.of(model).target(Target.onnxRuntime()).toModel();
    assertEquals(1, kept.opset("com.microsoft").orElseThrow());
  }

  @Test
  void theReasonIsToldWhyOneCannotBeSaidSo() {
    GraphBuilder b = GraphBuilder.of("main", 13);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 3, 8));
    Value places = b.input("places", TensorType.of(ElementType.INT64, 2, 3));
    Value angles = b.input("angles", TensorType.of(ElementType.FLOAT, 9, 4));
    b.output(
        b.node(
            "com.microsoft.RotaryEmbedding",
            List.of(x, places, angles, angles),
            Attribute.ofFloat("scale", 2f)),
        "y");
    List<String> reasons = why(b.buildModel(), Target.opset(13));
    assertTrue(reasons.get(0).contains("positions are scaled"), reasons.toString());
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everyLimitOfNodesIsMet(Target target) {
    for (NodeLimit limit : target.limits()) {
      Model model = breaking(limit, target);
      if (limit.kind() == NodeLimit.Kind.OLDER_VERSION && why(model, target).isEmpty()) {
        long opset = new TargetFit(target).fit(model).opset("").orElseThrow();
        assertTrue(opset < Integer.parseInt(limit.value()), limit.toString());
        continue;
      }
      assertTrue(
          why(model, target).stream().anyMatch(r -> r.contains(limit.what())), limit.toString());
      assertTrue(
          why(breaking(limit, target), Target.of("any-1", 7, 28)).stream()
              .noneMatch(r -> r.contains("the target")),
          limit.toString());
    }
  }

  /** Nor a default that callers may replace; the constant may come from a node, too. */
  @Test
  void whatCallersMayReplaceIsNoConstant() {
    Target picky =
        Target.of("picky-1", 7, 21).withLimits(List.of(NodeLimit.constantInput("Add", 1)));
    String graph = "g (float[2] x%s) => (float[2] y) <%s> { %s y = Add (x, c) }";
    String constant = "float[2] c = {1, 2}";
    assertEquals(List.of(), why(parsed(graph.formatted("", constant, "")), picky));
    String node = "c = Constant <value = float[2] {1, 2}> ()";
    assertEquals(List.of(), why(parsed(graph.formatted("", "", node)), picky));
    List<String> replaced = why(parsed(graph.formatted(", " + constant, "", "")), picky);
    assertTrue(replaced.get(0).contains("only a constant as input 1 of Add"), replaced::toString);
    assertEquals(1, replaced.size());
  }

  /** Dilations of 1 and padding of 0 are as if nothing was said, and nothing else is. */
  @Test
  void attributesThatSayNothingBreakNoLimit() {
    Target picky =
        Target.of("picky-1", 7, 21)
            .withLimits(
                List.of(
                    NodeLimit.noAttribute("ConvTranspose", "dilations"),
                    NodeLimit.noAttribute("ConvTranspose", "output_padding")));
    String graph =
        "g (float[1,1,4,4] x) => (y) <float[1,1,1,1] w = {1}> { y = ConvTranspose <%s> (x, w) }";
    String plain = "strides = [2, 2], dilations = [1, 1], output_padding = [0, 0]";
    assertEquals(List.of(), why(parsed(graph.formatted(plain)), picky));
    List<String> padded =
        why(parsed(graph.formatted("strides = [2, 2], output_padding = [1, 1]")), picky);
    assertTrue(
        padded.get(0).contains("does not support attribute output_padding"), padded::toString);
    List<String> dilated = why(parsed(graph.formatted("dilations = [2, 1]")), picky);
    assertTrue(dilated.get(0).contains("does not support attribute dilations"), dilated::toString);
  }

  /** An attribute that is not there has its default. */
  @Test
  void whatANodeDoesNotSayIsItsDefault() {
    Target picky =
        Target.of("picky-1", 7, 21)
            .withLimits(List.of(NodeLimit.otherValue("Pad", "mode", "constant")));
    String pad = "g (float[2] x) => (y) <int64[2] p = {1, 1}> { y = Pad %s (x, p) }";
    assertEquals(List.of(), why(parsed(pad.formatted("<mode = \"edge\">")), picky));
    for (String said : List.of("", "<mode = \"constant\">")) {
      List<String> reasons = why(parsed(pad.formatted(said)), picky);
      assertTrue(
          reasons.get(0).contains("does not support mode = constant of Pad"), reasons::toString);
    }
  }

  private static Model parsed(String graph) {
    return Model.of(ModelParser.parseGraph(graph), 21);
  }

  /** A node that goes beyond a limit, its other inputs whatever they are. */
  private static Model breaking(NodeLimit limit, Target target) {
    List<Input> inputs = new ArrayList<>(List.of(Input.of("x", MATRIX)));
    List<String> names = new ArrayList<>(List.of("x"));
    List<Attribute> attributes = new ArrayList<>();
    long opset = Math.min(17, target.newestOpset());
    switch (limit.kind()) {
      case CONSTANT_INPUT -> {
        int input = Integer.parseInt(limit.what());
        for (int i = 1; i <= input; i++) {
          names.add("i" + i);
          inputs.add(Input.of("i" + i, ValueType.unknown()));
        }
      }
      case NO_ATTRIBUTE ->
          attributes.add(
              limit.what().equals("dilations") || limit.what().equals("output_shape")
                  ? Attribute.ofInts(limit.what(), 2, 2)
                  : Attribute.ofInt(limit.what(), 1));
      case OTHER_VALUE -> attributes.add(Attribute.ofString(limit.what(), limit.value()));
      case NO_INPUT -> {
        for (int i = 1; i <= Integer.parseInt(limit.what()); i++) {
          names.add("x");
        }
      }
      case ONE_AXIS -> { // which are not known before the model runs
        names.add("axes");
        inputs.add(Input.of("axes", TensorType.of(ElementType.INT64, 2)));
      }
      case OLDER_VERSION -> opset = Integer.parseInt(limit.value());
    }
    Node node =
        new Node(
            "",
            limit.operator(),
            "",
            "it",
            names,
            attributes,
            List.of(Result.of("y", MATRIX)),
            Metadata.EMPTY);
    return Model.of(
        Graph.of("main", inputs, List.of(Output.of("y", MATRIX)), List.of(node), List.of()), opset);
  }

  /** What names several axes becomes nodes of one each, and computes the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          y = ReduceL1 <axes = [0, 2]> (x)
          y = ReduceL2 <axes = [0, 1, 2], keepdims = 0> (x)
          y = ReduceLogSum <axes = [-1, 0], keepdims = 0> (x)
          y = ReduceLogSumExp <axes = [2, 1]> (x)
          y = ReduceMax <axes = [0, 1], keepdims = 0> (x)
          y = ReduceMean <axes = [0, 1, 2]> (x)
          y = ReduceMin <axes = [1, 2], keepdims = 0> (x)
          y = ReduceProd <axes = [0, -2]> (x)
          y = ReduceSum <keepdims = 0> (x, two)
          y = ReduceSumSquare <axes = [0, 1], keepdims = 0> (x)
          y = Unsqueeze (x, two)
          """)
  void severalAxesAreTakenOneByOne(String node) {
    String graph = "g (float[2,3,4] x) => (y) <int64[2] two = {-1, 0}> { " + node + " }";
    Model model = ShapeInference.infer(Model.of(ModelParser.parseGraph(graph), 17)).model();
    Model fitted = OnnxExport.of(model).target(Target.openCv()).toModel();
    assertTrue(fitted.graph().nodes().size() > 1);
    Map<String, Tensor> x = new LinkedHashMap<>();
    x.put("x", Tensor.ofNumbers(ElementType.FLOAT, numbers(24), 2, 3, 4));
    Tensor expected = new ReferenceBackend().prepare(model).run(x).tensor();
    Tensor actual = new ReferenceBackend().prepare(fitted).run(x).tensor();
    assertEquals(expected.shape(), actual.shape());
    assertArrayEquals(expected.toFloats(), actual.toFloats(), 1e-4f);
  }

  private static double[] numbers(int count) {
    return IntStream.range(0, count).mapToDouble(i -> 1 + i * 7 % 5 * 0.25).toArray();
  }

  /**
   * As ONNX Runtime chooses them: a version needs a kernel of its own, a float16 may be a float.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          21 | (uint16[2] x) => (y) { y = BitShift <direction = "LEFT"> (x, x) } | no kernel of BitShift for uint16
          21 | (uint8[2] x) => (y) { y = BitShift <direction = "LEFT"> (x, x) } |
          21 | (float16[2] x) => (y) { y = Erf (x) } |
          21 | (double[2] x) => (y) { y = Erf (x) } | no kernel of Erf for double
          22 | (double[2] x) => (y) { y = Elu (x) } | no kernel of Elu for double
          22 | (float16[2] x) => (y) { y = Elu (x) } |
          22 | (double[2] x) => (y) { y = HardSwish (x) } | no kernel of HardSwish for double
          22 | (double[2] x) => (y) { y = MeanVarianceNormalization <axes = [0]> (x) } | no kernel of MeanVarianceNormalization for double
          24 | (float[1,2] x, double[2] s) => (y) { y = RMSNormalization (x, s) } | no kernel of RMSNormalization for double, float
          22 | (float[2] x) => (y) { y = Bernoulli (x) } |
          22 | (int8[2] x, float[2] t) => (y) { y = CastLike (x, t) } |
          21 | (float[2] x, uint32[2] p) => (y) { y = Pow (x, p) } | no kernel of Pow for float, uint32
          22 | (float[2] x) => (y) { y = RandomUniformLike (x) } |
          21 | (bool c, int8[2] x) => (y) { y = Where (c, x, x) } | no kernel of Where for bool, int8
          """)
  void kernelsAreLookedUpByVersionAndTypes(int opset, String graph, String reason) {
    Model model =
        ShapeInference.infer(Model.of(ModelParser.parseGraph("g " + graph), opset)).model();
    List<String> reasons = why(model, Target.named("onnxruntime-web"));
    assertEquals(reason == null ? 0 : 1, reasons.size(), reasons.toString());
    assertTrue(reason == null || reasons.get(0).endsWith(reason), reasons.toString());
  }

  /** A function's names and its opset are its own, whatever the graph's are. */
  @Test
  void namesInFunctionsAreTheirOwn() {
    GraphBuilder b = GraphBuilder.of("main", 21);
    b.function(FunctionBuilder.function("my.Act", 21, f -> f.output(f.tan(f.input("x")), "y")));
    TensorType doubles = TensorType.of(ElementType.DOUBLE, Shape.of(2));
    b.output(b.neg(b.input("x", doubles)), "z"); // no Tan for doubles, but a Neg
    b.output(b.node("my.Act", b.input("v", MATRIX)), "w");
    assertEquals(List.of(), why(b.buildModel(), Target.named("onnxruntime-cpu")));
  }

  /** A constant of one branch is none of the other, which computes a value of that name. */
  @Test
  void namesInBranchesAreTheirOwn() {
    Model model =
        parsed(
            """
            g (bool c, float[2] x) => (float[2] y) {
              y = If (c) <
                then_branch = a () => (float[2] p) <float[2] k = {1, 2}> { p = PRelu(x, k) },
                else_branch = b () => (float[2] q) { k = Relu(x)  q = PRelu(x, k) }
              >
            }""");
    Target target =
        Target.of("mine", 7, 21).withLimits(List.of(NodeLimit.constantInput("PRelu", 1)));
    List<String> reasons = why(model, target);
    assertEquals(1, reasons.size(), reasons.toString());
    assertTrue(reasons.get(0).contains("takes only a constant as input 1"), reasons.toString());
  }

  /** Resize of opset 10 has no such attribute, and none is meant. */
  @Test
  void anAttributeHasTheDefaultOfItsVersion() {
    String graph =
        "g (float[1,1,2,2] x) => (float[1,1,4,4] y) <float[4] s = {1, 1, 2, 2}> "
            + "{ y = Resize(x, s) }";
    Model old = Model.of(ModelParser.parseGraph(graph), 10);
    Target target =
        Target.of("mine", 7, 10)
            .withLimits(
                List.of(
                    NodeLimit.otherValue(
                        "Resize", "coordinate_transformation_mode", "half_pixel")));
    assertEquals(List.of(), why(old, target));
  }

  @Test
  void functionsAreInlinedWhereTheTargetHasNone() {
    GraphBuilder b = GraphBuilder.of("main", 21);
    b.function(FunctionBuilder.function("my.Act", 21, f -> f.output(f.relu(f.input("x")), "y")));
    b.output(b.node("my.Act", b.input("x", MATRIX)), "y");
    Model exported = OnnxExport.of(b.buildModel()).target(Target.openCv()).toModel();
    assertEquals(List.of("Relu"), exported.graph().nodes().stream().map(Node::opType).toList());
  }

  @Test
  void operatorsThatTheTargetLacksAreDecomposed() {
    Target plain = Target.of("plain-1", 7, 28).withOperators(Operators.allBut("Gelu Mish"));
    GraphBuilder b = GraphBuilder.of("main", 22);
    b.output(b.mish(b.gelu(b.input("x", MATRIX))), "y");
    Model exported = OnnxExport.of(b.buildModel()).target(plain).toModel();
    assertEquals(
        List.of("Mul", "Erf", "Add", "Mul", "Mul", "Softplus", "Tanh", "Mul"),
        exported.graph().nodes().stream().map(Node::opType).toList());
    assertEquals(17, exported.opset("").orElseThrow());
  }

  @Test
  void allRefusalsAreToldAtOnce() {
    GraphBuilder b = GraphBuilder.of("main", 18);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 2));
    Value drawn = b.node("Multinomial", OperatorBuilder.operands(x), Attribute.ofInt("dtype", 6));
    b.output(b.det(x), "y").output(drawn, "z");
    Model model = b.buildModel();
    List<String> reasons = why(model, Target.named("tensorrt-10"));
    assertEquals(
        List.of(
            "multinomial1: the target has no operator Multinomial",
            "det1: the target has no operator Det"),
        reasons);
    String message =
        assertThrows(
                UnsupportedModelException.class,
                () -> OnnxExport.of(model).target(Target.named("tensorrt-10")).toModel())
            .getMessage();
    assertTrue(message.startsWith("The model does not fit the target tensorrt-10 in 2 places:"));
  }

  @Test
  void openDimensionsCanBeFixed() {
    Target fixed = Target.of("fixed-1", 7, 21).without(EnumSet.of(Feature.OPEN_DIMENSIONS));
    OnnxExport export = OnnxExport.of(of("Relu", 21)).target(fixed);
    assertEquals(
        List.of("input 'x' float[N,4]: the target has no dimensions that are not fixed"),
        export.whyUnsupported());
    assertEquals(List.of(), export.fixDimension("N", 3).whyUnsupported());
  }

  @Test
  void theNewestOpsetOfOnnxHasATarget() {
    assertEquals(
        OnnxRelease.newest().opset(),
        Target.opset((int) OnnxRelease.newest().opset()).newestOpset());
  }
}
