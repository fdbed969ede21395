package dev.sardonyx.samples.view;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What some elements of a constant say about all of them. Of a large one, pieces spread evenly over
 * it are read, so that a model of gigabytes is not read in full.
 *
 * @param elements how many the constant has
 * @param sampled how many of them were looked at
 * @param first the first few, as text
 * @param min the smallest finite one
 * @param max the largest finite one
 * @param mean of the finite ones
 * @param deviation the standard deviation of the finite ones
 * @param zeros how many are 0
 * @param notFinite how many are NaN or infinite
 * @param bins how many lie in each of equally wide ranges from the smallest to the largest; empty
 *     if there are too few
 */
record WeightSample(
    long elements,
    int sampled,
    List<String> first,
    double min,
    double max,
    double mean,
    double deviation,
    int zeros,
    int notFinite,
    List<Integer> bins) {
  /** Elements looked at in all constants of a model. */
  private static final int IN_ALL = 1 << 24;

  private static final int MOST = 1 << 14;
  private static final int FEWEST = 1 << 8;

  /** Elements in a row; a multiple of 8, so that pieces of packed types begin with a byte. */
  private static final int PIECE = 256;

  private static final int FIRST = 12;
  private static final int BINS = 32;

  WeightSample {
    first = List.copyOf(first);
    bins = List.copyOf(bins);
  }

  /**
   * Looks at a constant.
   *
   * @param among how many constants the model has
   * @return null if its elements cannot be read or are no real numbers
   */
  static @Nullable WeightSample of(TensorData data, int among) {
    Tensor tensor = data instanceof Tensor dense ? dense : ((SparseTensor) data).values();
    ElementType.Kind kind = tensor.elementType().kind();
    if (!tensor.isReadable() || kind == ElementType.Kind.COMPLEX || tensor.size() == 0) {
      return null;
    }
    if (kind == ElementType.Kind.STRING) {
      List<String> strings =
          tensor.strings().stream().limit(FIRST).map(s -> '"' + s + '"').toList();
      return new WeightSample(tensor.size(), 0, strings, 0, 0, 0, 0, 0, 0, List.of());
    }
    int most = Math.max(FEWEST, Math.min(MOST, IN_ALL / Math.max(1, among)));
    return of(tensor, elements(tensor, most));
  }

  /** At most so many elements, and a piece more. */
  private static double[] elements(Tensor tensor, int most) {
    TensorSource source = tensor.source();
    if (tensor.isRepeated()) {
      return new double[] {tensor.first().toScalar()};
    }
    if (tensor.size() <= most || source == null) {
      return tensor.toDoubles();
    }
    int pieces = Math.max(1, most / PIECE);
    long blocks = tensor.size() / PIECE;
    double[] sample = new double[pieces * PIECE];
    long bytesAPiece = tensor.elementType().byteSize(PIECE);
    for (int i = 0; i < pieces; i++) {
      long block = pieces == 1 ? 0 : (blocks - 1) * i / (pieces - 1);
      double[] piece =
          Tensor.of(
                  tensor.elementType(),
                  new long[] {PIECE},
                  source.slice(block * bytesAPiece, (int) bytesAPiece))
              .toDoubles();
      System.arraycopy(piece, 0, sample, i * PIECE, PIECE);
    }
    return sample;
  }

  private static WeightSample of(Tensor tensor, double[] sample) {
    double[] finite = Arrays.stream(sample).filter(Double::isFinite).toArray();
    double min = Arrays.stream(finite).min().orElse(0);
    double max = Arrays.stream(finite).max().orElse(0);
    double mean = Arrays.stream(finite).average().orElse(0);
    double variance = Arrays.stream(finite).map(x -> (x - mean) * (x - mean)).average().orElse(0);
    List<String> first = new ArrayList<>();
    for (int i = 0; i < Math.min(FIRST, sample.length); i++) {
      first.add(text(tensor.elementType(), sample[i]));
    }
    return new WeightSample(
        tensor.size(),
        sample.length,
        first,
        min,
        max,
        mean,
        Math.sqrt(variance),
        (int) Arrays.stream(sample).filter(x -> x == 0).count(),
        sample.length - finite.length,
        finite.length < FIRST || min == max ? List.of() : bins(finite, min, max));
  }

  private static List<Integer> bins(double[] elements, double min, double max) {
    Integer[] bins = new Integer[BINS];
    Arrays.fill(bins, 0);
    for (double element : elements) {
      // Halves, for the range of the largest numbers is beyond a double.
      double share = (element / 2 - min / 2) / (max / 2 - min / 2);
      bins[(int) Math.min(BINS - 1, share * BINS)]++;
    }
    return List.of(bins);
  }

  private static String text(ElementType type, double element) {
    return type.isFloat()
        ? String.format(Locale.ROOT, "%.4g", element)
        : Long.toString((long) element);
  }
}
