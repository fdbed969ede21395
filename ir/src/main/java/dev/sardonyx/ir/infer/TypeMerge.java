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

/** Two accounts of one value's type, put together. */
public final class TypeMerge {
  private TypeMerge() {}

  /**
   * All that both say: a fixed dimension beats a symbol, a symbol an unknown; of two symbols or
   * expressions the first stays. Empty if they contradict each other.
   */
  public static Optional<ValueType> both(ValueType a, ValueType b) {
    if (!a.isKnown() || !b.isKnown()) {
      return Optional.of(a.isKnown() ? a : b);
    }
    if (a.equals(b)) {
      return Optional.of(a);
    }
    if (a instanceof TensorType s && b instanceof TensorType t) {
      return tensor(s, t);
    }
    if (a instanceof SparseTensorType s && b instanceof SparseTensorType t) {
      return tensor(
              TensorType.of(s.elementType(), s.shape()), TensorType.of(t.elementType(), t.shape()))
          .map(m -> new SparseTensorType(((TensorType) m).elementType(), ((TensorType) m).shape()));
    }
    if (a instanceof SequenceType s && b instanceof SequenceType t) {
      return both(s.element(), t.element()).map(SequenceType::new);
    }
    if (a instanceof OptionalType s && b instanceof OptionalType t) {
      return both(s.element(), t.element()).map(OptionalType::new);
    }
    if (a instanceof MapType s && b instanceof MapType t && s.key() == t.key()) {
      return both(s.value(), t.value()).map(v -> new MapType(s.key(), v));
    }
    return Optional.empty();
  }

  private static Optional<ValueType> tensor(TensorType a, TensorType b) {
    boolean anyOpen =
        a.elementType() == ElementType.UNDEFINED || b.elementType() == ElementType.UNDEFINED;
    if (!anyOpen && a.elementType() != b.elementType() || !a.shape().isCompatibleWith(b.shape())) {
      return Optional.empty();
    }
    ElementType elementType =
        a.elementType() == ElementType.UNDEFINED ? b.elementType() : a.elementType();
    return Optional.of(TensorType.of(elementType, both(a.shape(), b.shape())));
  }

  /** All that two compatible shapes say. */
  public static Shape both(Shape a, Shape b) {
    if (!a.isRanked() || !b.isRanked()) {
      return a.isRanked() ? a : b;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < a.rank(); i++) {
      dims.add(both(a.dim(i), b.dim(i)));
    }
    return Shape.of(dims);
  }

  /** The better known of two compatible dimensions; the first if both are known equally well. */
  public static Dim both(Dim a, Dim b) {
    return !a.isKnown() || b.isFixed() && !a.isFixed() ? b : a;
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
