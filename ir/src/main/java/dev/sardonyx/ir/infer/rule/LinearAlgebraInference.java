package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Linear algebra: matrix products, determinants, Einstein sums. */
final class LinearAlgebraInference {
  private LinearAlgebraInference() {}

  static void addTo(Rules rules) {
    rules.add("MatMul", c -> c.setOutputShape(0, matMul(c, 0, 1)));
    rules.add("MatMulInteger", LinearAlgebraInference::matMulInteger);
    rules.add("QLinearMatMul", c -> c.setOutputShape(0, matMul(c, 0, 3)));
    rules.add("Gemm", LinearAlgebraInference::gemm);
    rules.add("Det", LinearAlgebraInference::det);
    rules.add("Einsum", LinearAlgebraInference::einsum);
  }

  /** The shape of the matrix product of two inputs, as NumPy's matmul has it. */
  static Shape matMul(InferenceContext c, int i, int j) {
    Shape a = c.inputShape(i);
    Shape b = c.inputShape(j);
    if (a.isRanked() && a.rank() == 0) {
      throw c.rankError(i, "of at least 1");
    }
    if (b.isRanked() && b.rank() == 0) {
      throw c.rankError(j, "of at least 1");
    }
    if (!a.isRanked() || !b.isRanked()) {
      return Shape.UNKNOWN;
    }
    Dim inA = a.dim(-1);
    Dim inB = b.dim(b.rank() == 1 ? 0 : -2);
    if (!inA.isCompatibleWith(inB)) {
      throw Broadcasting.mismatch(
          c, i, j, "cannot be multiplied: " + inA + " columns meet " + inB + " rows");
    }
    Shape batch =
        Broadcasting.of(
            a.slice(0, Math.max(0, a.rank() - 2)), b.slice(0, Math.max(0, b.rank() - 2)));
    if (batch == null) {
      throw Broadcasting.mismatch(c, i, j, "have batch dimensions that cannot be broadcast");
    }
    List<Dim> dims = new ArrayList<>(batch.dims());
    if (a.rank() > 1) {
      dims.add(a.dim(-2));
    }
    if (b.rank() > 1) {
      dims.add(b.dim(-1));
    }
    return Shape.of(dims);
  }

  private static void matMulInteger(InferenceContext c) {
    Shape shape = matMul(c, 0, 1);
    zeroPoint(c, 2, 0, -2);
    zeroPoint(c, 3, 1, -1);
    c.setOutputShape(0, shape);
  }

  /** A zero point is one number, or one a row (of A) or column (of B). */
  private static void zeroPoint(InferenceContext c, int input, int matrix, int axis) {
    Shape point = c.inputShape(input);
    Shape of = c.inputShape(matrix);
    boolean vector = point.isRanked() && point.rank() == 1 && !point.dim(0).isFixed(1);
    if (vector && of.isRanked() && of.rank() > 1) {
      if (!point.dim(0).isCompatibleWith(of.dim(axis))) {
        throw Broadcasting.mismatch(c, matrix, input, "differ in the number of zero points");
      }
    }
  }

  private static void gemm(InferenceContext c) {
    Shape a = c.inputShape(0);
    Shape b = c.inputShape(1);
    for (int i = 0; i < 2; i++) {
      if (c.inputShape(i).isRanked() && c.inputShape(i).rank() != 2) {
        throw c.rankError(i, "2");
      }
    }
    boolean transA = c.flag("transA");
    boolean transB = c.flag("transB");
    Dim rows = a.isRanked() ? a.dim(transA ? 1 : 0) : Dim.UNKNOWN;
    Dim columns = b.isRanked() ? b.dim(transB ? 0 : 1) : Dim.UNKNOWN;
    Dim inA = a.isRanked() ? a.dim(transA ? 0 : 1) : Dim.UNKNOWN;
    Dim inB = b.isRanked() ? b.dim(transB ? 1 : 0) : Dim.UNKNOWN;
    if (!inA.isCompatibleWith(inB)) {
      throw Broadcasting.mismatch(
          c,
          0,
          1,
          "cannot be multiplied (transA=%d, transB=%d): %s columns meet %s rows"
              .formatted(transA ? 1 : 0, transB ? 1 : 0, inA, inB));
    }
    Shape product = Shape.of(rows, columns);
    if (c.hasInput(2)) {
      requireAddable(c, product);
    }
    c.setOutputShape(0, product);
  }

  private static void requireAddable(InferenceContext c, Shape product) {
    Shape added = c.inputShape(2);
    boolean exact = c.since() < 7 && !c.flag("broadcast");
    if (!(exact ? product.isCompatibleWith(added) : Broadcasting.fitsInto(added, product))) {
      throw c.shapeError(
          2,
          "a shape that fits " + product,
          "input %s of shape %s cannot be added to the product of %s %s and %s %s, which is %s"
              .formatted(
                  c.inputName(2),
                  added,
                  c.inputName(0),
                  c.inputShape(0),
                  c.inputName(1),
                  c.inputShape(1),
                  product));
    }
  }

  private static void det(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (!shape.isRanked()) {
      return;
    }
    if (shape.rank() < 2) {
      throw c.rankError(0, "of at least 2");
    }
    if (!shape.dim(-1).isCompatibleWith(shape.dim(-2))) {
      throw c.shapeError(
          0,
          "square matrices",
          "input " + c.inputName(0) + " of shape " + shape + " does not hold square matrices");
    }
    c.setOutputShape(0, shape.slice(0, shape.rank() - 2));
  }

  // Einsum

  private static final String ELLIPSIS = "...";

  private static void einsum(InferenceContext c) {
    String equation = c.stringAttribute("equation", "").replace(" ", "");
    int arrow = equation.indexOf("->");
    String left = arrow < 0 ? equation : equation.substring(0, arrow);
    List<String> terms = List.of(left.split(",", -1));
    if (terms.size() != c.inputs()) {
      throw badEquation(
          c, equation, "names " + terms.size() + " inputs, but there are " + c.inputs());
    }
    Map<Character, Dim> sizes = new LinkedHashMap<>();
    Map<Character, Integer> uses = new TreeMap<>();
    Shape ellipsis = Shape.SCALAR;
    for (int i = 0; i < terms.size(); i++) {
      ellipsis = bindTerm(c, equation, terms.get(i), i, sizes, uses, ellipsis);
    }
    c.setOutputShape(0, einsumOutput(c, equation, arrow, left, sizes, uses, ellipsis));
  }

  /** Binds the letters of one input's term; gives the ellipses' shape so far. */
  private static Shape bindTerm(
      InferenceContext c,
      String equation,
      String term,
      int input,
      Map<Character, Dim> sizes,
      Map<Character, Integer> uses,
      Shape ellipsis) {
    Shape shape = c.inputShape(input);
    int dots = term.indexOf(ELLIPSIS);
    String letters = term.replace(ELLIPSIS, "");
    for (int i = 0; i < letters.length(); i++) {
      char letter = letters.charAt(i);
      if (!Character.isLetter(letter)) {
        throw badEquation(c, equation, "has a term '" + term + "' that is not made of letters");
      }
      uses.merge(letter, 1, Integer::sum);
    }
    int rest = shape.isRanked() ? shape.rank() - letters.length() : 0;
    if (dots < 0 ? rest != 0 : rest < 0) {
      throw c.rankError(
          input, dots < 0 ? "" + letters.length() : "of at least " + letters.length());
    }
    for (int i = 0; i < letters.length(); i++) {
      Dim dim = shape.isRanked() ? shape.dim(dots < 0 || i < dots ? i : i + rest) : Dim.UNKNOWN;
      bindLetter(c, equation, letters.charAt(i), dim, input, sizes);
    }
    if (dots < 0) {
      return ellipsis;
    }
    Shape own = shape.isRanked() ? shape.slice(dots, dots + rest) : Shape.UNKNOWN;
    Shape together = Broadcasting.of(ellipsis, own);
    if (together == null) {
      throw c.shapeError(
          input,
          "dimensions that fit " + ellipsis,
          "the ellipsis of %s %s stands for %s, which cannot be broadcast with %s"
              .formatted(c.inputName(input), shape, own, ellipsis));
    }
    return together;
  }

  /** Binds a letter to a dimension of an input, which must fit those it had before. */
  private static void bindLetter(
      InferenceContext c,
      String equation,
      char letter,
      Dim dim,
      int input,
      Map<Character, Dim> sizes) {
    Dim before = sizes.putIfAbsent(letter, dim);
    Dim both = before == null ? dim : Broadcasting.of(before, dim);
    if (both == null) {
      throw c.shapeError(
          input,
          letter + " = " + before,
          "letter %s of equation '%s' is %s before and %s in %s %s"
              .formatted(letter, equation, before, dim, c.inputName(input), c.inputShape(input)));
    }
    boolean weaker = before != null && before.isKnown() && !both.isKnown();
    sizes.put(letter, weaker ? before : both);
  }

  private static Shape einsumOutput(
      InferenceContext c,
      String equation,
      int arrow,
      String left,
      Map<Character, Dim> sizes,
      Map<Character, Integer> uses,
      Shape ellipsis) {
    StringBuilder right = new StringBuilder();
    if (arrow >= 0) {
      right.append(equation, arrow + 2, equation.length());
    } else {
      right.append(left.contains(ELLIPSIS) ? ELLIPSIS : "");
      uses.forEach((letter, count) -> right.append(count == 1 ? letter.toString() : ""));
    }
    String output = right.toString();
    if (!ellipsis.isRanked() && output.contains(ELLIPSIS)) {
      return Shape.UNKNOWN;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < output.length(); i++) {
      if (output.startsWith(ELLIPSIS, i)) {
        dims.addAll(left.contains(ELLIPSIS) ? ellipsis.dims() : Collections.<Dim>emptyList());
        i += 2;
        continue;
      }
      Dim dim = sizes.get(output.charAt(i));
      if (dim == null) {
        throw badEquation(c, equation, "gives " + output.charAt(i) + ", which no input's term has");
      }
      dims.add(dim);
    }
    return Shape.of(dims);
  }

  private static InferenceException badEquation(
      InferenceContext c, String equation, String reason) {
    return c.attributeError(
        "equation", "one term an input", equation, "equation '" + equation + "' " + reason);
  }
}
