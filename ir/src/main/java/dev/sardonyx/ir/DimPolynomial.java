package dev.sardonyx.ir;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The normal form of a {@link Dim.Expression}: a sum of integer multiples of products of {@link
 * Atom}s. Equal expressions have equal normal forms as far as ring arithmetic goes; quotients,
 * remainders, maxima and minima are atoms, compared by their operands.
 *
 * @param terms from the sorted factors of a product (none for the constant term) to its non-zero
 *     coefficient
 */
record DimPolynomial(Map<Product, Long> terms) {

  /** A factor that does not split further: a symbol, or a function of two dimensions. */
  sealed interface Atom extends Comparable<Atom> {
    @Override
    default int compareTo(Atom other) {
      int byText = toString().compareTo(other.toString());
      // A symbol may be spelt like a call.
      return byText != 0 ? byText : Boolean.compare(this instanceof Call, other instanceof Call);
    }
  }

  record SymbolAtom(String name) implements Atom {
    @Override
    public String toString() {
      return name;
    }
  }

  enum Operation {
    FLOOR_DIV,
    MOD,
    MAX,
    MIN
  }

  record Call(Operation function, Dim left, Dim right) implements Atom {
    @Override
    public String toString() {
      if (function == Operation.FLOOR_DIV) {
        return operand(left) + "/" + operand(right);
      }
      return function.name().toLowerCase(java.util.Locale.ROOT) + "(" + left + "," + right + ")";
    }

    private static String operand(Dim dim) {
      boolean single = dim instanceof Dim.Symbol || dim instanceof Dim.Fixed f && f.size() >= 0;
      return single ? dim.toString() : "(" + dim + ")";
    }
  }

  /** Factors in order; products with more factors come first, the constant term last. */
  record Product(List<Atom> factors) implements Comparable<Product> {
    static final Product ONE = new Product(List.of());

    Product times(Product other) {
      List<Atom> all = new ArrayList<>(factors);
      all.addAll(other.factors);
      Collections.sort(all);
      return new Product(List.copyOf(all));
    }

    @Override
    public int compareTo(Product other) {
      int bySize = Integer.compare(other.factors.size(), factors.size());
      for (int i = 0; bySize == 0 && i < factors.size(); i++) {
        bySize = factors.get(i).compareTo(other.factors.get(i));
      }
      return bySize;
    }
  }

  /**
   * Expressions with more symbols and numbers than this are given up as unknown, so that inference
   * stays linear.
   */
  private static final int MAX_SIZE = 96;

  /**
   * The result of an operation, unknown if it exceeds 64 bits.
   *
   * @param ofNumbers the same operation where both are fixed
   */
  static Dim combine(
      Dim left, Dim right, BinaryOperator<DimPolynomial> operation, LongBinaryOperator ofNumbers) {
    if (!left.isKnown() || !right.isKnown()) {
      return Dim.UNKNOWN;
    }
    try {
      if (left instanceof Dim.Fixed a && right instanceof Dim.Fixed b) {
        return Dim.of(ofNumbers.applyAsLong(a.size(), b.size()));
      }
      return operation.apply(of(left), of(right)).toDim();
    } catch (ArithmeticException tooLarge) {
      return Dim.UNKNOWN;
    }
  }

  static DimPolynomial of(Dim dim) {
    if (dim instanceof Dim.Fixed fixed) {
      return constant(fixed.size());
    }
    if (dim instanceof Dim.Symbol symbol) {
      return atom(new SymbolAtom(symbol.name()));
    }
    if (dim instanceof Dim.Expression expression) {
      return expression.polynomial();
    }
    throw new IllegalArgumentException("An unknown dimension has no normal form");
  }

  private static DimPolynomial constant(long value) {
    return new DimPolynomial(value == 0 ? Map.of() : Map.of(Product.ONE, value));
  }

  private static DimPolynomial atom(Atom atom) {
    return new DimPolynomial(Map.of(new Product(List.of(atom)), 1L));
  }

  private Dim toDim() {
    if (terms.isEmpty()) {
      return Dim.of(0);
    }
    if (size() > MAX_SIZE || terms.size() > 1 && terms.containsValue(Long.MIN_VALUE)) {
      return Dim.UNKNOWN;
    }
    if (terms.size() == 1) {
      Map.Entry<Product, Long> only = terms.entrySet().iterator().next();
      List<Atom> factors = only.getKey().factors();
      if (factors.isEmpty()) {
        return Dim.of(only.getValue());
      }
      if (factors.size() == 1
          && only.getValue() == 1
          && factors.get(0) instanceof SymbolAtom symbol) {
        return Dim.symbol(symbol.name());
      }
    }
    return new Dim.Expression(this);
  }

  /** How many symbols and numbers it is made of. */
  private int size() {
    int size = terms.size();
    for (Product product : terms.keySet()) {
      for (Atom factor : product.factors()) {
        size += factor instanceof Call call ? size(call.left()) + size(call.right()) : 1;
      }
    }
    return size;
  }

  private static int size(Dim dim) {
    return dim instanceof Dim.Expression expression ? expression.polynomial().size() : 1;
  }

  private boolean isConstant() {
    return terms.isEmpty() || terms.size() == 1 && terms.containsKey(Product.ONE);
  }

  private long constantTerm() {
    return terms.getOrDefault(Product.ONE, 0L);
  }

  DimPolynomial plus(DimPolynomial other) {
    Map<Product, Long> sum = new TreeMap<>(terms);
    other.terms.forEach((product, coefficient) -> add(sum, product, coefficient));
    return new DimPolynomial(sum);
  }

  DimPolynomial minus(DimPolynomial other) {
    Map<Product, Long> difference = new TreeMap<>(terms);
    other.terms.forEach(
        (product, coefficient) -> {
          if (coefficient == Long.MIN_VALUE) { // its negation is no long
            add(difference, product, Long.MAX_VALUE);
            add(difference, product, 1);
          } else {
            add(difference, product, -coefficient);
          }
        });
    return new DimPolynomial(difference);
  }

  DimPolynomial times(DimPolynomial other) {
    Map<Product, Long> result = new TreeMap<>();
    terms.forEach(
        (p, a) -> other.terms.forEach((q, b) -> add(result, p.times(q), Math.multiplyExact(a, b))));
    return new DimPolynomial(result);
  }

  private static void add(Map<Product, Long> sum, Product product, long coefficient) {
    long total = Math.addExact(sum.getOrDefault(product, 0L), coefficient);
    if (total == 0) {
      sum.remove(product);
    } else {
      sum.put(product, total);
    }
  }

  /**
   * floor((k*p + r)/k) = p + floor(r/k): whole multiples leave the quotient, and what stays has
   * coefficients in [0, k), so that (H-1)/2+1 and (H+1)/2 are the same.
   */
  DimPolynomial floorDiv(DimPolynomial divisor) {
    if (!divisor.isConstant()) {
      if (equals(divisor)) {
        return constant(1);
      }
      DimPolynomial exact = divideByProduct(divisor);
      return exact != null ? exact : call(Operation.FLOOR_DIV, this, divisor);
    }
    long k = divisor.constantTerm();
    Map<Product, Long> whole = new TreeMap<>();
    Map<Product, Long> rest = new TreeMap<>();
    terms.forEach(
        (product, coefficient) -> {
          long quotient = floorDivExact(coefficient, k);
          if (quotient != 0) {
            whole.put(product, quotient);
          }
          long remainder = coefficient - quotient * k;
          if (remainder != 0) {
            rest.put(product, remainder);
          }
        });
    DimPolynomial remainder = new DimPolynomial(rest);
    if (remainder.isConstant()) {
      return new DimPolynomial(whole).plus(constant(floorDivExact(remainder.constantTerm(), k)));
    }
    DimPolynomial flat = k > 0 ? remainder.flattenQuotient(k) : null;
    return new DimPolynomial(whole)
        .plus(flat != null ? flat : call(Operation.FLOOR_DIV, remainder, divisor));
  }

  static long floorDivExact(long dividend, long divisor) {
    return divisor == -1 ? Math.negateExact(dividend) : Math.floorDiv(dividend, divisor);
  }

  /**
   * floor((floor(a/m) + p)/k) = floor((a + m*p)/(m*k)): a quotient within a quotient leaves, so
   * that a chain of strides stays short. Null if there is no such term.
   */
  private @Nullable DimPolynomial flattenQuotient(long k) {
    for (Map.Entry<Product, Long> term : terms.entrySet()) {
      List<Atom> factors = term.getKey().factors();
      if (term.getValue() == 1
          && factors.size() == 1
          && factors.get(0) instanceof Call call
          && call.function() == Operation.FLOOR_DIV
          && call.right() instanceof Dim.Fixed by
          && by.size() > 0) {
        Map<Product, Long> others = new TreeMap<>(terms);
        others.remove(term.getKey());
        DimPolynomial inner =
            of(call.left()).plus(new DimPolynomial(others).times(constant(by.size())));
        return inner.floorDiv(constant(Math.multiplyExact(by.size(), k)));
      }
    }
    return null;
  }

  /** Whether it is the minimum of a dimension and a fixed number not below another. */
  boolean isMinimum(Dim dim, long leastNumber) {
    if (terms.size() != 1) {
      return false;
    }
    Map.Entry<Product, Long> term = terms.entrySet().iterator().next();
    List<Atom> factors = term.getKey().factors();
    if (term.getValue() != 1
        || factors.size() != 1
        || !(factors.get(0) instanceof Call call)
        || call.function() != Operation.MIN) {
      return false;
    }
    Dim number = call.left().equals(dim) ? call.right() : call.left();
    return (call.left().equals(dim) || call.right().equals(dim))
        && number instanceof Dim.Fixed fixed
        && fixed.size() >= leastNumber;
  }

  /** Whether no term subtracts and no factor can be negative. */
  boolean isNonNegative() {
    for (Map.Entry<Product, Long> term : terms.entrySet()) {
      if (term.getValue() < 0) {
        return false;
      }
      for (Atom factor : term.getKey().factors()) {
        if (factor instanceof Call call && !isNonNegative(call)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isNonNegative(Call call) {
    boolean left = call.left().isNonNegative();
    boolean right = call.right().isNonNegative();
    return switch (call.function()) {
      case FLOOR_DIV, MIN -> left && right;
      case MOD -> right;
      case MAX -> left || right;
    };
  }

  /** The exact quotient by a single product such as N or 2*N, or null if it does not divide. */
  private @Nullable DimPolynomial divideByProduct(DimPolynomial divisor) {
    if (divisor.terms.size() != 1) {
      return null;
    }
    Map.Entry<Product, Long> by = divisor.terms.entrySet().iterator().next();
    Map<Product, Long> result = new TreeMap<>();
    for (Map.Entry<Product, Long> term : terms.entrySet()) {
      List<Atom> left = new ArrayList<>(term.getKey().factors());
      for (Atom factor : by.getKey().factors()) {
        if (!left.remove(factor)) {
          return null;
        }
      }
      if (term.getValue() % by.getValue() != 0) {
        return null;
      }
      result.put(new Product(List.copyOf(left)), floorDivExact(term.getValue(), by.getValue()));
    }
    return new DimPolynomial(result);
  }

  DimPolynomial mod(DimPolynomial divisor) {
    if (isConstant() && divisor.isConstant()) {
      return constant(Math.floorMod(constantTerm(), divisor.constantTerm()));
    }
    if (divisor.isConstant()) {
      long k = divisor.constantTerm();
      Map<Product, Long> rest = new TreeMap<>();
      terms.forEach((product, c) -> add(rest, product, Math.floorMod(c, k)));
      DimPolynomial reduced = new DimPolynomial(rest);
      return reduced.isConstant()
          ? constant(Math.floorMod(reduced.constantTerm(), k))
          : call(Operation.MOD, reduced, divisor);
    }
    return call(Operation.MOD, this, divisor);
  }

  DimPolynomial max(DimPolynomial other) {
    if (minus(other).isNonNegative()) {
      return this;
    }
    return other.minus(this).isNonNegative() ? other : ordered(Operation.MAX, other);
  }

  DimPolynomial min(DimPolynomial other) {
    if (minus(other).isNonNegative()) {
      return other;
    }
    return other.minus(this).isNonNegative() ? this : ordered(Operation.MIN, other);
  }

  private DimPolynomial ordered(Operation function, DimPolynomial other) {
    return toString().compareTo(other.toString()) <= 0
        ? call(function, this, other)
        : call(function, other, this);
  }

  private static DimPolynomial call(Operation function, DimPolynomial left, DimPolynomial right) {
    Dim a = left.toDim();
    Dim b = right.toDim();
    if (!a.isKnown() || !b.isKnown()) {
      throw new ArithmeticException("too large"); // which makes the whole unknown
    }
    return atom(new Call(function, a, b));
  }

  Set<String> symbols() {
    Set<String> symbols = new TreeSet<>();
    for (Product product : terms.keySet()) {
      for (Atom factor : product.factors()) {
        if (factor instanceof Call call) {
          symbols.addAll(call.left().symbols());
          symbols.addAll(call.right().symbols());
        } else if (factor instanceof SymbolAtom symbol) {
          symbols.add(symbol.name());
        }
      }
    }
    return symbols;
  }

  Dim substitute(Map<String, Dim> symbols) {
    Dim sum = Dim.of(0);
    for (Map.Entry<Product, Long> term : terms.entrySet()) {
      Dim product = Dim.of(term.getValue());
      for (Atom factor : term.getKey().factors()) {
        product = product.times(substitute(factor, symbols));
      }
      sum = sum.plus(product);
    }
    return sum;
  }

  private static Dim substitute(Atom atom, Map<String, Dim> symbols) {
    if (atom instanceof SymbolAtom symbol) {
      return symbols.getOrDefault(symbol.name(), Dim.symbol(symbol.name()));
    }
    Call call = (Call) atom;
    Dim left = call.left().substitute(symbols);
    Dim right = call.right().substitute(symbols);
    return switch (call.function()) {
      case FLOOR_DIV -> left.floorDiv(right);
      case MOD -> left.mod(right);
      case MAX -> left.max(right);
      case MIN -> left.min(right);
    };
  }

  /** What is added stands before what is subtracted. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    Map<Product, Long> ordered = new TreeMap<>(terms);
    ordered.forEach(
        (product, coefficient) -> {
          if (coefficient > 0) {
            text.append(text.isEmpty() ? "" : "+");
            appendTerm(text, product, coefficient);
          }
        });
    ordered.forEach(
        (product, coefficient) -> {
          if (coefficient < 0) {
            text.append('-');
            appendTerm(text, product, -coefficient);
          }
        });
    return text.toString();
  }

  private static void appendTerm(StringBuilder text, Product product, long coefficient) {
    if (coefficient != 1 || product.factors().isEmpty()) {
      text.append(coefficient);
      if (!product.factors().isEmpty()) {
        text.append('*');
      }
    }
    boolean alone = product.factors().size() == 1 && coefficient == 1;
    String separator = "";
    for (Atom factor : product.factors()) {
      text.append(separator);
      boolean quotient = factor instanceof Call call && call.function() == Operation.FLOOR_DIV;
      text.append(quotient && !alone ? "(" + factor + ")" : factor.toString());
      separator = "*";
    }
  }
}
