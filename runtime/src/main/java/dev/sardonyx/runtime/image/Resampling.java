package dev.sardonyx.runtime.image;

/**
 * How an image's pixels are found when it is resized. The results are those of Pillow, which
 * torchvision and Keras resize images with.
 */
public enum Resampling {
  /** The nearest pixel. */
  NEAREST,
  /**
   * The mean of the surrounding pixels, weighted by distance; the more the image shrinks, the more
   * pixels are included.
   */
  BILINEAR;

  /**
   * Weights are integers with this many fraction bits, so that sums are the same on every machine.
   */
  private static final int PRECISION = 22;

  /** The image in another size. */
  Pixels resize(Pixels image, int height, int width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "An image of %d x %d cannot be made %d x %d"
              .formatted(image.height(), image.width(), height, width));
    }
    if (height == image.height() && width == image.width()) {
      return image;
    }
    if (this == NEAREST) {
      return nearest(image, height, width);
    }
    Pixels wide = width == image.width() ? image : alongRows(image, width);
    return height == image.height() ? wide : alongColumns(wide, height);
  }

  private static Pixels nearest(Pixels image, int height, int width) {
    int channels = image.channels();
    byte[] out = new byte[Pixels.length(height, width, channels)];
    for (int y = 0; y < height; y++) {
      int fromY = (int) ((y + 0.5) * image.height() / height);
      for (int x = 0; x < width; x++) {
        int fromX = (int) ((x + 0.5) * image.width() / width);
        System.arraycopy(
            image.bytes(),
            (fromY * image.width() + fromX) * channels,
            out,
            (y * width + x) * channels,
            channels);
      }
    }
    return new Pixels(height, width, channels, out);
  }

  private static Pixels alongRows(Pixels image, int width) {
    int channels = image.channels();
    byte[] in = image.bytes();
    byte[] out = new byte[Pixels.length(image.height(), width, channels)];
    for (int x = 0; x < width; x++) {
      Weights weights = Weights.of(x, image.width(), width);
      for (int y = 0; y < image.height(); y++) {
        int row = y * image.width() + weights.first;
        for (int c = 0; c < channels; c++) {
          out[(y * width + x) * channels + c] = weights.sum(in, row * channels + c, channels);
        }
      }
    }
    return new Pixels(image.height(), width, channels, out);
  }

  private static Pixels alongColumns(Pixels image, int height) {
    int stride = image.width() * image.channels();
    byte[] in = image.bytes();
    byte[] out = new byte[Pixels.length(height, image.width(), image.channels())];
    for (int y = 0; y < height; y++) {
      Weights weights = Weights.of(y, image.height(), height);
      for (int i = 0; i < stride; i++) {
        out[y * stride + i] = weights.sum(in, weights.first * stride + i, stride);
      }
    }
    return new Pixels(height, image.width(), image.channels(), out);
  }

  /** The weights of the old pixels for one new pixel, beginning at the old pixel {@code first}. */
  private record Weights(int first, int[] weights) {
    static Weights of(int place, int from, int to) {
      double scale = (double) from / to;
      double stretch = Math.max(scale, 1);
      double center = (place + 0.5) * scale;
      int first = Math.max(0, (int) (center - stretch + 0.5));
      int end = Math.min(from, (int) (center + stretch + 0.5));
      double[] shares = new double[end - first];
      double total = 0;
      for (int i = 0; i < shares.length; i++) {
        double distance = Math.abs((i + first - center + 0.5) / stretch);
        shares[i] = distance < 1 ? 1 - distance : 0;
        total += shares[i];
      }
      int[] weights = new int[shares.length];
      for (int i = 0; i < shares.length; i++) {
        weights[i] = (int) (0.5 + shares[i] / total * (1 << PRECISION));
      }
      return new Weights(first, weights);
    }

    byte sum(byte[] pixels, int start, int step) {
      int sum = 1 << (PRECISION - 1);
      for (int i = 0; i < weights.length; i++) {
        sum += (pixels[start + i * step] & 0xff) * weights[i];
      }
      return (byte) Math.max(0, Math.min(255, sum >> PRECISION));
    }
  }
}
