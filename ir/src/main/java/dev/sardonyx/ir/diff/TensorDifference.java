package dev.sardonyx.ir.diff;

import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Objects;

/**
 * How far two tensors of real numbers, of one type and shape, are apart.
 *
 * @param differing how many elements differ; every NaN equals every other, and -0 is not 0, by
 *     which a division tells them apart
 * @param elements how many there are
 * @param maxAbs the greatest absolute difference; infinite or NaN where an element is on one side
 *     only
 * @param maxRel the greatest difference relative to the first tensor's element, over those that are
 *     not 0
 * @param cosine of the angle between the two as vectors, 1 for the same direction; NaN if one of
 *     them is all zeros
 */
public record TensorDifference(
    long differing, long elements, double maxAbs, double maxRel, double cosine) {
  /** So many elements are looked at at a time; even, since two of 4 bits share a byte. */
  private static final int STEP = 1 << 20;

  /** Compares two tensors of one type and shape that have real elements. */
  static TensorDifference of(Tensor before, Tensor after) {
    TensorSource first = Objects.requireNonNull(before.source());
    TensorSource second = Objects.requireNonNull(after.source());
    ElementCodec codec = ElementCodec.of(before.elementType());
    boolean isWide = before.elementType().isInteger() && before.elementType().bits() == 64;
    Sums sums = new Sums();
    for (long at = 0; at < before.size(); at += STEP) {
      int length = (int) Math.min(STEP, before.size() - at);
      long offset = before.elementType().byteSize(at);
      int bytes = (int) before.elementType().byteSize(length);
      ByteBuffer a = first.slice(offset, bytes);
      ByteBuffer b = second.slice(offset, bytes);
      for (int i = 0; i < length; i++) {
        // What a double cannot hold is told by the bits.
        long beyond = isWide ? a.getLong(i * Long.BYTES) - b.getLong(i * Long.BYTES) : 0;
        sums.add(codec.getDouble(a, i), codec.getDouble(b, i), beyond);
      }
    }
    return new TensorDifference(
        sums.differing, before.size(), sums.maxAbs, sums.maxRel, sums.cosine());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d of %,d elements differ: max abs %.3g, max rel %.3g, cosine %.7f",
        differing,
        elements,
        maxAbs,
        maxRel,
        cosine);
  }

  private static final class Sums {
    private long differing;
    private double maxAbs;
    private double maxRel;
    private double product;
    private double firstSquares;
    private double secondSquares;

    /**
     * @param beyond what the two differ by if they are one number as doubles
     */
    void add(double a, double b, long beyond) {
      product += a * b;
      firstSquares += a * a;
      secondSquares += b * b;
      if (beyond == 0 && Double.compare(a, b) == 0) {
        return;
      }
      differing++;
      double abs = Math.abs(a == b ? beyond : a - b);
      maxAbs = Math.max(maxAbs, abs);
      if (a != 0) {
        maxRel = Math.max(maxRel, abs / Math.abs(a));
      }
    }

    double cosine() {
      double norms = Math.sqrt(firstSquares) * Math.sqrt(secondSquares);
      return norms == 0 ? Double.NaN : product / norms;
    }
  }
}
