package dev.sardonyx.runtime.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.runtime.ConvertingBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.conformance.junit.BackendConformance;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** ONNX Runtime passes the suite but for what its baseline says, with the causes. */
class OrtConformanceTest implements BackendConformance {
  @Override
  public Backend backend() {
    return ConvertingBackend.of(OrtBackend.cpu());
  }

  @Test
  void itPasses95OfAHundredCases() throws IOException {
    int known = Baseline.read(baseline()).known().size();
    assertTrue(known <= 0.05 * 1612, known + " cases are known not to pass");
  }
}
