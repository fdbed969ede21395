package dev.sardonyx.export.keras;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Elementwise operations of {@code keras.ops}, which functional models record as layers. */
final class OperationReaders {
  static final Map<String, LayerReader> OPERATIONS = new TreeMap<>();

  /** An operation of two operands of one element type. */
  private interface Binary {
    Value apply(GraphBuilder b, Value x, Value y);
  }

  static {
    binary("Add", GraphBuilder::add);
    binary("Subtract", GraphBuilder::sub);
    binary("Multiply", GraphBuilder::mul);
    binary("Maximum", (b, x, y) -> b.max(x, y));
    binary("Minimum", (b, x, y) -> b.min(x, y));
    binary("Power", GraphBuilder::pow);
    binary("Divide", OperationReaders::quotient);
    binary("TrueDivide", OperationReaders::quotient);
    binary("FloorDivide", OperationReaders::floorQuotient);
    binary("Mod", (b, x, y) -> b.sub(x, b.mul(floorQuotient(b, x, y), y)));
    binary("Equal", GraphBuilder::equal);
    binary("NotEqual", (b, x, y) -> b.not(b.equal(x, y)));
    binary("Greater", GraphBuilder::greater);
    binary("GreaterEqual", GraphBuilder::greaterOrEqual);
    binary("Less", GraphBuilder::less);
    binary("LessEqual", GraphBuilder::lessOrEqual);
    logical("LogicalAnd", GraphBuilder::and);
    logical("LogicalOr", GraphBuilder::or);
    logical("LogicalXor", GraphBuilder::xor);
    OPERATIONS.put(
        "LogicalNot", operation(o -> o.layer().builder().not(truth(o.layer(), o.in().first()))));

    unary("Negative", GraphBuilder::neg);
    unary("Absolute", GraphBuilder::abs);
    unary("Sign", GraphBuilder::sign);
    unary("Square", (b, x) -> b.mul(x, x));
    unary("Copy", (b, x) -> x);
    unary("StopGradient", (b, x) -> x);
    OPERATIONS.put("ZerosLike", operation(o -> filled(o, 0)));
    OPERATIONS.put("OnesLike", operation(o -> filled(o, 1)));
    OPERATIONS.put("ConvertToTensor", operation(OperationReaders::converted));
    for (String name :
        List.of(
            "Exp",
            "Log",
            "Sqrt",
            "Sin",
            "Cos",
            "Tan",
            "Sinh",
            "Cosh",
            "Tanh",
            "Floor",
            "Ceil",
            "Erf",
            "Reciprocal",
            "Sigmoid",
            "Relu",
            "Softplus",
            "Softsign",
            "Elu",
            "Selu")) {
      floats(name, (b, x) -> b.node(name, x));
    }
    for (String function : List.of("Sin", "Cos", "Tan", "Sinh", "Cosh", "Tanh")) {
      String onnx = "A" + function.toLowerCase(java.util.Locale.ROOT);
      floats("Arc" + function.toLowerCase(java.util.Locale.ROOT), (b, x) -> b.node(onnx, x));
    }
    floats("Rsqrt", (b, x) -> b.reciprocal(b.sqrt(x)));
    floats("Log1p", (b, x) -> b.log(b.add(x, b.scalarLike(x, 1))));
    floats("Expm1", (b, x) -> b.sub(b.exp(x), b.scalarLike(x, 1)));
    floats("Log2", (b, x) -> b.div(b.log(x), b.scalarLike(x, Math.log(2))));
    floats("Log10", (b, x) -> b.div(b.log(x), b.scalarLike(x, Math.log(10))));
    floats("Isnan", GraphBuilder::isNaN);
    floats("Isinf", GraphBuilder::isInf);
    activation("Relu6", "relu6");
    activation("Silu", "silu");
    activation("HardSigmoid", "hard_sigmoid");
    activation("HardSilu", "hard_silu");
    activation("HardTanh", "hard_tanh");
    activation("LogSigmoid", "log_sigmoid");
    activation("TanhShrink", "tanh_shrink");
    activation("SparsePlus", "sparse_plus");
    activation("SparseSigmoid", "sparse_sigmoid");
    parameterized("LeakyRelu", "negative_slope", 0.2, (b, x, p) -> b.leakyRelu(x, (float) p));
    parameterized("Elu", "alpha", 1, (b, x, p) -> b.elu(x, (float) p));
    parameterized("Celu", "alpha", 1, (b, x, p) -> b.celu(x, (float) p));
    parameterized("SoftShrink", "threshold", 0.5, ActivationReaders::softShrink);
    parameterized("HardShrink", "threshold", 0.5, ActivationReaders::hardShrink);
    parameterized("Squareplus", "b", 4, ActivationReaders::squareplus);
    OPERATIONS.put(
        "Gelu",
        operation(
            o ->
                ActivationReaders.gelu(
                    o.layer().builder(),
                    o.in().firstFloat(),
                    o.in().settings("approximate").truth("approximate", true))));
    along("Softmax", -1, GraphBuilder::softmax);
    along("LogSoftmax", -1, GraphBuilder::logSoftmax);
    along("Glu", -1, ActivationReaders::glu);
    along("Sparsemax", -1, ActivationReaders::sparsemax);
    OPERATIONS.put("Round", operation(OperationReaders::round));
    OPERATIONS.put("Threshold", operation(OperationReaders::threshold));
    OPERATIONS.put("ReLU", operation(OperationReaders::relu));
    OPERATIONS.put("Clip", operation(OperationReaders::clip));
    OPERATIONS.put("Where", operation(OperationReaders::where));
    OPERATIONS.put("Cast", operation(OperationReaders::cast));
    OPERATIONS.put("OneHot", operation(OperationReaders::oneHot));
    OPERATIONS.putAll(ReductionOperations.OPERATIONS);
    OPERATIONS.putAll(ShapeOperations.OPERATIONS);
  }

  private OperationReaders() {}

  /** An operation and its operands. */
  record Called(KerasLayer layer, Operands in) {}

  static LayerReader operation(Function<Called, Value> function) {
    return LayerReader.of(layer -> function.apply(new Called(layer, new Operands(layer))));
  }

  private static void binary(String name, Binary function) {
    OPERATIONS.put(
        name,
        operation(
            o -> {
              Value[] pair = o.in().pair("x1", "x2");
              return function.apply(o.layer().builder(), pair[0], pair[1]);
            }));
  }

  private static void logical(String name, Binary function) {
    OPERATIONS.put(
        name,
        operation(
            o ->
                function.apply(
                    o.layer().builder(),
                    truth(o.layer(), o.in().at("x1", 0)),
                    truth(o.layer(), o.in().at("x2", 1)))));
  }

  private static Value truth(KerasLayer layer, Value x) {
    return KerasLayer.type(x) == ElementType.BOOL ? x : layer.builder().cast(x, ElementType.BOOL);
  }

  private static void unary(String name, BiFunction<GraphBuilder, Value, Value> function) {
    OPERATIONS.put(name, operation(o -> function.apply(o.layer().builder(), o.in().first())));
  }

  /** Registers a function of floats; integers are converted to floats first. */
  private static void floats(String name, BiFunction<GraphBuilder, Value, Value> function) {
    OPERATIONS.put(name, operation(o -> function.apply(o.layer().builder(), o.in().firstFloat())));
  }

  private static void activation(String name, String function) {
    OPERATIONS.put(
        name,
        operation(
            o -> {
              ActivationReaders.Activation found = ActivationReaders.FUNCTIONS.get(function);
              return found == null ? o.in().first() : found.apply(o.layer(), o.in().firstFloat());
            }));
  }

  /** A function with a parameter. */
  private interface Parameterized {
    Value apply(GraphBuilder b, Value x, double parameter);
  }

  private static void parameterized(
      String name, String parameter, double absent, Parameterized function) {
    OPERATIONS.put(
        name,
        operation(
            o ->
                function.apply(
                    o.layer().builder(),
                    o.in().firstFloat(),
                    o.in().settings(parameter).number(parameter, absent))));
  }

  /** A function along an axis. */
  private interface Along {
    Value apply(GraphBuilder b, Value x, long axis);
  }

  private static void along(String name, long absent, Along function) {
    OPERATIONS.put(
        name,
        operation(
            o -> {
              Value x = o.in().firstFloat();
              LayerConfig settings = o.in().settings("axis");
              if (settings.json().has("axis") && !settings.has("axis")) {
                throw o.layer().refusal("it goes over all axes at once");
              }
              int axis = KerasLayer.axis(settings.whole("axis", absent), KerasLayer.rank(x));
              return function.apply(o.layer().builder(), x, axis);
            }));
  }

  private static Value quotient(GraphBuilder b, Value x, Value y) {
    boolean whole = !KerasLayer.type(x).isFloat();
    return whole ? b.div(b.cast(x, ElementType.FLOAT), b.cast(y, ElementType.FLOAT)) : b.div(x, y);
  }

  /** The quotient rounded down, for integers too, for which ONNX's Div truncates. */
  private static Value floorQuotient(GraphBuilder b, Value x, Value y) {
    if (KerasLayer.type(x).isFloat()) {
      return b.floor(b.div(x, y));
    }
    Value down = b.floor(b.div(b.cast(x, ElementType.DOUBLE), b.cast(y, ElementType.DOUBLE)));
    return b.cast(down, KerasLayer.type(x));
  }

  /** Halves to even, after as many decimals as are asked for. */
  private static Value round(Called o) {
    GraphBuilder b = o.layer().builder();
    Value x = o.in().firstFloat();
    long decimals = o.in().settings("decimals").whole("decimals", 0);
    if (decimals == 0) {
      return b.round(x);
    }
    Value scale = b.scalarLike(x, Math.pow(10, (double) decimals));
    return b.div(b.round(b.mul(x, scale)), scale);
  }

  private static Value threshold(Called o) {
    LayerConfig settings = o.in().settings("threshold", "default_value");
    GraphBuilder b = o.layer().builder();
    Value x = o.in().firstFloat();
    return b.where(
        b.greater(x, b.scalarLike(x, settings.number("threshold", 0))),
        x,
        b.scalarLike(x, settings.number("default_value", 0)));
  }

  private static Value relu(Called o) {
    return ActivationReaders.relu(
        o.layer(),
        o.in().firstFloat(),
        o.in().settings("negative_slope", "max_value", "threshold"));
  }

  private static Value clip(Called o) {
    LayerConfig settings = o.in().settings("x_min", "x_max");
    return o.layer()
        .builder()
        .clip(
            o.in().first(),
            settings.number("x_min", Double.NEGATIVE_INFINITY),
            settings.number("x_max", Double.POSITIVE_INFINITY));
  }

  private static Value where(Called o) {
    KerasLayer shifted = o.layer();
    Value condition = truth(o.layer(), o.in().at("condition", 0));
    Value[] pair = new Operands(shifted.withoutFirst()).pair("x1", "x2");
    return o.layer().builder().where(condition, pair[0], pair[1]);
  }

  private static Value cast(Called o) {
    o.in().settings("dtype").text("dtype");
    return converted(o);
  }

  /** The operand in the element type that the call asks for, if any. */
  private static Value converted(Called o) {
    Value x = o.in().first();
    return o.in().cast(x, typeSetting(o, x));
  }

  private static ElementType typeSetting(Called o, Value x) {
    LayerConfig settings = o.in().settings("dtype");
    return settings.has("dtype")
        ? GraphReading.elementType(settings.text("dtype"))
        : KerasLayer.type(x);
  }

  private static Value filled(Called o, double element) {
    GraphBuilder b = o.layer().builder();
    Value x = o.in().first();
    ElementType type = typeSetting(o, x);
    Tensor one =
        type == ElementType.BOOL
            ? Tensor.scalar(element != 0)
            : Tensor.ofNumbers(type, new double[] {element});
    return b.constantOfShape(b.shape(x), one);
  }

  private static Value oneHot(Called o) {
    LayerConfig settings = o.in().settings("num_classes", "axis", "dtype");
    if (settings.truth("sparse", false)) {
      throw o.layer().refusal("it gives a sparse tensor");
    }
    GraphBuilder b = o.layer().builder();
    ElementType type = GraphReading.elementType(settings.text("dtype", "float32"));
    Value offOn = b.constant(Tensor.ofNumbers(type, new double[] {0, 1}, 2));
    // In ONNX a negative index counts from the end; in Keras nothing is on then.
    Value ids = b.cast(o.in().first(), ElementType.INT64);
    long depth = settings.whole("num_classes");
    Value known = b.where(b.less(ids, b.constant(0L)), b.constant(depth), ids);
    return b.oneHot(known, depth, offOn, settings.whole("axis", -1));
  }
}
