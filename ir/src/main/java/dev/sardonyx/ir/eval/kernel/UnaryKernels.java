package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/** Functions of each element by itself: mathematics and activations. */
final class UnaryKernels {
  private UnaryKernels() {}

  static void register(Kernels kernels) {
    mathematics(kernels);
    activations(kernels);
    parametricActivations(kernels);
  }

  private static void mathematics(Kernels kernels) {
    real(kernels, "Acos", Math::acos);
    real(kernels, "Acosh", SpecialFunctions::acosh);
    real(kernels, "Asin", Math::asin);
    real(kernels, "Asinh", SpecialFunctions::asinh);
    real(kernels, "Atan", Math::atan);
    real(kernels, "Atanh", SpecialFunctions::atanh);
    real(kernels, "Ceil", FloatFunction.ceil());
    real(kernels, "Cos", Math::cos);
    real(kernels, "Cosh", Math::cosh);
    real(kernels, "Erf", SpecialFunctions::erf);
    real(kernels, "Exp", FloatFunction.exp());
    real(kernels, "Floor", FloatFunction.floor());
    real(kernels, "Log", Math::log);
    real(kernels, "Reciprocal", FloatFunction.reciprocal());
    real(kernels, "Round", FloatFunction.round());
    real(kernels, "Sin", Math::sin);
    real(kernels, "Sinh", Math::sinh);
    real(kernels, "Sqrt", FloatFunction.squareRoot());
    real(kernels, "Tan", Math::tan);
    kernels.one("Abs", UnaryKernels::abs);
    kernels.one("Neg", c -> number(c, FloatFunction.negative(), x -> -x));
    kernels.one("Sign", UnaryKernels::sign);
  }

  private static void activations(Kernels kernels) {
    real(kernels, "HardSwish", FloatFunction.hardSwish());
    real(kernels, "Mish", x -> x * Math.tanh(SpecialFunctions.softplus(x)));
    real(kernels, "Sigmoid", FloatFunction.sigmoid());
    real(kernels, "Softplus", SpecialFunctions::softplus);
    real(kernels, "Softsign", FloatFunction.softsign());
    real(kernels, "Tanh", FloatFunction.tanh());
    kernels.one("Relu", UnaryKernels::relu);
  }

  private static void parametricActivations(Kernels kernels) {
    kernels.one(
        "Celu",
        c -> {
          double alpha = c.floatAttribute("alpha", 1);
          return map(c, x -> Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha)));
        });
    kernels.one(
        "Elu",
        c -> {
          double alpha = c.floatAttribute("alpha", 1);
          return map(c, x -> x < 0 ? alpha * Math.expm1(x) : x);
        });
    kernels.one(
        "Gelu",
        c ->
            map(
                c,
                c.stringAttribute("approximate", "none").equals("tanh")
                    ? SpecialFunctions::geluTanh
                    : SpecialFunctions::gelu));
    kernels.one(
        "HardSigmoid",
        c -> {
          double alpha = c.floatAttribute("alpha", 0.2f);
          double beta = c.floatAttribute("beta", 0.5f);
          return map(c, FloatFunction.hardSigmoid(alpha, beta));
        });
    kernels.one(
        "LeakyRelu", c -> map(c, FloatFunction.leakyRelu(c.floatAttribute("alpha", 0.01f))));
    kernels.one(
        "Selu",
        c -> {
          double alpha = c.floatAttribute("alpha");
          double gamma = c.floatAttribute("gamma");
          return map(c, x -> gamma * (x > 0 ? x : alpha * Math.expm1(x)));
        });
    kernels.one(
        "Shrink",
        c -> {
          double bias = c.floatAttribute("bias", 0);
          double lambd = c.floatAttribute("lambd", 0.5f);
          return map(c, x -> x < -lambd ? x + bias : x > lambd ? x - bias : 0);
        });
    kernels.one(
        "Swish",
        c -> {
          double alpha = c.floatAttribute("alpha", 1);
          return map(c, x -> x * SpecialFunctions.sigmoid(alpha * x));
        });
    kernels.one("SwiGLU", UnaryKernels::swiGlu);
    kernels.one(
        "ThresholdedRelu",
        c -> map(c, FloatFunction.thresholdedRelu(c.floatAttribute("alpha", 1))));
  }

  private static void real(Kernels kernels, String operator, DoubleUnaryOperator function) {
    kernels.one(operator, c -> map(c, function));
  }

  private static Tensor number(
      KernelContext c, DoubleUnaryOperator reals, LongUnaryOperator integers) {
    return c.type(0).isInteger() ? mapLongs(c, integers) : map(c, reals);
  }

  /** The long of a large uint64 is negative, yet no unsigned number is. */
  private static Tensor abs(KernelContext c) {
    return c.type(0).isUnsigned() ? c.tensor(0) : number(c, FloatFunction.abs(), Math::abs);
  }

  private static Tensor map(KernelContext c, DoubleUnaryOperator function) {
    return map(c.tensor(0), function, c.parallel());
  }

  static Tensor map(Tensor x, DoubleUnaryOperator function) {
    return map(x, function, Parallel.SEQUENTIAL);
  }

  /** Each element by a function of reals, rounded to the tensor's type. */
  static Tensor map(Tensor x, DoubleUnaryOperator function, Parallel parallel) {
    if (x.elementType() == ElementType.FLOAT) {
      float[] elements = Elements.floats(x);
      FloatFunction.Loop loop = FloatFunction.loop(function);
      parallel.elements(
          elements.length,
          (from, to) -> {
            loop.apply(elements, from, to);
            Elements.makeNanOne(elements, from, to);
          });
      return Tensor.ofFloats(elements, x.dims());
    }
    double[] elements = Elements.doubles(x);
    parallel.elements(
        elements.length,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            elements[i] = function.applyAsDouble(elements[i]);
          }
        });
    return Elements.of(x.elementType(), elements, x.dims());
  }

  static Tensor mapLongs(KernelContext c, LongUnaryOperator function) {
    return mapLongs(c.tensor(0), function, c.parallel());
  }

  static Tensor mapLongs(Tensor x, LongUnaryOperator function, Parallel parallel) {
    long[] elements = Elements.longs(x);
    parallel.elements(
        elements.length,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            elements[i] = function.applyAsLong(elements[i]);
          }
        });
    return Elements.of(x.elementType(), elements, x.dims());
  }

  /** NaN stays NaN, as everywhere in ONNX. */
  private static Tensor relu(KernelContext c) {
    Tensor x = c.tensor(0);
    return x.elementType().isInteger()
        ? mapLongs(c, v -> Math.max(v, 0))
        : map(c, FloatFunction.relu());
  }

  /** The first input by its sigmoid times alpha, times the second; shapes are equal. */
  private static Tensor swiGlu(KernelContext c) {
    double alpha = c.floatAttribute("alpha", 1);
    if (!c.tensor(0).shape().equals(c.tensor(1).shape())) {
      throw new EvaluationException("the shapes of both inputs must be equal");
    }
    return ArithmeticKernels.binary(
        c.tensor(0), c.tensor(1), (a, b) -> a * SpecialFunctions.sigmoid(alpha * a) * b, Long::sum);
  }

  private static Tensor sign(KernelContext c) {
    Tensor x = c.tensor(0);
    if (x.elementType().isUnsigned()) {
      return mapLongs(c, v -> v == 0 ? 0 : 1);
    }
    return x.elementType().isInteger() ? mapLongs(c, Long::signum) : map(c, FloatFunction.sign());
  }
}
