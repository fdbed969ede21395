package dev.sardonyx.samples;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.samples.report.PictureList.Picture;
import dev.sardonyx.training.data.LabelledImages;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** The classes of images, and what they look like. */
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

  /**
   * An image as PNG: in colours if it has three channels, else its first in shades of grey.
   *
   * @param index its place among the images
   */
  static Picture picture(LabelledImages images, int index) {
    int height = images.height();
    int width = images.width();
    boolean isRgb = images.channels() == 3;
    float[] pixels = images.tensor(index, index + 1).toFloats();
    BufferedImage image =
        new BufferedImage(
            width, height, isRgb ? BufferedImage.TYPE_INT_RGB : BufferedImage.TYPE_BYTE_GRAY);
    int channel = height * width;
    for (int i = 0; i < channel; i++) {
      for (int band = 0; band < (isRgb ? 3 : 1); band++) {
        int level = Math.round(255 * Math.max(0, Math.min(1, pixels[band * channel + i])));
        image.getRaster().setSample(i % width, i / width, band, level);
      }
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return new Picture("image/png", png.toByteArray(), "", "", true);
  }

  /** In how many rows of probabilities [n,classes] the label's is the largest. */
  static int right(Tensor probabilities, LabelledImages images, int first) {
    float[] rows = probabilities.toFloats();
    int classes = Math.toIntExact(probabilities.dim(1));
    int right = 0;
    for (int row = 0; row < rows.length / classes; row++) {
      if (Confusion.largest(rows, row, classes) == images.label(first + row)) {
        right++;
      }
    }
    return right;
  }
}
