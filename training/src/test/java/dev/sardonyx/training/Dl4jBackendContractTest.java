package dev.sardonyx.training;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.contract.BackendContract;

class Dl4jBackendContractTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new Dl4jBackend();
  }
}
