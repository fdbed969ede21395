package dev.sardonyx.samples;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.training.data.LabelledImages;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.IntStream;

/** Images as inputs of a model. */
final class Images {
  private Images() {}

  /** Batches for the input of a name, each made when it is asked for. */
  static Iterable<Map<String, Tensor>> batches(LabelledImages images, String input, int size) {
    return () -> {
      Iterator<Map<String, Tensor>> batches =
          IntStream.iterate(0, from -> from < images.size(), from -> from + size)
              .mapToObj(
                  from -> Map.of(input, images.tensor(from, Math.min(from + size, images.size()))))
              .iterator();
      return batches;
    };
  }

  /** The number of classes: one more than the largest label. */
  static int classes(LabelledImages... sets) {
    int largest = 0;
    for (LabelledImages images : sets) {
      for (int i = 0; i < images.size(); i++) {
        largest = Math.max(largest, images.label(i));
      }
    }
    return largest + 1;
  }

  /** How many rows of probabilities [n,classes] are largest at the label. */
  static int right(Tensor probabilities, LabelledImages images, int first) {
    float[] rows = probabilities.toFloats();
    int classes = Math.toIntExact(probabilities.dim(1));
    int right = 0;
    for (int row = 0; row < rows.length / classes; row++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (rows[row * classes + c] > rows[row * classes + best]) {
          best = c;
        }
      }
      if (best == images.label(first + row)) {
        right++;
      }
    }
    return right;
  }
}
