package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds of every operator's rule, tried on random nodes of every version. */
class InferencePropertiesTest {
  private static final int NODES_A_VERSION = 60;

  /** What the symbols D1, D2, ... stand for. */
  private static final Map<String, Dim> NUMBERS =
      IntStream.range(0, 10)
          .boxed()
          .collect(Collectors.toUnmodifiableMap(n -> "D" + n, n -> Dim.of(n)));

  /** A node with the types and constants it is given. */
  private record Given(
      OperatorSchema schema, Node node, List<ValueType> types, List<Constant> constants) {
    ShapeInference.Inferred infer() {
      List<Input> inputs = new ArrayList<>();
      for (int i = 0; i < types.size(); i++) {
        String name = node.input(i);
        if (!name.isEmpty() && constants.stream().noneMatch(c -> c.name().equals(name))) {
          inputs.add(Input.of(name, types.get(i)));
        }
      }
      Graph graph =
          Graph.of(
              "main",
              inputs,
              node.outputs().stream().map(o -> Output.of(o.name(), ValueType.unknown())).toList(),
              List.of(node),
              constants);
      List<OpsetImport> imports =
          schema.domain().isEmpty()
              ? List.of(OpsetImport.onnx(schema.since()))
              : List.of(OpsetImport.onnx(21), OpsetImport.of(schema.domain(), schema.since()));
      return ShapeInference.infer(Model.of(graph, 21).withVersions(10, imports));
    }

    Given withTypes(List<ValueType> changed) {
      return new Given(schema, node, changed, constants);
    }

    @Override
    public String toString() {
      return schema
          + " "
          + types
          + " "
          + node.attributes()
          + " "
          + constants.stream().map(c -> c.name() + "=" + c.data()).toList();
    }
  }

  private static List<OperatorSchema> all() {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    List<OperatorSchema> all = new ArrayList<>();
    for (String domain : catalogue.domains()) {
      for (String operator : catalogue.operators(domain)) {
        all.addAll(catalogue.versions(domain, operator));
      }
    }
    return all;
  }

  @Test
  void nothingIsThrownWhateverANodeIsGiven() {
    Random random = new Random(7);
    List<String> failures = new ArrayList<>();
    for (OperatorSchema schema : all()) {
      for (int i = 0; i < NODES_A_VERSION; i++) {
        Given given = new RandomNode(random, schema).node();
        try {
          String negative = negativeSize(given.infer());
          if (!negative.isEmpty()) {
            failures.add(given + ": " + negative);
            break;
          }
        } catch (RuntimeException | StackOverflowError e) {
          failures.add(
              given + ": " + e + " at " + List.of(e.getStackTrace()).stream().limit(3).toList());
          break;
        }
      }
    }
    assertEquals("", String.join("\n", failures));
  }

  private static String negativeSize(ShapeInference.Inferred inferred) {
    for (Output output : inferred.model().graph().outputs()) {
      if (output.type() instanceof TensorType tensor
          && tensor.shape().isRanked()
          && tensor.shape().dims().stream().anyMatch(d -> d.isFixed() && d.value() < 0)) {
        return output.type().toString();
      }
    }
    return "";
  }

  /** Knowing less of the inputs gives no problem, and nothing that contradicts knowing more. */
  @Test
  void whatIsInferredOfLessHoldsOfMore() {
    Random random = new Random(7);
    List<String> failures = new ArrayList<>();
    for (OperatorSchema schema : all()) {
      for (int i = 0; i < NODES_A_VERSION; i++) {
        Given more = new RandomNode(random, schema).node();
        Given less = more.withTypes(more.types().stream().map(t -> lessKnown(random, t)).toList());
        String failure;
        try {
          failure = contradiction(more, less);
        } catch (RuntimeException e) {
          failure = e.toString();
        }
        if (!failure.isEmpty()) {
          failures.add(more + "\n  and " + less.types() + ": " + failure);
          break;
        }
      }
    }
    assertEquals("", String.join("\n", failures));
  }

  private static String contradiction(Given more, Given less) {
    ShapeInference.Inferred ofMore = more.infer();
    if (!ofMore.problems().isEmpty()) {
      return "";
    }
    ShapeInference.Inferred ofLess = less.infer();
    if (!ofLess.problems().isEmpty()) {
      return ofLess.problems().get(0).toString();
    }
    for (int i = 0; i < more.node().outputs().size(); i++) {
      ValueType a = ofMore.model().graph().outputs().get(i).type();
      ValueType b = ofLess.model().graph().outputs().get(i).type();
      if (TypeMerge.both(a, withNumbers(b)).isEmpty()) {
        return a + " and " + b;
      }
    }
    return "";
  }

  /** The type with the number put in for each symbol that {@link #lessKnown} puts in its place. */
  private static ValueType withNumbers(ValueType type) {
    if (type instanceof SequenceType sequence) {
      return new SequenceType(withNumbers(sequence.element()));
    }
    if (type instanceof OptionalType optional) {
      return new OptionalType(withNumbers(optional.element()));
    }
    return type instanceof TensorType tensor
        ? tensor.withShape(tensor.shape().map(d -> d.substitute(NUMBERS)))
        : type;
  }

  private static ValueType lessKnown(Random random, ValueType type) {
    if (!(type instanceof TensorType tensor) || !tensor.shape().isRanked()) {
      return type;
    }
    if (random.nextInt(6) == 0) {
      return tensor.withShape(Shape.UNKNOWN);
    }
    Dim[] dims = tensor.shape().dims().toArray(new Dim[0]);
    for (int i = 0; i < dims.length; i++) {
      if (dims[i].isFixed(0)) {
        continue; // a dimension that is not known is not expected to be empty
      }
      // A symbol stands for one number; the same symbol is given to equal numbers only.
      switch (random.nextInt(4)) {
        case 0 -> dims[i] = Dim.UNKNOWN;
        case 1 -> dims[i] = dims[i].isFixed() ? Dim.symbol("D" + dims[i]) : dims[i];
        default -> {}
      }
    }
    return tensor.withShape(Shape.of(dims));
  }

  /** Makes a node that is roughly what its operator takes, and now and then is not. */
  private record RandomNode(Random random, OperatorSchema schema) {
    Given node() {
      List<String> names = new ArrayList<>();
      List<ValueType> types = new ArrayList<>();
      List<Constant> constants = new ArrayList<>();
      int most = Math.min(schema.maxInputs(), schema.minInputs() + 3);
      int count = schema.minInputs() + random.nextInt(most - schema.minInputs() + 1);
      Shape shape = shape();
      Map<String, ValueType> bound = new HashMap<>();
      for (int i = 0; i < count; i++) {
        Parameter parameter = schema.input(i).orElseThrow();
        ValueType type = bound.computeIfAbsent(parameter.type(), p -> oneOf(schema.types().get(p)));
        type = shaped(type, random.nextInt(3) == 0 ? shape() : shape);
        String name = "i" + i;
        if (type instanceof TensorType t
            && (t.elementType() == ElementType.INT64 || t.elementType() == ElementType.INT32)
            && random.nextInt(3) > 0) {
          Tensor constant = constant(t.elementType());
          constants.add(Constant.of(name, constant));
          type = constant.type();
        }
        boolean optional = parameter.kind() == Parameter.Kind.OPTIONAL;
        names.add(optional && random.nextInt(3) == 0 ? Node.ABSENT : name);
        types.add(type);
      }
      List<Result> outputs = new ArrayList<>();
      int results =
          Math.max(1, Math.min(schema.maxOutputs(), schema.minOutputs() + random.nextInt(3)));
      for (int i = 0; i < results; i++) {
        outputs.add(Result.of("o" + i));
      }
      return new Given(
          schema,
          new Node(
              schema.domain(),
              schema.name(),
              "",
              "n",
              names,
              attributes(),
              outputs,
              Metadata.EMPTY),
          types,
          constants);
    }

    private List<Attribute> attributes() {
      List<Attribute> attributes = new ArrayList<>();
      for (AttributeSchema attribute : schema.attributes().values()) {
        if (attribute.required() ? random.nextInt(20) > 0 : random.nextInt(3) == 0) {
          attributes.add(attribute(attribute.name(), attribute.type()));
        }
      }
      return attributes;
    }

    private Attribute attribute(String name, AttributeType type) {
      return switch (random.nextInt(50) == 0 ? AttributeType.INTS : type) {
        case FLOAT -> Attribute.ofFloat(name, random.nextFloat());
        case INT -> Attribute.ofInt(name, number());
        case STRING -> Attribute.ofString(name, text(name));
        case TENSOR -> Attribute.ofTensor(name, constant(ElementType.INT64));
        case GRAPH -> Attribute.ofGraph(name, body());
        case FLOATS -> Attribute.ofFloats(name, new float[random.nextInt(4)]);
        case STRINGS -> Attribute.ofStrings(name, text(name), text(name));
        case TYPE_PROTO -> Attribute.ofType(name, TensorType.of(ElementType.FLOAT, shape()));
        default -> Attribute.ofInts(name, numbers(random.nextInt(6)));
      };
    }

    private String text(String name) {
      String[] texts =
          switch (name) {
            case "auto_pad" -> new String[] {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER", ""};
            case "direction" -> new String[] {"forward", "reverse", "bidirectional"};
            case "equation" -> new String[] {"ij,jk->ik", "...i->...", "ii", "->", "i,,j", "a-b"};
            case "reduction" -> new String[] {"none", "mean", "sum", "add"};
            case "mode" -> new String[] {"nearest", "linear", "constant", "TF"};
            default -> new String[] {"", "NONE", "linear", "x"};
          };
      return texts[random.nextInt(texts.length)];
    }

    private Graph body() {
      int inputs = random.nextInt(4);
      List<Input> in = new ArrayList<>();
      List<Output> out = new ArrayList<>();
      for (int i = 0; i < inputs; i++) {
        in.add(Input.of("b" + i, ValueType.unknown()));
        out.add(Output.of("b" + i, ValueType.unknown()));
      }
      return Graph.of("body", in, out, List.of(), List.of());
    }

    private Tensor constant(ElementType type) {
      long[] elements = numbers(random.nextInt(5));
      boolean scalar = elements.length == 1 && random.nextBoolean();
      double[] numbers = Arrays.stream(elements).asDoubleStream().toArray();
      return scalar
          ? Tensor.ofNumbers(type, numbers)
          : Tensor.ofNumbers(type, numbers, elements.length);
    }

    private long[] numbers(int count) {
      return random.longs(count, 0, 1).map(n -> number()).toArray();
    }

    private long number() {
      return switch (random.nextInt(40)) {
        case 0 -> Long.MAX_VALUE;
        case 1 -> Long.MIN_VALUE;
        case 2 -> Integer.MAX_VALUE + 1L;
        case 3, 4, 5 -> -1 - random.nextInt(3);
        default -> random.nextInt(4);
      };
    }

    private Shape shape() {
      if (random.nextInt(12) == 0) {
        return Shape.UNKNOWN;
      }
      Dim[] dims = new Dim[random.nextInt(6)];
      for (int i = 0; i < dims.length; i++) {
        dims[i] =
            switch (random.nextInt(12)) {
              case 0 -> Dim.symbol("N");
              case 1 -> Dim.UNKNOWN;
              case 2 -> Dim.parse("M+1");
              case 3 -> Dim.of(0);
              default -> Dim.of(1 + random.nextInt(6));
            };
      }
      return Shape.of(dims);
    }

    private ValueType oneOf(Set<ValueType> types) {
      return List.copyOf(types).get(random.nextInt(types.size()));
    }

    private ValueType shaped(ValueType type, Shape shape) {
      if (type instanceof TensorType t) {
        return t.withShape(shape);
      }
      if (type instanceof SparseTensorType s) {
        return new SparseTensorType(s.elementType(), shape);
      }
      if (type instanceof SequenceType s) {
        return new SequenceType(shaped(s.element(), shape));
      }
      if (type instanceof OptionalType o) {
        return new OptionalType(shaped(o.element(), shape));
      }
      return type;
    }
  }
}
