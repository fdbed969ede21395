package dev.sardonyx.runtime.fuzz;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.conformance.Suite;
import dev.sardonyx.runtime.conformance.SuiteCase;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A process of its own that runs the suite's models of one node on tensors without elements: each
 * axis of each input in turn has length 0, and then all axes that had the same length; the model
 * declares that, or does not know. Before each run it tells which, so that the last line names the
 * one that ended the process.
 *
 * <p>Arguments: the number of the first run, and the distance to the next.
 */
public final class EmptyAxisRuns {
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final Set<String> seen = new HashSet<>();
  private final int first;
  private final int distance;
  private int number;

  private EmptyAxisRuns(int first, int distance) {
    this.first = first;
    this.distance = distance;
  }

  public static void main(String[] arguments) throws IOException {
    EmptyAxisRuns runs =
        new EmptyAxisRuns(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
    try (Suite suite = Suite.onnx()) {
      for (SuiteCase c : suite.cases()) {
        runs.all(c);
      }
    }
    runs.out.println("DONE");
    Runtime.getRuntime().halt(0);
  }

  private void all(SuiteCase c) throws IOException {
    Model model;
    Map<String, Datum> inputs;
    try {
      model = c.model();
      inputs = c.dataSets().isEmpty() ? Map.of() : c.dataSets().get(0).inputs();
    } catch (IOException unreadable) {
      return;
    }
    if (model.graph().nodes().size() != 1
        || !inputs.values().stream().allMatch(Tensor.class::isInstance)) {
      return;
    }
    Set<Long> lengths = new TreeSet<>();
    inputs.forEach(
        (name, datum) -> {
          Tensor tensor = (Tensor) datum;
          for (int axis = 0; axis < tensor.rank(); axis++) {
            long[] dims = tensor.dims();
            lengths.add(dims[axis]);
            dims[axis] = 0;
            Map<String, Datum> changed = new LinkedHashMap<>(inputs);
            changed.put(name, empty(tensor.elementType(), dims));
            one(c.name() + ": " + name + " axis " + axis, model, changed);
          }
        });
    for (long length : lengths) {
      Map<String, Datum> changed = new LinkedHashMap<>();
      inputs.forEach((name, datum) -> changed.put(name, without((Tensor) datum, length)));
      one(c.name() + ": axes of length " + length, model, changed);
    }
  }

  private static Tensor without(Tensor tensor, long length) {
    long[] dims = tensor.dims();
    boolean empty = false;
    for (int axis = 0; axis < dims.length; axis++) {
      empty |= dims[axis] == length;
      dims[axis] = dims[axis] == length ? 0 : dims[axis];
    }
    return empty ? empty(tensor.elementType(), dims) : tensor;
  }

  private static Tensor empty(ElementType type, long[] dims) {
    return type == ElementType.STRING
        ? Tensor.ofStrings(List.of(), dims)
        : Tensor.of(type, dims, ByteBuffer.allocate(0));
  }

  private void one(String title, Model model, Map<String, Datum> inputs) {
    Model fixed = declared(model, inputs, "");
    if (!seen.add(fixed.graph().nodes() + " " + fixed.graph().inputs())) {
      return;
    }
    int now = number++;
    if (now < first || (now - first) % distance != 0) {
      return;
    }
    for (String symbol : List.of("", "dim", "?")) {
      Model changed = declared(model, inputs, symbol);
      if (Checker.check(changed).isValid()) {
        Node node = changed.graph().nodes().get(0);
        out.println("RUN " + now + " " + node.operator() + " " + title + " " + symbol);
        out.println("  " + outcome(changed, inputs).replaceAll("\\R", " "));
      }
    }
  }

  /**
   * The model with inputs of the shapes that are given, of a symbol for each length, or of unknown
   * dimensions, and nothing said of its outputs' shapes.
   */
  private static Model declared(Model model, Map<String, Datum> given, String symbol) {
    Graph graph = model.graph();
    List<Input> inputs = new ArrayList<>();
    for (Input input : graph.inputs()) {
      inputs.add(
          given.get(input.name()) instanceof Tensor tensor
              ? input.withType(declared(tensor, symbol))
              : input);
    }
    List<Output> outputs = new ArrayList<>();
    for (Output output : graph.outputs()) {
      outputs.add(
          output.type() instanceof TensorType type
              ? Output.of(output.name(), type.withShape(Shape.UNKNOWN))
              : output);
    }
    return model.withGraph(graph.withInputs(inputs).withOutputs(outputs));
  }

  private static TensorType declared(Tensor tensor, String symbol) {
    Shape shape = tensor.type().shape();
    return switch (symbol) {
      case "" -> tensor.type();
      case "?" -> tensor.type().withShape(shape.map(dim -> Dim.UNKNOWN));
      default -> tensor.type().withShape(shape.map(dim -> Dim.symbol(symbol + dim)));
    };
  }

  private static String outcome(Model model, Map<String, Datum> inputs) {
    try (PreparedModel prepared = OrtBackend.cpu().prepare(model)) {
      prepared.run(inputs);
      return "RUNS";
    } catch (RuntimeException e) {
      return "REFUSED " + e.getMessage();
    }
  }
}
