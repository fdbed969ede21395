package dev.sardonyx.training.onednn;

import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/** Native memory for gradients, which is lent out again as soon as nobody needs it. */
final class Buffer {
  private final memory bytes;
  private final long size;
  private int users;

  Buffer(memory bytes, long size) {
    this.bytes = bytes;
    this.size = size;
  }

  Pointer address() {
    return bytes.get_data_handle();
  }

  long size() {
    return size;
  }

  boolean isFree() {
    return users == 0;
  }

  boolean isShared() {
    return users > 1;
  }

  void retain() {
    users++;
  }

  void release() {
    users--;
  }
}
