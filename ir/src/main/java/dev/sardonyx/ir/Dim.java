package dev.sardonyx.ir;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One dimension of a shape: a number, a symbol such as {@code N}, an expression over symbols such
 * as {@code N+5} or {@code (H-1)/2+1}, or unknown.
 *
 * <p>Arithmetic keeps what is known: numbers fold, expressions are kept in one normal form (so
 * {@code N+5} equals {@code 5+N}), and anything computed from an unknown is unknown. Division is
 * floor division.
 */
public sealed interface Dim {
  /** A dimension of which nothing is known. */
  @SuppressWarnings("ClassInitializationDeadlock") // Unknown is met through this field alone
  Dim UNKNOWN = new Unknown(0);

  /**
   * A fixed number of elements. Negative numbers occur only inside arithmetic and among a tensor's
   * values; in a {@link Shape} they are unknown.
   */
  record Fixed(long size) implements Dim {
    @Override
    public String toString() {
      return Long.toString(size);
    }
  }

  /** A name that stands for the same number wherever it occurs in a model. */
  record Symbol(String name) implements Dim {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A computation over symbols, in normal form.
   *
   * @param polynomial sum of products; never a lone number or symbol
   */
  @SuppressWarnings("exports") // how a computation is stored is not part of the API
  record Expression(DimPolynomial polynomial) implements Dim {
    @Override
    public String toString() {
      return polynomial.toString();
    }
  }

  /**
   * Nothing is known.
   *
   * @param written the negative number that a file has in its place, such as -1; 0 for none
   */
  record Unknown(long written) implements Dim {
    @Override
    public String toString() {
      return written == 0 ? "?" : Long.toString(written);
    }
  }

  static Dim of(long size) {
    return new Fixed(size);
  }

  /** A dimension as files declare it: a negative number stands for an unknown one. */
  static Dim declared(long size) {
    return size < 0 ? new Unknown(size) : of(size);
  }

  /** A symbol, taken literally; see {@link #parse} for expressions. */
  static Dim symbol(String name) {
    return new Symbol(name);
  }

  /**
   * The dimension a text stands for: a number, a symbol, an expression with {@code + - * /},
   * parentheses, {@code mod(a,b)}, {@code max(a,b)} and {@code min(a,b)}, or {@code ?} for unknown.
   * Any other text is a symbol of that name.
   */
  static Dim parse(String text) {
    return DimParser.parse(text);
  }

  default boolean isFixed() {
    return this instanceof Fixed;
  }

  default boolean isFixed(long size) {
    return this instanceof Fixed fixed && fixed.size == size;
  }

  default boolean isKnown() {
    return !(this instanceof Unknown);
  }

  /**
   * The number of a fixed dimension.
   *
   * @throws IllegalStateException if it is not fixed
   */
  default long value() {
    if (this instanceof Fixed fixed) {
      return fixed.size;
    }
    throw new IllegalStateException("Dimension " + this + " is not a fixed number");
  }

  default Dim plus(Dim other) {
    return DimPolynomial.combine(this, other, DimPolynomial::plus, Math::addExact);
  }

  default Dim plus(long number) {
    return number == 0 ? this : plus(of(number));
  }

  default Dim minus(Dim other) {
    return DimPolynomial.combine(this, other, DimPolynomial::minus, Math::subtractExact);
  }

  default Dim minus(long number) {
    return number == 0 ? this : minus(of(number));
  }

  default Dim times(Dim other) {
    if (isFixed(0) || other.isFixed(0)) {
      return of(0);
    }
    return DimPolynomial.combine(this, other, DimPolynomial::times, Math::multiplyExact);
  }

  default Dim times(long number) {
    return number == 1 ? this : times(of(number));
  }

  /** Division rounded towards negative infinity; unknown if the divisor is 0. */
  default Dim floorDiv(Dim divisor) {
    return divisor.isFixed(0)
        ? UNKNOWN
        : DimPolynomial.combine(
            this, divisor, DimPolynomial::floorDiv, DimPolynomial::floorDivExact);
  }

  default Dim floorDiv(long divisor) {
    return divisor == 1 ? this : floorDiv(of(divisor));
  }

  /** Division rounded towards positive infinity. */
  default Dim ceilDiv(long divisor) {
    if (divisor == 1) {
      return this;
    }
    return divisor > 0
        ? plus(divisor - 1).floorDiv(divisor)
        : negated().floorDiv(divisor).negated();
  }

  /**
   * Division rounded towards zero, as ONNX divides integers; unknown if the divisor is 0 or its
   * sign is not certain.
   */
  default Dim truncatedDiv(Dim divisor) {
    if (divisor.isFixed() && divisor.value() < 0) {
      return truncatedDiv(divisor.negated()).negated();
    }
    if (!divisor.isNonNegative()) {
      return UNKNOWN;
    }
    Dim negated = negated();
    if (isNonNegative()) {
      return floorDiv(divisor);
    }
    if (negated.isNonNegative()) {
      return negated.floorDiv(divisor).negated();
    }
    // Less than one divisor below zero is zero, so that (N-1)/2 is max(0,N-1)/2.
    return plus(divisor).minus(1).isNonNegative() ? max(of(0)).floorDiv(divisor) : UNKNOWN;
  }

  /** The number with the other sign. */
  default Dim negated() {
    return times(-1);
  }

  /** The remainder of {@link #floorDiv}, which has the divisor's sign. */
  default Dim mod(Dim divisor) {
    return divisor.isFixed(0)
        ? UNKNOWN
        : DimPolynomial.combine(this, divisor, DimPolynomial::mod, Math::floorMod);
  }

  default Dim max(Dim other) {
    return equals(other) ? this : DimPolynomial.combine(this, other, DimPolynomial::max, Math::max);
  }

  default Dim min(Dim other) {
    return equals(other) ? this : DimPolynomial.combine(this, other, DimPolynomial::min, Math::min);
  }

  /**
   * Whether it is certainly not negative. A symbol stands for a size, which is not; an expression
   * that subtracts may be.
   */
  default boolean isNonNegative() {
    if (this instanceof Fixed fixed) {
      return fixed.size >= 0;
    }
    return this instanceof Symbol || this instanceof Expression e && e.polynomial.isNonNegative();
  }

  /**
   * Whether it is {@code min(other,n)} for a fixed n of at least 2. The two are then both 1 or both
   * not, so that where they broadcast to each other they are equal.
   */
  default boolean isCapped(Dim other) {
    return this instanceof Expression e && e.polynomial.isMinimum(other, 2);
  }

  /** Whether both are known and certainly different numbers. */
  default boolean isDifferentFrom(Dim other) {
    Dim difference = minus(other);
    if (difference instanceof Fixed fixed) {
      return fixed.size != 0;
    }
    return difference.isKnown()
        && (difference.minus(1).isNonNegative() || difference.times(-1).minus(1).isNonNegative());
  }

  /** Whether both are known and certainly the same number. Two unknowns are not. */
  default boolean isSameAs(Dim other) {
    return isKnown() && equals(other);
  }

  /**
   * Whether it is that number whatever symbols of at least 2 stand for, or unknown: so {@code
   * min(1,N)} can only be 1, since an empty N is not counted.
   */
  default boolean canBeOnly(Dim number) {
    for (long size = 2; size <= 3; size++) {
      Map<String, Dim> sizes = new HashMap<>();
      for (String symbol : symbols()) {
        sizes.put(symbol, of(size));
      }
      if (!substitute(sizes).isCompatibleWith(number)) {
        return false;
      }
    }
    return true;
  }

  /** The symbols that it depends on. */
  default Set<String> symbols() {
    if (this instanceof Symbol symbol) {
      return Set.of(symbol.name);
    }
    return this instanceof Expression e ? e.polynomial.symbols() : Set.of();
  }

  /** Whether both could be the same number; only two different numbers are not compatible. */
  default boolean isCompatibleWith(Dim other) {
    return !(this instanceof Fixed a && other instanceof Fixed b && a.size != b.size);
  }

  /** The dimension with symbols replaced; symbols the map lacks stay. */
  default Dim substitute(Map<String, Dim> symbols) {
    if (this instanceof Symbol symbol) {
      return symbols.getOrDefault(symbol.name, this);
    }
    return this instanceof Expression e ? e.polynomial.substitute(symbols) : this;
  }

  /** The number, if it is fixed. */
  default OptionalLong asLong() {
    return this instanceof Fixed fixed ? OptionalLong.of(fixed.size) : OptionalLong.empty();
  }
}
