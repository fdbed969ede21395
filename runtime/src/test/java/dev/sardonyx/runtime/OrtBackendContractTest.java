package dev.sardonyx.runtime;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.contract.BackendContract;

class OrtBackendContractTest extends BackendContract {
  @Override
  protected Backend backend() {
    return OrtBackend.cpu();
  }
}
