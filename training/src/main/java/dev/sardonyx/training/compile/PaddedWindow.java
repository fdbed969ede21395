package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The sliding window of a convolution or pooling in one, two or three dimensions, pads made
 * explicit.
 *
 * @param kernel the window's size along each spatial axis
 * @param begin pads before the first element of each axis
 * @param end pads behind the last one
 */
record PaddedWindow(int[] kernel, int[] strides, int[] dilations, int[] begin, int[] end) {

  /** Reads the attributes that Conv and the pooling operators have in common. */
  static PaddedWindow of(Node node, NetworkBuilder network, int[] kernel) {
    int axes = kernel.length;
    int[] strides = each(node, "strides", axes);
    int[] dilations = each(node, "dilations", axes);
    String autoPad = node.stringAttribute("auto_pad", "NOTSET");
    int[] begin = new int[axes];
    int[] end = new int[axes];
    switch (autoPad) {
      case "NOTSET", "" -> {
        long[] pads = node.intsAttribute("pads").orElse(new long[2 * axes]);
        if (pads.length != 2 * axes) {
          throw new NodeRefusal(node, "it has " + pads.length + " pads, not " + 2 * axes);
        }
        for (int i = 0; i < axes; i++) {
          begin[i] = Math.toIntExact(pads[i]);
          end[i] = Math.toIntExact(pads[i + axes]);
          if (begin[i] < 0 || end[i] < 0) {
            throw new NodeRefusal(node, "DL4J has no negative pads");
          }
        }
      }
      case "SAME_UPPER", "SAME_LOWER" -> {
        for (int i = 0; i < axes; i++) {
          int total =
              sameTotal(network.size(node, node.input(0), 2 + i), kernel, strides, dilations, i);
          begin[i] = autoPad.equals("SAME_UPPER") ? total / 2 : total - total / 2;
          end[i] = total - begin[i];
        }
      }
      case "VALID" -> {}
      default -> throw new NodeRefusal(node, "its auto_pad '" + autoPad + "' does not exist");
    }
    return new PaddedWindow(kernel, strides, dilations, begin, end);
  }

  /** The least padding that gives each stride a window. */
  private static int sameTotal(long in, int[] kernel, int[] strides, int[] dilations, int i) {
    long out = (in + strides[i] - 1) / strides[i];
    long reach = (out - 1) * strides[i] + (kernel[i] - 1L) * dilations[i] + 1;
    return Math.toIntExact(Math.max(0, reach - in));
  }

  /** An attribute with a number for each spatial axis, 1 by default. */
  static int[] each(Node node, String attribute, int axes) {
    long[] values =
        node.intsAttribute(attribute)
            .orElseGet(() -> IntStream.range(0, axes).mapToLong(i -> 1).toArray());
    if (values.length != axes) {
      throw new NodeRefusal(
          node,
          "its %s has %d numbers where its input has %d spatial axes"
              .formatted(attribute, values.length, axes));
    }
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  /** Along one axis, as one over an image of width 1; others as they are. */
  PaddedWindow asImage() {
    return axes() > 1
        ? this
        : new PaddedWindow(
            new int[] {kernel[0], 1},
            new int[] {strides[0], 1},
            new int[] {dilations[0], 1},
            new int[] {begin[0], 0},
            new int[] {end[0], 0});
  }

  int axes() {
    return kernel.length;
  }

  boolean isPadded() {
    return IntStream.of(begin).sum() + IntStream.of(end).sum() > 0;
  }

  /** Whether the pads at both ends are equal, which is all that DL4J's layers have. */
  boolean isSymmetric() {
    return Arrays.equals(begin, end);
  }

  boolean isDilated() {
    return IntStream.of(dilations).anyMatch(d -> d > 1);
  }

  PaddedWindow withoutPads() {
    return withPads(new int[axes()], new int[axes()]);
  }

  PaddedWindow withPads(int[] changedBegin, int[] changedEnd) {
    return new PaddedWindow(kernel, strides, dilations, changedBegin, changedEnd);
  }

  /**
   * Whether DL4J's ConvolutionMode.Same pads an input likewise: as little as gives each stride a
   * window, the odd one at the end.
   *
   * @param in the sizes of the spatial axes
   */
  boolean isSame(long[] in) {
    return IntStream.range(0, axes())
        .allMatch(
            i -> {
              int total = sameTotal(in[i], kernel, strides, dilations, i);
              return begin[i] == total / 2 && end[i] == total - total / 2;
            });
  }
}
