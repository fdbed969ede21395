package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.contract.BackendContract;
import org.junit.jupiter.api.Test;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

class Dl4jBackendContractTest extends BackendContract {
  /** A run has the threads asked for, and its caller's are as before. */
  @Test
  void threadsAreTheCallersAgainAfterARun() {
    NativeOps natives = NativeOpsHolder.getInstance().getDeviceNativeOps();
    int before = natives.ompGetMaxThreads();
    assertEquals(1, NativeThreads.during(1, natives::ompGetMaxThreads));
    assertEquals(before, natives.ompGetMaxThreads());
    assertEquals(before, NativeThreads.during(0, natives::ompGetMaxThreads));
    assertEquals(before, NativeThreads.during(before + 1, natives::ompGetMaxThreads));
    assertThrows(
        IllegalStateException.class,
        () ->
            NativeThreads.during(
                1,
                () -> {
                  throw new IllegalStateException("no");
                }));
    assertEquals(before, natives.ompGetMaxThreads());
  }

  @Override
  protected Backend backend() {
    return new Dl4jBackend();
  }
}
