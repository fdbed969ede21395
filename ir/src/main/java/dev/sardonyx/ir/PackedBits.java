package dev.sardonyx.ir;

import java.nio.ByteBuffer;

/**
 * Elements of 2, 4, 6, 8, 16, 32 or 64 bits in little-endian bytes, as they lie in {@link Tensor}s:
 * one stream of bits, the lowest first, so that an element of 6 bits may reach into the next byte.
 */
public final class PackedBits {
  private PackedBits() {}

  /** The bits of element {@code i}, as an unsigned number. */
  public static long get(ByteBuffer bytes, int i, int bits) {
    return switch (bits) {
      case 64 -> bytes.getLong(i * 8);
      case 32 -> bytes.getInt(i * 4) & 0xFFFFFFFFL;
      case 16 -> bytes.getShort(i * 2) & 0xFFFFL;
      case 8 -> bytes.get(i) & 0xFFL;
      default -> window(bytes, i, bits) >> shift(i, bits) & (1 << bits) - 1;
    };
  }

  /** The bits of element {@code i}, as a number of two's complement. */
  public static long getSigned(ByteBuffer bytes, int i, int bits) {
    int unused = 64 - bits;
    return get(bytes, i, bits) << unused >> unused;
  }

  /** Replaces element {@code i} by the lowest bits of a value. */
  public static void put(ByteBuffer bytes, int i, int bits, long value) {
    switch (bits) {
      case 64 -> bytes.putLong(i * 8, value);
      case 32 -> bytes.putInt(i * 4, (int) value);
      case 16 -> bytes.putShort(i * 2, (short) value);
      case 8 -> bytes.put(i, (byte) value);
      default -> {
        int shift = shift(i, bits);
        int at = firstByte(i, bits);
        int mask = (1 << bits) - 1 << shift;
        int changed = window(bytes, i, bits) & ~mask | (int) value << shift & mask;
        bytes.put(at, (byte) changed);
        if (shift + bits > 8) {
          bytes.put(at + 1, (byte) (changed >> 8));
        }
      }
    }
  }

  private static int firstByte(int i, int bits) {
    return (int) ((long) i * bits >> 3);
  }

  private static int shift(int i, int bits) {
    return i * bits & 7; // an overflow leaves the low bits right
  }

  /** The byte in which element i begins and, where it goes on there, the next one above it. */
  private static int window(ByteBuffer bytes, int i, int bits) {
    int at = firstByte(i, bits);
    int low = bytes.get(at) & 0xFF;
    return shift(i, bits) + bits > 8 ? low | (bytes.get(at + 1) & 0xFF) << 8 : low;
  }
}
