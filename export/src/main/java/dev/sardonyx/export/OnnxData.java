package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.sardonyx.export.proto.MapProto;
import dev.sardonyx.export.proto.OptionalProto;
import dev.sardonyx.export.proto.SequenceProto;
import dev.sardonyx.export.proto.SparseTensorProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.ValueType;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads and writes values at run time, such as the {@code input_0.pb} and {@code output_0.pb} of
 * the ONNX backend test suite. A file does not say what kind of value it holds, so the reader is
 * told: a {@code TensorProto} for tensors, and likewise {@code SparseTensorProto}, {@code
 * SequenceProto}, {@code OptionalProto} and {@code MapProto}.
 */
public final class OnnxData {
  private OnnxData() {}

  /**
   * Reads a file.
   *
   * @param type the value's type as the model declares it; only its kind must fit; an unknown type
   *     means a tensor
   * @throws OnnxFormatException if the file does not hold such a value
   * @throws IOException if it cannot be read
   */
  public static Datum read(Path file, ValueType type) throws IOException {
    return read(OnnxReader.bytes(file), type, file.toString());
  }

  /**
   * Reads a value from bytes, which must not change afterwards.
   *
   * @param file how messages name the bytes
   */
  public static Datum read(byte[] bytes, ValueType type, String file) throws OnnxFormatException {
    return read(UnsafeByteOperations.unsafeWrap(bytes), type, file);
  }

  private static Datum read(ByteString bytes, ValueType type, String file)
      throws OnnxFormatException {
    DataReader reader =
        new DataReader(
            file, new TensorReader(file, new ExternalFiles(file, null), LeftOut.nothing()));
    if (type instanceof SequenceType sequence) {
      return reader.sequence(
          parse(bytes, SequenceProto.getDescriptor(), SequenceProto.parser(), file), sequence);
    }
    if (type instanceof OptionalType optional) {
      return reader.optional(
          parse(bytes, OptionalProto.getDescriptor(), OptionalProto.parser(), file), optional);
    }
    if (type instanceof MapType map) {
      return reader.map(parse(bytes, MapProto.getDescriptor(), MapProto.parser(), file), map);
    }
    if (type instanceof SparseTensorType) {
      return reader.sparse(
          parse(bytes, SparseTensorProto.getDescriptor(), SparseTensorProto.parser(), file));
    }
    return reader.tensor(parse(bytes, TensorProto.getDescriptor(), TensorProto.parser(), file));
  }

  private static <M> M parse(ByteString bytes, Descriptor descriptor, Parser<M> parser, String file)
      throws OnnxFormatException {
    MessageCount.require(bytes, descriptor, Limits.standard(), file);
    try {
      CodedInputStream in = bytes.newCodedInput();
      in.enableAliasing(true);
      return parser.parseFrom(in);
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxFormatException(file, "is not a value of ONNX: " + Broken.reason(e), e);
    }
  }

  /**
   * The value as the bytes of a file.
   *
   * @param name the name that the value gets in the file
   */
  public static byte[] toBytes(Datum datum, String name) {
    return new DataWriter(new TensorWriter(KeptReferences.NONE, LeftOut.nothing()))
        .message(datum, name)
        .toByteArray();
  }
}
