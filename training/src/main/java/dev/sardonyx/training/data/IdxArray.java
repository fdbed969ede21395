package dev.sardonyx.training.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The content of one IDX file of unsigned bytes (format: Y. LeCun, "The MNIST database").
 *
 * @param source what the bytes were read from, for messages
 * @param dims the dimensions, outermost first
 * @param bytes the elements in row-major order
 */
record IdxArray(String source, int[] dims, byte[] bytes) {
  private static final int UNSIGNED_BYTE = 0x08;
  private static final int GZIP_MAGIC = 0x1f8b;

  /**
   * Reads a stream to its end; gzip is recognised by its content.
   *
   * @param minRank the least number of dimensions the file may have
   * @param maxRank the greatest
   */
  static IdxArray read(String source, InputStream stream, int minRank, int maxRank)
      throws IOException {
    try (DataInputStream in = new DataInputStream(unzipped(stream))) {
      int[] dims = header(source, in, minRank, maxRank);
      long size = Arrays.stream(dims).asLongStream().reduce(1, IdxArray::multiply);
      if (size > Integer.MAX_VALUE - 8) {
        throw new IdxException(
            source + ": its header promises " + text(dims) + " bytes, too many for one array");
      }
      byte[] bytes = in.readNBytes((int) size);
      if (bytes.length < size) {
        throw new IdxException(
            "%s is truncated: its header promises %s = %d bytes, and only %d follow"
                .formatted(source, text(dims), size, bytes.length));
      }
      if (in.read() >= 0) {
        throw new IdxException(
            "%s is longer than the %s = %d bytes its header promises"
                .formatted(source, text(dims), size));
      }
      return new IdxArray(source, dims, bytes);
    } catch (EOFException e) {
      throw new IdxException(source + " is truncated: it ends before its data does", e);
    } catch (ZipException e) {
      throw new IdxException(source + " is a damaged gzip file: " + e.getMessage(), e);
    }
  }

  private static int[] header(String source, DataInputStream in, int minRank, int maxRank)
      throws IOException {
    int magic = in.readInt();
    int rank = magic & 0xff;
    if (magic >>> 8 != UNSIGNED_BYTE || rank < minRank || rank > maxRank) {
      throw new IdxException(
          "%s is not the IDX file expected here: it starts with 0x%08x instead of 0x%08x"
              .formatted(source, magic, UNSIGNED_BYTE << 8 | minRank));
    }
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = in.readInt();
      if (dims[i] < 0 || (i > 0 && dims[i] == 0)) {
        throw new IdxException(
            "%s: dimension %d of its header is %d".formatted(source, i, dims[i]));
      }
    }
    return dims;
  }

  private static InputStream unzipped(InputStream stream) throws IOException {
    BufferedInputStream in = new BufferedInputStream(stream, 1 << 16);
    in.mark(2);
    int magic = in.read() << 8 | in.read();
    in.reset();
    return magic == GZIP_MAGIC ? new GZIPInputStream(in, 1 << 16) : in;
  }

  private static long multiply(long a, long b) {
    // Saturates: a product that large is refused anyway.
    return a > Integer.MAX_VALUE ? a : a * b;
  }

  private static String text(int[] dims) {
    return Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining(" x "));
  }
}
