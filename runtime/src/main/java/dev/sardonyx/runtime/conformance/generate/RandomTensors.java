package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random tensors: mostly small numbers, now and then the edges of their type. */
record RandomTensors(Random random) {
  private static final double[] EDGES = {
    0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    2.5,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    1e-40,
    3e38,
    -3e38,
    65504,
    1e-8
  };
  private static final String[] TEXTS = {"", "a", "b", "abc", "A b", "é", "1", "-1.5", "abc def"};

  /** One draw in so many is of the edges. */
  private static final int RARE = 12;

  static boolean canFill(ElementType type) {
    return type != ElementType.UNDEFINED && type.kind() != ElementType.Kind.COMPLEX;
  }

  /** A value of a type, tensors of the shape given and what holds them with one to three. */
  Datum datum(ValueType type, long... dims) {
    if (type instanceof SequenceType sequence) {
      List<Datum> items = new ArrayList<>();
      int count = 1 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        items.add(datum(sequence.element(), dims));
      }
      return new SequenceDatum(sequence.element(), items);
    }
    if (type instanceof OptionalType optional) {
      return new OptionalDatum(optional.element(), datum(optional.element(), dims));
    }
    if (type instanceof MapType map) {
      Tensor keys =
          map.key() == ElementType.STRING
              ? Tensor.ofStrings(List.of("a", "b"), 2)
              : Tensor.ofNumbers(map.key(), new double[] {0, 2}, 2);
      List<Datum> values = List.of(datum(map.value()), datum(map.value()));
      return new MapDatum(keys, new SequenceDatum(map.value(), values));
    }
    boolean isTensor = type instanceof TensorType tensor && canFill(tensor.elementType());
    return tensor(isTensor ? ((TensorType) type).elementType() : ElementType.FLOAT, dims);
  }

  Tensor tensor(ElementType type, long... dims) {
    int size = 1;
    for (long dim : dims) {
      size = Math.toIntExact(size * dim);
    }
    if (type == ElementType.STRING) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        texts.add(TEXTS[random.nextInt(TEXTS.length)]);
      }
      return Tensor.ofStrings(texts, dims);
    }
    boolean edges = random.nextInt(RARE) == 0;
    double scale = random.nextInt(4) == 0 ? 30 : 3;
    double[] numbers = new double[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = number(type, edges, scale);
    }
    return Tensor.ofNumbers(type, numbers, dims);
  }

  private double number(ElementType type, boolean edges, double scale) {
    if (type == ElementType.BOOL) {
      return random.nextInt(2);
    }
    if (type.isInteger()) {
      return integer(type, edges, scale);
    }
    if (edges && random.nextInt(3) == 0) {
      return EDGES[random.nextInt(EDGES.length)];
    }
    return (float) (random.nextGaussian() * scale / 2);
  }

  private double integer(ElementType type, boolean edges, double scale) {
    double most = Math.pow(2, Math.min(type.bits(), 53) - (type.isSigned() ? 1 : 0)) - 1;
    double least = type.isSigned() ? -most - 1 : 0;
    if (edges && random.nextInt(3) == 0) {
      return random.nextBoolean() ? most : least;
    }
    double drawn = Math.rint(random.nextGaussian() * scale);
    return Math.max(least, Math.min(most, type.isSigned() ? drawn : Math.abs(drawn)));
  }

  /** The elements in another type, as near as it has them. */
  static Tensor as(ElementType type, Tensor tensor) {
    double[] numbers = tensor.toDoubles();
    for (int i = 0; i < numbers.length; i++) {
      if (type == ElementType.BOOL) {
        numbers[i] = numbers[i] != 0 ? 1 : 0;
      } else if (type.isInteger()) {
        double most = Math.pow(2, Math.min(type.bits(), 53) - (type.isSigned() ? 1 : 0)) - 1;
        double least = type.isSigned() ? -most - 1 : 0;
        double whole = Double.isNaN(numbers[i]) ? 0 : Math.rint(numbers[i]);
        numbers[i] = Math.max(least, Math.min(most, whole));
      }
    }
    return Tensor.ofNumbers(type, numbers, tensor.dims());
  }
}
