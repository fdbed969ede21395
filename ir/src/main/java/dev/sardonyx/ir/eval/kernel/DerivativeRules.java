package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.program.Gradient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** The derivatives of the operators that {@link Gradient} goes back through. */
public final class DerivativeRules {
  public static final DerivativeRules STANDARD = new DerivativeRules();

  /** One application of an operator: its inputs, its output, and the gradient of the output. */
  public record Step(Node node, List<Tensor> x, Tensor y, Tensor dy) {}

  /** Gives the gradients of the inputs; one that broadcast is still as large as the output. */
  @FunctionalInterface
  public interface Rule {
    List<Tensor> apply(Step step);
  }

  private final Map<String, Rule> rules = new HashMap<>();

  private DerivativeRules() {
    elementwise();
    arithmetic();
    rules.put("MatMul", s -> product(s.x.get(0), s.x.get(1), s.dy));
    rules.put("Gemm", DerivativeRules::gemm);
    rules.put("ReduceSum", s -> List.of(spread(s, 1)));
    rules.put("ReduceMean", s -> List.of(spread(s, (double) s.y.size() / s.x.get(0).size())));
    for (String operator : List.of("Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze")) {
      rules.put(operator, s -> List.of(s.dy.reshape(s.x.get(0).dims())));
    }
    rules.put("Transpose", DerivativeRules::transpose);
  }

  /** The rule for an operator of ONNX's own domain, or null. */
  public @Nullable Rule find(Node node) {
    return node.is(node.opType()) ? rules.get(node.opType()) : null;
  }

  /** The derivative of a function of each element, by its argument and its value. */
  @FunctionalInterface
  private interface Slope {
    double at(double x, double y);
  }

  private void slope(String operator, Slope slope) {
    rules.put(
        operator,
        s -> {
          double[] x = Elements.doubles(s.x.get(0));
          double[] y = Elements.doubles(s.y);
          double[] dy = Elements.doubles(s.dy);
          for (int i = 0; i < dy.length; i++) {
            dy[i] *= slope.at(x[i], y[i]);
          }
          return List.of(Elements.of(s.dy.elementType(), dy, s.dy.dims()));
        });
  }

  private void elementwise() {
    slope("Abs", (x, y) -> Math.signum(x));
    slope("Atan", (x, y) -> 1 / (1 + x * x));
    slope("Cos", (x, y) -> -Math.sin(x));
    slope("Cosh", (x, y) -> Math.sinh(x));
    slope("Exp", (x, y) -> y);
    slope("Log", (x, y) -> 1 / x);
    slope("Neg", (x, y) -> -1);
    slope("Reciprocal", (x, y) -> -y * y);
    slope("Relu", (x, y) -> x > 0 ? 1 : 0);
    slope("Sigmoid", (x, y) -> y * (1 - y));
    slope("Sin", (x, y) -> Math.cos(x));
    slope("Sinh", (x, y) -> Math.cosh(x));
    slope("Softplus", (x, y) -> SpecialFunctions.sigmoid(x));
    slope("Sqrt", (x, y) -> 0.5 / y);
    slope("Tan", (x, y) -> 1 + y * y);
    slope("Tanh", (x, y) -> 1 - y * y);
  }

  private void arithmetic() {
    BinaryOperator<Tensor> times = AttentionKernels::multiply;
    rules.put("Add", s -> List.of(s.dy, s.dy));
    rules.put("Sub", s -> List.of(s.dy, UnaryKernels.map(s.dy, v -> -v)));
    rules.put("Mul", s -> List.of(times.apply(s.dy, s.x.get(1)), times.apply(s.dy, s.x.get(0))));
    rules.put(
        "Div",
        s -> {
          Tensor dx = times.apply(s.dy, UnaryKernels.map(s.x.get(1), v -> 1 / v));
          return List.of(dx, UnaryKernels.map(times.apply(dx, s.y), v -> -v));
        });
    rules.put(
        "Pow",
        s -> {
          Tensor base = s.x.get(0);
          Tensor exponent = s.x.get(1);
          Tensor slope =
              ArithmeticKernels.binary(base, exponent, (x, e) -> e * Math.pow(x, e - 1), Long::sum);
          Tensor logs = UnaryKernels.map(base, x -> x == 0 ? 0 : Math.log(x));
          Tensor wide = times.apply(times.apply(s.dy, s.y), logs);
          return List.of(times.apply(s.dy, slope), wide);
        });
    rules.put(
        "Sum",
        s -> {
          List<Tensor> gradients = new ArrayList<>();
          s.x.forEach(x -> gradients.add(s.dy));
          return gradients;
        });
  }

  private static List<Tensor> product(Tensor a, Tensor b, Tensor dy) {
    if (a.rank() < 2 || b.rank() < 2) {
      throw new EvaluationException("the gradient of a product needs matrices, not vectors");
    }
    return List.of(
        LinearAlgebraKernels.matMul(dy, turned(b), Parallel.SEQUENTIAL),
        LinearAlgebraKernels.matMul(turned(a), dy, Parallel.SEQUENTIAL));
  }

  private static Tensor turned(Tensor matrices) {
    return Rows.permuted(matrices, Rows.swapped(matrices.rank() - 2, matrices.rank()));
  }

  private static List<Tensor> gemm(Step s) {
    boolean transA = s.node.intAttribute("transA", 0) != 0;
    boolean transB = s.node.intAttribute("transB", 0) != 0;
    double alpha = s.node.floatAttribute("alpha", 1);
    double beta = s.node.floatAttribute("beta", 1);
    Tensor a = transA ? turned(s.x.get(0)) : s.x.get(0);
    Tensor b = transB ? turned(s.x.get(1)) : s.x.get(1);
    List<Tensor> factors = product(a, b, UnaryKernels.map(s.dy, v -> alpha * v));
    List<Tensor> gradients = new ArrayList<>();
    gradients.add(transA ? turned(factors.get(0)) : factors.get(0));
    gradients.add(transB ? turned(factors.get(1)) : factors.get(1));
    gradients.add(UnaryKernels.map(s.dy, v -> beta * v));
    return gradients.subList(0, s.x.size());
  }

  /** Spreads a reduction's gradient over what was reduced. */
  private static Tensor spread(Step s, double factor) {
    Tensor x = s.x.get(0);
    long[] kept = s.y.dims();
    if (kept.length != x.rank()) {
      long[] axes =
          s.x.size() > 1
              ? Elements.longs(s.x.get(1))
              : s.node.intsAttribute("axes").orElse(new long[0]);
      kept = axes.length == 0 ? Dims.fill(x.rank(), 1) : x.dims();
      for (int axis : Dims.axes(axes, x.rank())) {
        kept[axis] = 1;
      }
    }
    Tensor dy = UnaryKernels.map(s.dy.reshape(kept), v -> v * factor);
    return Moves.strided(dy, Dims.broadcastStrides(kept, x.dims()), Parallel.SEQUENTIAL, x.dims());
  }

  private static List<Tensor> transpose(Step s) {
    int rank = s.y.rank();
    long[] perm = s.node.intsAttribute("perm").orElse(null);
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) {
      back[perm == null ? rank - 1 - i : (int) perm[i]] = i;
    }
    return List.of(Rows.permuted(s.dy, back));
  }

  /** Sums a gradient over the axes along which its input was broadcast. */
  public static Tensor unbroadcast(Tensor gradient, long[] dims) {
    if (Arrays.equals(gradient.dims(), dims)) {
      return gradient;
    }
    int more = gradient.rank() - dims.length;
    int[] axes =
        Arrays.stream(Dims.identity(gradient.rank()))
            .filter(d -> d < more || dims[d - more] == 1)
            .toArray();
    return ReductionKernels.sum(gradient, axes).reshape(dims);
  }
}
