package dev.sardonyx.runtime.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;

/**
 * An image as bytes, row by row, the channels of a pixel side by side.
 *
 * @param channels how many a pixel has
 */
record Pixels(int height, int width, int channels, byte[] bytes) {
  /** Red, green and blue, without alpha. */
  static Pixels of(BufferedImage image) {
    int height = image.getHeight();
    int width = image.getWidth();
    byte[] bytes = new byte[height * width * 3];
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      // getRGB takes grey levels for linear light and brightens them.
      fillGray(image.getRaster(), bytes);
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

  private static void fillGray(Raster raster, byte[] bytes) {
    int bits = raster.getSampleModel().getSampleSize(0);
    boolean wide = raster.getSampleModel().getDataType() != DataBuffer.TYPE_BYTE;
    int most = (1 << Math.min(bits, 16)) - 1;
    int[] row = new int[raster.getWidth()];
    int place = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, 0, row);
      for (int level : row) {
        byte gray = (byte) (wide ? level >> 8 : level * 255 / most);
        bytes[place++] = gray;
        bytes[place++] = gray;
        bytes[place++] = gray;
      }
    }
  }

  /** A channel of the pixel of a number, from 0 to 255. */
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
