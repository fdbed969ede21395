package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares one value batch by batch, keeping sums and extremes but no tensors. */
final class ValueStatistics {
  private static final int CHUNK = 4096;

  private final String name;
  private final boolean output;
  private final double rtol;
  private final double atol;

  private long elements;
  private long failed;
  private long finite;
  private double maxAbsolute;
  private double sumAbsolute;
  private double maxRelative;
  private double dot;
  private double actualSquares;
  private double expectedSquares;
  private long nanMismatches;
  private double worstExcess = Double.NEGATIVE_INFINITY;
  private ValueComparison.@Nullable Worst worst;
  private long sameTop;
  private long rows;
  private @Nullable String mismatch;

  ValueStatistics(String name, boolean output, Tolerance tolerance) {
    this.name = name;
    this.output = output;
    this.rtol = tolerance.rtol();
    this.atol = tolerance.atol();
  }

  /** Takes in a batch's value from both sides. */
  void add(long batch, @Nullable Datum actual, @Nullable Datum expected) {
    if (actual == null && expected == null) {
      return;
    }
    if (actual instanceof OptionalDatum a && expected instanceof OptionalDatum e) {
      add(batch, a.value(), e.value());
    } else if (actual instanceof SequenceDatum a && expected instanceof SequenceDatum e) {
      addItems(batch, a, e);
    } else if (actual instanceof Tensor a && expected instanceof Tensor e) {
      addTensor(batch, a, e);
    } else {
      differs(batch, "is " + described(actual) + " instead of " + described(expected));
    }
  }

  private static String described(@Nullable Datum datum) {
    return datum == null ? "absent" : datum.type().toString();
  }

  private void differs(long batch, String how) {
    if (mismatch == null) {
      mismatch = how + " in batch " + batch;
    }
  }

  private void addItems(long batch, SequenceDatum actual, SequenceDatum expected) {
    int count = actual.items().size();
    if (count != expected.items().size()) {
      differs(batch, "has " + count + " items instead of " + expected.items().size());
      return;
    }
    for (int i = 0; i < count; i++) {
      add(batch, actual.items().get(i), expected.items().get(i));
    }
  }

  private void addTensor(long batch, Tensor actual, Tensor expected) {
    if (!Arrays.equals(actual.dims(), expected.dims())) {
      differs(batch, "has shape " + actual.shape() + " instead of " + expected.shape());
    } else if (actual.elementType() == ElementType.STRING
        || expected.elementType() == ElementType.STRING) {
      addStrings(batch, actual, expected);
    } else if (actual.elementType() == ElementType.FLOAT
        && expected.elementType() == ElementType.FLOAT) {
      addFloats(batch, actual, expected);
    } else {
      double[] reference = expected.toDoubles();
      double largest = 0;
      for (double element : reference) {
        double size = Math.abs(element);
        largest = size > largest && size < Double.POSITIVE_INFINITY ? size : largest;
      }
      Window window = new Window(batch, expected.dims(), allowance(largest));
      compare(window, 0, actual.toDoubles(), reference);
    }
  }

  private void addStrings(long batch, Tensor actual, Tensor expected) {
    if (actual.elementType() != expected.elementType()) {
      differs(batch, "is " + actual.type() + " instead of " + expected.type());
      return;
    }
    for (int i = 0; i < actual.length(); i++) {
      elements++;
      if (!actual.strings().get(i).equals(expected.strings().get(i))) {
        failed++;
      }
    }
  }

  private void addFloats(long batch, Tensor actual, Tensor expected) {
    FloatBuffer actuals = actual.bytes().asFloatBuffer();
    FloatBuffer expecteds = expected.bytes().asFloatBuffer();
    float[] a = new float[Math.min(CHUNK, actuals.remaining())];
    float[] e = new float[a.length];
    Window window = new Window(batch, expected.dims(), allowance(largest(expecteds, e)));
    for (int from = 0; actuals.hasRemaining(); from += CHUNK) {
      int count = Math.min(CHUNK, actuals.remaining());
      actuals.get(a, 0, count);
      expecteds.get(e, 0, count);
      compare(window, from, a, e, count);
    }
    addTop(actual, expected);
  }

  /** The largest finite magnitude. */
  private static double largest(FloatBuffer elements, float[] chunk) {
    FloatBuffer rest = elements.duplicate();
    float largest = 0;
    while (rest.hasRemaining()) {
      int count = Math.min(chunk.length, rest.remaining());
      rest.get(chunk, 0, count);
      for (int i = 0; i < count; i++) {
        float size = Math.abs(chunk[i]);
        if (size > largest && size < Float.POSITIVE_INFINITY) {
          largest = size;
        }
      }
    }
    return largest;
  }

  /**
   * The absolute tolerance for a tensor. What is left where large terms cancel carries their
   * rounding, so an intermediate value may be off in proportion to its largest element.
   */
  private double allowance(double largest) {
    return output ? atol : atol * Math.max(1, largest);
  }

  /** A batch's tensor, whose elements come in chunks, and its absolute tolerance. */
  private record Window(long batch, long[] dims, double atol) {
    List<Long> index(int flat) {
      List<Long> index = new ArrayList<>();
      long rest = flat;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        index.add(0, rest % dims[axis]);
        rest /= dims[axis];
      }
      return index;
    }
  }

  /** The hot loop: billions of elements when layers are compared over a test set. */
  private void compare(Window window, int from, float[] actual, float[] expected, int count) {
    double sum = 0;
    double product = 0;
    double squaresA = 0;
    double squaresE = 0;
    long counted = 0;
    double allowed = window.atol;
    for (int i = 0; i < count; i++) {
      double a = actual[i];
      double e = expected[i];
      double difference = Math.abs(a - e);
      if (!(difference < Double.POSITIVE_INFINITY)) {
        compareSpecial(window, from + i, a, e);
        continue;
      }
      counted++;
      sum += difference;
      product += a * e;
      squaresA += a * a;
      squaresE += e * e;
      double size = Math.abs(e);
      if (difference > maxAbsolute) {
        maxAbsolute = difference;
      }
      if (size > atol && difference > maxRelative * size) {
        maxRelative = difference / size;
      }
      double excess = difference - (allowed + rtol * size);
      if (excess > worstExcess || excess > 0) {
        record(window, from + i, a, e, excess);
      }
    }
    elements += count;
    finite += counted;
    sumAbsolute += sum;
    dot += product;
    actualSquares += squaresA;
    expectedSquares += squaresE;
  }

  private void compare(Window window, int from, double[] actual, double[] expected) {
    elements += actual.length;
    for (int i = 0; i < actual.length; i++) {
      double a = actual[i];
      double e = expected[i];
      double difference = Math.abs(a - e);
      if (!(difference < Double.POSITIVE_INFINITY)) {
        compareSpecial(window, from + i, a, e);
        continue;
      }
      finite++;
      sumAbsolute += difference;
      dot += a * e;
      actualSquares += a * a;
      expectedSquares += e * e;
      maxAbsolute = Math.max(maxAbsolute, difference);
      if (Math.abs(e) > atol) {
        maxRelative = Math.max(maxRelative, difference / Math.abs(e));
      }
      record(window, from + i, a, e, difference - (window.atol + rtol * Math.abs(e)));
    }
  }

  /** NaN and infinity agree with themselves alone. */
  private void compareSpecial(Window window, int at, double actual, double expected) {
    boolean bothNaN = Double.isNaN(actual) && Double.isNaN(expected);
    if (bothNaN || actual == expected) {
      return;
    }
    if (Double.isNaN(actual) || Double.isNaN(expected)) {
      nanMismatches++;
    }
    maxAbsolute = Double.POSITIVE_INFINITY;
    record(window, at, actual, expected, Double.POSITIVE_INFINITY);
  }

  private void record(Window window, int at, double actual, double expected, double excess) {
    if (excess > 0) {
      failed++;
    }
    if (excess > worstExcess) {
      worstExcess = excess;
      worst = new ValueComparison.Worst(window.batch, window.index(at), actual, expected);
    }
  }

  /** Counts the rows along the last axis whose largest element is the same. */
  private void addTop(Tensor actual, Tensor expected) {
    if (!output || expected.rank() < 2 || expected.dim(-1) < 2 || expected.size() == 0) {
      return;
    }
    int classes = Math.toIntExact(expected.dim(-1));
    float[] a = actual.toFloats();
    float[] e = expected.toFloats();
    for (int row = 0; row < a.length; row += classes) {
      rows++;
      if (top(a, row, classes) == top(e, row, classes)) {
        sameTop++;
      }
    }
  }

  private static int top(float[] elements, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (elements[from + i] > elements[from + best]) {
        best = i;
      }
    }
    return best;
  }

  ValueComparison result() {
    return new ValueComparison(
        name,
        output,
        elements,
        failed,
        maxAbsolute,
        finite == 0 ? 0 : sumAbsolute / finite,
        maxRelative,
        cosine(),
        nanMismatches,
        worst,
        rows == 0 ? null : new ValueComparison.Agreement(sameTop, rows),
        mismatch);
  }

  /** Two vectors of zeros point the same way. */
  private double cosine() {
    double lengths = Math.sqrt(actualSquares) * Math.sqrt(expectedSquares);
    if (lengths == 0) {
      return actualSquares == expectedSquares ? 1 : 0;
    }
    return Math.min(1, dot / lengths);
  }
}
