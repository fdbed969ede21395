package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import java.util.List;
import java.util.function.BinaryOperator;

/** Arithmetic, comparisons and logic, element by element. */
final class ArithmeticOperators {
  private ArithmeticOperators() {}

  static void add(OperatorTable.Builder table) {
    functions(table);
    arithmetic(table);
    comparisons(table);
    merges(table);
  }

  /** An operator of one input that is a number of the output's type. */
  private interface Formula {
    Value of(GraphBuilder b, Value x);
  }

  private static void function(OperatorTable.Builder table, String name, Formula formula) {
    table.one(name, site -> formula.of(site.b(), site.converted(0)));
  }

  private static void functions(OperatorTable.Builder table) {
    function(table, "abs", GraphBuilder::abs);
    function(table, "neg", GraphBuilder::neg);
    function(table, "acos", (b, x) -> b.node("Acos", x));
    function(table, "acosh", (b, x) -> b.node("Acosh", x));
    function(table, "asin", (b, x) -> b.node("Asin", x));
    function(table, "asinh", (b, x) -> b.node("Asinh", x));
    function(table, "atan", (b, x) -> b.node("Atan", x));
    function(table, "atanh", (b, x) -> b.node("Atanh", x));
    function(table, "cos", GraphBuilder::cos);
    function(table, "cosh", (b, x) -> b.node("Cosh", x));
    function(table, "sin", GraphBuilder::sin);
    function(table, "sinh", (b, x) -> b.node("Sinh", x));
    function(table, "tan", GraphBuilder::tan);
    function(table, "exp", GraphBuilder::exp);
    function(table, "expm1", (b, x) -> b.sub(b.exp(x), b.scalarLike(x, 1)));
    function(table, "log", GraphBuilder::log);
    function(table, "log1p", (b, x) -> b.log(b.add(x, b.scalarLike(x, 1))));
    function(table, "sqrt", GraphBuilder::sqrt);
    function(table, "rsqrt", (b, x) -> b.reciprocal(b.sqrt(x)));
    function(table, "square", (b, x) -> b.mul(x, x));
    function(table, "cube", (b, x) -> b.mul(b.mul(x, x), x));
    function(table, "erf", GraphBuilder::erf);
    function(table, "erfc", (b, x) -> b.sub(b.scalarLike(x, 1), b.erf(x)));
    function(table, "sign", GraphBuilder::sign);
    table.one("floor", site -> whole(site, GraphBuilder::floor));
    table.one("ceil", site -> whole(site, GraphBuilder::ceil));
    table.one("round", site -> whole(site, ArithmeticOperators::rounded));
    table.one("Reciprocal", site -> site.b().div(site.like(site.x(), 1), site.x()));
    table.one("isnan", site -> site.b().isNaN(site.x()));
    table.one("isinf", site -> site.b().isInf(site.x()));
    table.one("isfinite", ArithmeticOperators::isFinite);
    table.one("log_x", ArithmeticOperators::logarithm);
    table.one("step", ArithmeticOperators::step);
    table.one("identity", OperatorSite::x);
    table.one("is_numeric_tensor", site -> site.b().constant(Tensor.scalar(true)));
  }

  /** Rounding, which leaves whole numbers as they are. */
  private static Value whole(OperatorSite site, Formula formula) {
    return site.type(site.x()).isFloat() ? formula.of(site.b(), site.x()) : site.x();
  }

  /** Halves away from zero. */
  private static Value rounded(GraphBuilder b, Value x) {
    Value half = b.add(b.abs(x), b.scalarLike(x, 0.5));
    return b.mul(b.sign(x), b.floor(half));
  }

  private static Value isFinite(OperatorSite site) {
    GraphBuilder b = site.b();
    return b.not(b.or(b.isNaN(site.x()), b.isInf(site.x())));
  }

  private static Value logarithm(OperatorSite site) {
    return site.b().mul(site.b().log(site.x()), site.like(site.x(), 1 / Math.log(site.scalar())));
  }

  private static Value step(OperatorSite site) {
    Value isAbove = site.b().greater(site.x(), site.scalarLike(site.x()));
    return site.b().cast(isAbove, site.type(site.x()));
  }

  // Of two values, or of a value and a number

  private static void both(
      OperatorTable.Builder table, String name, String withNumber, Formula2 formula) {
    if (!name.isEmpty()) {
      table.one(name, site -> formula.of(site.b(), site.converted(0), site.converted(1)));
    }
    if (!withNumber.isEmpty()) {
      table.one(withNumber, site -> formula.of(site.b(), site.x(), site.scalarLike(site.x())));
    }
  }

  private interface Formula2 {
    Value of(GraphBuilder b, Value x, Value y);
  }

  private static void arithmetic(OperatorTable.Builder table) {
    both(table, "add", "add_scalar", GraphBuilder::add);
    both(table, "subtract", "sub_scalar", GraphBuilder::sub);
    both(table, "multiply", "mul_scalar", GraphBuilder::mul);
    both(table, "divide", "div_scalar", GraphBuilder::div);
    both(table, "reversesubtract", "rsub_scalar", (b, x, y) -> b.sub(y, x));
    both(table, "reversedivide", "rdiv_scalar", (b, x, y) -> b.div(y, x));
    both(table, "Pow", "pow", GraphBuilder::pow);
    both(table, "maximum", "max_scalar", (b, x, y) -> b.max(x, y));
    both(table, "minimum", "scalar_min", (b, x, y) -> b.min(x, y));
    both(table, "mod", "", ArithmeticOperators::modulus);
    both(table, "floormod", "", ArithmeticOperators::floorMod);
    both(table, "", "fmod_scalar", ArithmeticOperators::remainder);
    both(table, "floordiv", "", ArithmeticOperators::floorDiv);
    both(table, "squaredsubtract", "", (b, x, y) -> b.mul(b.sub(x, y), b.sub(x, y)));
    both(table, "tf_atan2", "", ArithmeticOperators::angle);
    table.one(
        "set_scalar",
        site -> {
          GraphBuilder b = site.b();
          return b.expand(site.scalarLike(site.x()), b.shape(site.x()));
        });
  }

  /** With the sign of the dividend. */
  private static Value remainder(GraphBuilder b, Value x, Value y) {
    return b.node("Mod", List.of(x, y), Attribute.ofInt("fmod", 1));
  }

  /** As DL4J has it: of whole numbers with the sign of the dividend, of others of the divisor. */
  private static Value modulus(GraphBuilder b, Value x, Value y) {
    boolean isFloat = OperatorBuilder.elementType(x).isFloat();
    return isFloat ? floorMod(b, x, y) : remainder(b, x, y);
  }

  /** With the sign of the divisor. */
  private static Value floorMod(GraphBuilder b, Value x, Value y) {
    boolean isFloat = OperatorBuilder.elementType(x).isFloat();
    return isFloat ? b.sub(x, b.mul(b.floor(b.div(x, y)), y)) : b.mod(x, y);
  }

  private static Value floorDiv(GraphBuilder b, Value x, Value y) {
    Value quotient = b.div(x, y);
    return OperatorBuilder.elementType(x).isFloat() ? b.floor(quotient) : quotient;
  }

  /** The angle of a point, from its y and x, in -pi to pi. */
  private static Value angle(GraphBuilder b, Value y, Value x) {
    Value zero = b.scalarLike(x, 0);
    Value atan = b.node("Atan", b.div(y, x));
    Value pi = b.scalarLike(x, Math.PI);
    Value left = b.where(b.less(y, zero), b.sub(atan, pi), b.add(atan, pi));
    Value half = b.mul(b.sign(y), b.scalarLike(x, Math.PI / 2));
    return b.where(b.greater(x, zero), atan, b.where(b.less(x, zero), left, half));
  }

  // Truth values

  private static void compared(
      OperatorTable.Builder table, String name, String withNumber, Formula2 formula) {
    table.one(name, site -> compared(site, formula));
    table.one(withNumber, site -> formula.of(site.b(), site.x(), site.scalarLike(site.x())));
  }

  private static Value compared(OperatorSite site, Formula2 formula) {
    ElementType first = site.type(site.in(0));
    ElementType second = site.type(site.in(1));
    ElementType common = first.bits() >= second.bits() && first.isFloat() ? first : second;
    ElementType type = first == second ? first : common;
    return formula.of(site.b(), site.cast(site.in(0), type), site.cast(site.in(1), type));
  }

  private static void comparisons(OperatorTable.Builder table) {
    compared(table, "equals", "equals_scalar", GraphBuilder::equal);
    compared(table, "not_equals", "notequals_scalar", (b, x, y) -> b.not(b.equal(x, y)));
    compared(table, "greater", "greaterthan_scalar", GraphBuilder::greater);
    compared(table, "greater_equal", "greaterthanorequal_scalar", GraphBuilder::greaterOrEqual);
    compared(table, "less", "lessthan_scalar", GraphBuilder::less);
    compared(table, "less_equal", "lessthanorequal_scalar", GraphBuilder::lessOrEqual);
    table.one("and", site -> logic(site, GraphBuilder::and));
    table.one("or", site -> logic(site, GraphBuilder::or));
    table.one("xor", site -> logic(site, GraphBuilder::xor));
  }

  private static Value truth(OperatorSite site, int index) {
    return site.cast(site.in(index), ElementType.BOOL);
  }

  private static Value logic(OperatorSite site, Formula2 formula) {
    return formula.of(site.b(), truth(site, 0), truth(site, 1));
  }

  // Of any number of values

  private static void merges(OperatorTable.Builder table) {
    table.one("mergeadd", site -> folded(site, site.b()::add));
    table.one("mergemax", site -> folded(site, (x, y) -> site.b().max(x, y)));
    table.one(
        "mergeavg",
        site -> {
          Value sum = folded(site, site.b()::add);
          return site.b().div(sum, site.like(sum, site.inputs().size()));
        });
    table.one("mergemaxindex", ArithmeticOperators::largest);
  }

  private static Value folded(OperatorSite site, BinaryOperator<Value> operator) {
    return site.inputs().stream().reduce(operator).orElseThrow();
  }

  private static Value largest(OperatorSite site) {
    GraphBuilder b = site.b();
    List<Value> all = site.inputs().stream().map(x -> b.unsqueeze(x, 0)).toList();
    return b.argMax(b.concat(0, all), 0, false);
  }
}
