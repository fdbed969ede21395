package dev.sardonyx.samples.read.samediff;

import java.util.List;
import org.nd4j.autodiff.samediff.ops.SDBitwise;

/** The bits of whole numbers. */
final class BitwiseCases {
  private BitwiseCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDBitwise.class);
    cases
        .of("and", b -> bitwise(b).and(b.ints(99, 5), b.ints(99, 5)))
        .of("or", b -> bitwise(b).or(b.ints(99, 5), b.ints(99, 5)))
        .of("xor", b -> bitwise(b).xor(b.ints(99, 5), b.ints(99, 5)))
        .of("bitShift", b -> bitwise(b).bitShift(b.ints(99, 5), b.ints(4, 5)))
        .of("bitShiftRight", b -> bitwise(b).bitShiftRight(b.ints(99, 5), b.ints(4, 5)))
        .of("leftShift", b -> bitwise(b).leftShift(b.ints(99, 5), b.ints(4, 5)))
        .of("rightShift", b -> bitwise(b).rightShift(b.ints(99, 5), b.ints(4, 5)))
        .of("bitRotl", b -> bitwise(b).bitRotl(b.ints(99, 5), b.ints(4, 5)))
        .of("bitRotr", b -> bitwise(b).bitRotr(b.ints(99, 5), b.ints(4, 5)))
        .of("leftShiftCyclic", b -> bitwise(b).leftShiftCyclic(b.ints(99, 5), b.ints(4, 5)))
        .of("rightShiftCyclic", b -> bitwise(b).rightShiftCyclic(b.ints(99, 5), b.ints(4, 5)))
        .of(
            "bitsHammingDistance",
            b -> bitwise(b).bitsHammingDistance(b.ints(99, 5), b.ints(99, 5)));
    return cases.list();
  }

  private static SDBitwise bitwise(Bench b) {
    return b.sd().bitwise();
  }
}
