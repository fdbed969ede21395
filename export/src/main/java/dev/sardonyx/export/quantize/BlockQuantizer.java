package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.NarrowFloat;
import java.util.stream.IntStream;

/**
 * Rounds matrices to whole numbers, block by block.
 *
 * @param bits 4 or 8
 * @param blockSize elements of a row that share a scale
 * @param symmetric whether 0 is the middle of the numbers; if not, each block has a zero point
 * @param negativeScales whether scales may be negative, so that the side that reaches further gets
 *     the one code that negative numbers have more
 * @param search how scales are found
 * @param scaleType the type that scales have to be exact in
 */
record BlockQuantizer(
    int bits,
    int blockSize,
    boolean symmetric,
    boolean negativeScales,
    ScaleSearch search,
    ElementType scaleType) {

  /** How often scale and codes are fitted to each other at most. */
  private static final int DESCENTS = 6;

  /** A matrix of finite elements, row by row. */
  QuantizedBlocks quantize(float[] elements, int rows, int columns) {
    int blocks = QuantizedBlocks.blocks(columns, blockSize);
    QuantizedBlocks result =
        new QuantizedBlocks(
            rows,
            columns,
            blockSize,
            bits,
            new byte[elements.length],
            new float[rows * blocks],
            new byte[rows * blocks]);
    IntStream.range(0, rows)
        .parallel()
        .forEach(
            row -> {
              for (int block = 0; block < blocks; block++) {
                int from = row * columns + block * blockSize;
                int to = Math.min(from + blockSize, (row + 1) * columns);
                new Fit(elements, from, to).into(result, row * blocks + block);
              }
            });
    return result;
  }

  private int middle() {
    return 1 << bits - 1;
  }

  private int last() {
    return (1 << bits) - 1;
  }

  /** The nearest scale that the type holds and that is not 0. */
  private float scale(double wanted) {
    double magnitude = Math.abs(wanted);
    double held;
    if (scaleType == ElementType.FLOAT) {
      held = Math.max((float) magnitude, Float.MIN_NORMAL);
    } else {
      NarrowFloat format = NarrowFloat.of(scaleType);
      double smallest = format.decode(1 << format.mantissaBits());
      held = Math.max(format.decode(format.encode(magnitude, true)), smallest);
    }
    return (float) Math.copySign(held, wanted);
  }

  /** The search for the scale and the zero point of one block. */
  private final class Fit {
    private final float[] elements;
    private final int from;
    private final int to;

    private float bestScale = 1;
    private int bestZero;
    private double bestError = Double.POSITIVE_INFINITY;

    Fit(float[] elements, int from, int to) {
      this.elements = elements;
      this.from = from;
      this.to = to;
    }

    void into(QuantizedBlocks result, int block) {
      search();
      double inverse = 1 / (double) bestScale;
      result.scales()[block] = bestScale;
      result.zeroPoints()[block] = (byte) bestZero;
      for (int i = from; i < to; i++) {
        result.codes()[i] = (byte) code(elements[i] * inverse, bestZero);
      }
    }

    private void search() {
      double low = 0;
      double high = 0;
      for (int i = from; i < to; i++) {
        low = Math.min(low, elements[i]);
        high = Math.max(high, elements[i]);
      }
      bestZero = symmetric ? middle() : 0;
      if (low == high) {
        return;
      }
      for (int attempt = 0; attempt < search.tries(); attempt++) {
        double factor = ScaleSearch.factor(attempt);
        if (symmetric) {
          symmetric(low * factor, high * factor);
        } else {
          double step = (high - low) * factor / last();
          consider(step, (int) Math.round(-low * factor / step));
        }
      }
      if (search.fits()) {
        descend();
      }
    }

    /** Fits scale and zero point to the codes, and the codes to them, as long as it helps. */
    private void descend() {
      double before = Double.POSITIVE_INFINITY;
      for (int i = 0; i < DESCENTS && bestError < before; i++) {
        before = bestError;
        float scale = bestScale;
        int zero = bestZero;
        fit(scale, zero);
        if (!symmetric) {
          regress(scale, zero);
          for (int shifted = Math.max(0, zero - 1);
              shifted <= Math.min(last(), zero + 1);
              shifted++) {
            fit(scale, shifted);
          }
        }
      }
    }

    /** The line through the elements over their codes, whose root is the zero point. */
    private void regress(float scale, int zero) {
      double inverse = 1 / (double) scale;
      double codes = 0;
      double sum = 0;
      double squares = 0;
      double product = 0;
      for (int i = from; i < to; i++) {
        int code = code(elements[i] * inverse, zero);
        codes += code;
        sum += elements[i];
        squares += (double) code * code;
        product += (double) code * elements[i];
      }
      int count = to - from;
      double slope = (product - codes * sum / count) / (squares - codes * codes / count);
      if (slope > 0 && Double.isFinite(slope)) {
        long root = Math.round((codes - sum / slope) / count);
        consider(slope, (int) Math.max(0, Math.min(last(), root)));
      }
    }

    private void symmetric(double low, double high) {
      double furthest = Math.max(-low, high);
      if (!negativeScales) {
        consider(furthest / (middle() - 1), middle());
        return;
      }
      double scale = furthest / middle();
      double sign = -low >= high ? 1 : -1; // the lowest code stands for what is furthest
      consider(sign * scale, middle());
      if (search.fits()) {
        consider(-sign * scale, middle());
      }
    }

    private void consider(double wanted, int wantedZero) {
      int zero = Math.max(0, Math.min(last(), wantedZero));
      float scale = scale(wanted);
      keepIfBetter(scale, zero);
      if (search.fits()) {
        fit(scale, zero);
      }
    }

    /** The scale whose error is smallest if the codes stay; with it, the codes are found anew. */
    private void fit(float scale, int zero) {
      double product = 0;
      double squares = 0;
      double offset = 0;
      double inverse = 1 / (double) scale;
      for (int i = from; i < to; i++) {
        double exact = elements[i] * inverse;
        int step = code(exact, zero) - zero;
        product += (double) elements[i] * step;
        squares += (double) step * step;
        offset += step - exact;
      }
      if (squares == 0 || product == 0) {
        return;
      }
      keepIfBetter(scale(product / squares), zero);
      int shifted = zero + (int) Math.round(offset / (to - from));
      if (!symmetric && shifted != zero && shifted >= 0 && shifted <= last()) {
        keepIfBetter(scale, shifted);
      }
    }

    private void keepIfBetter(float scale, int zero) {
      double error = 0;
      double inverse = 1 / (double) scale;
      for (int i = from; i < to && error < bestError; i++) {
        double difference =
            elements[i] - (code(elements[i] * inverse, zero) - zero) * (double) scale;
        error += difference * difference;
      }
      if (error < bestError) {
        bestError = error;
        bestScale = scale;
        bestZero = zero;
      }
    }

    /** The nearest code of a number of steps. */
    private int code(double steps, int zero) {
      double raised = steps + (zero + 0.5); // truncated, so that what is below 0 becomes 0
      return raised <= 0 ? 0 : Math.min(last(), (int) raised);
    }
  }
}
