package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.sardonyx.export.OnnxResidue.Storage;
import dev.sardonyx.export.OnnxResidue.TensorFields;
import dev.sardonyx.export.proto.SparseTensorProto;
import dev.sardonyx.export.proto.StringStringEntryProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.List;

/** Writes tensor messages. The bytes are wrapped, not copied. */
final class TensorWriter {
  /** The most bytes that a protobuf message can have. */
  static final long LARGEST_MESSAGE = Integer.MAX_VALUE;

  /** Decides which tensors' elements are stored outside of their messages. */
  interface Placement {
    /**
     * Stores the tensor's elements elsewhere and puts a reference into the message, or returns
     * false.
     */
    boolean place(TensorSource source, boolean initializer, TensorProto.Builder message);
  }

  private final Placement placement;
  private final LeftOut leftOut;
  private long embedded;

  /**
   * @param leftOut takes the elements that are left out of the messages
   */
  TensorWriter(Placement placement, LeftOut leftOut) {
    this.placement = placement;
    this.leftOut = leftOut;
  }

  /** The message of an initializer: the constant's name and metadata replace its tensor's. */
  TensorProto initializer(Constant constant, Tensor tensor) {
    Metadata said = constant.metadata().isEmpty() ? tensor.metadata() : constant.metadata();
    return message(tensor, constant.name(), said, true);
  }

  SparseTensorProto initializer(Constant constant, SparseTensor tensor) {
    SparseTensor named =
        new SparseTensor(
            tensor.values().withName(constant.name()),
            tensor.indices(),
            tensor.dims(),
            tensor.metadata());
    return write(named);
  }

  SparseTensorProto write(SparseTensor tensor) {
    SparseTensorProto.Builder message =
        OnnxResidue.rest(tensor.metadata(), SparseTensorProto.getDefaultInstance()).toBuilder();
    for (long dim : tensor.dims()) {
      message.addDims(dim);
    }
    return message.setValues(write(tensor.values())).setIndices(write(tensor.indices())).build();
  }

  TensorProto write(Tensor tensor) {
    return message(tensor, tensor.name(), tensor.metadata(), false);
  }

  private TensorProto message(Tensor tensor, String name, Metadata said, boolean initializer) {
    TensorFields kept = kept(tensor);
    TensorProto.Builder message = kept.rest().toBuilder();
    for (long dim : tensor.dims()) {
      message.addDims(dim);
    }
    message.setDataType(tensor.elementType().code());
    if (!name.isEmpty()) {
      message.setNameBytes(Utf8.encode(name));
    }
    if (!said.docString().isEmpty()) {
      message.setDocStringBytes(Utf8.encode(said.docString()));
    }
    List<StringStringEntryProto> properties =
        Entries.write(said.properties(), message.getMetadataPropsList());
    message.clearMetadataProps().addAllMetadataProps(properties);
    TensorSource source = tensor.source();
    if (source == null) {
      tensor.strings().forEach(text -> message.addStringData(Utf8.encode(text)));
    } else if (!placement.place(source, initializer, message)) {
      embed(message, tensor, source, kept, label(name));
    }
    return message.build();
  }

  private static TensorFields kept(Tensor tensor) {
    return tensor.metadata().residue() instanceof TensorFields kept
            && kept.elementType() == tensor.elementType()
        ? kept
        : new TensorFields(TensorProto.getDefaultInstance(), tensor.elementType(), Storage.RAW);
  }

  private static String label(String name) {
    return name.isEmpty() ? "a tensor" : "tensor '" + name + "'";
  }

  private void embed(
      TensorProto.Builder message,
      Tensor tensor,
      TensorSource source,
      TensorFields kept,
      String label) {
    embedded += source.byteSize();
    if (embedded > LARGEST_MESSAGE) {
      throw tooLarge("with " + label + " of " + source.byteSize() + " bytes");
    }
    ElementType type = tensor.elementType();
    switch (kept.storage()) {
      case TYPED -> TypedStorage.write(message, type, tensor.size(), tensor.bytes());
      case VERBATIM -> {
        boolean fits =
            TypedStorage.count(message, type) == TypedStorage.numbers(type, tensor.size())
                && TypedStorage.read(message, type, tensor.size()).equals(tensor.bytes());
        if (!fits) {
          TypedStorage.write(message, type, tensor.size(), tensor.bytes());
        }
      }
      case EXTERNAL -> {
        message.clearExternalData().clearDataLocation();
        putRaw(message, source);
      }
      case RAW -> putRaw(message, source);
    }
  }

  private void putRaw(TensorProto.Builder message, TensorSource source) {
    if (!leftOut.leaveOut(message, source)) {
      message.setRawData(bytes(source));
    }
  }

  /** The byte string that the source wraps, if it wraps one, otherwise a view of its bytes. */
  private static ByteString bytes(TensorSource source) {
    return source instanceof ProtoBytes own
        ? own.bytes()
        : UnsafeByteOperations.unsafeWrap(source.slice(0, Math.toIntExact(source.byteSize())));
  }

  static UnsupportedModelException tooLarge(String where) {
    return new UnsupportedModelException(
        "The model is larger than the 2 GiB that protobuf allows ("
            + where
            + "); write it with external data, ExternalData.beside()");
  }
}
