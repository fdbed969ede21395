package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The comparison over random values of every element type, plain and in sequences, maps and
 * optionals: equal data agrees under any tolerance, one element beyond the tolerance of its type
 * never does, and within it always does; other types and shapes never agree.
 */
class ComparisonPropertyTest {
  private static final int ROUNDS = 50;

  static Stream<ElementType> types() {
    return Arrays.stream(ElementType.values()).filter(type -> type != ElementType.UNDEFINED);
  }

  static Stream<ElementType> floatTypes() {
    return types().filter(type -> type.isFloat() || type.kind() == ElementType.Kind.COMPLEX);
  }

  static Stream<ElementType> exactTypes() {
    List<ElementType> floats = floatTypes().toList();
    return types().filter(type -> !floats.contains(type));
  }

  /** Elements of any bits, so that NaN, infinities and the ends of ranges are among them. */
  private static Tensor anything(ElementType type, Random random) {
    long[] dims = {1 + random.nextInt(3), 1 + random.nextInt(5)};
    int size = (int) (dims[0] * dims[1]);
    if (type == ElementType.STRING) {
      List<String> strings = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        strings.add("s" + random.nextInt(5));
      }
      return Tensor.ofStrings(strings, dims);
    }
    ByteBuffer bytes = Tensor.allocate(type, size);
    for (int i = 0; i < bytes.capacity(); i++) {
      bytes.put(i, (byte) (type == ElementType.BOOL ? random.nextInt(2) : random.nextInt(256)));
    }
    return Tensor.of(type, dims, bytes);
  }

  /** Ones and twos. */
  private static double[] numbers(int size, Random random) {
    double[] numbers = new double[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = 1 + random.nextInt(2);
    }
    return numbers;
  }

  /** The tensor as it is, or inside something. */
  private static Datum wrapped(Tensor tensor, int how) {
    return switch (how) {
      case 0 -> tensor;
      case 1 -> new OptionalDatum(tensor.type(), tensor);
      case 2 -> new SequenceDatum(tensor.type(), List.of(tensor, tensor));
      default ->
          new MapDatum(
              Tensor.ofLongs(new long[] {7}, 1), new SequenceDatum(tensor.type(), List.of(tensor)));
    };
  }

  private static Optional<String> difference(Datum actual, Datum expected, Tolerance tolerance) {
    return DatumComparison.difference(actual, expected, tolerance);
  }

  @ParameterizedTest
  @MethodSource("types")
  void equalDataAgrees(ElementType type) {
    Random random = new Random(type.code());
    for (int round = 0; round < ROUNDS; round++) {
      Tensor tensor = anything(type, random);
      Tensor copy =
          type == ElementType.STRING
              ? Tensor.ofStrings(List.copyOf(tensor.strings()), tensor.dims())
              : Tensor.of(type, tensor.dims(), tensor.bytes());
      for (int how = 0; how < 4; how++) {
        assertEquals(
            Optional.empty(),
            difference(wrapped(copy, how), wrapped(tensor, how), Tolerance.EXACT));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void anotherTypeOrShapeNeverAgrees(ElementType type) {
    Random random = new Random(type.code());
    Tolerance anything = new Tolerance(1e9, 1e9);
    Tensor tensor = anything(type, random);
    for (ElementType other : types().toList()) {
      Tensor another = anything(other, random);
      if (other != type) {
        assertTrue(difference(another, tensor, anything).isPresent(), type + " and " + other);
        assertTrue(DatumComparison.differenceInType(another, tensor).isPresent());
      }
    }
    Tensor flat = tensor.reshape(tensor.size());
    for (int how = 0; how < 4; how++) {
      assertTrue(difference(wrapped(flat, how), wrapped(tensor, how), anything).isPresent());
    }
  }

  /** What is exact differs by the smallest possible amount, under a tolerance that allows much. */
  @ParameterizedTest
  @MethodSource("exactTypes")
  void whatIsExactNeverDiffers(ElementType type) {
    Random random = new Random(type.code());
    for (int round = 0; round < ROUNDS; round++) {
      Tensor tensor = anything(type, random);
      int at = random.nextInt(tensor.length());
      Tensor near = withOneChanged(tensor, at);
      for (int how = 0; how < 4; how++) {
        String told =
            difference(wrapped(near, how), wrapped(tensor, how), new Tolerance(1e9, 1e9))
                .orElse("none");
        assertTrue(told.contains("elements differ, worst at"), type + ": " + told);
      }
    }
  }

  /** With the last bit of an element changed, or a letter. */
  private static Tensor withOneChanged(Tensor tensor, int at) {
    if (tensor.elementType() == ElementType.STRING) {
      List<String> strings = new ArrayList<>(tensor.strings());
      strings.set(at, strings.get(at) + "!");
      return Tensor.ofStrings(strings, tensor.dims());
    }
    ByteBuffer bytes = Tensor.allocate(tensor.elementType(), tensor.size());
    bytes.put(0, tensor.bytes(), 0, bytes.capacity());
    int bit = at * tensor.elementType().bits();
    bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ 1 << bit % 8));
    return Tensor.of(tensor.elementType(), tensor.dims(), bytes);
  }

  @ParameterizedTest
  @MethodSource("floatTypes")
  void floatsDifferByTheToleranceAtMost(ElementType type) {
    boolean complex = type.kind() == ElementType.Kind.COMPLEX;
    Random random = new Random(type.code());
    for (int round = 0; round < ROUNDS; round++) {
      int size = 1 + random.nextInt(12);
      double[] expected = numbers(complex ? 2 * size : size, random);
      double[] actual = expected.clone();
      int at = random.nextInt(actual.length);
      // 1 and 2 and their halves and doubles are numbers of every floating-point type.
      actual[at] *= random.nextBoolean() ? 0.5 : 2;
      double off = Math.abs(actual[at] - expected[at]);
      boolean relative = random.nextBoolean();
      double most = relative ? off / expected[at] : off;
      for (int how = 0; how < 4; how++) {
        Datum a = wrapped(ofNumbers(type, actual, size), how);
        Datum e = wrapped(ofNumbers(type, expected, size), how);
        assertEquals(Optional.empty(), difference(a, e, tolerance(relative, most * 1.01)));
        assertTrue(difference(a, e, tolerance(relative, most * 0.99)).isPresent(), "" + type);
      }
    }
  }

  private static Tolerance tolerance(boolean relative, double most) {
    return relative ? new Tolerance(most, 0) : new Tolerance(0, most);
  }

  private static Tensor ofNumbers(ElementType type, double[] numbers, int size) {
    if (type.kind() != ElementType.Kind.COMPLEX) {
      return Tensor.ofNumbers(type, numbers, size);
    }
    ElementType part = type == ElementType.COMPLEX64 ? ElementType.FLOAT : ElementType.DOUBLE;
    return Tensor.of(
        type, new long[] {size}, Tensor.ofNumbers(part, numbers, numbers.length).bytes());
  }

  @ParameterizedTest
  @MethodSource("types")
  void mapsAgreeWhateverTheOrderOfTheirKeys(ElementType type) {
    Random random = new Random(type.code());
    List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4));
    List<Datum> values = new ArrayList<>();
    order.forEach(i -> values.add(anything(type, random)));
    Collections.shuffle(order, random);
    assertEquals(
        Optional.empty(),
        difference(map(order, values), map(List.of(0, 1, 2, 3, 4), values), Tolerance.EXACT));
    List<Datum> others = new ArrayList<>(values);
    others.set(2, Tensor.ofLongs(new long[3], 3, 1, 1));
    assertTrue(
        difference(map(order, others), map(order, values), Tolerance.EXACT)
            .orElse("none")
            .startsWith("key 2: "));
    order.set(0, 9);
    assertTrue(
        difference(map(order, values), map(List.of(0, 1, 2, 3, 4), values), Tolerance.EXACT)
            .orElse("none")
            .contains("key 9"));
  }

  /** The i-th value has the key i. */
  private static MapDatum map(List<Integer> keys, List<Datum> values) {
    long[] numbers = keys.stream().mapToLong(Integer::longValue).toArray();
    List<Datum> items = new ArrayList<>();
    keys.forEach(key -> items.add(values.get(key % values.size())));
    return new MapDatum(
        Tensor.ofLongs(numbers, numbers.length), new SequenceDatum(values.get(0).type(), items));
  }
}
