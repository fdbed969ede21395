package dev.sardonyx.runtime.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * An image as bytes, row by row, the channels of a pixel side by side.
 *
 * @param channels how many a pixel has
 */
record Pixels(int height, int width, int channels, byte[] bytes) {
  /**
   * Red, green and blue, without alpha.
   *
   * @throws IllegalArgumentException if they do not fit into one array
   */
  static Pixels of(BufferedImage image) {
    int height = image.getHeight();
    int width = image.getWidth();
    byte[] bytes = new byte[length(height, width, 3)];
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      // getRGB would treat grey levels as linear light and brighten them.
      fillGray(image, bytes);
      return new Pixels(height, width, 3, bytes);
    }
    int[] row = new int[width];
    int place = 0;
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int argb : row) {
        bytes[place++] = (byte) (argb >> 16);
        bytes[place++] = (byte) (argb >> 8);
        bytes[place++] = (byte) argb;
      }
    }
    return new Pixels(height, width, 3, bytes);
  }

  /** The bytes of an image, which must fit into one array. */
  static int length(int height, int width, int channels) {
    long length = (long) channels * height * width;
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "An image of %d x %d has %,d bytes in %d channels, more than an array holds; scale it down"
                  .formatted(height, width, length, channels)
              + " when reading it (ImageReadParam.setSourceSubsampling)");
    }
    return (int) length;
  }

  private static void fillGray(BufferedImage image, byte[] bytes) {
    int bits = image.getColorModel().getComponentSize(0);
    int type = image.getSampleModel().getDataType();
    boolean isPlain = !(image.getColorModel().hasAlpha() && image.isAlphaPremultiplied());
    if (isPlain && type == DataBuffer.TYPE_BYTE) {
      fillGray(image.getRaster(), level -> level * 255 / ((1 << bits) - 1), bytes);
    } else if (isPlain && type == DataBuffer.TYPE_USHORT && bits == 16) {
      fillGray(image.getRaster(), level -> level >> 8, bytes);
    } else {
      fillNormalized(image, bytes);
    }
  }

  private static void fillGray(Raster raster, IntUnaryOperator toByte, byte[] bytes) {
    int[] row = new int[raster.getWidth()];
    int place = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, 0, row);
      for (int level : row) {
        place = fillGray(toByte.applyAsInt(level), bytes, place);
      }
    }
  }

  /**
   * For samples that are not plain bytes (other widths, signed, floating-point, premultiplied
   * alpha): read as numbers from 0 to 1.
   */
  private static void fillNormalized(BufferedImage image, byte[] bytes) {
    Raster raster = image.getRaster();
    ColorModel colors = image.getColorModel();
    float[] components = new float[colors.getNumComponents()];
    Object pixel = null;
    int place = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int x = 0; x < raster.getWidth(); x++) {
        pixel = raster.getDataElements(raster.getMinX() + x, raster.getMinY() + y, pixel);
        float level = colors.getNormalizedComponents(pixel, components, 0)[0];
        place = fillGray(Math.round(Math.max(0, Math.min(1, level)) * 255), bytes, place);
      }
    }
  }

  private static int fillGray(int level, byte[] bytes, int place) {
    Arrays.fill(bytes, place, place + 3, (byte) level);
    return place + 3;
  }

  /** One channel of the pixel with this index, from 0 to 255. */
  int at(int pixel, int channel) {
    return bytes[pixel * channels + channel] & 0xff;
  }

  /** The part in the middle. */
  Pixels center(int newHeight, int newWidth) {
    if (newHeight > height || newWidth > width) {
      throw new IllegalArgumentException(
          "An image of %d x %d has no middle of %d x %d; resize it first"
              .formatted(height, width, newHeight, newWidth));
    }
    int top = half(height - newHeight);
    int left = half(width - newWidth);
    byte[] part = new byte[newHeight * newWidth * channels];
    for (int y = 0; y < newHeight; y++) {
      System.arraycopy(
          bytes,
          ((top + y) * width + left) * channels,
          part,
          y * newWidth * channels,
          newWidth * channels);
    }
    return new Pixels(newHeight, newWidth, channels, part);
  }

  /** Half a number, halves rounded to the even neighbour. */
  private static int half(int number) {
    return (int) Math.rint(number / 2.0);
  }

  /** The channels in the opposite order. */
  Pixels reversed() {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i += channels) {
      for (int c = 0; c < channels; c++) {
        reversed[i + c] = bytes[i + channels - 1 - c];
      }
    }
    return new Pixels(height, width, channels, reversed);
  }

  /** Luminance of red, green and blue, as ITU-R 601-2 weighs them. */
  Pixels gray() {
    byte[] gray = new byte[height * width];
    for (int i = 0; i < gray.length; i++) {
      gray[i] = (byte) ((at(i, 0) * 19595 + at(i, 1) * 38470 + at(i, 2) * 7471 + 0x8000) >> 16);
    }
    return new Pixels(height, width, 1, gray);
  }
}
