package dev.sardonyx.samples.read.samediff;

import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A small SameDiff graph around one method of its namespaces.
 *
 * @param method such as {@code SDMath.abs}
 * @param what sets it apart from other cases of the method
 */
record OperatorCase(String method, String what, Fate fate, Function<Bench, SDVariable[]> body) {
  /** What becomes of it. */
  enum Fate {
    /** The model gives what the graph gives. */
    EXPORTED,
    /** ONNX cannot say it, it is for training only, or DL4J fails when it runs. */
    REFUSED,
    /** DL4J itself makes no graph of it. */
    BROKEN
  }

  static OperatorCase of(String method, String what, Function<Bench, SDVariable> body) {
    return all(method, what, bench -> new SDVariable[] {body.apply(bench)});
  }

  /** A graph with several outputs. */
  static OperatorCase all(String method, String what, Function<Bench, SDVariable[]> body) {
    return new OperatorCase(method, what, Fate.EXPORTED, body);
  }

  Bench bench() {
    Bench bench = new Bench((method + what).hashCode());
    bench.output(body.apply(bench));
    return bench;
  }

  @Override
  public String toString() {
    return what.isEmpty() ? method : method + ", " + what;
  }
}
