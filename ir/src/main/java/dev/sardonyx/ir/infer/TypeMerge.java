package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** Merges two types that are said of one value, such as the declared and the inferred one. */
public final class TypeMerge {
  private TypeMerge() {}

  /**
   * All that both say: a fixed dimension beats a symbol, a symbol an unknown; of two symbols or
   * expressions the first stays. Empty if they contradict each other.
   */
  public static Optional<ValueType> both(ValueType a, ValueType b) {
    return merge(a, b, TypeMerge::both);
  }

  /**
   * What is inferred of a value, and what is declared where inference knows nothing. Unlike in
   * {@link #both(ValueType, ValueType)} a declared number does not beat an inferred symbol: files
   * have it from the one example that they were made from. Empty if they contradict each other.
   */
  static Optional<ValueType> inferred(ValueType inferred, ValueType declared) {
    return merge(inferred, declared, (a, b) -> a.isKnown() ? a : b);
  }

  /**
   * As {@link #inferred}, but under the declared names of dimensions, which are the interface of a
   * graph that they are declared for.
   */
  static Optional<ValueType> inferredAs(ValueType declared, ValueType inferred) {
    return merge(
        declared,
        inferred,
        (a, b) -> b.isKnown() && (!a.isKnown() || a.isFixed() || b.isFixed()) ? b : a);
  }

  /**
   * @param choice gives one of two compatible dimensions
   */
  private static Optional<ValueType> merge(ValueType a, ValueType b, BinaryOperator<Dim> choice) {
    if (!a.isKnown() || !b.isKnown()) {
      return Optional.of(a.isKnown() ? a : b);
    }
    if (a.equals(b)) {
      return Optional.of(a);
    }
    if (a instanceof TensorType s && b instanceof TensorType t) {
      return tensor(s, t, choice).map(m -> m);
    }
    if (a instanceof SparseTensorType s && b instanceof SparseTensorType t) {
      return tensor(dense(s), dense(t), choice)
          .map(m -> new SparseTensorType(m.elementType(), m.shape()));
    }
    if (a instanceof SequenceType s && b instanceof SequenceType t) {
      return merge(s.element(), t.element(), choice).map(SequenceType::new);
    }
    if (a instanceof OptionalType s && b instanceof OptionalType t) {
      return merge(s.element(), t.element(), choice).map(OptionalType::new);
    }
    if (a instanceof MapType s && b instanceof MapType t && s.key() == t.key()) {
      return merge(s.value(), t.value(), choice).map(v -> new MapType(s.key(), v));
    }
    return Optional.empty();
  }

  private static TensorType dense(SparseTensorType sparse) {
    return TensorType.of(sparse.elementType(), sparse.shape());
  }

  /** The type without the negative numbers that files declare for unknown dimensions. */
  static ValueType withoutNegative(ValueType type) {
    if (type instanceof TensorType t) {
      return t.shape().hasNegative() ? t.withShape(t.shape().withoutNegative()) : t;
    }
    if (type instanceof SparseTensorType s) {
      return new SparseTensorType(s.elementType(), s.shape().withoutNegative());
    }
    if (type instanceof SequenceType s) {
      return new SequenceType(withoutNegative(s.element()));
    }
    if (type instanceof OptionalType o) {
      return new OptionalType(withoutNegative(o.element()));
    }
    return type instanceof MapType m ? new MapType(m.key(), withoutNegative(m.value())) : type;
  }

  private static Optional<TensorType> tensor(
      TensorType a, TensorType b, BinaryOperator<Dim> choice) {
    boolean anyOpen =
        a.elementType() == ElementType.UNDEFINED || b.elementType() == ElementType.UNDEFINED;
    if (!anyOpen && a.elementType() != b.elementType() || !a.shape().isCompatibleWith(b.shape())) {
      return Optional.empty();
    }
    ElementType elementType =
        a.elementType() == ElementType.UNDEFINED ? b.elementType() : a.elementType();
    return Optional.of(TensorType.of(elementType, merge(a.shape(), b.shape(), choice)));
  }

  /** All that two compatible shapes say. */
  public static Shape both(Shape a, Shape b) {
    return merge(a, b, TypeMerge::both);
  }

  private static Shape merge(Shape a, Shape b, BinaryOperator<Dim> choice) {
    if (!a.isRanked() || !b.isRanked()) {
      return a.isRanked() ? a : b;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < a.rank(); i++) {
      dims.add(choice.apply(a.dim(i), b.dim(i)));
    }
    return Shape.of(dims);
  }

  /** The better known of two compatible dimensions; the first if both are known equally well. */
  public static Dim both(Dim a, Dim b) {
    return !a.isKnown() && b.isKnown() || b.isFixed() && !a.isFixed() ? b : a;
  }

  /**
   * Only what both say, as where branches join: differing dimensions and ranks become unknown.
   * Empty if the kinds or element types differ.
   */
  public static Optional<ValueType> either(ValueType a, ValueType b) {
    if (!a.isKnown() || !b.isKnown()) {
      return Optional.of(ValueType.unknown());
    }
    if (a instanceof TensorType s && b instanceof TensorType t) {
      boolean same =
          s.elementType() == t.elementType()
              || s.elementType() == ElementType.UNDEFINED
              || t.elementType() == ElementType.UNDEFINED;
      ElementType type =
          s.elementType() == ElementType.UNDEFINED ? t.elementType() : s.elementType();
      return same
          ? Optional.of(TensorType.of(type, either(s.shape(), t.shape())))
          : Optional.empty();
    }
    if (a instanceof SequenceType s && b instanceof SequenceType t) {
      return either(s.element(), t.element()).map(SequenceType::new);
    }
    if (a instanceof OptionalType s && b instanceof OptionalType t) {
      return either(s.element(), t.element()).map(OptionalType::new);
    }
    if (a instanceof SparseTensorType s && b instanceof SparseTensorType t) {
      return either(dense(s), dense(t))
          .map(m -> new SparseTensorType(((TensorType) m).elementType(), ((TensorType) m).shape()));
    }
    if (a instanceof MapType s && b instanceof MapType t && s.key() == t.key()) {
      return either(s.value(), t.value()).map(v -> new MapType(s.key(), v));
    }
    return a.equals(b) ? Optional.of(a) : Optional.empty();
  }

  /** Only what two shapes have in common. */
  public static Shape either(Shape a, Shape b) {
    if (!a.isRanked() || !b.isRanked() || a.rank() != b.rank()) {
      return Shape.UNKNOWN;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < a.rank(); i++) {
      dims.add(a.dim(i).isSameAs(b.dim(i)) ? a.dim(i) : Dim.UNKNOWN);
    }
    return Shape.of(dims);
  }
}
