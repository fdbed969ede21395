package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A slice with a beginning, an end and a step for each axis, of which bits of five masks make
 * something else: a beginning or end that is left out, an axis that is new, or one that goes.
 */
final class StridedSlice {
  private static final int MASKS = 5;

  private final OperatorSite site;
  private final long[] begin;
  private final long[] end;
  private final long[] strides;
  private final List<Long> axes = new ArrayList<>();
  private final List<Long> starts = new ArrayList<>();
  private final List<Long> ends = new ArrayList<>();
  private final List<Long> steps = new ArrayList<>();
  private final List<Long> gone = new ArrayList<>();
  private final List<Long> added = new ArrayList<>();

  private StridedSlice(OperatorSite site) {
    this.site = site;
    if (site.has(1)) {
      this.begin = site.longs(1, "its beginnings");
      this.end = site.longs(2, "its ends");
      this.strides = site.longs(3, "its steps");
      return;
    }
    long[] all = site.integers();
    int count = (all.length - MASKS) / 3;
    this.begin = Arrays.copyOfRange(all, MASKS, MASKS + count);
    this.end = Arrays.copyOfRange(all, MASKS + count, MASKS + 2 * count);
    this.strides = Arrays.copyOfRange(all, MASKS + 2 * count, MASKS + 3 * count);
  }

  static Value read(OperatorSite site) {
    if (site.integer(1) != 0) {
      throw site.refuse("of an ellipsis DL4J itself makes another thing than TensorFlow");
    }
    StridedSlice slice = new StridedSlice(site);
    if (LongStream.of(slice.strides).anyMatch(step -> step <= 0)) {
      throw site.refuse("with a negative step DL4J itself reads elsewhere than asked for");
    }
    return slice.read();
  }

  private boolean isMasked(int mask, int index) {
    return (site.integer(mask) >> index & 1) != 0;
  }

  private Value read() {
    long axis = 0;
    long result = 0;
    for (int i = 0; i < begin.length; i++) {
      if (isMasked(3, i)) {
        added.add(result++);
        continue;
      }
      if (isMasked(4, i)) {
        gone.add(axis);
        slice(axis, begin[i], begin[i] == -1 ? Long.MAX_VALUE : begin[i] + 1, 1);
      } else {
        slice(
            axis,
            isMasked(0, i) ? 0 : begin[i],
            isMasked(2, i) ? Long.MAX_VALUE : end[i],
            strides[i]);
        result++;
      }
      axis++;
    }
    Value y = site.b().slice(site.x(), longs(axes), longs(starts), longs(ends), longs(steps));
    y = gone.isEmpty() ? y : site.b().squeeze(y, longs(gone));
    return added.isEmpty() ? y : site.b().unsqueeze(y, longs(added));
  }

  private void slice(long axis, long from, long to, long step) {
    axes.add(axis);
    starts.add(from);
    ends.add(to);
    steps.add(step);
  }

  private static long[] longs(List<Long> numbers) {
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }
}
