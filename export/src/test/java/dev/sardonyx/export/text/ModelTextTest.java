package dev.sardonyx.export.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.BackendSuite;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.RandomMessages;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.ValueType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The text form holds a whole model: {@code parse(print(m))} equals {@code m}. */
class ModelTextTest {
  private static final String SMALL =
      """
      <
        ir_version: 10,
        opset_import: ["": 21],
        producer_name: "test"
      >
      agraph (float[N,3] x) => (float[N,2] y)
      <
        float[3,2] w = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0},
        float[N,2] t
      >
      {
        [product] t = MatMul (x, w)
        y = LeakyRelu <alpha: float = 0.5> (t)
      }
      """;

  private static TensorType floats(String shape) {
    return TensorType.of(ElementType.FLOAT, Shape.parse(shape));
  }

  @Test
  void printsAsDocumented() {
    Tensor weight = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
    Model model =
        Model.of(
                Graph.of(
                    "agraph",
                    List.of(Input.of("x", floats("N,3"))),
                    List.of(Output.of("y", floats("N,2"))),
                    List.of(
                        Node.of("MatMul", List.of("x", "w"), List.of(Result.of("t", floats("N,2"))))
                            .withName("product"),
                        Node.of(
                            "LeakyRelu",
                            List.of("t"),
                            List.of(Result.of("y")),
                            Attribute.ofFloat("alpha", 0.5f))),
                    List.of(Constant.of("w", weight))),
                21)
            .withProducer("test", "");
    assertEquals(SMALL, ModelPrinter.print(model));
    assertEquals(model, ModelParser.parse(SMALL));
  }

  @Test
  void everyModelOfTheSuiteComesBack() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> failures = new ArrayList<>();
      for (String name : suite.models()) {
        Model model = OnnxReader.read(suite.bytes(name));
        if (!model.equals(ModelParser.parse(ModelPrinter.print(model)))) {
          failures.add(name);
        }
      }
      assertEquals(List.of(), failures, "models that changed");
    }
  }

  @Test
  void randomModelsComeBack() throws Exception {
    RandomMessages messages = new RandomMessages(42);
    for (int i = 0; i < 1500; i++) {
      Model model = OnnxReader.read(messages.model().toByteArray());
      String text = ModelPrinter.print(model);
      Model parsed = ModelParser.parse(text);
      if (!model.equals(parsed)) {
        assertEquals(text, ModelPrinter.print(parsed), "model " + i);
        assertEquals(model, parsed, "model " + i);
      }
    }
  }

  private static Attribute attribute(String name, AttributeValue value) {
    return Attribute.of(name, value);
  }

  /** What files cannot hold in this combination, but the IR can. */
  @Test
  void everythingThatOnnxHasNoRoomForComesBack() {
    Metadata said = Metadata.of("doc\n\"quoted\" \\ \uDC80 \uD83D\uDE00", Map.of("k\n", "v"));
    SparseTensor sparse =
        SparseTensor.of(
            Tensor.ofFloats(new float[] {5}, 1), Tensor.ofLongs(new long[] {7}, 1), 3, 4);
    Graph inner = Graph.of("float", List.of(), List.of(), List.of(), List.of());
    Node node =
        new Node(
            "my domain.x",
            "Op-1",
            "over load",
            "a node",
            List.of("", "x", ""),
            List.of(
                attribute("int", new AttributeValue.Int(-3)),
                attribute("not an id", new AttributeValue.Strings(List.of("", "\uDCFF"))),
                attribute("s", new AttributeValue.SparseTensor(sparse)),
                attribute("ss", new AttributeValue.SparseTensors(List.of(sparse, sparse))),
                attribute("g", new AttributeValue.Graphs(List.of(inner, inner))),
                attribute("t", new AttributeValue.Type(ValueType.unknown())),
                attribute("none", new AttributeValue.Reference("", AttributeType.UNDEFINED)),
                attribute("empty", new AttributeValue.Floats(new float[0])),
                Attribute.ofReference("ref", "alpha", AttributeType.FLOATS),
                new Attribute("said", new AttributeValue.Int(1), said)),
            List.of(Result.ABSENT, new Result("y", ValueType.unknown(), said)),
            said);
    Graph graph =
        new Graph(
            "",
            List.of(new Input("seq", floats("2,?"), said)),
            List.of(new Output("y", ValueType.unknown(), said)),
            List.of(node, node),
            List.of(
                new Constant("s", sparse, said), Constant.of("t", Tensor.scalar(1f).withName("u"))),
            List.of(new QuantizationAnnotation("y", Map.of("SCALE_TENSOR", "s"), said)),
            said);
    Model model =
        new Model(
            0,
            List.of(),
            "p",
            "v",
            "d",
            -1,
            graph,
            List.of(),
            List.of(new TrainingInfo(inner, graph, Map.of("a", "b"), Map.of(), said)),
            said);
    assertEquals(model, ModelParser.parse(ModelPrinter.print(model)), ModelPrinter.print(model));
  }

  @Test
  void everyBitPatternOfFloatsComesBack() {
    Random random = new Random(3);
    ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT, 20000);
    ByteBuffer wide = Tensor.allocate(ElementType.DOUBLE, 20000);
    int[] special = {0, 0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7F800001, 1};
    for (int i = 0; i < 20000; i++) {
      int bits = i < special.length ? special[i] : random.nextInt();
      bytes.putInt(i * 4, bits);
      // Every other one with few bits, for the short decimals.
      long wideBits =
          i % 2 == 0 ? random.nextLong() : Double.doubleToLongBits(random.nextInt(9999) / 100.0);
      wide.putLong(
          i * 8,
          i < special.length ? Double.doubleToRawLongBits(Float.intBitsToFloat(bits)) : wideBits);
    }
    for (Tensor tensor :
        List.of(
            Tensor.of(ElementType.FLOAT, new long[] {20000}, bytes),
            Tensor.of(ElementType.COMPLEX64, new long[] {100, 100}, bytes),
            Tensor.of(ElementType.DOUBLE, new long[] {20000}, wide))) {
      Graph graph =
          Graph.of("g", List.of(), List.of(), List.of(), List.of(Constant.of("t", tensor)));
      assertEquals(graph, ModelParser.parseGraph(ModelPrinter.print(graph)));
    }
  }

  @Test
  void everyElementTypeComesBack() {
    Random random = new Random(4);
    for (ElementType type : ElementType.values()) {
      if (type.bits() == 0) {
        continue;
      }
      byte[] bytes = new byte[(int) type.byteSize(7)];
      random.nextBytes(bytes);
      if (type.bits() == 6) {
        bytes[bytes.length - 1] &= 3;
      }
      Tensor tensor = Tensor.of(type, new long[] {7}, ByteBuffer.wrap(bytes));
      Graph graph =
          Graph.of("g", List.of(), List.of(), List.of(), List.of(Constant.of("t", tensor)));
      String text = ModelPrinter.print(graph);
      assertEquals(graph, ModelParser.parseGraph(text), text);
    }
  }

  @Test
  void whatOthersWriteIsUnderstood() {
    Graph graph =
        ModelParser.parseGraph(
            """
            # A comment.
            g (float x, seq(tensor_) ignored = {}) => (y) { }
            """
                .replace("seq(tensor_) ignored = {}", "float[2] d = {1, -inf}"));
    assertEquals(2, graph.inputs().size());
    assertEquals(
        Tensor.ofFloats(new float[] {1, Float.NEGATIVE_INFINITY}, 2),
        graph.constants().get(0).data());
    Node node =
        ModelParser.parseGraph(
                """
                g () => () {
                  y,, z = ai.onnx.ml.Op:two (,x) <i=1, f = 1.5, fs = [1, 2.5], s = "s",
                    t = float[2] {1, 2}, p = float[N], q = nan, r = @other>
                }
                """)
            .nodes()
            .get(0);
    assertEquals("ai.onnx.ml", node.domain());
    assertEquals("two", node.overload());
    assertEquals(List.of("", "x"), node.inputs());
    assertEquals(List.of("y", "", "z"), node.outputs().stream().map(Result::name).toList());
    assertEquals(
        List.of("INT", "FLOAT", "FLOATS", "STRING", "TENSOR", "TYPE_PROTO", "FLOAT", "UNDEFINED"),
        node.attributes().stream().map(a -> a.type().name()).toList());
  }

  private static ModelSyntaxException refusal(String text) {
    return assertThrows(ModelSyntaxException.class, () -> ModelParser.parse(text));
  }

  private static void assertRefused(String text, int line, int column, String... parts) {
    ModelSyntaxException e = refusal(text);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> part + " is missing in " + e.getMessage());
    }
    assertEquals(line + ":" + column, e.line() + ":" + e.column(), e.getMessage());
  }

  @Test
  void errorsSayWhereAndWhatIsExpected() {
    assertRefused(SMALL.replace("=> (", "-> ("), 6, 23, "'=>'", "'-'", "agraph");
    assertRefused(SMALL.replace("float[N,2] t", "flot[N,2] t"), 9, 7, "'>'", "'['");
    assertRefused(SMALL.replace(", 6.0}", "}"), 8, 42, "float[3,2]", "6 elements, not 5");
    assertRefused(SMALL.replace("6.0", "six"), 8, 44, "number of type float", "'six'");
    assertRefused(SMALL.replace("alpha: float", "alpha: floot"), 13, 25, "attribute's type");
    assertRefused(SMALL.replace("ir_version", "version"), 2, 3, "ir_version", "'version'");
    assertRefused(SMALL.replace("\"test\"", "\"test"), 4, 18, "does not end");
    assertRefused("", 1, 1, "graph's name", "the end of the text");
    assertRefused(SMALL.substring(0, SMALL.lastIndexOf('}')), 14, 1, "expected", "the end");
  }

  private static String withConstant(String constant) {
    return SMALL.replace("float[N,2] t\n", constant + "\n");
  }

  @Test
  void constantsAreOfTheirType() {
    assertRefused(withConstant("string[3] s = {\"a\", \"b\"}"), 9, 26, "3 elements, not 2");
    assertRefused(withConstant("int8[1] s = {128}"), 9, 16, "number of type int8");
    assertRefused(withConstant("uint8[1] s = {-1}"), 9, 17, "number of type uint8");
    assertRefused(withConstant("uint16[1] s = {65536}"), 9, 18, "number of type uint16");
    assertRefused(withConstant("float6e2m3[1] s = {-1}"), 9, 22, "number of type float6e2m3");
    assertRefused(withConstant("float[1] s = {1-2}"), 9, 18, "'-'");
    // A byte of two elements may be written either way.
    for (String bytes : List.of("-1", "255")) {
      Model model = ModelParser.parse(withConstant("uint4[2] s = {" + bytes + "}"));
      Tensor s = (Tensor) model.graph().constants().get(1).data();
      assertArrayEquals(new long[] {15, 15}, s.toLongs());
    }
  }

  @Test
  void listsHaveItemsOfOneType() {
    String mixed = SMALL.replace("alpha: float = 0.5", "alpha = %s");
    for (String list : List.of("[1, \"a\"]", "[\"a\", 1.5]", "[\"a\", float[1] {1}]")) {
      String message = refusal(mixed.formatted(list)).getMessage();
      assertTrue(message.contains("the items of a list are of one type"), message);
    }
    String typed = mixed.formatted("float[2] {1, 2}").replace("alpha", "alpha: sparse_tensor");
    assertTrue(refusal(typed).getMessage().contains("a sparse tensor"), refusal(typed)::getMessage);
  }

  @Test
  void abbreviatedTextSaysSo() {
    Model model = ModelParser.parse(SMALL);
    String text = ModelPrinter.printAbbreviated(model, 2);
    assertTrue(text.startsWith("# Abbreviated"), text);
    assertTrue(text.contains("{1.0, 2.0, ...}"), text);
    assertTrue(refusal(text).getMessage().contains("abbreviated"), refusal(text).getMessage());
    assertFalse(ModelPrinter.printAbbreviated(model, 6).contains("..."));
  }

  /** Changed texts give a model or an error with a place, never anything else. */
  @Test
  void damagedTextsNeverDoWorse() {
    Random random = new Random(5);
    for (int i = 0; i < 20000; i++) {
      StringBuilder text = new StringBuilder(SMALL);
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.setCharAt(at, (char) (32 + random.nextInt(95)));
          default -> text.insert(at, SMALL, 0, random.nextInt(SMALL.length()));
        }
      }
      try {
        ModelParser.parse(text.toString());
      } catch (ModelSyntaxException e) {
        assertTrue(e.line() > 0 && e.column() > 0);
      }
    }
    String deep = "g (" + "seq(".repeat(100000);
    assertTrue(refusal(deep).getMessage().contains("100 levels"));
    assertTrue(refusal("g () => () <float[9999999999999,9999999] t = {}> {}").line() == 1);
  }

  @Test
  void annotationsWithinAnnotationsEndAtTheFirst() {
    String annotation = "#@{quantization_annotation: [\"a\": [] ";
    String text = "agraph (float x " + annotation.repeat(100_000);
    ModelSyntaxException e =
        assertThrows(ModelSyntaxException.class, () -> ModelParser.parseGraph(text));
    assertTrue(e.getMessage().contains("only graphs have"), e.getMessage());
    String graph = "agraph " + annotation.repeat(100_000);
    assertThrows(ModelSyntaxException.class, () -> ModelParser.parseGraph(graph));
  }
}
