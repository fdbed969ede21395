package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.infer.TypeMerge;
import dev.sardonyx.ir.pass.FixedDefaults;
import dev.sardonyx.ir.pass.Passes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** What a model takes and gives: dimensions, element types, layouts, outputs, initializers. */
final class Border {
  private Border() {}

  // Dimensions

  static Model dim(Model model, String input, int axis, Dim dim) {
    Input before = Values.input(model.graph(), input);
    TensorType type = DeclaredTypes.tensor(before);
    int rank = type.shape().rank();
    int at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw new EditException("Input " + input + " is " + type + ", which has no axis " + axis);
    }
    if (dim.isFixed() && dim.value() < 0) {
      throw new EditException("A dimension cannot be " + dim);
    }
    return DeclaredTypes.input(model, before.withType(type.withShape(type.shape().with(at, dim))));
  }

  static Model batch(Model model, Dim dim) {
    Model changed = model;
    Set<String> defaults = Values.defaults(model.graph());
    for (Input input : model.graph().inputs()) {
      if (!defaults.contains(input.name())
          && input.type() instanceof TensorType type
          && type.shape().isRanked()
          && type.shape().rank() > 0) {
        changed = dim(changed, input.name(), 0, dim);
      }
    }
    return changed;
  }

  /** The same number for a symbol wherever it occurs. */
  static Model fix(Model model, String symbol, long size) {
    Set<String> symbols = DeclaredTypes.symbols(model);
    if (!symbols.contains(symbol)) {
      throw new EditException(
          "The model has no symbolic dimension "
              + symbol
              + (symbols.isEmpty() ? "" : "; it has " + String.join(", ", symbols)));
    }
    if (size < 0) {
      throw new EditException("Dimension " + symbol + " cannot be " + size);
    }
    Map<String, Dim> sizes = Map.of(symbol, Dim.of(size));
    Model fixed = DeclaredTypes.map(model, t -> DeclaredTypes.substituted(t, sizes));
    return DeclaredTypes.inferFrom(
        fixed, fixed.graph().inputs().stream().map(Input::name).toList());
  }

  // Element type and layout

  static Model elementType(Model model, String input, ElementType to) {
    Input before = Values.input(model.graph(), input);
    TensorType type = DeclaredTypes.tensor(before);
    if (type.elementType() == to) {
      return model;
    }
    return through(
        model, before.withType(type.withElementType(to)), (b, v) -> b.cast(v, type.elementType()));
  }

  static Model outputElementType(Model model, String output, ElementType to) {
    Values.output(model.graph(), output);
    if (GraphIndex.of(model.graph()).type(output) instanceof TensorType type
        && type.elementType() == to) {
      return model;
    }
    return outputThrough(model, output, (b, v) -> b.cast(v, to));
  }

  /**
   * An input whose axes callers give in another order; the Transpose that this takes is moved to
   * where it meets another one, if there is one.
   *
   * @param order for each axis inside, which axis of the new input it is
   */
  static Model transposed(Model model, String input, int... order) {
    Input before = Values.input(model.graph(), input);
    TensorType type = DeclaredTypes.tensor(before);
    requirePermutation(input, type, order);
    List<Dim> dims = new ArrayList<>(type.shape().dims());
    for (int i = 0; i < order.length; i++) {
      dims.set(order[i], type.shape().dim(i));
    }
    Input changed = before.withType(type.withShape(Shape.of(dims)));
    return pushed(through(model, changed, (b, v) -> b.transpose(v, longs(order))));
  }

  static Model outputTransposed(Model model, String output, int... order) {
    Values.output(model.graph(), output);
    ValueType type = GraphIndex.of(model.graph()).type(output);
    if (!(type instanceof TensorType tensor) || !tensor.shape().isRanked()) {
      throw new EditException("Output " + output + " is not a tensor of known rank, but " + type);
    }
    requirePermutation(output, tensor, order);
    return pushed(outputThrough(model, output, (b, v) -> b.transpose(v, longs(order))));
  }

  /** The model without Transposes that undo each other. */
  private static Model pushed(Model model) {
    return Passes.named("transpose-pushing").apply(model).model();
  }

  private static long[] longs(int[] order) {
    return Arrays.stream(order).asLongStream().toArray();
  }

  private static void requirePermutation(String value, TensorType type, int[] order) {
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, type.shape().rank()).toArray())) {
      throw new EditException(
          value + " is " + type + "; " + Arrays.toString(order) + " is not an order of its axes");
    }
  }

  /** For each axis of [N,C,...], which axis of [N,...,C] it is. */
  static int[] channelsFirstFromLast(int rank) {
    return IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == 1 ? rank - 1 : i - 1).toArray();
  }

  /** For each axis of [N,...,C], which axis of [N,C,...] it is. */
  static int[] channelsLastFromFirst(int rank) {
    return IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == rank - 1 ? 1 : i + 1).toArray();
  }

  static int rankWithChannels(Model model, String input) {
    int rank = DeclaredTypes.tensor(Values.input(model.graph(), input)).shape().rank();
    if (rank < 3) {
      throw new EditException(
          "Input " + input + " has rank " + rank + "; a layout needs batch, channels and space");
    }
    return rank;
  }

  /** An input of another type, made into the old one inside. */
  private static Model through(
      Model model, Input changed, BiFunction<? super GraphBuilder, Value, ? extends Value> body) {
    Graph graph = model.graph();
    if (graph.constants().stream().anyMatch(c -> c.name().equals(changed.name()))) {
      throw new EditException(
          "Input " + changed.name() + " has a default; make it a required input first");
    }
    Model retyped =
        model.withGraph(
            graph.withInputs(
                graph.inputs().stream()
                    .map(i -> i.name().equals(changed.name()) ? changed : i)
                    .toList()));
    return NodeEdits.insertAfter(retyped, changed.name(), body);
  }

  private static Model outputThrough(
      Model model, String output, BiFunction<? super GraphBuilder, Value, ? extends Value> body) {
    Output before = Values.output(model.graph(), output);
    Graph graph = model.graph();
    String inside = Values.fresh(Values.everywhere(graph), output + "_original");
    boolean isInput = graph.inputs().stream().anyMatch(i -> i.name().equals(output));
    if (isInput) {
      throw new EditException("Output " + output + " is an input, which cannot change");
    }
    Graph renamed = ScopedRenaming.graph(graph, Map.of(output, inside));
    Fragment fragment =
        Fragment.of(
            model,
            List.of(new Fragment.Argument(inside, DeclaredTypes.of(model, output))),
            List.of(output),
            (b, v) -> Collections.singletonList(body.apply(b, v.get(0))));
    Graph added = fragment.named(Values.everywhere(renamed), Values.nodes(graph));
    Graph spliced = Fragment.splice(renamed, renamed.nodes().size(), added);
    List<Output> outputs =
        spliced.outputs().stream()
            .map(
                o ->
                    o.name().equals(inside)
                        ? new Output(output, fragment.type(output), before.metadata())
                        : o)
            .toList();
    return fragment.withImports(model).withGraph(spliced.withOutputs(outputs));
  }

  // Outputs

  static Model addOutput(Model model, String value) {
    Graph graph = model.graph();
    Values.require(graph, value);
    if (graph.outputs().stream().anyMatch(o -> o.name().equals(value))) {
      throw new EditException(value + " is an output already");
    }
    List<Output> outputs = new ArrayList<>(graph.outputs());
    outputs.add(Output.of(value, DeclaredTypes.of(model, value)));
    return model.withGraph(graph.withOutputs(outputs));
  }

  /** The given values as the only outputs, without what they do not depend on. */
  static Model outputs(Model model, List<String> values) {
    if (values.isEmpty()) {
      throw new EditException("A model needs at least one output");
    }
    Graph graph = model.graph();
    List<Output> outputs = new ArrayList<>();
    for (String value : values) {
      Values.require(graph, value);
      outputs.add(
          graph.outputs().stream()
              .filter(o -> o.name().equals(value))
              .findFirst()
              .orElseGet(() -> Output.of(value, DeclaredTypes.of(model, value))));
    }
    return Passes.named("dead-code").apply(model.withGraph(graph.withOutputs(outputs))).model();
  }

  static Model removeOutput(Model model, String output) {
    Values.output(model.graph(), output);
    return outputs(
        model,
        model.graph().outputs().stream().map(Output::name).filter(o -> !o.equals(output)).toList());
  }

  /** Another head on a value, in place of everything that came after it. */
  static Model replaceHead(
      Model model,
      String value,
      String output,
      BiFunction<? super GraphBuilder, Value, ? extends Value> body) {
    Graph graph = model.graph();
    Values.require(graph, value);
    Model cut = outputs(model, List.of(value));
    Values.requireFree(Values.everywhere(cut.graph()), output, "value");
    Fragment fragment =
        Fragment.of(
            cut,
            List.of(new Fragment.Argument(value, DeclaredTypes.of(model, value))),
            List.of(output),
            (b, v) -> Collections.singletonList(body.apply(b, v.get(0))));
    Graph added = fragment.named(Values.everywhere(cut.graph()), Values.nodes(cut.graph()));
    Graph spliced = Fragment.splice(cut.graph(), cut.graph().nodes().size(), added);
    return fragment
        .withImports(cut)
        .withGraph(spliced.withOutputs(List.of(Output.of(output, fragment.type(output)))));
  }

  // Initializers

  static Model toInput(Model model, String initializer) {
    Graph graph = model.graph();
    Constant constant = Values.constant(graph, initializer);
    List<Input> inputs = new ArrayList<>(graph.inputs());
    if (inputs.stream().noneMatch(i -> i.name().equals(initializer))) {
      inputs.add(new Input(initializer, constant.type(), constant.metadata()));
    }
    return DeclaredTypes.inferFrom(
        model.withGraph(
            graph
                .withInputs(inputs)
                .withConstants(
                    graph.constants().stream()
                        .filter(c -> !c.name().equals(initializer))
                        .toList())),
        List.of(initializer));
  }

  static Model toInitializer(Model given, String input, TensorData data) {
    Model model = separateInitializers(given);
    Graph graph = model.graph();
    Input before = Values.input(graph, input);
    if (TypeMerge.both(before.type(), data.type()).isEmpty()) {
      throw new EditException(
          "Input " + input + " is " + before.type() + "; it cannot become " + data.type());
    }
    List<Constant> constants = new ArrayList<>(graph.constants());
    constants.removeIf(c -> c.name().equals(input));
    constants.add(new Constant(input, data, before.metadata()));
    return DeclaredTypes.inferFrom(
        model.withGraph(
            graph
                .withInputs(graph.inputs().stream().filter(i -> !i.name().equals(input)).toList())
                .withConstants(constants)),
        List.of(input));
  }

  /** Before IR version 4 every initializer was an input, too, and none could be replaced. */
  private static Model separateInitializers(Model model) {
    if (model.irVersion() >= IrVersion.SEPARATE_INITIALIZERS) {
      return model;
    }
    Model fixed = new FixedDefaults().apply(model).model();
    return fixed.withVersions(IrVersion.SEPARATE_INITIALIZERS, fixed.opsetImports());
  }

  /** Other data for an initializer; its type may change, and with it what follows. */
  static Model initializer(Model model, String name, TensorData data) {
    Graph graph = model.graph();
    Values.constant(graph, name);
    Values.requireGiven(data, "data of initializer " + name);
    Model changed =
        model.withGraph(
            graph.withConstants(
                graph.constants().stream()
                    .map(c -> c.name().equals(name) ? c.withData(data) : c)
                    .toList()));
    return DeclaredTypes.inferFrom(changed, List.of(name)); // its numbers may be those of a shape
  }
}
