package dev.sardonyx.samples;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Makes random inputs for a model without data. */
final class MadeUpInputs {
  private MadeUpInputs() {}

  /** The names that sizes can be given for: all symbols in the shapes of inputs, in order. */
  static Set<String> symbols(Model model) {
    Set<String> symbols = new TreeSet<>();
    for (Input input : model.graph().inputs()) {
      if (input.type() instanceof TensorType type && type.shape().isRanked()) {
        type.shape().dims().forEach(dim -> symbols.addAll(dim.symbols()));
      }
    }
    return symbols;
  }

  /**
   * Makes sure that sizes are valid and belong to existing symbols: a misspelt name would otherwise
   * be ignored silently.
   *
   * @param known the symbols in the shapes of inputs
   * @throws ParameterException naming the invalid size
   */
  static void requireSizes(CommandSpec command, Map<String, Long> sizes, Set<String> known) {
    sizes.forEach(
        (name, size) -> {
          String wrong = null;
          if (size < 0) {
            wrong = "'%s=%d' is not 0 or more".formatted(name, size);
          } else if (!known.contains(name)) {
            String there = (known.size() == 1 ? "is " : "are ") + String.join(", ", known);
            wrong =
                "no input has a symbol '%s' in its shape; there %s"
                    .formatted(name, known.isEmpty() ? "are none" : there);
          }
          if (wrong != null) {
            throw new ParameterException(
                command.commandLine(), "Invalid value for option '--dim': " + wrong);
          }
        });
  }

  /**
   * A tensor for each input that has no default: floats in -1..1, integers and truth values 0 or 1,
   * so that indices are in range.
   *
   * @param sizes what symbols stand for, also within expressions such as {@code N+5}; 1 for others,
   *     and for dimensions of which nothing is known
   * @throws UnsupportedModelException if an input is no tensor, of unknown rank, of strings, or
   *     would have a negative dimension or too many elements
   */
  static Map<String, Tensor> of(Model model, Map<String, Long> sizes, long seed) {
    Map<String, Dim> symbols = new HashMap<>();
    symbols(model).forEach(name -> symbols.put(name, Dim.of(sizes.getOrDefault(name, 1L))));
    Set<String> defaults =
        model.graph().constants().stream().map(Constant::name).collect(Collectors.toSet());
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Input input : model.graph().inputs()) {
      if (!defaults.contains(input.name())) {
        inputs.put(input.name(), tensor(input, symbols, random.split()));
      }
    }
    return inputs;
  }

  private static Tensor tensor(Input input, Map<String, Dim> symbols, SplittableRandom random) {
    if (!(input.type() instanceof TensorType type)
        || !type.shape().isRanked()
        || type.elementType() == ElementType.STRING
        || type.elementType().kind() == ElementType.Kind.COMPLEX) {
      throw new UnsupportedModelException(
          "Input '%s' is %s; only tensors of real numbers and of known rank can be made up"
              .formatted(input.name(), input.type()));
    }
    List<Dim> dims = type.shape().dims();
    long[] shape = new long[dims.size()];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = size(input, dims.get(axis), symbols);
    }
    double[] elements = new double[length(input, shape)];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = type.elementType().isFloat() ? random.nextDouble() * 2 - 1 : random.nextInt(2);
    }
    return Tensor.ofNumbers(type.elementType(), elements, shape);
  }

  private static long size(Input input, Dim dim, Map<String, Dim> symbols) {
    if (!dim.isKnown()) {
      return 1;
    }
    Dim size = dim.substitute(symbols);
    if (!size.isFixed() || size.value() < 0) {
      throw new UnsupportedModelException(
          "Input '%s' is %s, where %s would be %s with %s; choose by --dim NAME=N"
              .formatted(
                  input.name(),
                  input.type(),
                  dim,
                  size.isFixed() ? size : "no number",
                  dim.symbols().stream()
                      .map(name -> name + "=" + symbols.get(name))
                      .collect(Collectors.joining(", "))));
    }
    return size.value();
  }

  private static int length(Input input, long[] shape) {
    try {
      return Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact));
    } catch (ArithmeticException e) {
      throw new UnsupportedModelException(
          "Input '%s' would be %s, which is too large; choose smaller sizes"
              .formatted(input.name(), Shape.of(shape)),
          e);
    }
  }
}
