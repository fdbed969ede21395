package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnsafeByteOperations;
import dev.sardonyx.export.TensorRewrite.Piece;
import dev.sardonyx.export.TensorRewrite.TensorBytes;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The elements of large tensors, left out of a model's message, since protobuf would hold them in
 * the heap. Where they belong, the tensor's message has a field that ONNX does not know, with their
 * number here.
 */
final class LeftOut {
  /** Bytes of a file where they lie. */
  private record Mapped(ByteBuffer bytes) implements TensorSource {
    @Override
    public long byteSize() {
      return bytes.remaining();
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
      return bytes.slice(Math.toIntExact(offset), length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** The last number that protobuf allows. */
  static final int FIELD = (1 << 29) - 1;

  private static final int LARGE = 1 << 16;

  private static final int NUMBER_BYTES = Long.BYTES + Integer.BYTES;

  /** Tells its own fields from those that a file may have under that number. */
  private final long mark = new SecureRandom().nextLong();

  private final List<TensorSource> elements = new ArrayList<>();
  private final long fewestBytes;

  private LeftOut(long fewestBytes) {
    this.fewestBytes = fewestBytes;
  }

  static LeftOut ofLarge() {
    return of(LARGE);
  }

  /** Leaves nothing out. */
  static LeftOut nothing() {
    return of(Long.MAX_VALUE);
  }

  /**
   * @param fewestBytes tensors of less are left where they are
   */
  static LeftOut of(long fewestBytes) {
    return new LeftOut(fewestBytes);
  }

  /**
   * Leaves the large {@code raw_data} of a file's bytes out of them.
   *
   * @return the bytes of the message without, in the heap
   * @throws LimitExceededException if what is left are more bytes than the limits allow
   * @throws TensorRewrite.Unreadable if they are no message in which that can be done
   */
  ByteString leaveOut(ByteBuffer file, Limits limits) {
    List<Piece> pieces = TensorRewrite.of(file, MessageKind.MODEL, this::leaveOut);
    long size = TensorRewrite.size(pieces);
    limits.requireBytes(size, "Reading the file");
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
    for (Piece piece : pieces) {
      bytes.put(((Piece.Bytes) piece).bytes());
    }
    return UnsafeByteOperations.unsafeWrap(bytes.flip());
  }

  private @Nullable List<Piece> leaveOut(TensorBytes tensor) {
    TensorRewrite.Field rawData = tensor.rawData();
    if (tensor.leftOut() != null
        || rawData == null
        || rawData.end() - rawData.content() < fewestBytes) {
      return null;
    }
    ByteString number = add(new Mapped(tensor.content(rawData)));
    return tensor.replacing(
        rawData,
        TensorRewrite.header(FIELD, number.size()),
        new Piece.Bytes(number.asReadOnlyByteBuffer()));
  }

  private ByteString add(TensorSource source) {
    elements.add(source);
    return ByteString.copyFrom(
        ByteBuffer.allocate(NUMBER_BYTES).putLong(mark).putInt(elements.size() - 1).flip());
  }

  /** What stands for these bytes; null if they are not of this object's making. */
  private @Nullable TensorSource of(ByteBuffer number) {
    return number.remaining() == NUMBER_BYTES && number.getLong() == mark
        ? elements.get(number.getInt())
        : null;
  }

  /** Leaves a tensor's elements out of the message that is made of it, if there are many. */
  boolean leaveOut(TensorProto.Builder tensor, TensorSource source) {
    if (source.byteSize() < fewestBytes || tensor.getUnknownFields().hasField(FIELD)) {
      return false;
    }
    UnknownFieldSet.Field number =
        UnknownFieldSet.Field.newBuilder().addLengthDelimited(add(source)).build();
    tensor.setUnknownFields(tensor.getUnknownFields().toBuilder().addField(FIELD, number).build());
    return true;
  }

  /** What was left out of a tensor's message; null if nothing was. */
  @Nullable TensorSource of(TensorProto tensor) {
    TensorSource found = null;
    for (ByteString number : tensor.getUnknownFields().getField(FIELD).getLengthDelimitedList()) {
      TensorSource own = of(number.asReadOnlyByteBuffer());
      found = own == null ? found : own;
    }
    return found;
  }

  /** A message that is kept as it is, with all that was left out of it. */
  <M extends MessageLite> M putBack(M message, MessageKind kind) {
    if (elements.isEmpty() || message.getSerializedSize() == 0) {
      return message;
    }
    List<Piece> pieces =
        TensorRewrite.of(ByteBuffer.wrap(message.toByteArray()), kind, this::complete);
    try {
      Object whole =
          message.newBuilderForType().mergeFrom(new ModelBytes(pieces).toByteArray()).build();
      @SuppressWarnings("unchecked") // Of the type that its own builder makes
      M same = (M) whole;
      return same;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A message that was read cannot be read again", e);
    }
  }

  /** Takes the field of the missing elements out of a message. */
  static void clear(TensorProto.Builder tensor) {
    tensor.setUnknownFields(tensor.getUnknownFields().toBuilder().clearField(FIELD).build());
  }

  /** The pieces of the whole message, with all that was left out. */
  List<Piece> complete(ByteBuffer message) {
    return elements.isEmpty()
        ? List.of(new Piece.Bytes(message))
        : TensorRewrite.of(message, MessageKind.MODEL, this::complete);
  }

  private @Nullable List<Piece> complete(TensorBytes tensor) {
    TensorRewrite.Field field = tensor.leftOut();
    TensorSource source = field == null ? null : of(tensor.content(field));
    return field == null || source == null ? null : tensor.completed(field, source);
  }
}
