package dev.sardonyx.ir.eval.kernel;

import java.util.Arrays;

/**
 * Two operands that broadcast to each other, cut into runs along which each is either contiguous or
 * the same element, so that only the runs and not the elements need positions.
 *
 * @param dims of the result
 * @param run elements of the result in each run
 * @param aStep how far neighbours in a run lie apart in the first operand, 1 or 0
 * @param bStep the same in the second
 * @param aStarts where each run begins in the first operand
 * @param bStarts the same in the second
 */
record Broadcast(long[] dims, int run, int aStep, int bStep, int[] aStarts, int[] bStarts) {
  /** Work on so many elements of the result, from a position on, and of the operands. */
  @FunctionalInterface
  interface Run {
    void apply(int a, int b, int to, int count);
  }

  static Broadcast of(long[] a, long[] b) {
    long[] dims = Dims.broadcast(a, b);
    int[] aStrides = Dims.broadcastStrides(a, dims);
    int[] bStrides = Dims.broadcastStrides(b, dims);
    int outer = dims.length;
    int run = 1;
    int aStep = -1;
    int bStep = -1;
    // From the back, as long as the axis goes on where those behind it end.
    while (outer > 0) {
      int d = outer - 1;
      if (dims[d] != 1) {
        boolean first = run == 1;
        boolean fits =
            first
                ? aStrides[d] <= 1 && bStrides[d] <= 1
                : aStrides[d] == aStep * run && bStrides[d] == bStep * run;
        if (!fits) {
          break;
        }
        aStep = first ? aStrides[d] : aStep;
        bStep = first ? bStrides[d] : bStep;
        run = Math.multiplyExact(run, (int) dims[d]);
      }
      outer--;
    }
    long[] runs = Arrays.copyOf(dims, outer);
    return new Broadcast(
        dims,
        run,
        Math.max(aStep, 0),
        Math.max(bStep, 0),
        Dims.index(runs, aStrides, 0),
        Dims.index(runs, bStrides, 0));
  }

  /** Does the work for the whole result, in pieces. */
  void forEach(Parallel parallel, Run work) {
    parallel.elements(
        Dims.size(dims),
        (from, to) -> {
          int r = from / run;
          for (int at = from; at < to; r++) {
            int skipped = at - r * run;
            int count = Math.min(run - skipped, to - at);
            work.apply(aStarts[r] + skipped * aStep, bStarts[r] + skipped * bStep, at, count);
            at += count;
          }
        });
  }
}
