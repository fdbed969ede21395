package dev.sardonyx.ir.infer;

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

/**
 * Makes nodes that are roughly what an operator takes, and now and then are not.
 *
 * @param hostile whether sizes and numbers are often as large, small or odd as a file can have them
 */
record RandomNode(Random random, OperatorSchema schema, boolean hostile) {
  private static final long[] HOSTILE = {
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1,
    1L << 62,
    -(1L << 62),
    1L << 40,
    1L << 31,
    (1L << 32) + 1,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    100_000_000,
    -100_000_000,
    65_537,
    0,
    -1
  };

  /** A node with the types and constants it is given. */
  record Given(OperatorSchema schema, Node node, List<ValueType> types, List<Constant> constants) {
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

  /** All versions of all operators. */
  static List<OperatorSchema> schemas() {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    List<OperatorSchema> all = new ArrayList<>();
    for (String domain : catalogue.domains()) {
      for (String operator : catalogue.operators(domain)) {
        all.addAll(catalogue.versions(domain, operator));
      }
    }
    return all;
  }

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
            schema.domain(), schema.name(), "", "n", names, attributes(), outputs, Metadata.EMPTY),
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
    return hostile && random.nextInt(3) == 0 ? HOSTILE[random.nextInt(HOSTILE.length)] : usual();
  }

  private long usual() {
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
            default -> Dim.of(size());
          };
    }
    return Shape.of(dims);
  }

  private long size() {
    return hostile && random.nextInt(3) == 0
        ? HOSTILE[random.nextInt(HOSTILE.length)] & Long.MAX_VALUE
        : 1 + random.nextInt(6);
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
