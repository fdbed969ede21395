package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An Einsum as Transpose, MatMul and ReduceSum. Two operands at a time are brought together; where
 * they share more than one summed axis, or have more than one of their own, these become one.
 */
final class EinsumAsProducts {

  /** An operand whose axes are named by letters. */
  private record Term(Value value, String axes) {}

  private final Rewriter to;

  private EinsumAsProducts(Rewriter to) {
    this.to = to;
  }

  static Value of(Node node, Rewriter to) {
    String equation = node.stringAttribute("equation", "").replace(" ", "");
    if (equation.contains(".")) {
      throw new RefusedStepException("an Einsum with an ellipsis came with opset 12");
    }
    int arrow = equation.indexOf("->");
    String left = arrow < 0 ? equation : equation.substring(0, arrow);
    String[] operands = left.split(",", -1);
    String result = arrow < 0 ? implicit(left) : equation.substring(arrow + 2);
    for (String operand : operands) {
      if (operand.chars().distinct().count() != operand.length()) {
        throw new RefusedStepException("an Einsum along a diagonal came with opset 12");
      }
    }
    EinsumAsProducts einsum = new EinsumAsProducts(to);
    Term term = new Term(to.input(node, 0), operands[0]);
    for (int i = 1; i < operands.length; i++) {
      StringBuilder later = new StringBuilder(result);
      Arrays.stream(operands).skip(i + 1L).forEach(later::append);
      term = einsum.product(term, new Term(to.input(node, i), operands[i]), later.toString());
    }
    return einsum.ordered(einsum.summed(term, result), result).value();
  }

  /** Without an arrow the result has the letters that stand once, in order. */
  private static String implicit(String left) {
    StringBuilder once = new StringBuilder();
    left.chars()
        .filter(Character::isLetter)
        .sorted()
        .distinct()
        .filter(c -> left.indexOf(c) == left.lastIndexOf(c))
        .forEach(c -> once.append((char) c));
    return once.toString();
  }

  /** The term without the axes that nobody asks for later. */
  private Term summed(Term term, String kept) {
    long[] gone =
        IntStream.range(0, term.axes().length())
            .filter(i -> kept.indexOf(term.axes().charAt(i)) < 0)
            .mapToLong(i -> i)
            .toArray();
    return gone.length == 0
        ? term
        : new Term(to.reduceSum(term.value(), false, gone), common(term.axes(), kept));
  }

  private Term product(Term a, Term b, String later) {
    Term left = summed(a, b.axes() + later);
    Term right = summed(b, a.axes() + later);
    String shared = common(left.axes(), right.axes());
    String summed = without(shared, later);
    String batch = common(shared, later);
    String rows = without(left.axes(), shared);
    String columns = without(right.axes(), shared);
    if (summed.length() == 1 && rows.length() <= 1 && columns.length() <= 1) {
      Value x = matrix(left, batch, rows, summed, -2);
      Value y = matrix(right, batch, summed, columns, -1);
      Value product = to.matMul(x, y);
      if (columns.isEmpty()) {
        product = to.squeeze(product, -1);
      }
      if (rows.isEmpty()) {
        product = to.squeeze(product, columns.isEmpty() ? -1 : -2);
      }
      return new Term(product, batch + rows + columns);
    }
    String all = batch + rows + columns + summed;
    Value product = to.mul(spread(left, all), spread(right, all));
    return summed(new Term(product, all), batch + rows + columns);
  }

  /** The operand as matrices, with an axis of one where there is none of its own. */
  private Value matrix(Term term, String batch, String first, String second, long missing) {
    Value ordered = ordered(term, batch + first + second).value();
    return first.isEmpty() || second.isEmpty()
        ? to.unsqueeze(ordered, fromFront(term, missing))
        : ordered;
  }

  private static long fromFront(Term term, long axis) {
    return term.axes().length() + 1 + axis;
  }

  private Term ordered(Term term, String axes) {
    if (term.axes().equals(axes)) {
      return term;
    }
    long[] perm = axes.chars().mapToLong(c -> term.axes().indexOf(c)).toArray();
    return new Term(to.transpose(term.value(), perm), axes);
  }

  /** The operand with axes of one for those that it lacks. */
  private Value spread(Term term, String all) {
    Value ordered = ordered(term, common(all, term.axes())).value();
    long[] missing =
        IntStream.range(0, all.length())
            .filter(i -> term.axes().indexOf(all.charAt(i)) < 0)
            .mapToLong(i -> i)
            .toArray();
    return missing.length == 0 ? ordered : to.unsqueeze(ordered, missing);
  }

  /** The letters of the first that the second has, too. */
  private static String common(String a, String b) {
    return kept(a, b, true);
  }

  private static String without(String a, String b) {
    return kept(a, b, false);
  }

  private static String kept(String a, String b, boolean common) {
    StringBuilder kept = new StringBuilder();
    a.chars().filter(c -> b.indexOf(c) >= 0 == common).forEach(c -> kept.append((char) c));
    return kept.toString();
  }
}
