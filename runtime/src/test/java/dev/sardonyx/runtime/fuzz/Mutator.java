package dev.sardonyx.runtime.fuzz;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Changes models at random where operators are easily misused: attributes, constants, shapes, and
 * which inputs and outputs there are.
 */
final class Mutator {
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    -2,
    3,
    7,
    100,
    1 << 20,
    Integer.MAX_VALUE,
    1L << 31,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Integer.MIN_VALUE
  };
  private static final float[] FLOATS = {
    0, 1, -1, 0.5f, 2, 1e-30f, 1e30f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
  };
  private static final String[] TEXTS = {
    "", "nonsense", "SAME_UPPER", "VALID", "NOTSET", "MAX", "constant", "linear", "none", "cubic"
  };
  private static final int LARGEST_CONSTANT = 4096;

  private final Random random;

  Mutator(Random random) {
    this.random = random;
  }

  /** Turns some inputs into constants and makes one or two changes. */
  Mutant mutate(Model model, Map<String, Datum> data) {
    Mutant mutant =
        random.nextInt(4) == 0 ? new Mutant("", model, data) : withConstants(model, data);
    int changes = 1 + random.nextInt(2);
    int done = 0;
    for (int tries = 0; tries < 30 && done < changes; tries++) {
      Optional<Mutant> changed = change(mutant);
      if (changed.isPresent()) {
        mutant = changed.get();
        done++;
      }
    }
    return mutant;
  }

  /** Inputs but the first as constants, so that a checker can know their values. */
  private Mutant withConstants(Model model, Map<String, Datum> data) {
    Graph graph = model.graph();
    List<Input> inputs = new ArrayList<>();
    List<Constant> constants = new ArrayList<>(graph.constants());
    Map<String, Datum> left = new LinkedHashMap<>(data);
    Set<String> known = new HashSet<>();
    constants.forEach(c -> known.add(c.name()));
    for (int i = 0; i < graph.inputs().size(); i++) {
      Input input = graph.inputs().get(i);
      if (i > 0
          && !known.contains(input.name())
          && data.get(input.name()) instanceof Tensor tensor
          && tensor.size() <= LARGEST_CONSTANT) {
        constants.add(Constant.of(input.name(), tensor.withName("")));
        left.remove(input.name());
      } else {
        inputs.add(input);
      }
    }
    return new Mutant("", model.withGraph(graph.withInputs(inputs).withConstants(constants)), left);
  }

  private Optional<Mutant> change(Mutant mutant) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> attribute(mutant);
      case 3, 4, 5 -> constant(mutant);
      case 6, 7 -> input(mutant);
      case 8 -> operands(mutant);
      default -> results(mutant);
    };
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private long number() {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private float fraction() {
    return FLOATS[random.nextInt(FLOATS.length)];
  }

  private static Mutant withNode(Mutant mutant, int i, Node node, String change) {
    List<Node> nodes = new ArrayList<>(mutant.model().graph().nodes());
    String label = nodes.get(i).operator();
    nodes.set(i, node);
    return mutant.with(
        label + ": " + change, mutant.model().withGraph(mutant.model().graph().withNodes(nodes)));
  }

  private Optional<Mutant> attribute(Mutant mutant) {
    List<Node> nodes = mutant.model().graph().nodes();
    if (nodes.isEmpty()) {
      return Optional.empty();
    }
    int at = random.nextInt(nodes.size());
    Node node = nodes.get(at);
    OperatorSchema schema =
        mutant.model().opset(node.domain()).isPresent()
            ? OperatorCatalogue.standard()
                .find(node, mutant.model().opset(node.domain()).getAsLong())
                .orElse(null)
            : null;
    if (schema == null || schema.attributes().isEmpty()) {
      return Optional.empty();
    }
    AttributeSchema formal = any(new ArrayList<>(schema.attributes().values()));
    AttributeValue before = node.attribute(formal.name()).map(Attribute::value).orElse(null);
    if (before != null && !formal.required() && random.nextInt(6) == 0) {
      List<Attribute> left =
          node.attributes().stream().filter(a -> !a.name().equals(formal.name())).toList();
      return Optional.of(withNode(mutant, at, node.withAttributes(left), "no " + formal.name()));
    }
    return value(formal.type(), before)
        .map(Optional::of)
        .orElse(Optional.empty())
        .map(
            v ->
                withNode(
                    mutant,
                    at,
                    node.withAttribute(Attribute.of(formal.name(), v)),
                    formal.name() + " = " + v));
  }

  private Optional<AttributeValue> value(AttributeType type, AttributeValue before) {
    return switch (type) {
      case INT -> Optional.of(new AttributeValue.Int(number()));
      case FLOAT -> Optional.of(new AttributeValue.Float(fraction()));
      case STRING -> Optional.of(new AttributeValue.String(TEXTS[random.nextInt(TEXTS.length)]));
      case INTS -> Optional.of(new AttributeValue.Ints(ints(before)));
      case FLOATS -> Optional.of(new AttributeValue.Floats(floats(before)));
      case STRINGS -> Optional.of(new AttributeValue.Strings(texts(before)));
      case TENSOR ->
          before instanceof AttributeValue.Tensor b
              ? tensor(b.value()).map(AttributeValue.Tensor::new)
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private long[] ints(AttributeValue before) {
    long[] ints = before instanceof AttributeValue.Ints b ? b.values().clone() : new long[0];
    if (ints.length == 0 || random.nextInt(3) == 0) {
      ints = Arrays.copyOf(ints, random.nextInt(6));
    }
    if (ints.length > 0) {
      ints[random.nextInt(ints.length)] = number();
    }
    return ints;
  }

  private float[] floats(AttributeValue before) {
    float[] floats = before instanceof AttributeValue.Floats b ? b.values().clone() : new float[0];
    if (floats.length == 0 || random.nextInt(2) == 0) {
      floats = Arrays.copyOf(floats, random.nextInt(floats.length + 3));
    }
    if (floats.length > 0) {
      floats[random.nextInt(floats.length)] = fraction();
    }
    return floats;
  }

  private List<String> texts(AttributeValue before) {
    List<String> texts = new ArrayList<>();
    if (before instanceof AttributeValue.Strings b) {
      texts.addAll(b.values());
    }
    if (!texts.isEmpty() && random.nextBoolean()) {
      texts.remove(texts.size() - 1);
    } else {
      texts.add(TEXTS[random.nextInt(TEXTS.length)]);
    }
    return texts;
  }

  private Optional<Mutant> constant(Mutant mutant) {
    Graph graph = mutant.model().graph();
    if (graph.constants().isEmpty()) {
      return Optional.empty();
    }
    int at = random.nextInt(graph.constants().size());
    Constant before = graph.constants().get(at);
    if (!(before.data() instanceof Tensor tensor) || tensor.size() > LARGEST_CONSTANT) {
      return Optional.empty();
    }
    return tensor(tensor)
        .map(
            changed -> {
              List<Constant> constants = new ArrayList<>(graph.constants());
              constants.set(at, before.withData(changed));
              return mutant.with(
                  "initializer " + before.name() + " = " + changed.type() + shown(changed),
                  mutant.model().withGraph(graph.withConstants(constants)));
            });
  }

  private static String shown(Tensor tensor) {
    return tensor.elementType() == ElementType.INT64 && tensor.size() < 10
        ? " " + Arrays.toString(tensor.toLongs())
        : "";
  }

  /** Another element, another number of dimensions, or another length. */
  private Optional<Tensor> tensor(Tensor before) {
    if (before.elementType() == ElementType.STRING) {
      return Optional.empty();
    }
    long[] dims = before.dims();
    int form = random.nextInt(5);
    if (form == 0) {
      return Optional.of(zeros(before.elementType(), dims(dims)));
    }
    if (form == 1) {
      return Optional.of(repeated(before, dims(dims)));
    }
    if (form == 2 && before.size() == 1) {
      return Optional.of(before.reshape(dims.length == 0 ? new long[] {1} : new long[0]));
    }
    int width = before.elementType().bits() / 8;
    if (before.size() == 0 || width == 0) {
      return Optional.empty();
    }
    ByteBuffer bytes = Tensor.allocate(before.elementType(), before.size());
    bytes.duplicate().put(before.bytes().duplicate());
    int at = random.nextInt(before.length()) * width;
    boolean isFloat = before.elementType() == ElementType.FLOAT;
    switch (width) {
      case 8 -> bytes.putLong(at, number());
      case 4 -> bytes.putInt(at, isFloat ? Float.floatToRawIntBits(fraction()) : (int) number());
      case 2 -> bytes.putShort(at, (short) number());
      default -> bytes.put(at, (byte) (before.elementType() == ElementType.BOOL ? 1 : number()));
    }
    return Optional.of(Tensor.of(before.elementType(), dims, bytes));
  }

  private static Tensor zeros(ElementType type, long[] dims) {
    long size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    return Tensor.of(type, dims, Tensor.allocate(type, size));
  }

  private static Tensor repeated(Tensor before, long[] dims) {
    int width = before.elementType().bits() / 8;
    Tensor zeros = zeros(before.elementType(), dims);
    if (width == 0 || before.size() == 0) {
      return zeros;
    }
    ByteBuffer bytes = Tensor.allocate(before.elementType(), zeros.size());
    ByteBuffer from = before.bytes();
    for (int i = 0; i < zeros.length() * width; i++) {
      bytes.put(i, from.get(i % (before.length() * width)));
    }
    return Tensor.of(before.elementType(), dims, bytes);
  }

  /** Dimensions somewhat different. */
  private long[] dims(long[] before) {
    List<Long> dims = new ArrayList<>();
    for (long dim : before) {
      dims.add(dim);
    }
    switch (random.nextInt(4)) {
      case 0 -> dims.add(random.nextInt(dims.size() + 1), (long) random.nextInt(3));
      case 1 -> {
        if (!dims.isEmpty()) {
          dims.remove(random.nextInt(dims.size()));
        }
      }
      case 2 -> {
        if (!dims.isEmpty()) {
          dims.set(random.nextInt(dims.size()), 0L);
        }
      }
      default -> {
        if (!dims.isEmpty()) {
          dims.set(random.nextInt(dims.size()), (long) random.nextInt(6));
        }
      }
    }
    long[] after = dims.stream().mapToLong(Long::longValue).toArray();
    return Arrays.stream(after).reduce(1, (a, b) -> a * b) > LARGEST_CONSTANT ? before : after;
  }

  /** Another shape for an input; what is said of other values goes. */
  private Optional<Mutant> input(Mutant mutant) {
    Graph graph = mutant.model().graph();
    if (graph.inputs().isEmpty()) {
      return Optional.empty();
    }
    int at = random.nextInt(graph.inputs().size());
    Input input = graph.inputs().get(at);
    if (!(input.type() instanceof TensorType type)
        || type.elementType() == ElementType.STRING
        || !(mutant.inputs().get(input.name()) instanceof Tensor data)
        || data.size() > LARGEST_CONSTANT) {
      return Optional.empty();
    }
    Tensor changed = repeated(data, dims(data.dims()));
    Shape shape = random.nextInt(4) == 0 ? symbolic(changed.shape()) : changed.shape();
    List<Input> inputs = new ArrayList<>(graph.inputs());
    inputs.set(at, input.withType(type.withShape(shape)));
    Map<String, Datum> given = new LinkedHashMap<>(mutant.inputs());
    given.put(input.name(), changed);
    List<Output> outputs = graph.outputs().stream().map(Mutator::withoutShape).toList();
    Graph mutated = withoutTypes(graph.withInputs(inputs).withOutputs(outputs));
    return Optional.of(
        new Mutant(
            mutant.change() + " input " + input.name() + " " + changed.type(),
            mutant.model().withGraph(mutated),
            given));
  }

  private static Shape symbolic(Shape shape) {
    return shape.rank() == 0 ? shape : shape.with(0, Dim.symbol("free"));
  }

  private static Output withoutShape(Output output) {
    return output.type() instanceof TensorType type
        ? output.withType(type.withShape(Shape.UNKNOWN))
        : output;
  }

  private static Graph withoutTypes(Graph graph) {
    return graph.withNodes(
        graph.nodes().stream()
            .map(
                n ->
                    n.withOutputs(
                        n.outputs().stream().map(r -> r.withType(ValueType.unknown())).toList()))
            .toList());
  }

  private Optional<Mutant> operands(Mutant mutant) {
    List<Node> nodes = mutant.model().graph().nodes();
    if (nodes.isEmpty()) {
      return Optional.empty();
    }
    int at = random.nextInt(nodes.size());
    List<String> names = new ArrayList<>(nodes.get(at).inputs());
    if (names.isEmpty()) {
      return Optional.empty();
    }
    int i = random.nextInt(names.size());
    String change;
    switch (random.nextInt(5)) {
      case 0 -> {
        names.set(i, Node.ABSENT);
        change = "input " + i + " absent";
      }
      case 1 -> {
        names.add(Node.ABSENT);
        change = "an absent input more";
      }
      case 2 -> {
        names.remove(names.size() - 1);
        change = "an input less";
      }
      case 3 -> {
        names.add(names.get(i));
        change = "input " + i + " again";
      }
      default -> {
        Collections.swap(names, i, random.nextInt(names.size()));
        change = "inputs " + names;
      }
    }
    return Optional.of(withNode(mutant, at, nodes.get(at).withInputs(names), change));
  }

  private Optional<Mutant> results(Mutant mutant) {
    Graph graph = mutant.model().graph();
    List<Node> nodes = graph.nodes();
    if (nodes.isEmpty()) {
      return Optional.empty();
    }
    int at = random.nextInt(nodes.size());
    List<Result> results = new ArrayList<>(nodes.get(at).outputs());
    if (results.size() < 2 && random.nextBoolean()) {
      results.add(Result.of("more"));
      return Optional.of(
          withNode(mutant, at, nodes.get(at).withOutputs(results), "an output more"));
    }
    if (results.isEmpty()) {
      return Optional.empty();
    }
    int i = random.nextInt(results.size());
    String name = results.get(i).name();
    if (random.nextBoolean() && i == results.size() - 1) {
      results.remove(i);
    } else {
      results.set(i, Result.ABSENT);
    }
    Mutant changed =
        withNode(mutant, at, nodes.get(at).withOutputs(results), "output " + i + " absent");
    List<Output> outputs = graph.outputs().stream().filter(o -> !o.name().equals(name)).toList();
    return outputs.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Mutant(
                changed.change(),
                changed.model().withGraph(changed.model().graph().withOutputs(outputs)),
                changed.inputs()));
  }
}
