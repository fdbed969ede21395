package dev.sardonyx.export;

import dev.sardonyx.export.proto.StringStringEntryProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import java.util.Map;

/** Leaves out the elements of initializers that are passed to the runtime separately, by name. */
final class HandedOver implements TensorWriter.Placement {
  /** A location that does not exist; the runtime never opens it. */
  private static final String NOWHERE = "handed-over";

  private final Map<String, Tensor> tensors;

  HandedOver(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  @Override
  public boolean place(TensorSource source, boolean initializer, TensorProto.Builder message) {
    Tensor tensor = initializer ? tensors.get(message.getName()) : null;
    // An initializer of a subgraph may have the same name.
    if (tensor == null || tensor.source() != source) {
      return false;
    }
    message
        .clearRawData()
        .clearExternalData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue(NOWHERE));
    return true;
  }
}
