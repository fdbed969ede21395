package dev.sardonyx.ir.backend.contract;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.eval.ReferenceBackend;

class ReferenceBackendContractTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new ReferenceBackend();
  }
}
