package dev.sardonyx.export;

import com.google.protobuf.ByteString;
import dev.sardonyx.ir.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor's bytes within the bytes of its message, not copied. */
record ProtoBytes(ByteString bytes) implements TensorSource {
  @Override
  public long byteSize() {
    return bytes.size();
  }

  @Override
  public ByteBuffer slice(long offset, int length) {
    int from = Math.toIntExact(offset);
    // Some byte strings give a view that does not start at position 0.
    return bytes
        .substring(from, from + length)
        .asReadOnlyByteBuffer()
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
