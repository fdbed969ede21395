package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;

/**
 * The sliding window of a two-dimensional convolution or pooling, pads made explicit.
 *
 * @param kernel height, width
 * @param begin pads at the top and at the left
 * @param end pads at the bottom and at the right
 */
record PaddedWindow(int[] kernel, int[] strides, int[] dilations, int[] begin, int[] end) {

  /** Reads the attributes that Conv and the pooling operators have in common. */
  static PaddedWindow of(Node node, NetworkBuilder network, int[] kernel) {
    int[] strides = pair(node, network, "strides", 1);
    int[] dilations = pair(node, network, "dilations", 1);
    String autoPad = node.stringAttribute("auto_pad", "NOTSET");
    int[] begin = new int[2];
    int[] end = new int[2];
    switch (autoPad) {
      case "NOTSET", "" -> {
        long[] pads = node.intsAttribute("pads").orElse(new long[4]);
        if (pads.length != 4) {
          throw network.refuse(node, "it has " + pads.length + " pads, not 4");
        }
        for (int i = 0; i < 2; i++) {
          begin[i] = Math.toIntExact(pads[i]);
          end[i] = Math.toIntExact(pads[i + 2]);
          if (begin[i] < 0 || end[i] < 0) {
            throw network.refuse(node, "DL4J has no negative pads");
          }
        }
      }
      case "SAME_UPPER", "SAME_LOWER" -> {
        for (int i = 0; i < 2; i++) {
          long in = network.size(node, node.input(0), 2 + i);
          long out = (in + strides[i] - 1) / strides[i];
          long reach = (out - 1) * strides[i] + (kernel[i] - 1L) * dilations[i] + 1;
          int total = (int) Math.max(0, reach - in);
          begin[i] = autoPad.equals("SAME_UPPER") ? total / 2 : total - total / 2;
          end[i] = total - begin[i];
        }
      }
      case "VALID" -> {}
      default -> throw network.refuse(node, "its auto_pad '" + autoPad + "' does not exist");
    }
    return new PaddedWindow(kernel, strides, dilations, begin, end);
  }

  static int[] pair(Node node, NetworkBuilder network, String attribute, int otherwise) {
    long[] values = node.intsAttribute(attribute).orElse(new long[] {otherwise, otherwise});
    if (values.length != 2) {
      throw network.refuse(
          node,
          "its " + attribute + " has " + values.length + " numbers; DL4J wants height, width");
    }
    return new int[] {Math.toIntExact(values[0]), Math.toIntExact(values[1])};
  }

  boolean isPadded() {
    return begin[0] + begin[1] + end[0] + end[1] > 0;
  }

  /** Whether the pads at both ends are equal, which is all that DL4J's layers have. */
  boolean isSymmetric() {
    return begin[0] == end[0] && begin[1] == end[1];
  }

  boolean isDilated() {
    return dilations[0] > 1 || dilations[1] > 1;
  }

  PaddedWindow withoutPads() {
    return new PaddedWindow(kernel, strides, dilations, new int[2], new int[2]);
  }

  PaddedWindow withEnd(int[] changed) {
    return new PaddedWindow(kernel, strides, dilations, begin, changed);
  }

  /**
   * Whether DL4J's ConvolutionMode.Same pads an input likewise: as little as gives each stride a
   * window, the odd one at the end.
   */
  boolean isSame(long height, long width) {
    long[] in = {height, width};
    for (int i = 0; i < 2; i++) {
      long out = (in[i] + strides[i] - 1) / strides[i];
      long reach = (out - 1) * strides[i] + (kernel[i] - 1L) * dilations[i] + 1;
      long total = Math.max(0, reach - in[i]);
      if (begin[i] != total / 2 || end[i] != total - total / 2) {
        return false;
      }
    }
    return true;
  }

  /** The pads as DL4J's ZeroPaddingLayer takes them: top, bottom, left, right. */
  int[] padding() {
    return new int[] {begin[0], end[0], begin[1], end[1]};
  }
}
