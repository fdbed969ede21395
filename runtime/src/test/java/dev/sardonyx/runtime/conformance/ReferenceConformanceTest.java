package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.conformance.junit.BackendConformance;

/** The reference evaluator passes the suite but for what its baseline says. */
class ReferenceConformanceTest implements BackendConformance {
  @Override
  public Backend backend() {
    return new ReferenceBackend();
  }
}
