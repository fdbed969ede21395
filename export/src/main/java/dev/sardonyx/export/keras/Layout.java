package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;

/**
 * The layout of channels. ONNX's operators expect them as the second axis; where Keras has them
 * last, the input and the output are transposed. Adjacent transposes that cancel out are removed
 * when the model is read.
 */
final class Layout {
  private Layout() {}

  /** Whether a layer has channels last, which is Keras's default. */
  static boolean channelsLast(KerasLayer layer) {
    String format = layer.config().text("data_format", "channels_last");
    return switch (format) {
      case "channels_last" -> true;
      case "channels_first" -> false;
      default -> throw layer.broken("its data_format is " + format);
    };
  }

  /** From {@code [N,spatial...,C]} to {@code [N,C,spatial...]}. */
  static Value channelsFirst(GraphBuilder b, Value x) {
    return move(b, x, KerasLayer.rank(x) - 1, 1);
  }

  /** From {@code [N,C,spatial...]} to {@code [N,spatial...,C]}. */
  static Value channelsLast(GraphBuilder b, Value x) {
    return move(b, x, 1, KerasLayer.rank(x) - 1);
  }

  /** Moves one axis to another place; the others keep their order. */
  static Value move(GraphBuilder b, Value x, int from, int to) {
    if (from == to) {
      return x;
    }
    int rank = KerasLayer.rank(x);
    long[] perm = new long[rank];
    int next = 0;
    for (int i = 0; i < rank; i++) {
      if (i == to) {
        perm[i] = from;
      } else {
        next += next == from ? 1 : 0;
        perm[i] = next++;
      }
    }
    return b.transpose(x, perm);
  }
}
