package dev.sardonyx.samples;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The classes of images. */
final class Images {
  private Images() {}

  /**
   * The number of classes to train for, if all images are of one of them.
   *
   * @param given the number the user gave; null to take one more than the largest training label
   * @throws IOException if the labels look wrong, naming the file and the image
   */
  static int classes(LabelledImages train, LabelledImages test, @Nullable Integer given)
      throws IOException {
    int classes = given != null ? given : classes(train);
    try {
      train.requireClasses(classes);
      test.requireClasses(classes);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    return classes;
  }

  private static int classes(LabelledImages images) throws IOException {
    try {
      return images.classes();
    } catch (IllegalArgumentException e) {
      throw new IOException(
          e.getMessage() + "; if it is meant so, say how many classes there are by --classes", e);
    }
  }

  /** In how many rows of probabilities [n,classes] the label's is the largest. */
  static int right(Tensor probabilities, LabelledImages images, int first) {
    return right(probabilities, row -> images.label(first + row));
  }

  /**
   * The same for any examples.
   *
   * @param labels the class number by row
   */
  static int right(Tensor probabilities, IntUnaryOperator labels) {
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
      if (best == labels.applyAsInt(row)) {
        right++;
      }
    }
    return right;
  }
}
