package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;

/**
 * A matrix as whole numbers of a few bits. Each row is cut into blocks, the last of which may be
 * shorter; an element is {@code (code - zeroPoint) * scale}, with the zero point and the scale of
 * its block.
 *
 * @param rows the number of rows
 * @param columns the number of columns, along which blocks run
 * @param blockSize elements of a block
 * @param bits 4 or 8
 * @param codes from 0 to {@code 2^bits - 1}, a byte each, row by row
 * @param scales of the blocks, row by row
 * @param zeroPoints of the blocks, row by row; all {@code 2^(bits-1)} if the blocks are symmetric
 */
record QuantizedBlocks(
    int rows,
    int columns,
    int blockSize,
    int bits,
    byte[] codes,
    float[] scales,
    byte[] zeroPoints) {

  /** Blocks of a row. */
  int blocks() {
    return blocks(columns, blockSize);
  }

  static int blocks(int columns, int blockSize) {
    return (columns + blockSize - 1) / blockSize;
  }

  /** The elements that the codes stand for, row by row. */
  float[] dequantized() {
    float[] all = new float[codes.length];
    int blocks = blocks();
    for (int i = 0; i < all.length; i++) {
      int block = i / columns * blocks + i % columns / blockSize;
      all[i] = ((codes[i] & 0xff) - (zeroPoints[block] & 0xff)) * scales[block];
    }
    return all;
  }

  /** Codes as bytes {@code [rows, width]}, the lower bits of a byte first, rows filled with 0. */
  private static byte[] packed(byte[] codes, int rows, int columns, int width, int bits) {
    byte[] bytes = new byte[rows * width];
    int each = 8 / bits;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int shifted = (codes[row * columns + column] & 0xff) << bits * (column % each);
        bytes[row * width + column / each] |= (byte) shifted;
      }
    }
    return bytes;
  }

  /** Codes as {@code MatMulNBits} has them: {@code uint8[rows, blocks, bytes of a block]}. */
  Tensor packedBlocks() {
    int size = blockSize * bits / 8;
    byte[] bytes = packed(codes, rows, columns, blocks() * size, bits);
    return bytes(bytes, rows, blocks(), size);
  }

  /** Codes as {@code GatherBlockQuantized} has them: {@code uint8[rows, bytes of a row]}. */
  Tensor packedRows() {
    int width = (columns * bits + 7) / 8;
    return bytes(packed(codes, rows, columns, width, bits), rows, width);
  }

  /** Zero points, each row packed by itself: {@code uint8[rows, bytes of a row]}. */
  Tensor packedZeroPoints() {
    int width = (blocks() * bits + 7) / 8;
    return bytes(packed(zeroPoints, rows, blocks(), width, bits), rows, width);
  }

  private static Tensor bytes(byte[] bytes, long... dims) {
    return Tensor.of(ElementType.UINT8, dims, ByteBuffer.wrap(bytes));
  }

  /** Scales {@code [rows, blocks]}. */
  Tensor scales(ElementType type) {
    return numbers(type, scales, rows, blocks());
  }

  /** Scales {@code [blocks, rows]}. */
  Tensor scalesAcross(ElementType type) {
    float[] across = new float[scales.length];
    for (int i = 0; i < across.length; i++) {
      across[acrossIndex(i, blocks())] = scales[i];
    }
    return numbers(type, across, blocks(), rows);
  }

  private static Tensor numbers(ElementType type, float[] elements, long... dims) {
    if (type == ElementType.FLOAT) {
      return Tensor.ofFloats(elements, dims);
    }
    double[] wide = new double[elements.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = elements[i];
    }
    return Tensor.ofNumbers(type, wide, dims);
  }

  private int acrossIndex(int i, int width) {
    return i % width * rows + i / width;
  }

  /**
   * Codes or zero points in one of ONNX's own types, signed ones with the middle of the range as
   * their 0.
   *
   * @param all {@code [rows, width]}
   * @param across whether the result is {@code [width, rows]}
   */
  private Tensor integers(byte[] all, int width, boolean signed, boolean across) {
    int zero = signed ? 1 << bits - 1 : 0;
    ElementType type =
        bits == 4
            ? signed ? ElementType.INT4 : ElementType.UINT4
            : signed ? ElementType.INT8 : ElementType.UINT8;
    int each = 8 / bits;
    int mask = (1 << bits) - 1;
    ByteBuffer bytes = Tensor.allocate(type, all.length);
    for (int i = 0; i < all.length; i++) {
      int at = across ? acrossIndex(i, width) : i;
      int code = ((all[i] & 0xff) - zero & mask) << bits * (at % each);
      bytes.put(at / each, (byte) (bytes.get(at / each) | code));
    }
    return across
        ? Tensor.of(type, new long[] {width, rows}, bytes)
        : Tensor.of(type, new long[] {rows, width}, bytes);
  }

  /** Codes in one of ONNX's own types, {@code [rows, columns]} or the other way round. */
  Tensor integerCodes(boolean signed, boolean across) {
    return integers(codes, columns, signed, across);
  }

  /** Zero points in one of ONNX's own types, {@code [rows, blocks]} or the other way round. */
  Tensor integerZeroPoints(boolean signed, boolean across) {
    return integers(zeroPoints, blocks(), signed, across);
  }
}
