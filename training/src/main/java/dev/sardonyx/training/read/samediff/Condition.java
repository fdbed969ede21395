package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;

/**
 * What elements are asked for by operators with a condition.
 *
 * @param mode libnd4j's number of the kind of condition
 * @param number that elements are compared with
 * @param tolerance within which elements are equal
 */
record Condition(int mode, double number, double tolerance) {
  /** Truth values, one an element. */
  Value of(OperatorSite site, Value x) {
    GraphBuilder b = site.b();
    Value y = site.like(x, number);
    return switch (mode) {
      case 0 -> b.lessOrEqual(b.abs(b.sub(x, y)), site.like(x, tolerance));
      case 1 -> b.greater(b.abs(b.sub(x, y)), site.like(x, tolerance));
      case 2 -> b.less(x, y);
      case 3 -> b.greater(x, y);
      case 4 -> b.lessOrEqual(x, y);
      case 5 -> b.greaterOrEqual(x, y);
      case 6 -> b.less(b.abs(x), y);
      case 7 -> b.greater(b.abs(x), y);
      case 8 -> b.isInf(x);
      case 9 -> b.isNaN(x);
      case 10 -> b.equal(x, y);
      case 11 -> b.not(b.equal(x, y));
      case 12 -> b.greaterOrEqual(b.abs(x), y);
      case 13 -> b.lessOrEqual(b.abs(x), y);
      default -> throw site.refuse("its condition %d is not known".formatted(mode));
    };
  }
}
