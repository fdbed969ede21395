package dev.sardonyx.samples;

import dev.sardonyx.ir.ElementCodec;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What all elements of a tensor say together.
 *
 * @param min the smallest finite one; NaN if none is finite
 * @param max the largest finite one
 * @param mean of the finite ones
 * @param deviation their standard deviation
 * @param zeros how many are 0
 * @param notFinite how many are NaN or infinite
 */
record TensorStatistics(
    double min, double max, double mean, double deviation, long zeros, long notFinite) {
  /** Elements read at once; a multiple of 8, so that pieces of packed types begin with a byte. */
  private static final int PIECE = 1 << 16;

  /** Below, squares have lost digits. */
  private static final double SMALLEST = 1e-280;

  /** The statistics, unless the elements are no real numbers, or there are none. */
  static Optional<TensorStatistics> of(Tensor tensor) {
    ElementType type = tensor.elementType();
    TensorSource source = tensor.source();
    if (source == null || type.kind() == ElementType.Kind.COMPLEX || tensor.size() == 0) {
      return Optional.empty();
    }
    Sums sums = sums(type, tensor.size(), source, 0);
    if (!sums.areExact()) {
      sums = sums(type, tensor.size(), source, -Math.getExponent(sums.largest()));
    }
    return Optional.of(sums.statistics());
  }

  private static Sums sums(ElementType type, long size, TensorSource source, int scale) {
    Sums sums = new Sums(scale);
    ElementCodec codec = ElementCodec.of(type);
    for (long at = 0; at < size; at += PIECE) {
      int count = (int) Math.min(PIECE, size - at);
      ByteBuffer bytes = source.slice(type.byteSize(at), (int) type.byteSize(count));
      for (int i = 0; i < count; i++) {
        sums.add(codec.getDouble(bytes, i));
      }
    }
    return sums;
  }

  /** One pass, after Welford (1962), which does not lose the digits of nearly equal elements. */
  private static final class Sums {
    private final int scale;
    private double min = Double.NaN;
    private double max = Double.NaN;
    private double mean;
    private double squares;
    private long finite;
    private long zeros;
    private long notFinite;

    /**
     * @param scale the power of two that elements are multiplied by before they are squared
     */
    Sums(int scale) {
      this.scale = scale;
    }

    double largest() {
      return Math.max(Math.abs(min), Math.abs(max));
    }

    /** Whether no square was too large or too small for a double. */
    boolean areExact() {
      return finite == 0 || min == max || (squares >= SMALLEST && squares <= Double.MAX_VALUE);
    }

    void add(double element) {
      if (!Double.isFinite(element)) {
        notFinite++;
        return;
      }
      finite++;
      zeros += element == 0 ? 1 : 0;
      min = finite == 1 ? element : Math.min(min, element);
      max = finite == 1 ? element : Math.max(max, element);
      double scaled = Math.scalb(element, scale);
      double off = scaled - mean;
      mean += off / finite;
      squares += off * (scaled - mean);
    }

    TensorStatistics statistics() {
      boolean any = finite > 0;
      return new TensorStatistics(
          min,
          max,
          any ? Math.scalb(mean, -scale) : Double.NaN,
          any
              ? Math.min(Double.MAX_VALUE, Math.scalb(Math.sqrt(squares / finite), -scale))
              : Double.NaN,
          zeros,
          notFinite);
    }
  }
}
