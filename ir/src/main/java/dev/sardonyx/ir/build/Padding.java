package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import java.util.List;
import java.util.stream.LongStream;

/**
 * How much is put around an image before a window slides over it.
 *
 * @param mode what decides the amount
 * @param pads for {@link Mode#EXPLICIT}: one number for all sides, one an axis for both its sides,
 *     or all beginnings and then all ends, such as {@code top, left, bottom, right}
 */
public record Padding(Mode mode, List<Long> pads) {
  /** What decides the amount of padding. */
  public enum Mode {
    /** The given numbers. */
    EXPLICIT,
    /**
     * Output size is input size divided by the stride, rounded up; an odd pixel goes to the end.
     */
    SAME,
    /** As {@link #SAME}; an odd pixel goes to the beginning. */
    SAME_LOWER
  }

  public static final Padding NONE = new Padding(Mode.EXPLICIT, List.of(0L));
  public static final Padding SAME = new Padding(Mode.SAME, List.of());
  public static final Padding SAME_LOWER = new Padding(Mode.SAME_LOWER, List.of());

  public Padding {
    pads = List.copyOf(pads);
  }

  public static Padding of(long... pads) {
    return new Padding(Mode.EXPLICIT, LongStream.of(pads).boxed().toList());
  }

  /**
   * The ONNX attribute: numbers wherever they can be known now, since not every runtime follows
   * {@code auto_pad}.
   *
   * @param input the shape of the image, NC followed by the spatial axes
   */
  Attribute attribute(Shape input, long[] kernel, long[] strides, long[] dilations) {
    int axes = kernel.length;
    if (mode == Mode.EXPLICIT) {
      return Attribute.ofInts("pads", explicit(axes));
    }
    long[] both = new long[2 * axes];
    for (int i = 0; i < axes; i++) {
      long reach = dilations[i] * (kernel[i] - 1) + 1;
      boolean isKnown = strides[i] == 1 || reach == 1;
      long total = isKnown ? reach - 1 : strided(input, i, axes, reach, strides[i]);
      if (total < 0) {
        return Attribute.ofString("auto_pad", mode == Mode.SAME ? "SAME_UPPER" : "SAME_LOWER");
      }
      long smaller = total / 2;
      both[i] = mode == Mode.SAME ? smaller : total - smaller;
      both[axes + i] = total - both[i];
    }
    return Attribute.ofInts("pads", both);
  }

  /** The total padding of one axis, or -1 if it depends on a size that is not known. */
  private static long strided(Shape input, int axis, int axes, long reach, long stride) {
    if (!input.isRanked() || input.rank() != axes + 2) {
      return -1;
    }
    Dim size = input.dim(axis + 2);
    if (!size.isFixed()) {
      return -1;
    }
    long steps = (size.value() + stride - 1) / stride;
    return Math.max(0, (steps - 1) * stride + reach - size.value());
  }

  private long[] explicit(int axes) {
    long[] both = new long[2 * axes];
    for (int i = 0; i < both.length; i++) {
      if (pads.size() == 1) {
        both[i] = pads.get(0);
      } else if (pads.size() == axes) {
        both[i] = pads.get(i % axes);
      } else if (pads.size() == both.length) {
        both[i] = pads.get(i);
      } else {
        throw GraphBuildException.here(
            "Padding "
                + pads
                + " does not fit a window of "
                + axes
                + " axes; give 1, "
                + axes
                + " or "
                + 2 * axes
                + " numbers");
      }
    }
    return both;
  }
}
