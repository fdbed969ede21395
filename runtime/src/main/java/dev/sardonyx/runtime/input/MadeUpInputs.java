package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Makes random inputs for a model without data: tensors of every element type, sequences of two
 * items, maps of three keys, and optionals that are present. Numbers lie where the model can use
 * them: indices within the axis they point into, lengths within the axis they measure, and
 * otherwise real numbers from -1 to 1, integers of up to 8 bits anywhere, and other integers and
 * truth values 0 or 1, as in masks.
 */
public final class MadeUpInputs {
  private static final List<String> WORDS =
      List.of("the", "quick", "brown", "fox", "Jumps", "over", "a", "lazy", "dog", "Übermut");

  private static final int ITEMS = 2;
  private static final int KEYS = 3;

  private final SymbolSizes sizes;
  private final ValueRanges ranges;

  private MadeUpInputs(SymbolSizes sizes, ValueRanges ranges) {
    this.sizes = sizes;
    this.ranges = ranges;
  }

  /** The names that sizes can be given for: all symbols in the shapes of inputs, in order. */
  public static Set<String> symbols(Model model) {
    return SymbolSizes.symbols(model);
  }

  /**
   * Whether the shapes inside a model agree with sizes of the symbols in those of its inputs, and
   * nothing is empty, as far as that is known.
   */
  public static boolean fit(Model model, Map<String, Long> sizes) {
    Map<String, Dim> dims = new LinkedHashMap<>();
    sizes.forEach((symbol, size) -> dims.put(symbol, Dim.of(size)));
    return new SymbolSizes(dims).fit(model);
  }

  /**
   * A value for each input that has no default.
   *
   * @param given what symbols stand for, also within expressions such as {@code N+5}; others get
   *     the smallest size of at least 1 with which nothing is empty and the shapes inside fit, and
   *     dimensions of which nothing is known size 1
   * @param seed decides the elements
   * @throws UnsupportedModelException naming an input that is of unknown rank or sparse, or would
   *     have a negative dimension or too many elements
   */
  public static Map<String, Datum> of(Model model, Map<String, Long> given, long seed) {
    return beside(Map.of(), model, given, seed);
  }

  /**
   * The same beside values that are there already: these stay, and their sizes are those of the
   * symbols in their shapes.
   *
   * @throws IllegalArgumentException naming an input whose value is not of its type, or a symbol of
   *     two sizes
   */
  public static Map<String, Datum> beside(
      Map<String, Datum> there, Model model, Map<String, Long> given, long seed) {
    SymbolSizes sizes = SymbolSizes.of(model, withSizesOf(there, model, given));
    MadeUpInputs made = new MadeUpInputs(sizes, ValueRanges.of(sizes.fixed(model)));
    Set<String> defaults =
        model.graph().constants().stream().map(Constant::name).collect(Collectors.toSet());
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Datum> inputs = new LinkedHashMap<>(there);
    for (Input input : model.graph().inputs()) {
      if (!defaults.contains(input.name()) && !there.containsKey(input.name())) {
        inputs.put(input.name(), made.datum(input, input.type(), random.split()));
      }
    }
    return inputs;
  }

  /** The sizes given, and those of symbols that stand alone in the shapes of values. */
  private static Map<String, Long> withSizesOf(
      Map<String, Datum> there, Model model, Map<String, Long> given) {
    Map<String, Long> sizes = new LinkedHashMap<>(given);
    for (Input input : model.graph().inputs()) {
      if (there.get(input.name()) instanceof Tensor tensor
          && input.type() instanceof TensorType type
          && type.shape().isRanked()
          && type.shape().rank() == tensor.rank()) {
        for (int axis = 0; axis < tensor.rank(); axis++) {
          Long before =
              type.shape().dim(axis) instanceof Dim.Symbol symbol
                  ? sizes.put(symbol.name(), tensor.dim(axis))
                  : null;
          if (before != null && before != tensor.dim(axis)) {
            throw new IllegalArgumentException(
                "Input '%s' is %s, so %s would be %d, but elsewhere it is %d"
                    .formatted(
                        input.name(),
                        tensor.type(),
                        type.shape().dim(axis),
                        tensor.dim(axis),
                        before));
          }
        }
      }
    }
    return sizes;
  }

  private Datum datum(Input input, ValueType type, SplittableRandom random) {
    if (type instanceof TensorType tensor && tensor.elementType() != ElementType.UNDEFINED) {
      return tensor(input, tensor, random);
    }
    if (type instanceof OptionalType optional) {
      return new OptionalDatum(optional.element(), datum(input, optional.element(), random));
    }
    if (type instanceof SequenceType sequence) {
      return sequence(input, sequence.element(), ITEMS, random);
    }
    if (type instanceof MapType map) {
      return new MapDatum(keys(map.key()), sequence(input, map.value(), KEYS, random));
    }
    throw cannotBe(input);
  }

  private static UnsupportedModelException cannotBe(Input input) {
    return new UnsupportedModelException(
        "Input '%s' is %s; it must be given, for only dense values of known type and rank are made up"
            .formatted(input.name(), input.type()));
  }

  private SequenceDatum sequence(
      Input input, ValueType element, int count, SplittableRandom random) {
    List<Datum> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(datum(input, element, random.split()));
    }
    return new SequenceDatum(element, items);
  }

  private static Tensor keys(ElementType type) {
    List<String> names = new ArrayList<>();
    double[] numbers = new double[KEYS];
    for (int i = 0; i < KEYS; i++) {
      names.add("key" + i);
      numbers[i] = i;
    }
    return type == ElementType.STRING
        ? Tensor.ofStrings(names, KEYS)
        : Tensor.ofNumbers(type, numbers, KEYS);
  }

  private Tensor tensor(Input input, TensorType type, SplittableRandom random) {
    if (!type.shape().isRanked()) {
      throw cannotBe(input);
    }
    long[] dims = sizes.dims(input, type.shape());
    int length = length(input, dims);
    ElementType elements = type.elementType();
    if (elements == ElementType.STRING) {
      List<String> words = new ArrayList<>();
      for (int i = 0; i < length; i++) {
        words.add(WORDS.get(random.nextInt(WORDS.size())));
      }
      return Tensor.ofStrings(words, dims);
    }
    if (elements.kind() == ElementType.Kind.COMPLEX) {
      ElementType part = elements == ElementType.COMPLEX64 ? ElementType.FLOAT : ElementType.DOUBLE;
      Tensor parts = Tensor.ofNumbers(part, numbers(2 * length, -1, 1, random), 2L * length);
      return Tensor.of(elements, dims, parts.bytes());
    }
    ValueRange range = ranges.of(input.name(), elements);
    if (elements.isFloat()) {
      return Tensor.ofNumbers(elements, numbers(length, range.low(), range.high(), random), dims);
    }
    double[] whole = new double[length];
    for (int i = 0; i < length; i++) {
      whole[i] = random.nextLong((long) Math.ceil(range.low()), (long) range.high() + 1);
    }
    return Tensor.ofNumbers(elements, whole, dims);
  }

  private static double[] numbers(int count, double low, double high, SplittableRandom random) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = low + random.nextDouble() * (high - low);
    }
    return numbers;
  }

  private static int length(Input input, long[] dims) {
    try {
      return Math.toIntExact(LongStream.of(dims).reduce(1, Math::multiplyExact));
    } catch (ArithmeticException e) {
      throw new UnsupportedModelException(
          "Input '%s' would be %s, which is too large; choose smaller sizes"
              .formatted(input.name(), Shape.of(dims)),
          e);
    }
  }
}
