package dev.sardonyx.ir;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of one element again and again, made when they are read.
 *
 * @param element the element's bits
 * @param width its bytes, 1 to 8
 */
record RepeatedElement(long element, int width, long byteSize) implements TensorSource {
  @Override
  public ByteBuffer slice(long offset, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    if (element != 0) {
      for (int i = 0; i < length; i++) {
        bytes.put(i, (byte) (element >>> 8 * (int) ((offset + i) % width)));
      }
    }
    return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }
}
