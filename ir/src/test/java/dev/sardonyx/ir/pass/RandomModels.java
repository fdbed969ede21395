package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.ControlFlowOps.LoopStep;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;

/**
 * Random graphs full of what passes look for: copies, no-ops, constants twice, expressions twice,
 * constant parts, normalised convolutions, dead ends, branches, loops and function calls, and of
 * what they have to respect: outputs that are inputs or given twice, inputs with defaults, names
 * that bodies share, quantisation annotations, absent inputs, outputs that nobody uses. All values
 * are floats {@code [2,4,5,5]}.
 */
public final class RandomModels {
  private static final Shape SHAPE = Shape.of(2, 4, 5, 5);
  private static final TensorType TYPE = TensorType.of(ElementType.FLOAT, SHAPE);

  /** An input with a default. */
  private static final String OPTION = "option";

  private final Random random;

  private RandomModels(long seed) {
    this.random = new Random(seed);
  }

  public static Model model(long seed, int steps) {
    return new RandomModels(seed).build(steps);
  }

  /** Values for the model's inputs; for the one with a default only if the seed is odd. */
  public static Map<String, Tensor> inputs(Model model, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> inputs = new HashMap<>();
    for (Input input : model.graph().inputs()) {
      if (input.name().equals(OPTION) && seed % 2 == 0) {
        continue;
      }
      TensorType type = (TensorType) input.type();
      float[] elements = new float[(int) type.shape().size().value()];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = (float) random.nextGaussian();
      }
      inputs.put(
          input.name(),
          type.elementType() == ElementType.BOOL
              ? Tensor.scalar(random.nextBoolean())
              : Tensor.ofFloats(elements, type.shape().toLongs()));
    }
    return inputs;
  }

  public static Map<String, Datum> run(Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      return prepared.run(inputs);
    }
  }

  private Model build(int steps) {
    GraphBuilder b = GraphBuilder.of("random", 18);
    functions(b);
    List<Value> values = new ArrayList<>();
    values.add(b.input("x", TYPE));
    values.add(b.input("y", TYPE));
    values.add(b.add(values.get(0), b.input(OPTION, TensorType.of(ElementType.FLOAT, 4, 1, 1))));
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    for (int i = 0; i < steps; i++) {
      values.add(step(b, values, flag, 2));
    }
    int count = values.size();
    b.output(values.get(count - 1), "last");
    b.output(values.get(count / 2), "middle");
    b.output(values.get(count / 2), "again");
    b.output(values.get(random.nextInt(2)), "input");
    b.output(pick(values), "any");
    Model model = b.buildModel();
    return respected(model.withGraph(withSharedNames(model.graph(), 1)));
  }

  /** The graph with bodies that call their values the same. */
  private static Graph withSharedNames(Graph graph, int depth) {
    return withBodies(
        graph,
        (body, later) -> {
          Map<String, String> names = new HashMap<>();
          own(body).forEach(name -> names.put(name, "body" + depth + "_" + names.size()));
          return Renaming.of(names).graph(withSharedNames(body, depth + 1));
        });
  }

  /**
   * The model with bodies that call some values by names that only come later in the graph around
   * them, as ONNX allows; nodes must be in order for it.
   */
  static Model withLaterNames(Model model, long seed) {
    Random random = new Random(seed);
    Graph graph =
        withBodies(
            model.graph(),
            (body, later) -> {
              List<String> own = own(body);
              if (own.isEmpty() || later.isEmpty()) {
                return body;
              }
              String name = own.get(random.nextInt(own.size()));
              Node node = later.get(random.nextInt(later.size()));
              return Renaming.of(Map.of(name, node.output(0).name())).graph(body);
            });
    return model.withGraph(graph);
  }

  private static List<String> own(Graph body) {
    List<String> own = new ArrayList<>();
    body.inputs().forEach(i -> own.add(i.name()));
    body.constants().forEach(c -> own.add(c.name()));
    body.nodes().forEach(n -> n.outputs().forEach(o -> own.add(o.name())));
    own.removeIf(String::isEmpty);
    return own;
  }

  /** The graph with its bodies changed, which are given together with the nodes after theirs. */
  private static Graph withBodies(Graph graph, BiFunction<Graph, List<Node>, Graph> change) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      List<Node> later = graph.nodes().subList(i + 1, graph.nodes().size());
      List<Attribute> attributes = new ArrayList<>();
      for (Attribute attribute : node.attributes()) {
        attributes.add(
            attribute.value() instanceof AttributeValue.Graph body
                ? attribute.withValue(new AttributeValue.Graph(change.apply(body.value(), later)))
                : attribute);
      }
      nodes.add(node.withAttributes(attributes));
    }
    return graph.withNodes(nodes);
  }

  /** The model with a default, annotations of some results, and texts that belong to it. */
  private Model respected(Model model) {
    Graph graph = model.graph();
    List<Constant> constants = new ArrayList<>(graph.constants());
    constants.add(Constant.of(OPTION, tensor(4, 1, 1)));
    constants.add(Constant.of("scale", Tensor.scalar(0.5f)));
    List<QuantizationAnnotation> annotations = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (random.nextInt(12) == 0) {
        annotations.add(
            new QuantizationAnnotation(
                node.output(0).name(), Map.of("SCALE_TENSOR", "scale"), Metadata.EMPTY));
      }
    }
    return model
        .withGraph(
            graph
                .withConstants(constants)
                .withQuantization(annotations)
                .withMetadata(Metadata.of("a graph", Map.of())))
        .withProducer("test", "1")
        .withMetadata(Metadata.of("a model", Map.of("key", "value")));
  }

  private Value pick(List<Value> values) {
    // Mostly late values, so that graphs get deep.
    int back = (int) (Math.abs(random.nextGaussian()) * 3);
    return values.get(Math.max(0, values.size() - 1 - back));
  }

  private Tensor tensor(long... dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    float[] elements = new float[size];
    int kind = random.nextInt(3); // few kinds, so that some constants are the same
    for (int i = 0; i < size; i++) {
      elements[i] = 0.5f + 0.25f * kind + i % 7 * 0.125f;
    }
    return Tensor.ofFloats(elements, dims);
  }

  private Value step(GraphBuilder b, List<Value> values, Value flag, int depth) {
    Value x = pick(values);
    return switch (random.nextInt(depth > 0 ? 29 : 23)) {
      case 0 -> b.relu(x);
      case 1 -> b.add(x, pick(values));
      case 2 -> b.mul(x, b.constant(tensor(4, 1, 1)));
      case 3 -> b.identity(x);
      case 4 -> b.cast(x, ElementType.FLOAT);
      case 5 -> b.transpose(b.transpose(x, 0, 2, 3, 1), 0, 3, 1, 2);
      case 6 -> b.reshape(x, b.shape(x));
      case 7 -> b.reshape(b.flatten(x), 2, 4, 5, 5);
      case 8 -> b.pad(x, 0, 0, 0, 0, 0, 0, 0, 0);
      case 9 -> b.add(x, b.mul(b.constant(tensor(5)), b.constant(tensor(1))));
      case 10 -> b.sub(b.tanh(x), b.tanh(x));
      case 11 -> b.sum(b.tanh(x));
      case 12 -> b.slice(b.concat(1, x, x), 1, 0, 4);
      case 13 -> normalizedConv(b, x);
      case 14 -> b.node("Clip", List.of(x, GraphBuilder.ABSENT, b.constant(1f)));
      case 15 -> b.nodes("Dropout", 2, List.of(x)).get(0);
      case 16 -> b.nodes("TopK", 2, List.of(x, b.longs("all", 5))).get(0);
      case 17 -> dense(b, x);
      case 18 -> padded(b, x);
      case 19 -> pair(b, x);
      case 20, 21 -> channelsLast(b, x, pick(values));
      case 22 -> neutral(b, x);
      case 28 -> branch(b, values, b.constant(Tensor.scalar(random.nextBoolean())), depth);
      case 27 -> branch(b, values, flag, depth);
      case 23 -> b.node("test.Twice", List.of(x), Attribute.ofFloat("slope", 0.25f));
      case 24 -> b.node("test.Leak", List.of(x), Attribute.ofFloat("alpha", 0.5f));
      case 25 -> loop(b, values, flag);
      default -> b.expand(x, 2, 4, 5, 5);
    };
  }

  private Value normalizedConv(GraphBuilder b, Value x) {
    boolean transposed = random.nextBoolean();
    ConvOptions same = ConvOptions.same();
    Value w = b.mul(b.constant(tensor(4, 4, 3, 3)), b.constant(0.05f));
    Value bias = random.nextBoolean() ? b.constant(tensor(4)) : null;
    Value y =
        transposed && canTranspose() ? b.convTranspose(x, w, bias, same) : b.conv(x, w, bias, same);
    Value once = normalized(b, y);
    return random.nextInt(3) == 0 ? normalized(b, once) : once;
  }

  private Value normalized(GraphBuilder b, Value x) {
    return b.batchNormalization(
        x,
        b.constant(tensor(4)),
        b.constant(tensor(4)),
        b.constant(tensor(4)),
        b.constant(tensor(4)));
  }

  /** A product of matrices with a bias of one of the shapes it may have. */
  private Value dense(GraphBuilder b, Value x) {
    Value rows = b.reshape(x, 40, 5);
    Value w = b.mul(b.constant(tensor(5, 5)), b.constant(0.2f));
    Value bias =
        switch (random.nextInt(3)) {
          case 0 -> b.constant(tensor(5));
          case 1 -> b.constant(tensor(40, 1));
          default -> b.reshape(b.sin(x), 40, 5);
        };
    Value product = b.matMul(factors(b, rows), w);
    return b.reshape(
        random.nextBoolean() ? b.add(product, bias) : b.add(bias, product), 2, 4, 5, 5);
  }

  /** More matrices in a row, of a middle that may be wide or narrow, or the rows as they are. */
  private Value factors(GraphBuilder b, Value rows) {
    int middle = 1 + random.nextInt(8);
    Value up = b.mul(b.constant(tensor(5, middle)), b.constant(0.2f));
    Value down = b.mul(b.constant(tensor(middle, 5)), b.constant(0.2f));
    return switch (random.nextInt(4)) {
      case 0 -> b.matMul(b.matMul(rows, up), down);
      case 1 -> b.gemm(b.gemm(rows, up, b.constant(tensor(middle))), down, b.constant(tensor(5)));
      case 2 -> b.matMul(b.constant(tensor(40, 40)), b.matMul(b.constant(tensor(40, 40)), rows));
      default -> rows;
    };
  }

  /** A Pad before what pads itself. */
  private Value padded(GraphBuilder b, Value x) {
    Value y = b.pad(x, "constant", random.nextInt(4) == 0 ? 1 : 0, 0, 0, 1, 1, 0, 0, 1, 1);
    Value lowest = b.pad(x, "constant", Double.NEGATIVE_INFINITY, 0, 0, 1, 2, 0, 0, 1, 0);
    Attribute window = Attribute.ofInts("kernel_shape", 3, 3);
    return switch (random.nextInt(3)) {
      case 0 -> b.conv(y, b.mul(b.constant(tensor(4, 4, 3, 3)), b.constant(0.05f)));
      case 1 -> b.node("AveragePool", List.of(y), window);
      default -> b.node("MaxPool", List.of(lowest), window);
    };
  }

  /** Operands that change nothing, and some that look like it. */
  private Value neutral(GraphBuilder b, Value x) {
    Tensor number = Tensor.scalar((float) random.nextInt(2));
    Value operand = b.constant(random.nextBoolean() ? number : Tensor.repeated(number, 2, 4, 5, 5));
    return switch (random.nextInt(5)) {
      case 0 -> b.add(operand, x);
      case 1 -> b.sub(x, operand);
      case 2 -> b.mul(x, operand);
      case 3 -> b.div(b.mul(operand, b.sin(x)), b.constant(1f));
      default ->
          b.where(
              b.constant(Tensor.scalar(random.nextBoolean())),
              x,
              random.nextBoolean() ? operand : x);
    };
  }

  /** Two nodes that one can do. */
  private Value pair(GraphBuilder b, Value x) {
    return switch (random.nextInt(8)) {
      case 5 -> sliced(b, x);
      case 6 -> b.concat(1, b.slice(x, 1, 3, 9), b.slice(x, 1, 0, 1), b.slice(x, -3, -3, 3));
      case 7 -> {
        Value left = b.slice(x, 3, 0, 2);
        Value right = b.neg(b.slice(x, 3, 2, Long.MAX_VALUE));
        yield b.concat(3, left, b.slice(b.concat(3, right, left, x), 3, 0, 3));
      }
      case 0 -> b.neg(b.neg(x));
      case 1 -> b.castLike(b.cast(b.cast(x, ElementType.DOUBLE), ElementType.DOUBLE), x);
      case 2 -> b.slice(b.concat(1, b.concat(1, b.sin(x), x), x), 1, 3, 7);
      case 3 ->
          b.add(
              b.add(x, b.unsqueeze(b.gather(x, b.constant(3L), 2), 2)),
              b.unsqueeze(b.relu(b.squeeze(b.slice(x, 2, 1, 2), 2)), 2));
      default -> {
        Value parts =
            b.node(
                "SplitToSequence", List.of(x, b.longs("sizes", 1, 3)), Attribute.ofInt("axis", 1));
        Value first = b.node("SequenceAt", parts, b.constant(0L));
        Value last = b.node("SequenceAt", parts, b.constant(-1L));
        yield b.reshape(b.concat(1, last, first), 2, 4, 5, 5);
      }
    };
  }

  /** Two slices in a row, forwards or backwards, of a longer value; five elements are left. */
  private Value sliced(GraphBuilder b, Value x) {
    Value wide = b.concat(3, x, b.sin(x), x); // 15 columns
    long[] axis = {random.nextBoolean() ? 3 : -1};
    long[] one = {1};
    Value first =
        switch (random.nextInt(4)) {
          case 0 -> b.slice(wide, axis, new long[] {2}, new long[] {12}, one);
          case 1 -> b.slice(wide, axis, new long[] {-1}, new long[] {-11}, new long[] {-1});
          case 2 ->
              b.slice(b.concat(3, wide, x), axis, new long[] {0}, new long[] {20}, new long[] {2});
          default ->
              b.slice(wide, axis, new long[] {9}, new long[] {Long.MIN_VALUE}, new long[] {-1});
        };
    return switch (random.nextInt(4)) { // of 10 columns
      case 0 -> b.slice(first, axis, new long[] {5}, new long[] {Long.MAX_VALUE}, one);
      case 1 -> b.slice(first, axis, new long[] {-6}, new long[] {-1}, one);
      case 2 -> b.slice(first, axis, new long[] {1}, new long[] {99}, new long[] {2});
      default -> b.slice(first, axis, new long[] {8}, new long[] {-99}, new long[] {-2});
    };
  }

  /** Work on the layout [N,H,W,C] between Transposes. */
  private Value channelsLast(GraphBuilder b, Value x, Value other) {
    Value y = b.transpose(x, 0, 2, 3, 1);
    for (int i = random.nextInt(4); i >= 0; i--) {
      y =
          switch (random.nextInt(9)) {
            case 0 -> b.mul(y, b.constant(tensor(4)));
            case 1 -> b.add(b.constant(tensor(5, 1, 4)), y);
            case 2 -> b.mul(y, b.sigmoid(y));
            case 3 -> b.softmax(y, 3);
            case 4 -> b.slice(b.concat(3, y, b.transpose(other, 0, 2, 3, 1)), 3, 2, 6);
            case 5 -> b.slice(b.pad(y, 0, 1, 0, 0, 0, 0, 0, 0), 1, 1, 6);
            case 6 -> b.mul(y, b.reduceMean(y, true, 1, -2));
            case 7 -> {
              List<Value> parts = b.split(y, 3, 1, 3);
              yield b.concat(3, parts.get(1), parts.get(0));
            }
            default -> b.sub(y, b.reshape(b.reduceMax(y, false, 1, 2), 2, 1, 1, 4));
          };
    }
    return b.transpose(y, 0, 3, 1, 2);
  }

  private static boolean canTranspose() {
    return ReferenceBackend.operators().contains(":ConvTranspose");
  }

  private Value branch(GraphBuilder b, List<Value> values, Value flag, int depth) {
    return b.ifThenElse(
        flag, t -> inside(t, values, flag, depth), e -> inside(e, values, flag, depth));
  }

  private Value inside(GraphBuilder b, List<Value> values, Value flag, int depth) {
    List<Value> seen = new ArrayList<>(values);
    for (int i = random.nextInt(4); i >= 0; i--) {
      seen.add(step(b, seen, flag, depth - 1));
    }
    return seen.get(seen.size() - 1);
  }

  private Value loop(GraphBuilder b, List<Value> values, Value flag) {
    Value start = pick(values);
    return b.loop(
            2,
            List.of(start),
            (body, i, go, state) -> {
              List<Value> seen = new ArrayList<>(values);
              seen.add(state.get(0));
              seen.add(step(body, seen, flag, 0));
              return LoopStep.of(go, step(body, seen, flag, 0));
            })
        .get(0);
  }

  /** {@code Leak} has an attribute, {@code Twice} calls it two times. */
  private static void functions(GraphBuilder b) {
    List<OpsetImport> imports = List.of(OpsetImport.onnx(18), OpsetImport.of("test", 1));
    Node leak =
        Node.of(
            "LeakyRelu",
            List.of("a"),
            List.of(Result.of("r")),
            Attribute.ofReference("alpha", "alpha", AttributeType.FLOAT));
    b.function(
        new Function(
            "test",
            "Leak",
            "",
            List.of("a"),
            List.of("r"),
            List.of(),
            List.of(Attribute.ofFloat("alpha", 0.125f)),
            List.of(leak),
            imports,
            List.of(),
            Metadata.EMPTY));
    Attribute slope = Attribute.ofReference("alpha", "slope", AttributeType.FLOAT);
    List<Node> nodes =
        List.of(
            call(List.of("a"), "once", slope),
            call(List.of("once"), "twice", slope),
            Node.of("Identity", List.of("twice"), List.of(Result.of("copy"))),
            Node.of("Sub", List.of("copy", "a"), List.of(Result.of("r"))),
            Node.of("Exp", List.of("a"), List.of(Result.of("unused"))));
    b.function(
        new Function(
            "test",
            "Twice",
            "",
            List.of("a"),
            List.of("r"),
            List.of("slope"),
            List.of(),
            nodes,
            imports,
            List.of(),
            Metadata.EMPTY));
  }

  private static Node call(List<String> inputs, String output, Attribute... attributes) {
    return new Node(
        "test",
        "Leak",
        "",
        "",
        inputs,
        List.of(attributes),
        List.of(Result.of(output)),
        Metadata.EMPTY);
  }
}
