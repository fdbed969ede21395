package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sizes that can be computed from the dimensions of a model's inputs.
 *
 * @param inputs of the model
 * @param needed the sizes, over the symbols in the inputs' shapes
 */
record InputSizes(List<Input> inputs, Set<Dim> needed) {
  boolean isEmpty() {
    return needed.isEmpty();
  }

  /** The symbols that dense inputs are declared with. */
  static Set<String> symbols(List<Input> inputs) {
    Set<String> symbols = new HashSet<>();
    for (Input input : inputs) {
      if (input.type() instanceof TensorType type && type.shape().isRanked()) {
        type.shape().dims().forEach(dim -> symbols.addAll(dim.symbols()));
      }
    }
    return symbols;
  }

  /** The dimensions of an input in a run, null for what is no tensor or not given. */
  interface Dims {
    long @Nullable [] of(String input);
  }

  static Dims dims(Map<String, ? extends Datum> given) {
    return input -> given.get(input) instanceof Tensor tensor ? tensor.dims() : null;
  }

  /** What the symbols in the inputs' shapes stand for in a run. */
  static Map<String, Dim> symbols(List<Input> inputs, Dims given) {
    Map<String, Dim> symbols = new HashMap<>();
    for (Input input : inputs) {
      if (input.type() instanceof TensorType type && type.shape().isRanked()) {
        long[] actual = given.of(input.name());
        List<Dim> dims = type.shape().dims();
        for (int axis = 0; actual != null && axis < dims.size(); axis++) {
          if (dims.get(axis) instanceof Dim.Symbol symbol) {
            symbols.put(symbol.name(), Dim.of(actual[axis]));
          }
        }
      }
    }
    return symbols;
  }

  /**
   * Whether all sizes are known to be at least 1 in a run; false if the inputs contradict each
   * other or leave a size open.
   */
  boolean arePositive(Dims given) {
    if (isEmpty()) {
      return true;
    }
    Map<String, Dim> symbols = symbols(inputs, given);
    for (Dim size : needed) {
      Dim now = size.substitute(symbols);
      if (!now.isFixed() || now.value() < 1) {
        return false;
      }
    }
    return holds(symbols, given);
  }

  /**
   * Two inputs that contradict each other, or one that contradicts itself, in what a symbol of
   * their declared shapes stands for.
   *
   * @return in words; empty if they agree
   */
  static Optional<String> contradiction(List<Input> inputs, Dims given) {
    Map<String, Input> first = new HashMap<>();
    Map<String, Long> sizes = new HashMap<>();
    for (Input input : inputs) {
      long[] actual = given.of(input.name());
      if (actual == null
          || !(input.type() instanceof TensorType type)
          || !type.shape().isRanked()
          || type.shape().rank() != actual.length) {
        continue;
      }
      for (int axis = 0; axis < actual.length; axis++) {
        if (type.shape().dim(axis) instanceof Dim.Symbol symbol) {
          Long before = sizes.putIfAbsent(symbol.name(), actual[axis]);
          Input other = first.putIfAbsent(symbol.name(), input);
          if (before != null && other != null && before != actual[axis]) {
            return Optional.of(
                "'%s' is %d in input '%s' of type %s, which is given as %s, and %d in '%s' of type %s, given as %s"
                    .formatted(
                        symbol.name(),
                        before,
                        other.name(),
                        other.type(),
                        Arrays.toString(given.of(other.name())),
                        actual[axis],
                        input.name(),
                        type,
                        Arrays.toString(actual)));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Whether the inputs have the sizes that their types, with these symbols, say. */
  private boolean holds(Map<String, Dim> symbols, Dims given) {
    for (Input input : inputs) {
      if (input.type() instanceof TensorType type && type.shape().isRanked()) {
        long[] actual = given.of(input.name());
        for (int axis = 0; actual != null && axis < actual.length; axis++) {
          Dim dim = type.shape().dim(axis);
          if (dim.isKnown() && !dim.substitute(symbols).isFixed(actual[axis])) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
