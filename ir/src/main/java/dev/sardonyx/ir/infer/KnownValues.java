package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a small tensor, as far as they are known before the model runs: numbers, symbols,
 * expressions or unknowns. This is how a shape that the graph computes stays known.
 *
 * <p>A float tensor may have known values too, where a shape passes through floats (as scaled sizes
 * do): each element is then the quotient of its entry and the denominator. Integers and booleans
 * have denominator 1.
 *
 * @param shape the fixed shape, in practice of rank 0 or 1
 * @param elements in row-major order
 * @param denominator what all elements are divided by, at least 1
 */
public record KnownValues(List<Long> shape, List<Dim> elements, long denominator) {
  /** Larger tensors are data, not shapes. */
  public static final int MAX_ELEMENTS = 1024;

  /** Float factors with a larger denominator would not multiply sizes exactly. */
  private static final long MAX_DENOMINATOR = 1024;

  private static final double MAX_NUMERATOR = 1 << 20;

  public KnownValues {
    shape = List.copyOf(shape);
    elements = List.copyOf(elements);
  }

  public KnownValues(List<Long> shape, List<Dim> elements) {
    this(shape, elements, 1);
  }

  public static KnownValues scalar(Dim element) {
    return new KnownValues(List.of(), List.of(element));
  }

  public static KnownValues vector(List<Dim> elements) {
    return new KnownValues(List.of((long) elements.size()), elements);
  }

  public static KnownValues vector(long... elements) {
    return vector(LongStream.of(elements).<Dim>mapToObj(Dim::of).toList());
  }

  /**
   * The values of a small constant tensor of integers, booleans or simple fractions, or null for
   * any other.
   */
  public static @Nullable KnownValues of(Tensor tensor) {
    ElementType type = tensor.elementType();
    if (!tensor.isReadable()
        || tensor.size() > MAX_ELEMENTS
        || Arrays.stream(tensor.dims()).anyMatch(d -> d > MAX_ELEMENTS)) {
      return null;
    }
    List<Long> shape = Arrays.stream(tensor.dims()).boxed().toList();
    if (type.isInteger() || type == ElementType.BOOL) {
      return new KnownValues(shape, numbers(tensor.toLongs())).as(type);
    }
    return type == ElementType.FLOAT || type == ElementType.DOUBLE || type == ElementType.FLOAT16
        ? fractions(shape, tensor.toDoubles())
        : null;
  }

  private static List<Dim> numbers(long[] elements) {
    List<Dim> dims = new ArrayList<>(elements.length);
    for (long element : elements) {
      dims.add(Dim.of(element));
    }
    return dims;
  }

  private static @Nullable KnownValues fractions(List<Long> shape, double[] elements) {
    long denominator = 1;
    for (double element : elements) {
      while (element * denominator != Math.rint(element * denominator)) {
        denominator *= 2;
        if (denominator > MAX_DENOMINATOR) {
          return null;
        }
      }
    }
    List<Dim> dims = new ArrayList<>(elements.length);
    for (double element : elements) {
      double numerator = element * denominator;
      if (!(Math.abs(numerator) <= MAX_NUMERATOR)) {
        return null;
      }
      dims.add(Dim.of((long) numerator));
    }
    return new KnownValues(shape, dims, denominator);
  }

  public int size() {
    return elements.size();
  }

  /** Whether it is part of a shape rather than data; without elements an axis may be any size. */
  boolean isSmall() {
    return elements.size() <= MAX_ELEMENTS && shape.stream().allMatch(d -> d <= MAX_ELEMENTS);
  }

  /** The elements as a tensor of a type holds them; those that it may wrap or round are unknown. */
  KnownValues as(ElementType type) {
    return elements.stream().allMatch(d -> isHeldBy(type, d))
        ? this
        : new KnownValues(
            shape,
            elements.stream().map(d -> isHeldBy(type, d) ? d : Dim.UNKNOWN).toList(),
            denominator);
  }

  private boolean isHeldBy(ElementType type, Dim element) {
    if (!element.isFixed()) {
      return !type.isUnsigned() || element.isNonNegative();
    }
    long value = element.value();
    if (type.isInteger()) {
      int free = 64 - type.bits() + (type.isUnsigned() && type.bits() == 64 ? 1 : 0);
      return type.isUnsigned() ? value == value << free >>> free : value == value << free >> free;
    }
    int digits = type == ElementType.DOUBLE ? 53 : type == ElementType.FLOAT ? 24 : 8;
    return !type.isFloat() || Math.abs((double) value / denominator) <= 1L << digits;
  }

  public boolean isScalar() {
    return shape.isEmpty();
  }

  public Dim get(int i) {
    return elements.get(i);
  }

  /** Whether all are whole numbers, symbols or expressions. */
  public boolean isWhole() {
    return denominator == 1;
  }

  /** Whether every element is a fixed number. */
  public boolean isStatic() {
    return elements.stream().allMatch(Dim::isFixed);
  }

  public long[] toLongs() {
    return elements.stream().mapToLong(Dim::value).toArray();
  }

  /** The elements as real numbers, if every one is fixed. */
  public Optional<double[]> toDoubles() {
    return isStatic()
        ? Optional.of(
            elements.stream().mapToDouble(d -> (double) d.value() / denominator).toArray())
        : Optional.empty();
  }

  /** The elements as a shape; negative numbers are not dimensions and become unknown. */
  public Shape toShape() {
    return Shape.of(elements).withoutNegative();
  }

  /** The same elements under another shape of the same size. */
  public KnownValues withShape(List<Long> changed) {
    return new KnownValues(changed, elements, denominator);
  }
}
