package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a model is made of, as a table: each layer with the type of its output and the number of its
 * parameters. Parameters are the elements of floating-point initializers that are no scalars; an
 * initializer used twice counts once, with its first layer.
 *
 * @param name the graph's name
 * @param rows the inputs, then the nodes, in order
 * @param parameters all parameters
 * @param trainable those that training changes by gradients: all but the running statistics of
 *     batch normalisation
 */
public record ModelSummary(String name, List<Row> rows, long parameters, long trainable) {
  /**
   * One layer.
   *
   * @param layer the node's name
   * @param operator such as {@code Conv}; {@code Input} for a graph input
   * @param output the types of its outputs
   */
  public record Row(String layer, String operator, String output, long parameters) {}

  public ModelSummary {
    rows = List.copyOf(rows);
  }

  /** Summarises a model; types it lacks are inferred. */
  public static ModelSummary of(Model model) {
    return Nesting.follow(model, () -> summary(model));
  }

  private static ModelSummary summary(Model model) {
    Graph graph = ShapeInference.infer(model).model().graph();
    Counter counter = new Counter();
    counter.define(graph);
    List<Row> rows = new ArrayList<>();
    for (Input input : graph.inputs()) {
      if (!counter.constants.containsKey(input.name())) {
        rows.add(new Row(input.name(), "Input", input.type().toString(), 0));
      }
    }
    for (Node node : graph.nodes()) {
      long before = counter.parameters;
      counter.use(node);
      String output =
          node.outputs().stream()
              .filter(r -> r.isPresent())
              .map(r -> r.type().toString())
              .collect(Collectors.joining(", "));
      if (!node.is("Constant")) {
        rows.add(new Row(node.label(), node.operator(), output, counter.parameters - before));
      }
    }
    return new ModelSummary(
        graph.name(), rows, counter.parameters, counter.parameters - counter.statistics);
  }

  /** Counts initializers as they are met. */
  private static final class Counter {
    final Map<String, TensorData> constants = new HashMap<>();
    long parameters;
    long statistics;

    void define(Graph graph) {
      for (Constant constant : graph.constants()) {
        constants.put(constant.name(), constant.data());
      }
    }

    void use(Node node) {
      node.attribute("value", AttributeValue.Tensor.class)
          .filter(v -> node.is("Constant"))
          .ifPresent(v -> constants.put(node.output(0).name(), v.value()));
      for (int i = 0; i < node.inputs().size(); i++) {
        TensorData data = constants.get(node.input(i));
        if (data == null || !isParameter(node, data)) {
          continue;
        }
        constants.remove(node.input(i));
        parameters += size(data);
        if (i >= 3 && node.is("BatchNormalization")) {
          statistics += size(data);
        }
      }
      node.subgraphs()
          .forEach(
              body -> {
                define(body);
                body.nodes().forEach(this::use);
              });
    }

    private static boolean isParameter(Node node, TensorData data) {
      ElementType type = data.elementType();
      boolean number = type.isFloat() || type.kind() == ElementType.Kind.COMPLEX;
      return number && data.dims().length > 0 && !node.is("Resize") && !node.is("Upsample");
    }

    private static long size(TensorData data) {
      return data instanceof Tensor dense ? dense.size() : ((SparseTensor) data).values().size();
    }
  }

  /** The table, with columns as wide as they need to be. */
  @Override
  public String toString() {
    List<String[]> lines = new ArrayList<>();
    lines.add(new String[] {"Layer", "Operator", "Output", "Parameters"});
    for (Row row : rows) {
      lines.add(
          new String[] {
            Printable.line(row.layer()),
            Printable.line(row.operator()),
            Printable.line(row.output()),
            grouped(row.parameters())
          });
    }
    int[] widths = new int[4];
    for (String[] line : lines) {
      for (int i = 0; i < line.length; i++) {
        widths[i] = Math.max(widths[i], line[i].length());
      }
    }
    String rule = "-".repeat(widths[0] + widths[1] + widths[2] + widths[3] + 6);
    StringBuilder text = new StringBuilder("Model ").append(Printable.line(name)).append('\n');
    for (int i = 0; i < lines.size(); i++) {
      String[] line = lines.get(i);
      for (int column = 0; column < 3; column++) {
        text.append(line[column]).append(" ".repeat(widths[column] - line[column].length() + 2));
      }
      text.append(" ".repeat(widths[3] - line[3].length())).append(line[3]).append('\n');
      if (i == 0) {
        text.append(rule).append('\n');
      }
    }
    text.append(rule).append('\n');
    text.append("Parameters: ").append(grouped(parameters));
    if (trainable != parameters) {
      text.append(" (trainable ").append(grouped(trainable)).append(')');
    }
    return text.append('\n').toString();
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
