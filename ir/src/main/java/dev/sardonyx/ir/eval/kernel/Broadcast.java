package dev.sardonyx.ir.eval.kernel;

import java.util.Arrays;

/**
 * Operands that broadcast to each other, cut into runs along which each is either contiguous or the
 * same element, so that only the runs and not the elements need positions.
 *
 * @param dims of the result
 * @param run elements of the result in each run
 * @param steps how far neighbours in a run lie apart in each operand, 1 or 0
 * @param starts where each run begins in each operand
 */
record Broadcast(long[] dims, int run, int[] steps, int[][] starts) {
  /** Work on so many elements of the result, from a position on, and of each operand. */
  @FunctionalInterface
  interface Run {
    void apply(int[] from, int to, int count);
  }

  static Broadcast of(long[]... operands) {
    long[] dims = Dims.broadcast(operands);
    int[][] strides = new int[operands.length][];
    for (int i = 0; i < operands.length; i++) {
      strides[i] = Dims.broadcastStrides(operands[i], dims);
    }
    int[] steps = new int[operands.length];
    int outer = dims.length;
    int run = 1;
    // From the back, as long as the axis goes on where those behind it end.
    while (outer > 0) {
      int d = outer - 1;
      if (dims[d] != 1) {
        if (!goesOn(strides, d, run, steps)) {
          break;
        }
        for (int i = 0; i < steps.length && run == 1; i++) {
          steps[i] = strides[i][d];
        }
        run = Math.multiplyExact(run, (int) dims[d]);
      }
      outer--;
    }
    long[] runs = Arrays.copyOf(dims, outer);
    int[][] starts = new int[operands.length][];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = Dims.index(runs, strides[i], 0);
    }
    return new Broadcast(dims, run, steps, starts);
  }

  private static boolean goesOn(int[][] strides, int axis, int run, int[] steps) {
    for (int i = 0; i < steps.length; i++) {
      int stride = strides[i][axis];
      if (run == 1 ? stride > 1 : stride != steps[i] * run) {
        return false;
      }
    }
    return true;
  }

  /** How many elements the result has. */
  int size() {
    return Dims.size(dims);
  }

  /** Does the work for the whole result, in pieces. */
  void forEach(Parallel parallel, Run work) {
    parallel.elements(
        size(),
        (first, end) -> {
          int[] from = new int[steps.length];
          int r = first / run;
          for (int at = first; at < end; r++) {
            int skipped = at - r * run;
            int count = Math.min(run - skipped, end - at);
            for (int i = 0; i < from.length; i++) {
              from[i] = starts[i][r] + skipped * steps[i];
            }
            work.apply(from, at, count);
            at += count;
          }
        });
  }
}
