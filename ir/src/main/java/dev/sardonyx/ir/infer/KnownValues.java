package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The elements of an integer tensor, as far as they are known before the model runs: numbers,
 * symbols, expressions or unknowns. This is how a shape that the graph computes stays known.
 *
 * @param shape the fixed shape, in practice of rank 0 or 1
 * @param elements in row-major order
 */
public record KnownValues(List<Long> shape, List<Dim> elements) {
  /** Larger tensors are data, not shapes. */
  public static final int MAX_ELEMENTS = 1024;

  public KnownValues {
    shape = List.copyOf(shape);
    elements = List.copyOf(elements);
  }

  public static KnownValues scalar(Dim element) {
    return new KnownValues(List.of(), List.of(element));
  }

  public static KnownValues vector(List<Dim> elements) {
    return new KnownValues(List.of((long) elements.size()), elements);
  }

  /** The values of a small constant integer or boolean tensor, or null for any other. */
  public static @Nullable KnownValues of(Tensor tensor) {
    ElementType type = tensor.elementType();
    if (!(type.isInteger() || type == ElementType.BOOL) || tensor.size() > MAX_ELEMENTS) {
      return null;
    }
    List<Dim> elements = new ArrayList<>();
    for (long element : tensor.toLongs()) {
      elements.add(Dim.of(element));
    }
    return new KnownValues(Arrays.stream(tensor.dims()).boxed().toList(), elements);
  }

  public int size() {
    return elements.size();
  }

  public boolean isScalar() {
    return shape.isEmpty();
  }

  public Dim get(int i) {
    return elements.get(i);
  }

  /** Whether every element is a fixed number. */
  public boolean isStatic() {
    return elements.stream().allMatch(Dim::isFixed);
  }

  public long[] toLongs() {
    return elements.stream().mapToLong(Dim::value).toArray();
  }

  /** The elements as a shape; negative numbers are not dimensions and become unknown. */
  public Shape toShape() {
    return Shape.of(
        elements.stream().map(d -> d.isFixed() && d.value() < 0 ? Dim.UNKNOWN : d).toList());
  }
}
