package dev.sardonyx.samples;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is told of an initializer, or of what a Constant node gives. The names of the components are
 * the keys in JSON.
 *
 * @param type as text, such as {@code float[64,3,7,7]}
 * @param bytes that its elements take; 0 for strings
 * @param statistics absent if the elements are no real numbers or there are none
 * @param elements the first of them, row-major; of a sparse tensor those that are not 0
 */
record InspectedValue(
    String name,
    String type,
    String elementType,
    List<Long> shape,
    long size,
    long bytes,
    @Nullable TensorStatistics statistics,
    List<?> elements) {

  /**
   * The constant of a name; of those in subgraphs and functions, the first.
   *
   * @throws IOException if there is none, saying what there is under the name, or under names like
   *     it
   */
  static TensorData find(Model model, String name) throws IOException {
    Map<String, TensorData> all = constants(model);
    TensorData found = all.get(name);
    if (found != null) {
      return found;
    }
    throw new IOException(
        "there is no initializer or constant '%s'%s"
            .formatted(name, other(model, name).orElse(Spelling.question(name, all.keySet()))));
  }

  private static Optional<String> other(Model model, String name) {
    boolean input = model.graph().inputs().stream().anyMatch(i -> i.name().equals(name));
    return input
        ? Optional.of("; it is an input, which has no elements of its own")
        : InspectedModel.nodes(model)
            .filter(node -> node.outputs().stream().map(Result::name).anyMatch(name::equals))
            .findFirst()
            .map(node -> "; it is computed by " + node.described());
  }

  private static Map<String, TensorData> constants(Model model) {
    Map<String, TensorData> all = new LinkedHashMap<>();
    Stream<Graph> inner = InspectedModel.nodes(model).flatMap(node -> node.subgraphs().stream());
    Stream.concat(Stream.of(model.graph()), inner)
        .flatMap(graph -> graph.constants().stream())
        .forEach((Constant c) -> all.putIfAbsent(c.name(), c.data()));
    InspectedModel.nodes(model)
        .filter(node -> node.is("Constant") && !node.outputs().isEmpty())
        .forEach(node -> data(node).ifPresent(d -> all.putIfAbsent(node.output(0).name(), d)));
    return all;
  }

  private static Optional<TensorData> data(Node node) {
    Optional<TensorData> sparse =
        node.attribute("sparse_value", AttributeValue.SparseTensor.class).map(v -> v.value());
    return sparse.isPresent() ? sparse : node.constantTensor().map(t -> t);
  }

  /**
   * Looks at a constant.
   *
   * @param shown how many elements to keep
   * @throws IOException if it lies in a file that was not read
   */
  static InspectedValue of(String name, TensorData data, int shown) throws IOException {
    Tensor tensor = data instanceof Tensor dense ? dense : ((SparseTensor) data).values();
    if (!tensor.isReadable()) {
      throw new IOException(
          "'%s' lies in an external data file, which --no-weights leaves alone".formatted(name));
    }
    return new InspectedValue(
        name,
        data.type().toString(),
        data.elementType().toString(),
        Arrays.stream(data.dims()).boxed().toList(),
        tensor.size(),
        tensor.byteSize(),
        TensorStatistics.of(tensor).orElse(null),
        first(tensor, (int) Math.min(shown, tensor.size())));
  }

  private static List<?> first(Tensor tensor, int count) {
    ElementType type = tensor.elementType();
    if (type.kind() == ElementType.Kind.COMPLEX) {
      return List.of();
    }
    if (type == ElementType.STRING) {
      return tensor.strings().subList(0, count);
    }
    ByteBuffer bytes = Objects.requireNonNull(tensor.source()).slice(0, (int) type.byteSize(count));
    ElementCodec codec = ElementCodec.of(type);
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      elements.add(element(type, codec, bytes, i));
    }
    return elements;
  }

  private static Object element(ElementType type, ElementCodec codec, ByteBuffer bytes, int i) {
    return switch (type.kind()) {
      case BOOL -> codec.getLong(bytes, i) != 0;
      case SIGNED -> codec.getLong(bytes, i);
      case UNSIGNED -> new BigInteger(Long.toUnsignedString(codec.getLong(bytes, i)));
      default ->
          type == ElementType.DOUBLE
              ? (Object) codec.getDouble(bytes, i)
              : (Object) (float) codec.getDouble(bytes, i);
    };
  }

  /** Prints it. */
  void print(Console console) {
    console.result("%s: %s%s", name, type, bytes == 0 ? "" : ", " + Sizes.bytes(bytes));
    if (statistics != null) {
      console.result(
          "  from %s to %s, mean %s, standard deviation %s, zeros %,d, not finite %,d",
          number(statistics.min()),
          number(statistics.max()),
          number(statistics.mean()),
          number(statistics.deviation()),
          statistics.zeros(),
          statistics.notFinite());
    }
    if (!elements.isEmpty()) {
      console.result(
          "  %s%s",
          elements.stream()
              .map(e -> e instanceof String text ? '"' + text + '"' : String.valueOf(e))
              .collect(Collectors.joining(", ")),
          elements.size() < size ? ", ..." : "");
    }
  }

  private static String number(double number) {
    boolean whole = number == Math.rint(number) && Math.abs(number) < 1e15;
    return String.format(Locale.ROOT, whole ? "%.0f" : "%.6g", number);
  }
}
