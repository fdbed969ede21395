package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Value;
import org.jspecify.annotations.Nullable;

/** Arithmetic, elementary functions, and products of matrices. Two operands broadcast. */
public interface MathOps extends OperatorBuilder {
  /** {@code a + b} (ONNX {@code Add}). */
  default Value add(Value a, Value b) {
    return node("Add", a, b);
  }

  /** {@code a - b} (ONNX {@code Sub}). */
  default Value sub(Value a, Value b) {
    return node("Sub", a, b);
  }

  /** {@code a * b}, element by element (ONNX {@code Mul}). */
  default Value mul(Value a, Value b) {
    return node("Mul", a, b);
  }

  /** {@code a / b}; integers are truncated towards zero (ONNX {@code Div}). */
  default Value div(Value a, Value b) {
    return node("Div", a, b);
  }

  /** {@code base ^ exponent} (ONNX {@code Pow}). */
  default Value pow(Value base, Value exponent) {
    return node("Pow", base, exponent);
  }

  /**
   * The remainder of integers, with the divisor's sign; of floats with the dividend's, as C's fmod
   * (ONNX {@code Mod}, opset 10 on).
   */
  default Value mod(Value a, Value b) {
    return OperatorBuilder.elementType(a).isFloat()
        ? node("Mod", OperatorBuilder.operands(a, b), Attribute.ofInt("fmod", 1))
        : node("Mod", a, b);
  }

  /** {@code -x} (ONNX {@code Neg}). */
  default Value neg(Value x) {
    return node("Neg", x);
  }

  /** {@code |x|} (ONNX {@code Abs}). */
  default Value abs(Value x) {
    return node("Abs", x);
  }

  /** Square root (ONNX {@code Sqrt}). */
  default Value sqrt(Value x) {
    return node("Sqrt", x);
  }

  /** {@code e ^ x} (ONNX {@code Exp}). */
  default Value exp(Value x) {
    return node("Exp", x);
  }

  /** Natural logarithm (ONNX {@code Log}). */
  default Value log(Value x) {
    return node("Log", x);
  }

  /** {@code 1 / x} (ONNX {@code Reciprocal}). */
  default Value reciprocal(Value x) {
    return node("Reciprocal", x);
  }

  /** Rounded down (ONNX {@code Floor}). */
  default Value floor(Value x) {
    return node("Floor", x);
  }

  /** Rounded up (ONNX {@code Ceil}). */
  default Value ceil(Value x) {
    return node("Ceil", x);
  }

  /** Rounded to the nearest integer, halves to even; opset 11 on (ONNX {@code Round}). */
  default Value round(Value x) {
    return node("Round", x);
  }

  /** -1, 0 or 1; opset 9 on (ONNX {@code Sign}). */
  default Value sign(Value x) {
    return node("Sign", x);
  }

  /** The error function; opset 9 on (ONNX {@code Erf}). */
  default Value erf(Value x) {
    return node("Erf", x);
  }

  /** Sine, in radians (ONNX {@code Sin}). */
  default Value sin(Value x) {
    return node("Sin", x);
  }

  /** Cosine, in radians (ONNX {@code Cos}). */
  default Value cos(Value x) {
    return node("Cos", x);
  }

  /** Tangent, in radians (ONNX {@code Tan}). */
  default Value tan(Value x) {
    return node("Tan", x);
  }

  /** The smallest of the values, element by element, with broadcasting (ONNX {@code Min}). */
  default Value min(Value... values) {
    return node("Min", values);
  }

  /** The largest of the values, element by element, with broadcasting (ONNX {@code Max}). */
  default Value max(Value... values) {
    return node("Max", values);
  }

  /** The sum of the values, element by element, with broadcasting (ONNX {@code Sum}). */
  default Value sum(Value... values) {
    return node("Sum", values);
  }

  /** The mean of the values, element by element, with broadcasting (ONNX {@code Mean}). */
  default Value mean(Value... values) {
    return node("Mean", values);
  }

  /**
   * Product of matrices, in batches where there are more than two axes (ONNX {@code MatMul}):
   * {@code [...,M,K]} by {@code [...,K,N]} is {@code [...,M,N]}; the leading axes broadcast.
   */
  default Value matMul(Value a, Value b) {
    return node("MatMul", a, b);
  }

  /**
   * {@code a * b + c} for {@code a [M,K]}, {@code b [K,N]}, {@code c} broadcast to {@code [M,N]}.
   */
  default Value gemm(Value a, Value b, @Nullable Value c) {
    return gemm(a, b, c, 1, 1, false, false);
  }

  /**
   * {@code alpha * a * b + beta * c} (ONNX {@code Gemm}).
   *
   * @param a {@code [M,K]}, or {@code [K,M]} if transposed
   * @param b {@code [K,N]}, or {@code [N,K]} if transposed
   * @param c broadcast to {@code [M,N]}; null for none (opset 11 on)
   */
  default Value gemm(
      Value a,
      Value b,
      @Nullable Value c,
      float alpha,
      float beta,
      boolean transposeA,
      boolean transposeB) {
    return node(
        "Gemm",
        OperatorBuilder.inputs(a, b, c),
        Attribute.ofFloat("alpha", alpha),
        Attribute.ofFloat("beta", beta),
        Attribute.ofInt("transA", transposeA ? 1 : 0),
        Attribute.ofInt("transB", transposeB ? 1 : 0));
  }

  /** Einstein's sum, such as {@code "bij,bjk->bik"} (ONNX {@code Einsum}, opset 12 on). */
  default Value einsum(String equation, Value... operands) {
    return node(
        "Einsum", OperatorBuilder.operands(operands), Attribute.ofString("equation", equation));
  }

  /** Running sum along an axis (ONNX {@code CumSum}, opset 11 on). */
  default Value cumSum(Value x, long axis) {
    return node("CumSum", x, constant(axis));
  }

  /** The determinants of square matrices {@code [...,M,M]} (ONNX {@code Det}, opset 11 on). */
  default Value det(Value x) {
    return node("Det", x);
  }
}
