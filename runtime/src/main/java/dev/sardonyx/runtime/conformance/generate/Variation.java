package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.op.AttributeSchema;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Random changes of drafts of one operator: its types, sizes, numbers, attributes, operands. */
record Variation(Random random, OperatorSchema schema, Templates templates) {
  private static final int MOST_ELEMENTS = 4096;

  /** A draft with one change, or the same if the change does not apply. */
  CaseDraft of(CaseDraft draft) {
    return switch (random.nextInt(12)) {
      case 0, 1 -> types(draft);
      case 2, 3, 4 -> sizes(draft);
      case 5 -> axis(draft);
      case 6, 7 -> numbers(draft);
      case 8, 9, 10 -> attribute(draft);
      default -> operands(draft);
    };
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** Another element type for all inputs of one type parameter. */
  private CaseDraft types(CaseDraft draft) {
    if (schema.inputs().isEmpty()) {
      return draft;
    }
    String parameter = any(schema.inputs()).type();
    List<ElementType> possible = new ArrayList<>(new TreeSet<>(elementTypes(parameter)));
    if (possible.isEmpty()) {
      return draft;
    }
    ElementType type = any(possible);
    CaseDraft changed = draft;
    for (Map.Entry<String, Tensor> entry : draft.tensors().entrySet()) {
      int position = draft.node().inputs().indexOf(entry.getKey());
      boolean isOf =
          schema.input(position).map(Parameter::type).filter(parameter::equals).isPresent();
      if (isOf) {
        changed = changed.withInput(entry.getKey(), retyped(type, entry.getValue()));
      }
    }
    return changed;
  }

  private List<ElementType> elementTypes(String parameter) {
    return schema.types().getOrDefault(parameter, Set.of()).stream()
        .filter(TensorType.class::isInstance)
        .map(type -> ((TensorType) type).elementType())
        .filter(RandomTensors::canFill)
        .toList();
  }

  private Tensor retyped(ElementType type, Tensor tensor) {
    boolean asText =
        type == ElementType.STRING
            || tensor.elementType() == ElementType.STRING
            || tensor.elementType().kind() == ElementType.Kind.COMPLEX;
    return asText
        ? new RandomTensors(random).tensor(type, tensor.dims())
        : RandomTensors.as(type, tensor);
  }

  /** Another length for all axes of one length, as far as the tensors stay small. */
  private CaseDraft sizes(CaseDraft draft) {
    TreeSet<Long> lengths = new TreeSet<>();
    draft.tensors().values().forEach(t -> Arrays.stream(t.dims()).forEach(lengths::add));
    if (lengths.isEmpty()) {
      return draft;
    }
    long from = any(List.copyOf(lengths));
    long to = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(7);
    return resized(draft, from, to);
  }

  CaseDraft resized(CaseDraft draft, long from, long to) {
    CaseDraft changed = draft;
    for (Map.Entry<String, Tensor> entry : draft.tensors().entrySet()) {
      long[] dims = entry.getValue().dims();
      for (int i = 0; i < dims.length; i++) {
        dims[i] = dims[i] == from ? to : dims[i];
      }
      changed = reshaped(changed, entry.getKey(), entry.getValue(), dims);
    }
    return changed;
  }

  /** One input with one axis of length 1, or without it, or with one more: broadcasting. */
  private CaseDraft axis(CaseDraft draft) {
    List<Map.Entry<String, Tensor>> tensors = List.copyOf(draft.tensors().entrySet());
    if (tensors.isEmpty()) {
      return draft;
    }
    Map.Entry<String, Tensor> chosen = any(tensors);
    String name = chosen.getKey();
    Tensor tensor = chosen.getValue();
    long[] dims = tensor.dims();
    int choice = random.nextInt(3);
    if (dims.length == 0 || choice == 0) {
      long[] more = new long[dims.length + 1];
      System.arraycopy(dims, 0, more, 1, dims.length);
      more[0] = 1L + random.nextInt(2);
      return reshaped(draft, name, tensor, more);
    }
    if (choice == 1) {
      return reshaped(draft, name, tensor, Arrays.copyOfRange(dims, 1, dims.length));
    }
    dims[random.nextInt(dims.length)] = 1;
    return reshaped(draft, name, tensor, dims);
  }

  /** The tensor's elements, repeated or cut off, in another shape. */
  private CaseDraft reshaped(CaseDraft draft, String name, Tensor tensor, long[] dims) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    if (size > MOST_ELEMENTS || Arrays.equals(dims, tensor.dims())) {
      return draft;
    }
    if (tensor.elementType().kind() == ElementType.Kind.COMPLEX) {
      return draft;
    }
    boolean isText = tensor.elementType() == ElementType.STRING;
    if (isText || tensor.size() == 0) {
      return draft.withInput(name, new RandomTensors(random).tensor(tensor.elementType(), dims));
    }
    double[] before = tensor.toDoubles();
    double[] numbers = new double[(int) size];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = before[i % before.length];
    }
    return draft.withInput(name, Tensor.ofNumbers(tensor.elementType(), numbers, dims));
  }

  /** Other elements of one input; whole numbers, which often are axes or sizes, by one or two. */
  private CaseDraft numbers(CaseDraft draft) {
    List<Map.Entry<String, Tensor>> tensors = List.copyOf(draft.tensors().entrySet());
    if (tensors.isEmpty()) {
      return draft;
    }
    Map.Entry<String, Tensor> chosen = any(tensors);
    String name = chosen.getKey();
    Tensor tensor = chosen.getValue();
    ElementType type = tensor.elementType();
    if (!RandomTensors.canFill(type)) {
      return draft;
    }
    boolean nudge = type.isInteger() && tensor.size() <= 16 && random.nextInt(4) > 0;
    if (!nudge) {
      return draft.withInput(name, new RandomTensors(random).tensor(type, tensor.dims()));
    }
    double[] numbers = tensor.toDoubles();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] += random.nextInt(5) - 2;
    }
    Tensor moved = Tensor.ofNumbers(ElementType.INT64, numbers, tensor.dims());
    return draft.withInput(name, RandomTensors.as(type, moved));
  }

  /** An attribute more, less, or of another value. */
  private CaseDraft attribute(CaseDraft draft) {
    if (schema.attributes().isEmpty()) {
      return draft;
    }
    AttributeSchema attribute =
        any(
            schema.attributes().values().stream()
                .sorted(Comparator.comparing(AttributeSchema::name))
                .toList());
    Node node = draft.node();
    if (!attribute.required() && random.nextInt(5) == 0) {
      return draft.withNode(node.withoutAttribute(attribute.name()));
    }
    AttributeValue before =
        node.attribute(attribute.name()).map(Attribute::value).orElseGet(attribute::defaultValue);
    List<AttributeValue> known = templates.values(node, attribute.name(), attribute.type());
    if (isFlag(before, known)) {
      return draft.withNode(
          node.withAttribute(Attribute.ofInt(attribute.name(), random.nextInt(2))));
    }
    AttributeValue changed =
        !known.isEmpty() && random.nextInt(3) > 0 ? any(known) : moved(attribute, before);
    return changed == null
        ? draft
        : draft.withNode(node.withAttribute(Attribute.of(attribute.name(), changed)));
  }

  /** Whether an attribute is 0 or 1 wherever it is seen; other values have no agreed meaning. */
  private static boolean isFlag(@Nullable AttributeValue before, List<AttributeValue> known) {
    return before != null
        && Stream.concat(Stream.of(before), known.stream())
            .allMatch(v -> v instanceof AttributeValue.Int i && (i.value() == 0 || i.value() == 1));
  }

  private @Nullable AttributeValue moved(
      AttributeSchema attribute, @Nullable AttributeValue before) {
    return switch (attribute.type()) {
      case INT -> {
        long from = before instanceof AttributeValue.Int number ? number.value() : 0;
        yield new AttributeValue.Int(from + random.nextInt(5) - 2);
      }
      case FLOAT -> new AttributeValue.Float((float) (random.nextInt(21) - 8) / 4);
      case INTS ->
          before instanceof AttributeValue.Ints numbers
              ? new AttributeValue.Ints(moved(numbers.values()))
              : new AttributeValue.Ints(moved(new long[1 + random.nextInt(2)]));
      case FLOATS -> {
        float[] floats =
            before instanceof AttributeValue.Floats numbers
                ? numbers.values().clone()
                : new float[1 + random.nextInt(3)];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) (random.nextInt(21) - 8) / 4;
        }
        yield new AttributeValue.Floats(floats);
      }
      default -> null;
    };
  }

  private long[] moved(long[] values) {
    long[] changed = values.clone();
    for (int i = 0; i < changed.length; i++) {
      changed[i] += random.nextInt(3) - 1;
    }
    return changed;
  }

  /** An optional input or output more or less, or one operand more or less of a variadic. */
  private CaseDraft operands(CaseDraft draft) {
    Node node = draft.node();
    List<String> names = new ArrayList<>(node.inputs());
    int outputs = node.outputs().size();
    if (random.nextInt(3) == 0) {
      int wanted = outputs + (random.nextBoolean() ? 1 : -1);
      return wanted < Math.max(1, schema.minOutputs()) || wanted > schema.maxOutputs()
          ? draft
          : draft.withNode(node.withOutputs(results(wanted)));
    }
    if (names.isEmpty()) {
      return draft;
    }
    int last = names.size() - 1;
    Parameter.Kind kind = schema.input(last).map(Parameter::kind).orElse(Parameter.Kind.SINGLE);
    if (kind == Parameter.Kind.VARIADIC && random.nextBoolean()) {
      names.add(names.get(random.nextInt(names.size())));
    } else if (kind != Parameter.Kind.SINGLE && last >= schema.minInputs()) {
      names.remove(last);
    } else {
      return template(draft);
    }
    return draft.withNode(node.withInputs(names));
  }

  /** The operands of another draft of the operator with this one's attributes. */
  private CaseDraft template(CaseDraft draft) {
    List<CaseDraft> all = templates.of(schema);
    if (all.isEmpty()) {
      return draft;
    }
    CaseDraft other = any(all);
    Map<String, AttributeValue> mixed = new LinkedHashMap<>();
    other.node().attributes().forEach(a -> mixed.put(a.name(), a.value()));
    draft.node().attributes().forEach(a -> mixed.put(a.name(), a.value()));
    Node node = other.node();
    for (Map.Entry<String, AttributeValue> entry : mixed.entrySet()) {
      node = node.withAttribute(Attribute.of(entry.getKey(), entry.getValue()));
    }
    return other.withNode(node).withOpset(draft.opset());
  }

  static List<Result> results(int count) {
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      results.add(Result.of("y" + i));
    }
    return results;
  }
}
