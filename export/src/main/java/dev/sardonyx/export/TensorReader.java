package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import dev.sardonyx.export.OnnxResidue.Storage;
import dev.sardonyx.export.OnnxResidue.TensorFields;
import dev.sardonyx.export.proto.SparseTensorProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.TensorProto.DataLocation;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads tensor messages. Bytes in the message or in a data file are wrapped, not copied; only
 * elements in typed fields are converted.
 *
 * @param file how messages name the file
 * @param externals where external data is found
 * @param leftOut the elements that were left out of the messages and stay in the mapped file
 */
record TensorReader(String file, ExternalFiles externals, LeftOut leftOut) {

  /**
   * Reads a tensor with its name and metadata.
   *
   * @param owner how messages refer to the tensor if it has no name
   */
  Tensor read(TensorProto said, String owner) throws OnnxFormatException {
    TensorSource elements = leftOut.of(said);
    boolean elsewhere =
        said.getDataLocation() == DataLocation.EXTERNAL
            || said.getDataType() == ElementType.STRING.code();
    TensorProto message =
        elements != null && elsewhere ? leftOut.putBack(said, MessageKind.TENSOR) : said;
    String name = Utf8.decode(message.getNameBytes());
    String label = name.isEmpty() ? owner : "tensor '" + name + "'";
    ElementType type = elementType(message, label);
    long[] dims = dims(message.getDimsList(), label);

    TensorProto.Builder rest = message.toBuilder().clearDims().clearDataType();
    if (!name.isEmpty()) {
      rest.clearName();
    }
    if (!message.getDocStringBytes().isEmpty()) {
      rest.clearDocString();
    }
    if (Entries.arePlain(message.getMetadataPropsList())) {
      rest.clearMetadataProps();
    }
    Stored stored = elements(message, elements, type, dims, label, rest);
    Storage storage = stored.as;
    TensorProto kept = rest.build();
    boolean plain = storage == Storage.RAW && kept.getSerializedSize() == 0;
    return stored
        .tensor
        .withName(name)
        .withMetadata(
            new Metadata(
                Utf8.decode(message.getDocStringBytes()),
                Entries.read(message.getMetadataPropsList()),
                plain ? null : new TensorFields(kept, type, storage)));
  }

  /** A tensor without its name, and how the file has its elements. */
  private record Stored(Tensor tensor, Storage as) {}

  /**
   * Reads a tensor's elements from wherever they are.
   *
   * @param apart those that are not in the message, if it had any
   * @param rest the fields of the message that are still to be kept, from which those read here go
   */
  private Stored elements(
      TensorProto message,
      @Nullable TensorSource apart,
      ElementType type,
      long[] dims,
      String label,
      TensorProto.Builder rest)
      throws OnnxFormatException {
    long size = size(dims, label);
    if (message.getDataLocation() == DataLocation.EXTERNAL) {
      TensorSource source = externals.open(message, fixedSize(type, size, label), label);
      return new Stored(Tensor.of(type, dims, source), Storage.EXTERNAL);
    }
    if (type == ElementType.STRING) {
      Tensor tensor = Tensor.ofStrings(strings(message, size, label), dims);
      rest.clearStringData();
      return new Stored(tensor, Storage.RAW);
    }
    if (apart != null) {
      if (message.hasRawData()) {
        throw problem(label + " has its raw_data twice");
      }
      requireBytes(apart.byteSize(), type, dims, size, label);
      LeftOut.clear(rest);
      return new Stored(Tensor.of(type, dims, apart), Storage.RAW);
    }
    if (isRaw(message, type, size)) {
      rest.clearRawData();
      return new Stored(raw(message.getRawData(), type, dims, size, label), Storage.RAW);
    }
    Tensor tensor = typed(message, type, dims, size, label);
    if (!TypedStorage.isExact(message, type, tensor.bytes())) {
      return new Stored(tensor, Storage.VERBATIM);
    }
    TypedStorage.clear(rest, type);
    return new Stored(tensor, Storage.TYPED);
  }

  SparseTensor read(SparseTensorProto message, String owner) throws OnnxFormatException {
    if (!message.hasValues() || !message.hasIndices()) {
      throw problem(
          owner + " is a sparse tensor without " + (message.hasValues() ? "indices" : "values"));
    }
    SparseTensorProto rest = message.toBuilder().clearValues().clearIndices().clearDims().build();
    return new SparseTensor(
        read(message.getValues(), "the values of " + owner),
        read(message.getIndices(), "the indices of " + owner),
        dims(message.getDimsList(), owner),
        new Metadata(
            "", Map.of(), rest.getSerializedSize() == 0 ? null : new OnnxResidue.Fields(rest)));
  }

  private ElementType elementType(TensorProto message, String label) throws OnnxFormatException {
    int code = message.getDataType();
    if (code <= 0 || code >= ElementType.values().length) {
      throw problem(
          label
              + (code == 0
                  ? " does not say its element type"
                  : " has the element type number " + code + ", which ONNX 1.23 does not have"));
    }
    return ElementType.of(code);
  }

  private long[] dims(List<Long> list, String label) throws OnnxFormatException {
    long[] dims = new long[list.size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = list.get(i);
      if (dims[i] < 0) {
        throw problem(label + " has a negative dimension: " + list);
      }
    }
    return dims;
  }

  private long size(long[] dims, String label) throws OnnxFormatException {
    long size = LongStream.of(dims).anyMatch(dim -> dim == 0) ? 0 : 1;
    try {
      for (long dim : dims) {
        size = Math.multiplyExact(size, dim);
      }
      // The size in bits must not overflow either.
      Math.multiplyExact(size, 128L);
    } catch (ArithmeticException overflow) {
      throw new OnnxFormatException(
          file, label + " of dimensions " + Shape.of(dims) + " is too large", overflow);
    }
    return size;
  }

  /**
   * Whether {@code raw_data} holds the elements: not if it is empty and the typed field has the
   * right number of elements.
   */
  private static boolean isRaw(TensorProto message, ElementType type, long size) {
    return message.hasRawData()
        && !(message.getRawData().isEmpty()
            && size > 0
            && TypedStorage.count(message, type) == TypedStorage.numbers(type, size));
  }

  private Tensor raw(ByteString bytes, ElementType type, long[] dims, long size, String label)
      throws OnnxFormatException {
    requireBytes(bytes.size(), type, dims, size, label);
    return Tensor.of(type, dims, new ProtoBytes(bytes));
  }

  private void requireBytes(long bytes, ElementType type, long[] dims, long size, String label)
      throws OnnxFormatException {
    long expected = type.byteSize(size);
    if (bytes != expected) {
      throw problem(
          label
              + " of type "
              + TensorType.of(type, dims)
              + " takes "
              + expected
              + " bytes, but raw_data has "
              + bytes);
    }
  }

  private Tensor typed(TensorProto message, ElementType type, long[] dims, long size, String label)
      throws OnnxFormatException {
    long expected = TypedStorage.numbers(type, size);
    int count = TypedStorage.count(message, type);
    if (count != expected) {
      throw problem(
          label
              + " of type "
              + TensorType.of(type, dims)
              + " takes "
              + expected
              + " numbers, but has "
              + count);
    }
    if (type.byteSize(size) > Integer.MAX_VALUE) {
      throw problem(label + " of type " + TensorType.of(type, dims) + " is too large");
    }
    return Tensor.of(type, dims, TypedStorage.read(message, type, size));
  }

  private long fixedSize(ElementType type, long size, String label) throws OnnxFormatException {
    if (type == ElementType.STRING) {
      throw problem(label + " holds strings, which cannot lie in another file");
    }
    return type.byteSize(size);
  }

  private List<String> strings(TensorProto message, long size, String label)
      throws OnnxFormatException {
    if (message.getStringDataCount() != size) {
      throw problem(
          label
              + " of dimensions "
              + message.getDimsList()
              + " takes "
              + size
              + " strings, but has "
              + message.getStringDataCount());
    }
    List<String> strings = new ArrayList<>(message.getStringDataCount());
    for (ByteString string : message.getStringDataList()) {
      strings.add(Utf8.decode(string));
    }
    return strings;
  }

  private OnnxFormatException problem(String text) {
    return new OnnxFormatException(file, text);
  }
}
