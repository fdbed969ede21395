package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Sums of products by Einstein's convention. Operands are multiplied two at a time, as stacks of
 * matrices. The axes an ellipsis stands for have the digits as names, counted from the back.
 */
final class Einsum {
  /** A tensor whose axes have names. */
  private record Term(String axes, Tensor tensor) {}

  private Einsum() {}

  static Tensor evaluate(KernelContext c) {
    String equation = c.stringAttribute("equation", "").replace(" ", "");
    List<Tensor> operands = c.tensors();
    int arrow = equation.indexOf("->");
    String left = arrow < 0 ? equation : equation.substring(0, arrow);
    String[] names = left.split(",", -1);
    if (names.length != operands.size()) {
      throw new EvaluationException(
          "equation " + equation + " is for " + names.length + " operands");
    }
    List<Term> terms = new ArrayList<>();
    int dots = 0;
    for (int i = 0; i < names.length; i++) {
      int rank = operands.get(i).rank();
      dots = Math.max(dots, names[i].contains("...") ? rank - names[i].length() + 3 : 0);
      terms.add(diagonal(named(names[i], operands.get(i))));
    }
    String output =
        arrow < 0 ? implicitOutput(left, dots) : spelled(equation.substring(arrow + 2), dots);
    return evaluate(terms, output, c.parallel());
  }

  private static Term named(String names, Tensor operand) {
    String axes =
        names.contains("...") ? spelled(names, operand.rank() - names.length() + 3) : names;
    if (axes.length() != operand.rank()) {
      throw new EvaluationException(
          "term " + names + " does not name the axes of shape " + operand.shape());
    }
    return new Term(axes, operand);
  }

  /** The term with the axes the ellipsis stands for. */
  private static String spelled(String term, int dots) {
    StringBuilder digits = new StringBuilder();
    for (int i = dots - 1; i >= 0; i--) {
      digits.append((char) ('0' + i));
    }
    return term.replace("...", digits);
  }

  /** The ellipsis, then the letters that occur once, in order. */
  private static String implicitOutput(String left, int dots) {
    StringBuilder output = new StringBuilder(dots > 0 ? spelled("...", dots) : "");
    left.chars()
        .filter(ch -> Character.isLetter(ch) && left.indexOf(ch) == left.lastIndexOf(ch))
        .sorted()
        .forEach(ch -> output.append((char) ch));
    return output.toString();
  }

  /** An axis named twice becomes one, along the diagonal. */
  private static Term diagonal(Term term) {
    Set<Character> distinct = letters(term.axes);
    if (distinct.size() == term.axes.length()) {
      return term;
    }
    int[] own = Dims.strides(term.tensor.dims());
    StringBuilder axes = new StringBuilder();
    long[] dims = new long[distinct.size()];
    int[] strides = new int[dims.length];
    for (char axis : distinct) {
      int at = axes.length();
      for (int d = 0; d < own.length; d++) {
        if (term.axes.charAt(d) == axis) {
          dims[at] = term.tensor.dim(d);
          strides[at] += own[d];
        }
      }
      axes.append(axis);
    }
    return new Term(
        axes.toString(), Moves.strided(term.tensor, strides, Parallel.SEQUENTIAL, dims));
  }

  private static Set<Character> letters(String axes) {
    Set<Character> letters = new LinkedHashSet<>();
    for (int i = 0; i < axes.length(); i++) {
      letters.add(axes.charAt(i));
    }
    return letters;
  }

  private static Tensor evaluate(List<Term> terms, String output, Parallel parallel) {
    Term product = summed(terms.get(0), needed(terms, 1, output));
    for (int i = 1; i < terms.size(); i++) {
      String later = needed(terms, i + 1, output);
      Term next = summed(terms.get(i), later + product.axes);
      product = multiply(product, next, later, parallel);
    }
    return ordered(product, output).tensor;
  }

  /** The axes that the terms from one on, and the output, name. */
  private static String needed(List<Term> terms, int from, String output) {
    StringBuilder needed = new StringBuilder(output);
    terms.subList(from, terms.size()).forEach(t -> needed.append(t.axes));
    return needed.toString();
  }

  /** The term summed over the axes nobody needs. */
  private static Term summed(Term term, String needed) {
    StringBuilder kept = new StringBuilder();
    List<Integer> gone = new ArrayList<>();
    for (int d = 0; d < term.axes.length(); d++) {
      if (needed.indexOf(term.axes.charAt(d)) >= 0) {
        kept.append(term.axes.charAt(d));
      } else {
        gone.add(d);
      }
    }
    int[] axes = gone.stream().mapToInt(Integer::intValue).toArray();
    return axes.length == 0
        ? term
        : new Term(kept.toString(), ReductionKernels.sum(term.tensor, axes));
  }

  /** The product of two terms, summed over the axes that nobody needs later. */
  private static Term multiply(Term a, Term b, String later, Parallel parallel) {
    StringBuilder batch = new StringBuilder();
    StringBuilder inner = new StringBuilder();
    StringBuilder left = new StringBuilder();
    StringBuilder right = new StringBuilder();
    for (char axis : letters(a.axes + b.axes)) {
      boolean inA = a.axes.indexOf(axis) >= 0;
      boolean inB = b.axes.indexOf(axis) >= 0;
      StringBuilder group = !inB ? left : !inA ? right : later.indexOf(axis) >= 0 ? batch : inner;
      group.append(axis);
    }
    Term x = ordered(broadcast(a, b), "" + batch + left + inner);
    Term y = ordered(broadcast(b, a), "" + batch + inner + right);
    long m = size(x, left);
    long k = size(x, inner);
    long n = size(y, right);
    long stack = size(x, batch);
    Tensor product =
        LinearAlgebraKernels.matMul(
            x.tensor.reshape(stack, m, k), y.tensor.reshape(stack, k, n), parallel);
    String axes = "" + batch + left + right;
    long[] dims = new long[axes.length()];
    for (int d = 0; d < dims.length; d++) {
      Term owner = x.axes.indexOf(axes.charAt(d)) >= 0 ? x : y;
      dims[d] = owner.tensor.dim(owner.axes.indexOf(axes.charAt(d)));
    }
    return new Term(axes, product.reshape(dims));
  }

  private static long size(Term term, CharSequence axes) {
    long size = 1;
    for (int i = 0; i < axes.length(); i++) {
      size *= term.tensor.dim(term.axes.indexOf(axes.charAt(i)));
    }
    return size;
  }

  /** The term with its axes of size 1 as long as another term has them. */
  private static Term broadcast(Term term, Term other) {
    long[] dims = term.tensor.dims();
    for (int d = 0; d < dims.length; d++) {
      int at = other.axes.indexOf(term.axes.charAt(d));
      long wanted = at < 0 ? dims[d] : other.tensor.dim(at);
      if (dims[d] != wanted && dims[d] != 1 && wanted != 1) {
        throw new EvaluationException(
            "axis " + term.axes.charAt(d) + " has sizes " + dims[d] + " and " + wanted);
      }
      dims[d] = Math.max(dims[d], wanted);
    }
    return new Term(
        term.axes,
        Moves.strided(
            term.tensor,
            Dims.broadcastStrides(term.tensor.dims(), dims),
            Parallel.SEQUENTIAL,
            dims));
  }

  private static Term ordered(Term term, String axes) {
    int[] perm = axes.chars().map(term.axes::indexOf).toArray();
    if (perm.length != term.axes.length()) {
      throw new EvaluationException("an axis of output " + axes + " is in no operand");
    }
    return new Term(axes, Rows.permuted(term.tensor, perm));
  }
}
