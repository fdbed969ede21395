package dev.sardonyx.export.text;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Parses attributes. If the text does not name an attribute's type, it follows from the value. */
record AttributeParser(Scanner in, TypeParser types, TensorParser tensors, GraphParser graphs) {

  /** {@code <alpha: float = 0.5, strides = [1, 1]>}. */
  List<Attribute> list() {
    List<Attribute> attributes = new ArrayList<>();
    in.expect("<");
    if (!in.accept(">")) {
      do {
        attributes.add(attribute(in.name("an attribute's name")));
      } while (in.accept(","));
      in.expect(">");
    }
    return attributes;
  }

  /** An attribute after its name. */
  Attribute attribute(String name) {
    AttributeType type = in.accept(":") ? type() : AttributeType.UNDEFINED;
    in.expect("=");
    AttributeValue value;
    if (in.accept("@")) {
      value = new AttributeValue.Reference(in.name("an attribute of the function"), type);
    } else {
      value = type == AttributeType.UNDEFINED ? untyped() : typed(type);
    }
    Metadata metadata = new AnnotationParser(in).metadata();
    return new Attribute(name, value, metadata);
  }

  private AttributeType type() {
    in.peek();
    int start = in.position();
    return Words.attributeTypeNamed(in.word("an attribute's type"))
        .orElseThrow(
            () -> {
              in.back(start);
              return in.expected("an attribute's type, such as int or floats");
            });
  }

  private AttributeValue typed(AttributeType type) {
    return switch (type) {
      case FLOAT -> new AttributeValue.Float(number());
      case INT -> new AttributeValue.Int(in.integer("an attribute's value"));
      case STRING -> new AttributeValue.String(in.string("an attribute's value"));
      case TENSOR -> new AttributeValue.Tensor(tensors.tensor());
      case SPARSE_TENSOR -> new AttributeValue.SparseTensor(tensors.sparse());
      case GRAPH -> new AttributeValue.Graph(graphs.graph());
      case TYPE_PROTO -> new AttributeValue.Type(types.type());
      case FLOATS -> floats(items(this::number));
      case INTS -> ints(items(() -> in.integer("an item")));
      case STRINGS -> new AttributeValue.Strings(items(() -> in.string("an item")));
      case TENSORS -> new AttributeValue.Tensors(items(tensors::tensor));
      case SPARSE_TENSORS -> new AttributeValue.SparseTensors(items(tensors::sparse));
      case GRAPHS -> new AttributeValue.Graphs(items(graphs::graph));
      case TYPE_PROTOS -> new AttributeValue.Types(items(types::type));
      case UNDEFINED -> untyped();
    };
  }

  private float number() {
    in.peek();
    int start = in.position();
    try {
      return FloatText.parseFloat(in.token());
    } catch (NumberFormatException e) {
      in.back(start);
      throw in.expected("a number");
    }
  }

  private <T> List<T> items(Supplier<T> item) {
    List<T> items = new ArrayList<>();
    in.expect("[");
    if (!in.accept("]")) {
      do {
        items.add(item.get());
      } while (in.accept(","));
      in.expect("]");
    }
    return items;
  }

  private static AttributeValue.Floats floats(List<Float> items) {
    float[] floats = new float[items.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = items.get(i);
    }
    return new AttributeValue.Floats(floats);
  }

  private static AttributeValue.Ints ints(List<Long> items) {
    return new AttributeValue.Ints(items.stream().mapToLong(Long::longValue).toArray());
  }

  private AttributeValue untyped() {
    if (in.next("[")) {
      in.peek();
      int start = in.position();
      List<AttributeValue> items = items(this::single);
      if (items.isEmpty()) {
        in.back(start);
        throw in.problem("an empty list needs a type, such as 'name: ints = []'");
      }
      return list(items, start);
    }
    return single();
  }

  private AttributeValue single() {
    if (in.peek() == '"') {
      return new AttributeValue.String(in.string("a value"));
    }
    if (types.nextIsType()) {
      ValueType type = types.type();
      return type instanceof TensorType tensor && (in.next("{") || in.next("=") || in.nextIsName())
          ? new AttributeValue.Tensor(tensors.named(tensor))
          : new AttributeValue.Type(type);
    }
    String word = in.peekWord();
    if (!word.isEmpty() && FloatText.special(word).isEmpty()) {
      return new AttributeValue.Graph(graphs.graph());
    }
    int start = in.position();
    String token = in.token();
    in.back(start);
    return FloatText.isWhole(token)
        ? new AttributeValue.Int(in.integer("a value"))
        : new AttributeValue.Float(number());
  }

  /** A list of items of one type; integers among floats become floats. */
  private AttributeValue list(List<AttributeValue> items, int start) {
    AttributeType first = items.get(0).type();
    if (all(items, AttributeValue.Int.class)) {
      return ints(items.stream().map(AttributeValue.Int.class::cast).map(i -> i.value()).toList());
    }
    if (areNumbers(items)) {
      in.back(start);
      return typed(AttributeType.FLOATS);
    }
    if (all(items, AttributeValue.String.class)) {
      return new AttributeValue.Strings(
          items.stream().map(AttributeValue.String.class::cast).map(t -> t.value()).toList());
    }
    if (all(items, AttributeValue.Tensor.class)) {
      List<Tensor> list =
          items.stream().map(AttributeValue.Tensor.class::cast).map(t -> t.value()).toList();
      return new AttributeValue.Tensors(list);
    }
    if (all(items, AttributeValue.Graph.class)) {
      List<Graph> list =
          items.stream().map(AttributeValue.Graph.class::cast).map(g -> g.value()).toList();
      return new AttributeValue.Graphs(list);
    }
    if (all(items, AttributeValue.Type.class)) {
      return new AttributeValue.Types(
          items.stream().map(AttributeValue.Type.class::cast).map(t -> t.value()).toList());
    }
    in.back(start);
    throw in.problem(
        "the items of a list are of one type, here " + Words.attributeType(first) + " and others");
  }

  private static boolean all(List<AttributeValue> items, Class<? extends AttributeValue> kind) {
    return items.stream().allMatch(kind::isInstance);
  }

  private static boolean areNumbers(List<AttributeValue> items) {
    return items.stream()
        .allMatch(i -> i instanceof AttributeValue.Int || i instanceof AttributeValue.Float);
  }
}
