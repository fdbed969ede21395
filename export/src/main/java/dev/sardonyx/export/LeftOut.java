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
 * The elements of large tensors, which are left out of a model's message, since protobuf would hold
 * them in the heap. In their place the tensor's message has a field that ONNX does not define; it
 * holds the number under which this object keeps the elements.
 */
final class LeftOut {
  /** Bytes of a mapped file. */
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

  /** The largest field number that protobuf allows. */
  static final int FIELD = (1 << 29) - 1;

  private static final int LARGE = 1 << 16;

  private static final int NUMBER_BYTES = Long.BYTES + Integer.BYTES;

  /**
   * Distinguishes fields that were made here from fields of that number that a file may have. Made
   * when first needed: most models have no large tensors.
   */
  private static final class Mark {
    static final long VALUE = new SecureRandom().nextLong();
  }

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
   * @param fewestBytes tensors with fewer bytes stay in the message
   */
  static LeftOut of(long fewestBytes) {
    return new LeftOut(fewestBytes);
  }

  /**
   * Leaves the large {@code raw_data} fields out of the bytes of a file.
   *
   * @return the bytes of the message without them, in the heap
   * @throws LimitExceededException if the remaining bytes are more than the limits allow
   * @throws TensorRewrite.Unreadable if the bytes are not a message that can be rewritten
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
        ByteBuffer.allocate(NUMBER_BYTES).putLong(Mark.VALUE).putInt(elements.size() - 1).flip());
  }

  /** The elements that the bytes of such a field stand for; null if this object has not made it. */
  private @Nullable TensorSource of(ByteBuffer number) {
    return !elements.isEmpty()
            && number.remaining() == NUMBER_BYTES
            && number.getLong() == Mark.VALUE
        ? elements.get(number.getInt())
        : null;
  }

  /** Leaves a tensor's elements out of its new message, if they are large enough. */
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

  /** The message with all elements that were left out of it. */
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

  /** Removes the field that stands for left-out elements. */
  static void clear(TensorProto.Builder tensor) {
    tensor.setUnknownFields(tensor.getUnknownFields().toBuilder().clearField(FIELD).build());
  }

  /** The pieces of the complete message, with all elements that were left out. */
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
