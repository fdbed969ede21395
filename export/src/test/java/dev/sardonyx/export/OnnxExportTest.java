package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.InvalidModelException;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.precision.HalfPrecision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports say where they go and come from, and refuse what the target cannot express. */
class OnnxExportTest {
  @TempDir Path folder;

  private static TensorType floats(String shape) {
    return TensorType.of(ElementType.FLOAT, Shape.parse(shape));
  }

  private static Model convolution(long opset) {
    return Model.of(
        Graph.of(
            "g",
            List.of(Input.of("x", floats("N,1,8,8"))),
            List.of(Output.of("y", floats("N,2,6,6"))),
            List.of(Node.of("Conv", List.of("x", "w"), List.of(Result.of("y")))),
            List.of(Constant.of("w", Tensor.ofFloats(new float[18], 2, 1, 3, 3)))),
        opset);
  }

  private static Model relu(long opset, ElementType type) {
    TensorType tensor = TensorType.of(type, Shape.parse("N"));
    return Model.of(
        Graph.of(
            "g",
            List.of(Input.of("x", tensor)),
            List.of(Output.of("y", tensor)),
            List.of(Node.of("Relu", List.of("x"), List.of(Result.of("y"))).withName("the_relu")),
            List.of()),
        opset);
  }

  /** The target has no Gelu, and what it becomes is kept as well. */
  @Test
  void nodesStayInFloatThatBecomeOthersForTheTarget() {
    GraphBuilder b = GraphBuilder.of("main", 21);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(4)));
    b.output(b.gelu(b.abs(x)), "y");
    Model model = b.buildModel();
    String gelu = model.graph().nodes().get(1).name();
    OnnxExport export = OnnxExport.of(model).target(Target.opset(13));
    HalfPrecision half = HalfPrecision.of(ElementType.FLOAT16);
    assertTrue(computesInHalf(export.precision(half), "Mul"));
    assertFalse(computesInHalf(export.precision(half.keepNodes(gelu)), "Mul"));
    assertTrue(computesInHalf(export.precision(half.keepNodes(gelu)), "Abs"));
    assertEquals(List.of(), export.precision(half.keepNodes(gelu)).whyUnsupported());
    assertThrows(
        IllegalArgumentException.class,
        () -> export.precision(half.keepNodes("nowhere")).toModel());
  }

  private static boolean computesInHalf(OnnxExport export, String operator) {
    return ShapeInference.infer(export.toModel()).model().graph().nodes().stream()
        .filter(n -> n.is(operator))
        .anyMatch(n -> n.output(0).type().toString().startsWith("float16"));
  }

  @Test
  void statesTheKernelShapeAndKeepsTheBatchSymbolic() throws Exception {
    Path file = folder.resolve("m.onnx");
    Model written = OnnxExport.of(convolution(17)).write(file);
    Model read = OnnxReader.read(file);
    assertEquals(written, read);
    Node conv = read.graph().nodes().get(0);
    assertArrayEquals(new long[] {3, 3}, conv.intsAttribute("kernel_shape").orElseThrow());
    assertEquals(
        Dim.symbol("N"), ((TensorType) read.graph().inputs().get(0).type()).shape().dim(0));
    assertEquals(8, read.irVersion());
    assertEquals(17, read.opset("").orElseThrow());
  }

  /** Wherever the weight comes from: an initializer, an input, a node, the graph around. */
  @Test
  void everyConvolutionStatesItsKernel() {
    Graph graph =
        ModelParser.parseGraph(
            """
            g (float[N,1,8,8] x, uint8[N,1,8,8] q, float[2,1,3,5] given, float[2,1] flat, bool c)
              => (y) <float[1] s = {1}, uint8[1] z = {0}, uint8[1,1,1,2] w = {1, 2}>
            {
              [input] a = Conv (x, given)
              [stated] b = Conv <kernel_shape = [3, 5]> (x, given)
              [open] d = Conv (x, flat)
              k = Constant <value = float[1,1,2,1] {1, 2}> ()
              [node] e = ConvTranspose (x, k)
              [quantised] f = QLinearConv (q, s, z, w, s, z, s, z)
              [integer] h = ConvInteger (q, w)
              y = If (c) <
                then_branch = t () => (m) { [around] m = ConvTranspose (x, given) },
                else_branch = u () => (n) { n = Identity (x) }>
            }
            """);
    Map<String, String> kernels = new TreeMap<>();
    Consumer<Graph> add =
        g ->
            g.nodes()
                .forEach(
                    n ->
                        n.intsAttribute("kernel_shape")
                            .ifPresent(k -> kernels.put(n.name(), Arrays.toString(k))));
    Graph stated = KernelShapes.state(Model.of(graph, 21)).graph();
    add.accept(stated);
    stated.nodes().forEach(n -> n.subgraphs().forEach(add));
    assertEquals(
        "{around=[3, 5], input=[3, 5], integer=[1, 2], node=[2, 1], quantised=[1, 2], stated=[3, 5]}",
        kernels.toString());
  }

  @Test
  void provenanceIsInTheMetadata() throws Exception {
    Path file = folder.resolve("m.onnx");
    Provenance provenance =
        Provenance.of("seed network")
            .withTraining(Map.of("epochs", "1"))
            .withParity(Map.of("result", "PASS"));
    OnnxExport.of(convolution(17)).provenance(provenance).write(file);
    Model read = OnnxReader.read(file);
    assertEquals("sardonyx", read.producerName());
    assertEquals(
        Map.of(
            "sardonyx.source", "seed network",
            "sardonyx.training.epochs", "1",
            "sardonyx.parity.result", "PASS",
            "sardonyx.target", "onnxruntime-1.28"),
        read.metadata().properties());
    Model again = OnnxExport.of(read).provenance(Provenance.of("a file")).toModel();
    assertEquals(2, again.metadata().properties().size(), "old provenance goes");
  }

  @Test
  void modelsAreConvertedToTheTargetsOpset() {
    for (int opset : new int[] {7, 13, 14, 21, 26}) {
      Model exported = OnnxExport.of(convolution(22)).target(Target.opset(opset)).toModel();
      assertEquals(opset, exported.opset("").orElseThrow());
      assertEquals(List.of(), Checker.check(exported).errors());
    }
  }

  /** Files of torch.onnx say of every node which module it comes from. */
  @Test
  void propertiesOfNodesDoNotKeepAModelFromOldRuntimes() {
    String text =
        """
        <ir_version: 10, opset_import: ["": 18, "d": 1]>
        g (float[2] x, bool c) => (float[2] y) {
          h = d.f (x)
          y = If (c) <then_branch = t () => (float[2] a) { a = Relu (h) }, else_branch = e () => (float[2] b) { b = Neg (h) }>
        }
        <domain: "d", opset_import: ["": 18]> f (v) => (w) { w = Abs (v) }
        """;
    Metadata said = Metadata.of("said", Map.of("module", "block.1"));
    Model parsed = ModelParser.parse(text);
    Model model =
        parsed
            .withMetadata(Metadata.of("", Map.of("owner", "me")))
            .withGraph(everywhere(parsed.graph(), said))
            .withFunctions(
                parsed.functions().stream()
                    .map(f -> f.withMetadata(said).withNodes(everywhere(f.nodes(), said)))
                    .toList());
    assertEquals(10, IrVersionNeeded.of(model).version());
    Model old = OnnxExport.of(model).target(Target.named("onnxruntime-1.14")).toModel();
    assertEquals(8, old.irVersion());
    assertEquals(Map.of("owner", "me"), old.metadata().properties());
    assertEquals(Metadata.doc("said"), old.graph().nodes().get(0).metadata());
    Model recent = OnnxExport.of(model).target(Target.named("onnxruntime-1.28")).toModel();
    assertEquals(said, recent.graph().nodes().get(0).metadata());
  }

  private static Graph everywhere(Graph graph, Metadata said) {
    return graph.withMetadata(said).withNodes(everywhere(graph.nodes(), said));
  }

  private static List<Node> everywhere(List<Node> nodes, Metadata said) {
    return nodes.stream()
        .map(n -> n.withMetadata(said).withSubgraphs(body -> everywhere(body, said)))
        .toList();
  }

  @Test
  void theIrVersionIsWhatTheModelNeedsAndTheTargetTakes() {
    TensorType six = TensorType.of(ElementType.FLOAT6E2M3, 4);
    Model model =
        Model.of(
            Graph.of(
                "g",
                List.of(Input.of("x", six)),
                List.of(Output.of("y", floats("4"))),
                List.of(
                    Node.of(
                        "Cast", List.of("x"), List.of(Result.of("y")), Attribute.ofInt("to", 1))),
                List.of()),
            28);
    assertEquals(14, OnnxExport.of(model).target(Target.opset(28)).toModel().irVersion());
    String refusal =
        assertThrows(UnsupportedModelException.class, () -> OnnxExport.of(model).toModel())
            .getMessage();
    assertTrue(refusal.contains("onnxruntime-1.28"), refusal);
    assertEquals(13, OnnxExport.of(relu(26, ElementType.FLOAT)).toModel().irVersion());
  }

  @Test
  void whatTheTargetLacksIsRefusedByName() {
    TensorType text = TensorType.of(ElementType.STRING, 1);
    Model model =
        Model.of(
            Graph.of(
                "g",
                List.of(Input.of("words", text)),
                List.of(Output.of("y", text)),
                List.of(Node.of("Identity", List.of("words"), List.of(Result.of("y")))),
                List.of()),
            17);
    OnnxExport.of(model).toModel();
    String refusal =
        assertThrows(
                UnsupportedModelException.class,
                () -> OnnxExport.of(model).target(Target.openCv()).toModel())
            .getMessage();
    assertTrue(refusal.contains("'words'") && refusal.contains("strings"), refusal);
  }

  @Test
  void aWrongModelIsNotWritten() {
    Model wrong = relu(17, ElementType.STRING);
    Path file = folder.resolve("m.onnx");
    assertThrows(InvalidModelException.class, () -> OnnxExport.of(wrong).write(file));
    assertFalse(Files.exists(file));
  }

  @Test
  void targetsHaveNames() {
    for (String name : Target.names()) {
      assertEquals(name, Target.named(name).name());
    }
    assertEquals(Target.onnxRuntime(), Target.named("onnxruntime"));
    String message =
        assertThrows(IllegalArgumentException.class, () -> Target.named("opset-6")).getMessage();
    assertTrue(message.contains("opset-6") && message.contains("opencv-4"), message);
    assertThrows(IllegalArgumentException.class, () -> Target.opset(29));
  }
}
