package dev.sardonyx.ir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A tensor's shape: a list of {@link Dim}s, or of unknown rank. Rank 0 is a scalar.
 *
 * <p>Some exporters declare a dimension as -1 where they do not know it. So a negative number is an
 * unknown dimension in every shape; it keeps the number only to be written as it was read.
 */
public final class Shape {
  /** The shape of which not even the rank is known. */
  public static final Shape UNKNOWN = new Shape(null);

  public static final Shape SCALAR = new Shape(List.of());

  private final @Nullable List<Dim> dims;
  private final boolean hasNegative;

  private Shape(@Nullable List<Dim> dims) {
    this.dims = dims;
    boolean negative = false;
    for (int i = 0; dims != null && i < dims.size(); i++) {
      negative |= dims.get(i) instanceof Dim.Unknown unknown && unknown.written() != 0;
    }
    this.hasNegative = negative;
  }

  public static Shape of(List<? extends Dim> dims) {
    return of(dims.toArray(Dim[]::new));
  }

  public static Shape of(Dim... dims) {
    Dim[] sizes = dims.clone();
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] instanceof Dim.Fixed fixed && fixed.size() < 0) {
        sizes[i] = Dim.declared(fixed.size());
      }
    }
    return new Shape(List.of(sizes));
  }

  /** A shape of fixed dimensions; negative ones are unknown. */
  public static Shape of(long... dims) {
    if (dims.length == 0) {
      return SCALAR;
    }
    Dim[] sizes = new Dim[dims.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Dim.declared(dims[i]);
    }
    return new Shape(List.of(sizes));
  }

  /** A shape of known rank whose dimensions are all unknown. */
  public static Shape ofRank(int rank) {
    Dim[] unknown = new Dim[rank];
    Arrays.fill(unknown, Dim.UNKNOWN);
    return of(unknown);
  }

  /**
   * A shape from text, such as {@code "N,3,224,224"} or {@code "[N+5,2*H]"}; {@code "?"} is an
   * unknown dimension, {@code "[...]"} an unknown rank and the empty text a scalar.
   *
   * @throws IllegalArgumentException if a dimension is empty or brackets do not match
   */
  public static Shape parse(String text) {
    String inner = text.strip();
    boolean opened = inner.startsWith("[");
    if (opened != inner.endsWith("]")) {
      throw notAShape(text, "a bracket at one end only");
    }
    inner = opened ? inner.substring(1, inner.length() - 1).strip() : inner;
    if (inner.equals("...")) {
      return UNKNOWN;
    }
    if (inner.isEmpty()) {
      return SCALAR;
    }
    List<Dim> dims = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i <= inner.length(); i++) {
      char c = i < inner.length() ? inner.charAt(i) : ',';
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (i == inner.length() && depth != 0) {
        throw notAShape(text, "a parenthesis without its other half");
      }
      if (c == ',' && depth == 0) {
        String dim = inner.substring(from, i).strip();
        if (dim.isEmpty() || dim.equals("...")) {
          throw notAShape(text, (dim.isEmpty() ? "nothing" : dim) + " as dimension " + dims.size());
        }
        dims.add(Dim.parse(dim));
        from = i + 1;
      }
    }
    return of(dims);
  }

  private static IllegalArgumentException notAShape(String text, String reason) {
    return new IllegalArgumentException(
        "'" + text + "' is not a shape such as N,3,224,224: it has " + reason);
  }

  public boolean isRanked() {
    return dims != null;
  }

  /**
   * @throws IllegalStateException if the rank is unknown
   */
  public int rank() {
    return dims().size();
  }

  /**
   * @throws IllegalStateException if the rank is unknown
   */
  public List<Dim> dims() {
    if (dims == null) {
      throw new IllegalStateException("The shape's rank is unknown");
    }
    return dims;
  }

  /** The dimension at an axis; negative axes count from the end. */
  public Dim dim(int axis) {
    List<Dim> all = dims();
    return all.get(axis < 0 ? axis + all.size() : axis);
  }

  /** Whether an unknown dimension is written as a negative number, as some files have it. */
  public boolean hasNegative() {
    return hasNegative;
  }

  /** The shape without the negative numbers that stand for unknown dimensions. */
  public Shape withoutNegative() {
    return hasNegative() ? map(d -> d.isKnown() ? d : Dim.UNKNOWN) : this;
  }

  /** Whether every dimension is a fixed number. */
  public boolean isStatic() {
    if (dims == null) {
      return false;
    }
    for (int i = 0; i < dims.size(); i++) {
      if (!dims.get(i).isFixed()) {
        return false;
      }
    }
    return true;
  }

  /**
   * The dimensions as numbers.
   *
   * @throws IllegalStateException if one of them is not fixed
   */
  public long[] toLongs() {
    return dims().stream().mapToLong(Dim::value).toArray();
  }

  /** The number of elements, as far as it can be said. */
  public Dim size() {
    return dims == null ? Dim.UNKNOWN : dims.stream().reduce(Dim.of(1), Dim::times);
  }

  public Shape map(UnaryOperator<Dim> change) {
    return dims == null ? this : of(dims.stream().map(change).toList());
  }

  public Shape with(int axis, Dim dim) {
    List<Dim> changed = new ArrayList<>(dims());
    changed.set(axis < 0 ? axis + changed.size() : axis, dim);
    return of(changed);
  }

  /** Dimensions {@code from} (inclusive) to {@code to} (exclusive). */
  public Shape slice(int from, int to) {
    return of(dims().subList(from, to));
  }

  public Shape concat(Shape other) {
    List<Dim> joined = new ArrayList<>(dims());
    joined.addAll(other.dims());
    return of(joined);
  }

  /**
   * Whether one tensor could have both shapes: nothing known of one contradicts the other. Symbols
   * and expressions are compatible with any number.
   */
  public boolean isCompatibleWith(Shape other) {
    if (dims == null || other.dims == null) {
      return true;
    }
    if (dims.size() != other.dims.size()) {
      return false;
    }
    for (int i = 0; i < dims.size(); i++) {
      if (!dims.get(i).isCompatibleWith(other.dims.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o == this
        || o instanceof Shape other
            && (dims == null ? other.dims == null : other.dims != null && dims.equals(other.dims));
  }

  @Override
  public int hashCode() {
    return dims == null ? 0 : dims.hashCode();
  }

  /** Such as {@code [N,3,224,224]}; {@code [...]} if the rank is unknown. */
  @Override
  public String toString() {
    return dims == null
        ? "[...]"
        : dims.stream().map(Dim::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
