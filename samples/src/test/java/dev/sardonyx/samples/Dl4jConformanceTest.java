package dev.sardonyx.samples;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.runtime.conformance.junit.BackendConformance;
import dev.sardonyx.training.Dl4jBackend;

/** What DL4J computes of the ONNX backend suite. */
final class Dl4jConformanceTest implements BackendConformance {
  @Override
  public Backend backend() {
    return new Dl4jBackend();
  }
}
