package dev.sardonyx.training;

import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images [N,C,H,W] moved, mirrored and made brighter or darker at random, each by itself.
 *
 * <pre>{@code
 * Training.of(model).augmentation(ImageAugmentation.NONE.shift(2).flip())
 * }</pre>
 *
 * @param pixels an image is moved by at most so many pixels up or down, and left or right; what
 *     comes in from outside is 0
 * @param mirrors whether half of the images are mirrored, left to right
 * @param brightness pixels are multiplied by a number from 1 - brightness to 1 + brightness, 0..1
 */
public record ImageAugmentation(int pixels, boolean mirrors, double brightness)
    implements Augmentation {
  private static final int LARGEST_SHIFT = 1 << 20;

  public static final ImageAugmentation NONE = new ImageAugmentation(0, false, 0);

  public ImageAugmentation {
    if (pixels < 0 || pixels > LARGEST_SHIFT || !(brightness >= 0 && brightness <= 1)) {
      throw new IllegalArgumentException(
          "Images are moved by 0 to "
              + LARGEST_SHIFT
              + " pixels and brightened by 0..1, not "
              + pixels
              + " and "
              + brightness);
    }
  }

  public ImageAugmentation shift(int atMost) {
    return new ImageAugmentation(atMost, mirrors, brightness);
  }

  public ImageAugmentation flip() {
    return new ImageAugmentation(pixels, true, brightness);
  }

  public ImageAugmentation brightness(double atMost) {
    return new ImageAugmentation(pixels, mirrors, atMost);
  }

  @Override
  public DataSetPreProcessor of(long seed) {
    return new Batches(this, new SplittableRandom(seed));
  }

  private record Batches(ImageAugmentation by, SplittableRandom random)
      implements DataSetPreProcessor {
    private static final long serialVersionUID = 1L;

    @Override
    public void preProcess(DataSet batch) {
      INDArray features = batch.getFeatures();
      if (features.rank() != 4) {
        throw new IllegalArgumentException(
            "Images are [N,C,H,W], and these features have rank " + features.rank());
      }
      float[] from = features.dup('c').data().asFloat();
      float[] to = new float[from.length];
      int images = (int) features.size(0);
      for (int i = 0; i < images; i++) {
        change(from, to, i, features.shape());
      }
      batch.setFeatures(Nd4j.createFromArray(to).reshape('c', features.shape()));
    }

    private void change(float[] from, float[] to, int image, long[] shape) {
      int height = (int) shape[2];
      int width = (int) shape[3];
      int down = random.nextInt(-by.pixels, by.pixels + 1);
      int right = random.nextInt(-by.pixels, by.pixels + 1);
      boolean mirrored = by.mirrors && random.nextBoolean();
      float factor = (float) (1 + by.brightness * (2 * random.nextDouble() - 1));
      int start = image * (int) shape[1] * height * width;
      for (int row = 0; row < shape[1] * height; row++) {
        int y = row % height - down;
        if (y < 0 || y >= height) {
          continue;
        }
        int source = start + (row - down) * width;
        for (int x = 0; x < width; x++) {
          int column = (mirrored ? width - 1 - x : x) - right;
          if (column >= 0 && column < width) {
            to[start + row * width + x] = factor * from[source + column];
          }
        }
      }
    }
  }
}
