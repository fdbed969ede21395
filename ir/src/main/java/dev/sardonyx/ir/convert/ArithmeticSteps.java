package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Arithmetic, products of matrices and elementary functions. */
final class ArithmeticSteps {
  private ArithmeticSteps() {}

  static void addTo(StepTable table) {
    table.down("Gemm", 11, Effect.REWRITTEN, ArithmeticSteps::withBias);
    table.down("Max 8\nMin 8\nSum 8\nMean 8", Effect.DECOMPOSED, ArithmeticSteps::ofOneShape);
    table.down("Pow", 12, Effect.REWRITTEN, ArithmeticSteps::pow);
    table.down("Mod", 28, Effect.DECOMPOSED, ArithmeticSteps::floorMod);
    decomposed(table, "Cosh", 9, ArithmeticSteps::cosh);
    decomposed(table, "Sign", 9, ArithmeticSteps::sign);
    decomposed(table, "IsNaN", 9, ArithmeticSteps::isNaN);
    decomposed(table, "IsInf", 10, ArithmeticSteps::isInf);
    decomposed(table, "Mod", 10, ArithmeticSteps::integerMod);
    decomposed(table, "MatMulInteger", 10, ArithmeticSteps::matMulInteger);
    decomposed(
        table,
        "GreaterOrEqual",
        12,
        (node, to) -> to.greaterOrEqual(to.input(node, 0), to.input(node, 1)));
    decomposed(
        table,
        "LessOrEqual",
        12,
        (node, to) -> to.lessOrEqual(to.input(node, 0), to.input(node, 1)));
    decomposed(table, "Einsum", 12, EinsumAsProducts::of);
    decomposed(table, "Bernoulli", 15, ArithmeticSteps::bernoulli);
    decomposed(table, "BitwiseNot", 18, ArithmeticSteps::bitwiseNot);
    table.down("BitShift", 28, Effect.DECOMPOSED, ArithmeticSteps::signedShift);
    table.step(
        "DFT",
        20,
        Effect.ATTRIBUTES_TO_INPUTS,
        (node, to) ->
            node.withoutAttribute("axis")
                .withInput(2, to.constant(node.intAttribute("axis", 1)).name()),
        Effect.INPUTS_TO_ATTRIBUTES,
        ArithmeticSteps::dft);
  }

  private static void decomposed(
      StepTable table, String operator, int version, StepRule.Decomposition decomposition) {
    table.added(operator, version, Effect.DECOMPOSED, StepRule.by(decomposition));
  }

  private static Node withBias(Node node, Rewriter to) {
    if (node.hasInput(2)) {
      return node;
    }
    ElementType type = Given.type(node, 0, to);
    Value none = to.numberedConstant("zero", Tensor.ofNumbers(type, new double[1], 1));
    return Given.firstInputs(node, 2).withInput(2, none.name());
  }

  /** Up to opset 7 all operands have the result's shape. */
  private static @Nullable Node ofOneShape(Node node, Rewriter to) {
    Shape first = Given.shape(node, 0, to);
    boolean same =
        first.isRanked()
            && first.dims().stream().allMatch(d -> d.isKnown())
            && IntStream.range(1, node.inputs().size())
                .allMatch(i -> Given.shape(node, i, to).equals(first));
    if (same || node.inputs().size() == 1) {
      return node;
    }
    boolean isSum = node.opType().equals("Sum") || node.opType().equals("Mean");
    if (!isSum) {
      throw new RefusedStepException("operands of several shapes came with opset 8");
    }
    List<Value> in = to.inputs(node);
    Value sum = in.get(0);
    for (Value more : in.subList(1, in.size())) {
      sum = to.add(sum, more);
    }
    to.replace(node.opType().equals("Sum") ? sum : to.div(sum, to.scalarLike(sum, in.size())));
    return null;
  }

  /** Up to opset 11 base and exponent are of one floating-point type. */
  private static @Nullable Node pow(Node node, Rewriter to) {
    ElementType base = Given.knownType(node, 0, to);
    ElementType exponent = Given.knownType(node, 1, to);
    if (base.isFloat()) {
      return base == exponent ? node : node.withInput(1, to.cast(to.input(node, 1), base).name());
    }
    if (base != ElementType.INT32) {
      return node;
    }
    Value power =
        to.pow(
            to.cast(to.input(node, 0), ElementType.DOUBLE),
            to.cast(to.input(node, 1), ElementType.DOUBLE));
    to.replace(to.cast(power, base));
    return null;
  }

  /** Up to opset 27 floats have the remainder of truncation only. */
  private static @Nullable Node floorMod(Node node, Rewriter to) {
    if (node.intAttribute("fmod", 0) != 0 || !Given.type(node, 0, to).isFloat()) {
      return node;
    }
    Value b = to.input(node, 1);
    to.replace(withSignOf(b, to.mod(to.input(node, 0), b), to));
    return null;
  }

  /** The remainder brought to the sign of the divisor. */
  private static Value withSignOf(Value b, Value remainder, Rewriter to) {
    Value zero = to.scalarLike(b, 0);
    Value differ = to.xor(to.less(remainder, zero), to.less(b, zero));
    Value isWhole = to.equal(remainder, zero);
    return to.where(to.and(differ, to.not(isWhole)), to.add(remainder, b), remainder);
  }

  private static Value integerMod(Node node, Rewriter to) {
    ElementType type = Given.type(node, 0, to);
    if (type != ElementType.INT32 && type != ElementType.INT64) {
      throw new RefusedStepException("Mod of type " + type + " came with opset 10");
    }
    Value a = to.input(node, 0);
    Value b = to.input(node, 1);
    Value remainder = to.sub(a, to.mul(to.div(a, b), b));
    return node.intAttribute("fmod", 0) != 0 ? remainder : withSignOf(b, remainder, to);
  }

  private static Value cosh(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    Value sum = to.add(to.exp(x), to.exp(to.neg(x)));
    return to.mul(sum, to.scalarLike(x, 0.5));
  }

  private static Value sign(Node node, Rewriter to) {
    ElementType type = Given.type(node, 0, to);
    if (type != ElementType.FLOAT && type != ElementType.DOUBLE && type != ElementType.FLOAT16) {
      throw new RefusedStepException("Sign of type " + type + " came with opset 9");
    }
    Value x = to.input(node, 0);
    Value zero = to.scalarLike(x, 0);
    return to.sub(to.cast(to.greater(x, zero), type), to.cast(to.less(x, zero), type));
  }

  /** Only what is not a number is neither below infinity nor above its negative. */
  private static Value isNaN(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    Value below = to.less(x, to.scalarLike(x, Double.POSITIVE_INFINITY));
    return to.not(to.or(below, to.greater(x, to.scalarLike(x, Double.NEGATIVE_INFINITY))));
  }

  private static Value isInf(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    double most =
        Given.type(node, 0, to) == ElementType.DOUBLE ? Double.MAX_VALUE : Float.MAX_VALUE;
    boolean positive = node.intAttribute("detect_positive", 1) != 0;
    boolean negative = node.intAttribute("detect_negative", 1) != 0;
    if (!positive && !negative) {
      return to.and(to.greater(x, x), to.less(x, x));
    }
    Value magnitude = positive && negative ? to.abs(x) : positive ? x : to.neg(x);
    return to.greater(magnitude, to.scalarLike(x, most));
  }

  /** In int32, where no sum of products of bytes overflows that the operator does not. */
  private static Value matMulInteger(Node node, Rewriter to) {
    return to.matMul(centred(node, 0, to), centred(node, 1, to));
  }

  private static Value centred(Node node, int i, Rewriter to) {
    Value x = to.cast(to.input(node, i), ElementType.INT32);
    if (!node.hasInput(i + 2)) {
      return x;
    }
    Value zero = to.cast(to.input(node, i + 2), ElementType.INT32);
    Shape shape = Given.shape(node, i + 2, to);
    if (!shape.isRanked()) {
      throw new RefusedStepException("the rank of its zero point is not known");
    }
    boolean perRow = i == 0 && shape.rank() == 1 && !shape.equals(Shape.of(1));
    return to.sub(x, perRow ? to.unsqueeze(zero, 1) : zero);
  }

  private static Value bernoulli(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    List<Attribute> seed = node.attribute("seed").map(List::of).orElse(List.of());
    ElementType type = Given.type(node, 0, to);
    ElementType result = ElementType.of((int) node.intAttribute("dtype", type.code()));
    return to.cast(to.less(to.node("RandomUniformLike", List.of(x), seed), x), result);
  }

  /** In two's complement -1 - x, without a sign all bits minus x. */
  private static Value bitwiseNot(Node node, Rewriter to) {
    ElementType type = Given.type(node, 0, to);
    if (type == ElementType.UINT64) {
      throw new RefusedStepException("BitwiseNot of type uint64 came with opset 18");
    }
    double ones = type.isSigned() ? -1 : Math.pow(2, type.bits()) - 1;
    Value x = to.input(node, 0);
    return to.sub(to.scalarLike(x, ones), x);
  }

  /**
   * Up to opset 27 only numbers without a sign are shifted. 64 bits hold them all; a negative
   * number is shifted right as its complement.
   */
  private static @Nullable Node signedShift(Node node, Rewriter to) {
    ElementType type = Given.type(node, 0, to);
    if (!type.isSigned()) {
      return node;
    }
    Value x = to.cast(to.input(node, 0), ElementType.INT64);
    Value by = to.cast(to.input(node, 1), ElementType.INT64);
    Value zero = to.scalarLike(x, 0);
    Value all = to.or(to.less(by, zero), to.greater(by, to.scalarLike(by, type.bits() - 1)));
    Value shifted;
    if (node.stringAttribute("direction", "").equals("LEFT")) {
      Value some = to.where(all, zero, by);
      shifted = to.where(all, zero, unsignedShift(node, x, some, to));
    } else {
      Value most = to.where(all, to.scalarLike(by, 63), by);
      Value isNegative = to.less(x, zero);
      Value positive = to.where(isNegative, complement(x, to), x);
      Value magnitude = unsignedShift(node, positive, most, to);
      shifted = to.where(isNegative, complement(magnitude, to), magnitude);
    }
    to.replace(to.cast(shifted, type));
    return null;
  }

  private static Value complement(Value x, Rewriter to) {
    return to.sub(to.scalarLike(x, -1), x);
  }

  private static Value unsignedShift(Node node, Value x, Value by, Rewriter to) {
    Value bits = to.cast(x, ElementType.UINT64);
    List<Value> operands = List.of(bits, to.cast(by, ElementType.UINT64));
    return to.cast(to.node("BitShift", operands, node.attributes()), ElementType.INT64);
  }

  private static Node dft(Node node, Rewriter to) {
    long axis = node.hasInput(2) ? Given.longs(node, 2, to, "its axis")[0] : -2;
    Node plain = Given.firstInputs(node, node.hasInput(1) ? 2 : 1);
    return plain.withAttribute(Attribute.ofInt("axis", axis));
  }
}
