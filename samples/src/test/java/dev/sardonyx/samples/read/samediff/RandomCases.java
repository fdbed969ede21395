package dev.sardonyx.samples.read.samediff;

import java.util.List;
import org.nd4j.autodiff.samediff.ops.SDRandom;
import org.nd4j.linalg.api.buffer.DataType;

/** Random numbers, which no two runtimes draw alike. */
final class RandomCases {
  private static final DataType FLOAT = DataType.FLOAT;

  private RandomCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDRandom.class);
    cases
        .refused("bernoulli", b -> random(b).bernoulli(0.5, FLOAT, 3).add(b.x(3)))
        .refused("binomial", b -> random(b).binomial(4, 0.5, FLOAT, 3).add(b.x(3)))
        .refused("exponential", b -> random(b).exponential(0.5, FLOAT, 3).add(b.x(3)))
        .refused("logNormal", b -> random(b).logNormal(0, 1, FLOAT, 3).add(b.x(3)))
        .refused("normal", b -> random(b).normal(0, 1, FLOAT, 3).add(b.x(3)))
        .refused("normalTruncated", b -> random(b).normalTruncated(0, 1, FLOAT, 3).add(b.x(3)))
        .refused("uniform", b -> random(b).uniform(0, 1, FLOAT, 3).add(b.x(3)));
    return cases.list();
  }

  private static SDRandom random(Bench b) {
    return b.sd().random();
  }
}
