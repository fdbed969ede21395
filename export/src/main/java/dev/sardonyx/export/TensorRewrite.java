package dev.sardonyx.export;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.TensorSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites the tensors in the bytes of a model's message, and the lengths of the messages around
 * them, without parsing either into objects: unchanged bytes are referred to, not copied.
 */
final class TensorRewrite {
  /** Bytes that follow each other in the new message. */
  sealed interface Piece {
    long size();

    /** A range of the old message, or a few new bytes. */
    record Bytes(ByteBuffer bytes) implements Piece {
      @Override
      public long size() {
        return bytes.remaining();
      }
    }

    /** The elements of a tensor. */
    record TensorElements(TensorSource source) implements Piece {
      @Override
      public long size() {
        return source.byteSize();
      }
    }
  }

  /** A field of a message: where it begins, its content, and where it ends. */
  record Field(int number, int wireType, int start, int content, int end) {}

  /** A tensor's message, and those of its fields that matter. */
  final class TensorBytes {
    private final int start;
    private final int end;
    private int afterRawData;
    private int rawDataFields;
    private @Nullable Field rawData;
    private @Nullable Field leftOut;

    private TensorBytes(int start, int end) {
      this.start = start;
      this.end = end;
      this.afterRawData = end;
    }

    private void add(Field field) {
      if (field.number > TensorProto.RAW_DATA_FIELD_NUMBER) {
        afterRawData = Math.min(afterRawData, field.start);
      }
      if (field.wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        if (field.number == TensorProto.RAW_DATA_FIELD_NUMBER) {
          rawDataFields++;
          rawData = field;
        } else if (field.number == LeftOut.FIELD) {
          leftOut = field;
        }
      }
    }

    /** The {@code raw_data} field; null if there is none, or more than one, which is invalid. */
    @Nullable Field rawData() {
      return rawDataFields == 1 ? rawData : null;
    }

    /** Where {@link LeftOut} has marked that elements are missing. */
    @Nullable Field leftOut() {
      return leftOut;
    }

    ByteBuffer content(Field field) {
      return bytes.slice(field.content, field.end - field.content);
    }

    /** The message without a field, and with other pieces at its end. */
    List<Piece> replacing(Field field, Piece... atEnd) {
      List<Piece> pieces = new ArrayList<>();
      pieces.add(range(start, field.start));
      pieces.add(range(field.end, end));
      pieces.addAll(List.of(atEnd));
      return pieces;
    }

    /** The message with elements for what was left out, where protobuf puts {@code raw_data}. */
    List<Piece> completed(Field mark, TensorSource elements) {
      List<Piece> pieces = new ArrayList<>();
      pieces.add(range(start, afterRawData));
      pieces.add(header(TensorProto.RAW_DATA_FIELD_NUMBER, elements.byteSize()));
      pieces.add(new Piece.TensorElements(elements));
      pieces.add(range(afterRawData, mark.start));
      pieces.add(range(mark.end, end));
      return pieces;
    }
  }

  /** Decides how a tensor is changed. */
  interface TensorChange {
    /** The new tensor's message, or null if it stays as it is. */
    @Nullable List<Piece> tensor(TensorBytes tensor);
  }

  /** The bytes are not a protobuf message, or are one that cannot be rewritten. */
  static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreadable() {
      super("not a message that can be rewritten", null, false, false);
    }
  }

  private static final int LONGEST_VARINT = 10;

  private final ByteBuffer bytes;
  private final TensorChange change;
  private int at;

  private TensorRewrite(ByteBuffer bytes, TensorChange change) {
    this.bytes = bytes;
    this.change = change;
  }

  /**
   * The pieces of the new message, in order.
   *
   * @throws Unreadable if the bytes are not protobuf
   */
  static List<Piece> of(ByteBuffer message, MessageKind kind, TensorChange change) {
    TensorRewrite rewrite = new TensorRewrite(message, change);
    List<Piece> pieces = rewrite.message(kind, message.limit(), 0);
    return pieces == null ? List.of(new Piece.Bytes(message.duplicate())) : pieces;
  }

  static long size(List<Piece> pieces) {
    return pieces.stream().mapToLong(Piece::size).sum();
  }

  /** The tag and length of a length-delimited field. */
  static Piece header(int field, long length) {
    int size = CodedOutputStream.computeTagSize(field);
    ByteBuffer header =
        ByteBuffer.allocate(size + CodedOutputStream.computeUInt64SizeNoTag(length));
    putVarint(header, (long) field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
    putVarint(header, length);
    return new Piece.Bytes(header.flip());
  }

  private static void putVarint(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.put((byte) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private Piece range(int from, int to) {
    return new Piece.Bytes(bytes.slice(from, to - from));
  }

  private @Nullable List<Piece> message(MessageKind kind, int end, int depth) {
    if (depth > MessageKind.DEEPEST) {
      throw new Unreadable();
    }
    if (kind == MessageKind.TENSOR) {
      TensorBytes tensor = new TensorBytes(at, end);
      while (at < end) {
        tensor.add(field(end));
      }
      return change.tensor(tensor);
    }
    List<Piece> pieces = null;
    int kept = at;
    while (at < end) {
      Field field = field(end);
      MessageKind inner =
          field.wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED ? kind.inner(field.number) : null;
      if (inner != null) {
        at = field.content;
        List<Piece> changed = message(inner, field.end, depth + 1);
        if (changed != null) {
          pieces = pieces == null ? new ArrayList<>() : pieces;
          pieces.add(range(kept, field.start));
          pieces.add(header(field.number, size(changed)));
          pieces.addAll(changed);
          kept = field.end;
        }
      }
    }
    if (pieces != null) {
      pieces.add(range(kept, end));
    }
    return pieces;
  }

  /** Reads a field and moves to its end. */
  private Field field(int end) {
    int start = at;
    long tag = varint(end);
    int wireType = (int) (tag & 7);
    long number = tag >>> 3;
    if (number == 0 || number > LeftOut.FIELD || wireType == WireFormat.WIRETYPE_END_GROUP) {
      throw new Unreadable();
    }
    long length = lengthOf(wireType, end);
    if (wireType == WireFormat.WIRETYPE_START_GROUP) {
      for (int open = 1; open > 0; ) {
        int inner = (int) (varint(end) & 7);
        open += inner == WireFormat.WIRETYPE_START_GROUP ? 1 : 0;
        open -= inner == WireFormat.WIRETYPE_END_GROUP ? 1 : 0;
        skip(lengthOf(inner, end), end);
      }
    }
    int content = at;
    skip(length, end);
    return new Field((int) number, wireType, start, content, at);
  }

  /** How many bytes of the field's value follow; the value of a varint has been skipped already. */
  private long lengthOf(int wireType, int end) {
    return switch (wireType) {
      case WireFormat.WIRETYPE_VARINT -> {
        varint(end);
        yield 0;
      }
      case WireFormat.WIRETYPE_FIXED64 -> 8;
      case WireFormat.WIRETYPE_FIXED32 -> 4;
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> varint(end);
      case WireFormat.WIRETYPE_START_GROUP, WireFormat.WIRETYPE_END_GROUP -> 0;
      default -> throw new Unreadable();
    };
  }

  private void skip(long length, int end) {
    if (length < 0 || length > end - at) {
      throw new Unreadable();
    }
    at += (int) length;
  }

  private long varint(int end) {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT && at < end; i++) {
      byte next = bytes.get(at++);
      value |= (long) (next & 0x7F) << 7 * i;
      if (next >= 0) {
        return value;
      }
    }
    throw new Unreadable();
  }
}
