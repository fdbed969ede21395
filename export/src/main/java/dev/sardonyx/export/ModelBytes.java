package dev.sardonyx.export;

import dev.sardonyx.export.TensorRewrite.Piece;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.file.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/** A model as the bytes of a file, in pieces; large tensors are referred to, not copied. */
record ModelBytes(List<Piece> pieces) {
  /** How many bytes of a tensor are processed at a time. */
  private static final int PART = 1 << 26;

  /**
   * The bytes of a model.
   *
   * @throws UnsupportedModelException if there are 2 GiB or more
   */
  static ModelBytes of(Model model, TensorWriter.Placement placement) {
    return of(model, placement, LeftOut.ofLarge());
  }

  static ModelBytes of(Model model, TensorWriter.Placement placement, LeftOut leftOut) {
    return new ModelBytes(leftOut.complete(message(model, placement, leftOut)));
  }

  private static ByteBuffer message(
      Model model, TensorWriter.Placement placement, LeftOut leftOut) {
    ModelProto message = new ModelWriter(new TensorWriter(placement, leftOut)).write(model);
    int size = message.getSerializedSize();
    // The size is an int, which may have overflowed.
    if (size < 0) {
      throw TensorWriter.tooLarge("in all");
    }
    return ByteBuffer.wrap(message.toByteArray());
  }

  ModelBytes {
    if (TensorRewrite.size(pieces) > TensorWriter.LARGEST_MESSAGE) {
      throw TensorWriter.tooLarge("in all");
    }
  }

  void writeTo(OutputStream stream) throws IOException {
    WritableByteChannel out = Channels.newChannel(stream);
    writeAll(out::write);
  }

  void writeTo(AtomicFile out) throws IOException {
    writeAll(out::write);
  }

  private interface Sink {
    void write(ByteBuffer bytes) throws IOException;
  }

  private void writeAll(Sink out) throws IOException {
    for (Piece piece : pieces) {
      if (piece instanceof Piece.TensorElements elements) {
        TensorSource source = elements.source();
        for (long at = 0; at < source.byteSize(); at += PART) {
          out.write(source.slice(at, (int) Math.min(PART, source.byteSize() - at)));
        }
      } else if (piece instanceof Piece.Bytes bytes) {
        out.write(bytes.bytes().duplicate());
      }
    }
  }

  byte[] toByteArray() {
    ByteBuffer all = ByteBuffer.allocate((int) TensorRewrite.size(pieces));
    for (Piece piece : pieces) {
      if (piece instanceof Piece.TensorElements elements) {
        all.put(elements.source().slice(0, (int) elements.source().byteSize()));
      } else if (piece instanceof Piece.Bytes bytes) {
        all.put(bytes.bytes().duplicate());
      }
    }
    return all.array();
  }
}
