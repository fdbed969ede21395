package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A random chain of operators over inputs of symbolic shapes, most of which compute shapes: what
 * exporters write, and much that they do not. Nodes that inference refuses are kept apart.
 */
final class SymbolicGraph {
  static final List<OpsetImport> IMPORTS = List.of(OpsetImport.onnx(21));

  /** From an input's name to its shape over the symbols. */
  static final Map<String, String> INPUTS =
      new TreeMap<>(
          Map.of("a", "N,S,4", "b", "S,T", "c", "N", "d", "2,N,6", "e", "T,1,S", "f", "3,5"));

  private final Random random;
  private final IncrementalInference inference = IncrementalInference.of(IMPORTS);
  private final List<Node> nodes = new ArrayList<>();
  private final List<Node> refused = new ArrayList<>();
  private final Map<String, Tensor> constants = new TreeMap<>();
  private final List<String> values = new ArrayList<>();

  SymbolicGraph(Random random, int size) {
    this.random = random;
    INPUTS.forEach(
        (name, shape) -> {
          inference.add(Input.of(name, TensorType.of(ElementType.FLOAT, Shape.parse(shape))));
          values.add(name);
        });
    for (int i = 0; i < size; i++) {
      grow();
    }
  }

  List<Node> nodes() {
    return nodes;
  }

  List<Node> refused() {
    return refused;
  }

  Map<String, Tensor> constants() {
    return constants;
  }

  Fact fact(String value) {
    return inference.fact(value);
  }

  // Values to take

  private boolean isOf(String value, Predicate<TensorType> predicate) {
    ValueType type = inference.type(value);
    return type instanceof TensorType tensor && predicate.test(tensor);
  }

  private static boolean isRank(TensorType type, int rank) {
    return type.shape().isRanked() && type.shape().rank() == rank;
  }

  /** One of the later values of a kind; made anew if there is none. */
  private String pick(Predicate<TensorType> predicate, String otherwise) {
    List<String> fitting = values.stream().filter(v -> isOf(v, predicate)).toList();
    if (fitting.isEmpty()) {
      return otherwise;
    }
    int from = random.nextBoolean() ? Math.max(0, fitting.size() - 3) : 0;
    return fitting.get(from + random.nextInt(fitting.size() - from));
  }

  private String any() {
    return pick(t -> true, "a");
  }

  private String floats() {
    return pick(t -> t.elementType() == ElementType.FLOAT, "a");
  }

  private String vector() {
    return random.nextInt(5) == 0
        ? longs(numbers(1 + random.nextInt(3)))
        : pick(t -> t.elementType() == ElementType.INT64 && isRank(t, 1), longs(2, -1));
  }

  private String scalar() {
    return random.nextInt(3) == 0
        ? constant(Tensor.scalar((long) random.nextInt(8) - 3))
        : pick(t -> t.elementType() == ElementType.INT64 && isRank(t, 0), longScalar(3));
  }

  private String whole() {
    return random.nextBoolean() ? scalar() : vector();
  }

  private String number() {
    String picked =
        pick(t -> t.elementType() == ElementType.FLOAT && isRank(t, 0), floatScalar(1.5f));
    return random.nextInt(3) == 0 ? floatScalar(random.nextInt(9) / 4f) : picked;
  }

  private String longScalar(long value) {
    return constant(Tensor.scalar(value));
  }

  private String floatScalar(float value) {
    return constant(Tensor.scalar(value));
  }

  private long[] numbers(int count) {
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextInt(9) - 3L;
    }
    return numbers;
  }

  private String longs(long... elements) {
    return constant(Tensor.ofLongs(elements, elements.length));
  }

  private String constant(Tensor tensor) {
    String name = "k" + constants.size();
    constants.put(name, tensor);
    inference.add(Constant.of(name, tensor));
    return name;
  }

  private int rank(String value) {
    return isOf(value, t -> t.shape().isRanked())
        ? ((TensorType) inference.type(value)).shape().rank()
        : 3;
  }

  // Nodes

  private void grow() {
    switch (random.nextInt(34)) {
      case 0, 1, 2 -> shape();
      case 3, 4 -> node("Gather", 1, List.of(vector(), longScalar(random.nextInt(4) - 1)));
      case 5 -> node("Gather", 1, List.of(vector(), longs(random.nextInt(3), random.nextInt(2))));
      case 6, 7 -> node(oneOf("Add", "Sub", "Mul"), 1, List.of(whole(), whole()));
      case 8 -> node(oneOf("Div", "Mod", "Max", "Min"), 1, List.of(whole(), whole()));
      case 9 -> node(oneOf("Neg", "Abs", "Sign", "Identity"), 1, List.of(whole()));
      case 10, 11 -> concat();
      case 12 -> node("Unsqueeze", 1, List.of(whole(), longs(0)));
      case 13, 14, 15 -> slice();
      case 16 -> node("Reshape", 1, List.of(any(), vector()));
      case 17 -> node("Expand", 1, List.of(any(), vector()));
      case 18 -> node("ConstantOfShape", 1, List.of(vector()));
      case 19 -> node("Range", 1, List.of(scalar(), scalar(), scalar()));
      case 20 -> tile();
      case 21 -> pad();
      case 22 -> topK();
      case 23 -> split();
      case 24 -> reduce();
      case 25 -> cast();
      case 26 -> fraction();
      case 27 -> resize();
      case 28 -> select();
      case 29 -> rearrange();
      case 30 -> node("CenterCropPad", 1, List.of(any(), vector()));
      case 31 -> window();
      case 32 -> oneHot();
      default -> node(oneOf("Add", "Mul", "MatMul", "Concat"), 1, List.of(floats(), floats()));
    }
  }

  private String oneOf(String... names) {
    return names[random.nextInt(names.length)];
  }

  private void node(String operator, int outputs, List<String> inputs, Attribute... attributes) {
    List<Attribute> all = new ArrayList<>(List.of(attributes));
    if (operator.equals("Concat") && attributes.length == 0) {
      all.add(Attribute.ofInt("axis", random.nextInt(3) - 1));
    }
    int number = nodes.size() + refused.size();
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add(Result.of("v" + number + (outputs == 1 ? "" : "_" + i)));
    }
    Node node = Node.of(operator, inputs, results, all.toArray(Attribute[]::new));
    try {
      inference.add(node);
      nodes.add(node);
      results.forEach(r -> values.add(r.name()));
    } catch (InferenceException e) {
      refused.add(node);
    }
  }

  private void shape() {
    if (random.nextInt(4) == 0) {
      node("Size", 1, List.of(any()));
    } else if (random.nextBoolean()) {
      node("Shape", 1, List.of(any()));
    } else {
      node(
          "Shape",
          1,
          List.of(any()),
          Attribute.ofInt("start", random.nextInt(5) - 2),
          Attribute.ofInt("end", random.nextInt(6) - 2));
    }
  }

  private void concat() {
    List<String> parts = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i >= 0; i--) {
      parts.add(vector());
    }
    node("Concat", 1, parts, Attribute.ofInt("axis", 0));
  }

  /** Of one axis, with bounds that are constants, far away, or computed. */
  private void slice() {
    String data = any();
    List<String> inputs = new ArrayList<>(List.of(data, bound(), bound()));
    if (random.nextInt(4) > 0) {
      inputs.add(longs(random.nextInt(Math.max(1, rank(data)))));
      if (random.nextInt(3) == 0) {
        inputs.add(longs(List.of(1L, 2L, 3L, -1L, -2L, Long.MIN_VALUE).get(random.nextInt(6))));
      }
    }
    node("Slice", 1, inputs);
  }

  private String bound() {
    return switch (random.nextInt(6)) {
      case 0 -> longs(Long.MAX_VALUE);
      case 1 -> longs(Long.MIN_VALUE);
      case 2, 3 -> longs(random.nextInt(9) - 4);
      default ->
          pick(
              t ->
                  t.elementType() == ElementType.INT64
                      && isRank(t, 1)
                      && t.shape().dim(0).isFixed(1),
              longs(random.nextInt(9) - 4));
    };
  }

  private void tile() {
    String data = any();
    boolean known = random.nextBoolean();
    long[] repeats = new long[rank(data)];
    Arrays.setAll(repeats, i -> random.nextInt(3));
    node("Tile", 1, List.of(data, known ? longs(repeats) : vector()));
  }

  private void pad() {
    String data = any();
    boolean known = random.nextBoolean();
    long[] pads = new long[2 * rank(data)];
    Arrays.setAll(pads, i -> random.nextInt(5) - 2);
    if (random.nextBoolean()) {
      node("Pad", 1, List.of(data, known ? longs(pads) : vector()));
    } else {
      List<String> one =
          List.of(data, random.nextBoolean() ? longs(1, -1) : vector(), "", longs(0));
      node("Pad", 1, one);
    }
  }

  private void oneHot() {
    String indices = whole();
    node("OneHot", 1, List.of(rank(indices) == 0 ? longs(2, 0) : indices, scalar(), longs(0, 1)));
  }

  private void topK() {
    String data = floats();
    Attribute axis = Attribute.ofInt("axis", random.nextInt(Math.max(1, rank(data))));
    node("TopK", 2, List.of(data, random.nextBoolean() ? bound() : vector()), axis);
  }

  private void split() {
    String data = any();
    Attribute axis = Attribute.ofInt("axis", random.nextInt(Math.max(1, rank(data))));
    int parts = 1 + random.nextInt(3);
    if (random.nextBoolean()) {
      node("Split", parts, List.of(data), axis, Attribute.ofInt("num_outputs", parts));
    } else {
      node("Split", parts, List.of(data, vector()), axis);
    }
  }

  private void reduce() {
    String operator = oneOf("ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin");
    Attribute keep = Attribute.ofInt("keepdims", random.nextInt(2));
    if (random.nextBoolean()) {
      node(operator, 1, List.of(vector()), keep);
    } else {
      node(operator, 1, List.of(any(), longs(random.nextInt(3) - 1)), keep);
    }
  }

  private void cast() {
    ElementType to =
        List.of(ElementType.FLOAT, ElementType.INT64, ElementType.INT32, ElementType.DOUBLE)
            .get(random.nextInt(4));
    node("Cast", 1, List.of(random.nextBoolean() ? whole() : number()), to(to));
  }

  private static Attribute to(ElementType type) {
    return Attribute.ofInt("to", type.code());
  }

  private void fraction() {
    if (random.nextBoolean()) {
      node(oneOf("Floor", "Ceil", "Round", "Neg"), 1, List.of(number()));
    } else {
      node(oneOf("Add", "Sub", "Mul", "Div"), 1, List.of(number(), number()));
    }
  }

  private void resize() {
    String data = floats();
    Attribute mode = Attribute.ofString("mode", "nearest");
    if (random.nextBoolean()) {
      node("Resize", 1, List.of(data, "", "", vector()), mode);
    } else {
      float[] scales = new float[rank(data)];
      for (int i = 0; i < scales.length; i++) {
        scales[i] = (1 + random.nextInt(8)) / 4f;
      }
      node("Resize", 1, List.of(data, "", constant(Tensor.ofFloats(scales, scales.length))), mode);
    }
  }

  private void select() {
    String x = whole();
    String y = whole();
    node(oneOf("Equal", "Less", "GreaterOrEqual"), 1, List.of(x, y));
    String flag = "v" + (nodes.size() + refused.size() - 1);
    if (values.contains(flag)) {
      node("Where", 1, List.of(flag, whole(), y));
      if (random.nextBoolean()) {
        node("Not", 1, List.of(flag));
        node("Cast", 1, List.of(flag), to(ElementType.INT64));
      }
    }
    node("Clip", 1, List.of(x, scalar(), scalar()));
  }

  private void rearrange() {
    switch (random.nextInt(6)) {
      case 0 -> node("Transpose", 1, List.of(any()));
      case 1 -> node("Flatten", 1, List.of(any()), Attribute.ofInt("axis", random.nextInt(3)));
      case 2 -> node("Squeeze", 1, List.of(any(), longs(random.nextInt(2))));
      case 3 -> node("Squeeze", 1, List.of(any()));
      case 4 -> node("ScatterElements", 1, List.of(vector(), longs(0), bound()));
      default -> node("NonZero", 1, List.of(whole()));
    }
  }

  /** Windows over a value [N,C,L]. */
  private void window() {
    String data = pick(t -> t.elementType() == ElementType.FLOAT && isRank(t, 3), "a");
    node(
        oneOf("MaxPool", "AveragePool"),
        1,
        List.of(data),
        Attribute.ofInts("kernel_shape", 1 + random.nextInt(3)),
        Attribute.ofInts("strides", 1 + random.nextInt(3)),
        Attribute.ofInts("pads", random.nextInt(2), random.nextInt(2)),
        Attribute.ofInt("ceil_mode", random.nextInt(2)));
  }
}
