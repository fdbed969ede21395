package dev.sardonyx.runtime.isolated;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values and texts between two processes. */
final class DatumCodec {
  private static final int TENSOR = 0;
  private static final int SPARSE = 1;
  private static final int SEQUENCE = 2;
  private static final int OPTIONAL = 3;
  private static final int MAP = 4;
  private static final int UNKNOWN = 5;
  private static final int PIECE = 1 << 16;

  private DatumCodec() {}

  static void writeText(DataOutputStream out, String text) throws IOException {
    writeBytes(out, text.getBytes(StandardCharsets.UTF_8));
  }

  static String readText(DataInputStream in) throws IOException {
    return new String(readBytes(in), StandardCharsets.UTF_8);
  }

  static void writeTexts(DataOutputStream out, List<String> texts) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      writeText(out, text);
    }
  }

  static List<String> readTexts(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(readText(in));
    }
    return texts;
  }

  static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  static void writeAll(DataOutputStream out, Map<String, ? extends Datum> values)
      throws IOException {
    out.writeInt(values.size());
    for (Map.Entry<String, ? extends Datum> value : values.entrySet()) {
      writeText(out, value.getKey());
      write(out, value.getValue());
    }
  }

  static Map<String, Datum> readAll(DataInputStream in) throws IOException {
    int count = in.readInt();
    Map<String, Datum> values = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String name = readText(in);
      values.put(name, read(in));
    }
    return values;
  }

  static void write(DataOutputStream out, Datum datum) throws IOException {
    if (datum instanceof Tensor tensor) {
      out.writeByte(TENSOR);
      writeTensor(out, tensor);
    } else if (datum instanceof SparseTensor sparse) {
      out.writeByte(SPARSE);
      writeTensor(out, sparse.values());
      writeTensor(out, sparse.indices());
      writeDims(out, sparse.dims());
    } else if (datum instanceof SequenceDatum sequence) {
      out.writeByte(SEQUENCE);
      writeSequence(out, sequence);
    } else if (datum instanceof OptionalDatum optional) {
      out.writeByte(OPTIONAL);
      writeType(out, optional.elementType());
      Datum value = optional.value();
      out.writeBoolean(value != null);
      if (value != null) {
        write(out, value);
      }
    } else if (datum instanceof MapDatum map) {
      out.writeByte(MAP);
      writeTensor(out, map.keys());
      writeSequence(out, map.values());
    }
  }

  static Datum read(DataInputStream in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case TENSOR -> readTensor(in);
      case SPARSE -> SparseTensor.of(readTensor(in), readTensor(in), readDims(in));
      case SEQUENCE -> readSequence(in);
      case OPTIONAL -> {
        ValueType type = readType(in);
        yield new OptionalDatum(type, in.readBoolean() ? read(in) : null);
      }
      case MAP -> new MapDatum(readTensor(in), readSequence(in));
      default -> throw new IOException("a value of an unknown kind, " + kind);
    };
  }

  private static void writeSequence(DataOutputStream out, SequenceDatum sequence)
      throws IOException {
    writeType(out, sequence.elementType());
    out.writeInt(sequence.items().size());
    for (Datum item : sequence.items()) {
      write(out, item);
    }
  }

  private static SequenceDatum readSequence(DataInputStream in) throws IOException {
    ValueType type = readType(in);
    int count = in.readInt();
    List<Datum> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(read(in));
    }
    return new SequenceDatum(type, items);
  }

  private static void writeTensor(DataOutputStream out, Tensor tensor) throws IOException {
    out.writeInt(tensor.elementType().code());
    writeDims(out, tensor.dims());
    if (tensor.elementType() == ElementType.STRING) {
      writeTexts(out, tensor.strings());
      return;
    }
    ByteBuffer bytes = tensor.bytes();
    byte[] piece = new byte[PIECE];
    while (bytes.hasRemaining()) {
      int length = Math.min(piece.length, bytes.remaining());
      bytes.get(piece, 0, length);
      out.write(piece, 0, length);
    }
  }

  private static Tensor readTensor(DataInputStream in) throws IOException {
    ElementType type = ElementType.of(in.readInt());
    long[] dims = readDims(in);
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(readTexts(in), dims);
    }
    long size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    byte[] bytes = new byte[Math.toIntExact(type.byteSize(size))];
    in.readFully(bytes);
    return Tensor.of(type, dims, ByteBuffer.wrap(bytes));
  }

  private static void writeDims(DataOutputStream out, long[] dims) throws IOException {
    out.writeInt(dims.length);
    for (long dim : dims) {
      out.writeLong(dim);
    }
  }

  private static long[] readDims(DataInputStream in) throws IOException {
    long[] dims = new long[in.readInt()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = in.readLong();
    }
    return dims;
  }

  private static void writeType(DataOutputStream out, ValueType type) throws IOException {
    if (type instanceof TensorType tensor) {
      out.writeByte(TENSOR);
      out.writeInt(tensor.elementType().code());
      writeShape(out, tensor.shape());
    } else if (type instanceof SparseTensorType tensor) {
      out.writeByte(SPARSE);
      out.writeInt(tensor.elementType().code());
      writeShape(out, tensor.shape());
    } else if (type instanceof SequenceType sequence) {
      out.writeByte(SEQUENCE);
      writeType(out, sequence.element());
    } else if (type instanceof OptionalType optional) {
      out.writeByte(OPTIONAL);
      writeType(out, optional.element());
    } else if (type instanceof MapType map) {
      out.writeByte(MAP);
      out.writeInt(map.key().code());
      writeType(out, map.value());
    } else {
      out.writeByte(UNKNOWN);
    }
  }

  private static ValueType readType(DataInputStream in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case TENSOR -> TensorType.of(ElementType.of(in.readInt()), readShape(in));
      case SPARSE -> new SparseTensorType(ElementType.of(in.readInt()), readShape(in));
      case SEQUENCE -> new SequenceType(readType(in));
      case OPTIONAL -> new OptionalType(readType(in));
      case MAP -> new MapType(ElementType.of(in.readInt()), readType(in));
      default -> ValueType.unknown();
    };
  }

  private static void writeShape(DataOutputStream out, Shape shape) throws IOException {
    out.writeBoolean(shape.isRanked());
    if (shape.isRanked()) {
      writeTexts(out, shape.dims().stream().map(Object::toString).toList());
    }
  }

  private static Shape readShape(DataInputStream in) throws IOException {
    return in.readBoolean()
        ? Shape.of(readTexts(in).stream().map(Dim::parse).toList())
        : Shape.UNKNOWN;
  }
}
