package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;

/** The bits of whole numbers. ONNX shifts unsigned numbers only, so bits change their type. */
final class BitOperators {
  private BitOperators() {}

  static void add(OperatorTable.Builder table) {
    table.one("bitwise_and", site -> site.b().bitwiseAnd(site.in(0), site.in(1)));
    table.one("bitwise_or", site -> site.b().bitwiseOr(site.in(0), site.in(1)));
    table.one("bitwise_xor", site -> site.b().bitwiseXor(site.in(0), site.in(1)));
    table.one("shift_bits", site -> shifted(site, "LEFT"));
    table.one("rshift_bits", BitOperators::right);
    table.one("cyclic_shift_bits", site -> turned(site, "LEFT", "RIGHT"));
    table.one("cyclic_rshift_bits", site -> turned(site, "RIGHT", "LEFT"));
    table.one("bits_hamming_distance", BitOperators::distance);
  }

  private static ElementType unsigned(OperatorSite site, Value x) {
    return switch (site.type(x)) {
      case INT32 -> ElementType.UINT32;
      case INT64 -> ElementType.UINT64;
      default -> throw site.refuse("ONNX Runtime shifts no numbers of type " + site.type(x));
    };
  }

  private static Value shift(GraphBuilder b, Value bits, Value by, String direction) {
    return b.node("BitShift", List.of(bits, by), Attribute.ofString("direction", direction));
  }

  private static Value shifted(OperatorSite site, String direction) {
    ElementType type = unsigned(site, site.x());
    Value by = site.cast(site.in(1), type);
    Value y = shift(site.b(), site.cast(site.x(), type), by, direction);
    return site.cast(y, site.type(site.x()));
  }

  /** With the sign: of a negative number, zeros are shifted out as ones. */
  private static Value right(OperatorSite site) {
    GraphBuilder b = site.b();
    ElementType type = unsigned(site, site.x());
    Value isNegative = b.less(site.x(), site.like(site.x(), 0));
    Value positive = b.where(isNegative, b.bitwiseNot(site.x()), site.x());
    Value y = shift(b, site.cast(positive, type), site.cast(site.in(1), type), "RIGHT");
    Value shifted = site.cast(y, site.type(site.x()));
    return b.where(isNegative, b.bitwiseNot(shifted), shifted);
  }

  /** What is shifted out on one side comes in on the other. */
  private static Value turned(OperatorSite site, String direction, String back) {
    GraphBuilder b = site.b();
    ElementType type = unsigned(site, site.x());
    Value size = b.scalarLike(site.x(), type.bits());
    Value by = b.mod(site.cast(site.in(1), site.type(site.x())), size);
    Value rest = b.mod(b.sub(size, by), size);
    Value bits = site.cast(site.x(), type);
    Value out = shift(b, bits, site.cast(by, type), direction);
    Value in = shift(b, bits, site.cast(rest, type), back);
    return site.cast(b.bitwiseOr(out, in), site.type(site.x()));
  }

  /** In how many bits two values differ, in all. */
  private static Value distance(OperatorSite site) {
    GraphBuilder b = site.b();
    ElementType type = unsigned(site, site.x());
    double[] numbers = new double[type.bits()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    Value places = b.constant(Tensor.ofNumbers(type, numbers, numbers.length));
    Value differing = site.cast(b.bitwiseXor(site.in(0), site.in(1)), type);
    Value bits = shift(b, b.unsqueeze(differing, -1), places, "RIGHT");
    Value ones = b.bitwiseAnd(bits, b.scalarLike(bits, 1));
    return b.reduceSum(b.cast(ones, ElementType.INT64), false);
  }
}
