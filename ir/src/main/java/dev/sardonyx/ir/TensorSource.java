package dev.sardonyx.ir;

import java.nio.ByteBuffer;

/**
 * Where a tensor's bytes lie: memory, or a file that is read when first asked. Bytes are
 * little-endian, row-major, packed as in ONNX's {@code raw_data}.
 */
public interface TensorSource {
  long byteSize();

  /** Whether the bytes can be had; not so of a model that was read without its weights. */
  default boolean isReadable() {
    return true;
  }

  /**
   * A read-only little-endian view of a range.
   *
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  ByteBuffer slice(long offset, int length);
}
