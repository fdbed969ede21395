package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Value;
import java.util.List;

/** How an operator of SameDiff becomes nodes. */
@FunctionalInterface
interface OperatorReading {
  /** Adds the nodes and returns what the operator computes, a value for each of its outputs. */
  List<Value> read(OperatorSite site);

  /** How an operator with one output becomes nodes. */
  @FunctionalInterface
  interface OfOne {
    Value read(OperatorSite site);
  }
}
