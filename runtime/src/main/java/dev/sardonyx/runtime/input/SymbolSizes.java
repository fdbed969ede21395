package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Sizes of the symbols in the shapes of a model's inputs: those given, and for the others the
 * smallest with which no dimension is empty, of an input or, as far as that is known, computed, and
 * with which the model has no errors, such as a window that does not fit.
 */
record SymbolSizes(Map<String, Dim> sizes) {
  /** How large a symbol may become to make an expression positive. */
  private static final long MOST = 4096;

  /** How large symbols may become to make what the model computes not empty. */
  private static final long MOST_DOUBLED = 64;

  /** How large symbols may become where the model takes one size only. */
  private static final long MOST_TRIED = 512;

  static SymbolSizes of(Model model, Map<String, Long> given) {
    Set<String> open = symbols(model);
    open.removeAll(given.keySet());
    SymbolSizes smallest = solved(model, given, open, 1);
    if (open.isEmpty() || smallest.fit(model)) {
      return smallest;
    }
    for (long least = 2; least <= MOST_DOUBLED; least *= 2) {
      SymbolSizes larger = solved(model, given, open, least);
      if (larger.fit(model)) {
        return larger;
      }
    }
    // A dense layer behind convolutions, say, takes images of one size, whatever the batch.
    Set<String> inside = inside(model);
    inside.retainAll(open);
    for (long size = 1; !inside.isEmpty() && size <= MOST_TRIED; size++) {
      Map<String, Long> tried = new HashMap<>(given);
      for (String symbol : open) {
        tried.put(symbol, inside.contains(symbol) ? size : 1);
      }
      SymbolSizes same = solved(model, tried, Set.of(), 1);
      if (same.fit(model)) {
        return same;
      }
    }
    return smallest;
  }

  /** The symbols that stand elsewhere in a shape than in front, where the batch is. */
  private static Set<String> inside(Model model) {
    Set<String> inside = new TreeSet<>();
    for (Input input : model.graph().inputs()) {
      if (input.type() instanceof TensorType type && type.shape().isRanked()) {
        type.shape().dims().stream().skip(1).forEach(dim -> inside.addAll(dim.symbols()));
      }
    }
    return inside;
  }

  /** Sizes with which no input is empty, if that can be. */
  private static SymbolSizes solved(
      Model model, Map<String, Long> given, Set<String> open, long least) {
    Map<String, Dim> sizes = new HashMap<>();
    given.forEach((name, size) -> sizes.put(name, Dim.of(size)));
    open.forEach(name -> sizes.put(name, Dim.of(least)));
    grow(expressions(model), open, sizes);
    return new SymbolSizes(Map.copyOf(sizes));
  }

  /** All symbols in the shapes of inputs, in the order of their names. */
  static Set<String> symbols(Model model) {
    Set<String> symbols = new TreeSet<>();
    expressions(model).forEach(dim -> symbols.addAll(dim.symbols()));
    return symbols;
  }

  private static List<Dim> expressions(Model model) {
    List<Dim> dims = new ArrayList<>();
    for (Input input : model.graph().inputs()) {
      collect(input.type(), dims);
    }
    return dims;
  }

  private static void collect(ValueType type, List<Dim> into) {
    if (type instanceof TensorType tensor && tensor.shape().isRanked()) {
      into.addAll(tensor.shape().dims());
    } else if (type instanceof SequenceType sequence) {
      collect(sequence.element(), into);
    } else if (type instanceof OptionalType optional) {
      collect(optional.element(), into);
    } else if (type instanceof MapType map) {
      collect(map.value(), into);
    }
  }

  /** Lets symbols grow until every expression is positive, if that can be. */
  private static void grow(List<Dim> dims, Set<String> open, Map<String, Dim> sizes) {
    for (Dim dim : dims) {
      List<String> free = dim.symbols().stream().filter(open::contains).toList();
      for (String symbol : free) {
        if (!isPositive(dim, sizes)) {
          Dim before = sizes.get(symbol);
          long size = before == null ? 1 : before.value();
          while (size < MOST && !isPositive(dim, with(sizes, symbol, size))) {
            size++;
          }
          if (isPositive(dim, with(sizes, symbol, size))) {
            sizes.put(symbol, Dim.of(size));
          }
        }
      }
    }
  }

  private static Map<String, Dim> with(Map<String, Dim> sizes, String symbol, long size) {
    Map<String, Dim> changed = new HashMap<>(sizes);
    changed.put(symbol, Dim.of(size));
    return changed;
  }

  private static boolean isPositive(Dim dim, Map<String, Dim> sizes) {
    Dim size = dim.substitute(sizes);
    return !size.isFixed() || size.value() > 0;
  }

  /** Whether with these sizes all windows and shapes fit, and no node gives an empty value. */
  boolean fit(Model model) {
    Model fixed = fixed(model);
    if (!Checker.check(fixed).errors().isEmpty()) {
      return false;
    }
    Graph graph = ShapeInference.infer(fixed).model().graph();
    for (Node node : graph.nodes()) {
      for (Result result : node.outputs()) {
        if (result.type() instanceof TensorType type
            && type.shape().isRanked()
            && type.shape().dims().stream().anyMatch(dim -> dim.isFixed() && dim.value() < 1)) {
          return false;
        }
      }
    }
    return true;
  }

  /** The model with inputs of these sizes; what nothing is known of has size 1. */
  Model fixed(Model model) {
    List<Input> inputs =
        model.graph().inputs().stream()
            .map(
                input ->
                    input.type() instanceof TensorType type && type.shape().isRanked()
                        ? input.withType(type.withShape(type.shape().map(dim -> sizeOrOne(dim))))
                        : input)
            .toList();
    return model.withGraph(model.graph().withInputs(inputs));
  }

  private Dim sizeOrOne(Dim dim) {
    Dim size = dim.isKnown() ? dim.substitute(sizes) : Dim.of(1);
    return size.isFixed() && size.value() < 0 ? Dim.UNKNOWN : size;
  }

  /**
   * The dimensions of a shape.
   *
   * @throws UnsupportedModelException naming the input, if one would be negative
   */
  long[] dims(Input input, Shape shape) {
    long[] dims = new long[shape.rank()];
    for (int axis = 0; axis < dims.length; axis++) {
      Dim dim = shape.dim(axis);
      Dim size = dim.isKnown() ? dim.substitute(sizes) : Dim.of(1);
      if (!size.isFixed() || size.value() < 0) {
        throw new UnsupportedModelException(
            "Input '%s' is %s, where %s would be %s with %s; choose other sizes"
                .formatted(
                    input.name(),
                    input.type(),
                    dim,
                    size.isFixed() ? size : "no number",
                    dim.symbols().stream()
                        .map(name -> name + "=" + sizes.get(name))
                        .collect(Collectors.joining(", "))));
      }
      dims[axis] = size.value();
    }
    return dims;
  }
}
