package dev.sardonyx.runtime.isolated;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.contract.BackendContract;
import org.junit.jupiter.api.AfterAll;

class IsolatedBackendContractTest extends BackendContract {
  private static final IsolatedBackend BACKEND = IsolatedBackend.onnxRuntime();

  @AfterAll
  static void close() {
    BACKEND.close();
  }

  @Override
  protected Backend backend() {
    return BACKEND;
  }
}
