package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.file.Inks;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;

/** Encoded images. */
final class ImageKernels {
  private ImageKernels() {}

  static void register(Kernels kernels) {
    kernels.one("ImageDecoder", ImageKernels::decode);
  }

  /**
   * Pixels {@code [height, width, channels]} of what Java's ImageIO reads (JPEG, PNG, BMP, TIFF,
   * GIF) and of binary PBM, PGM and PPM.
   */
  private static Tensor decode(KernelContext c) {
    byte[] encoded = new byte[c.tensor(0).length()];
    c.tensor(0).bytes().get(encoded);
    Pixels pixels = isNetpbm(encoded) ? netpbm(encoded) : read(encoded);
    String format = c.stringAttribute("pixel_format", "RGB");
    int channels = format.equals("Grayscale") ? 1 : 3;
    ByteBuffer bytes =
        Tensor.allocate(ElementType.UINT8, (long) pixels.height * pixels.width * channels);
    for (int p = 0; p < pixels.height * pixels.width; p++) {
      int r = pixels.rgb[p * 3] & 0xFF;
      int g = pixels.rgb[p * 3 + 1] & 0xFF;
      int b = pixels.rgb[p * 3 + 2] & 0xFF;
      switch (format) {
        case "RGB" -> bytes.put((byte) r).put((byte) g).put((byte) b);
        case "BGR" -> bytes.put((byte) b).put((byte) g).put((byte) r);
        // Luma of ITU-R 601-2, rounded.
        case "Grayscale" -> bytes.put((byte) (r * 19595 + g * 38470 + b * 7471 + 0x8000 >> 16));
        default -> throw new EvaluationException("there is no pixel format " + format);
      }
    }
    bytes.flip();
    return Tensor.of(ElementType.UINT8, new long[] {pixels.height, pixels.width, channels}, bytes);
  }

  /** Red, green and blue of each pixel in turn. */
  private static final class Pixels {
    final int height;
    final int width;
    final byte[] rgb;

    Pixels(int height, int width) {
      this.height = height;
      this.width = width;
      this.rgb = new byte[Math.multiplyExact(height * width, 3)];
    }
  }

  private static Pixels read(byte[] encoded) {
    BufferedImage image;
    try {
      image = ImageIO.read(new ByteArrayInputStream(encoded));
    } catch (IOException e) {
      throw new EvaluationException("the image is broken: " + e.getMessage(), e);
    }
    if (image == null) {
      throw new EvaluationException(
          "the image is in none of the formats JPEG, PNG, BMP, TIFF, GIF, PBM, PGM, PPM");
    }
    image = Inks.toRgb(image);
    Pixels pixels = new Pixels(image.getHeight(), image.getWidth());
    Raster raster = image.getRaster();
    boolean gray = image.getType() == BufferedImage.TYPE_BYTE_GRAY;
    for (int p = 0; p < pixels.height * pixels.width; p++) {
      int x = p % pixels.width;
      int y = p / pixels.width;
      // The colour model would apply gamma to gray.
      int rgb = gray ? raster.getSample(x, y, 0) * 0x010101 : image.getRGB(x, y);
      pixels.rgb[p * 3] = (byte) (rgb >> 16);
      pixels.rgb[p * 3 + 1] = (byte) (rgb >> 8);
      pixels.rgb[p * 3 + 2] = (byte) rgb;
    }
    return pixels;
  }

  private static boolean isNetpbm(byte[] encoded) {
    return encoded.length > 2 && encoded[0] == 'P' && encoded[1] >= '4' && encoded[1] <= '6';
  }

  /**
   * A header of width, height and (but for bitmaps) largest value, which comments may interrupt,
   * then the rows; those of bitmaps fill whole bytes, and their ones are black.
   */
  private static Pixels netpbm(byte[] encoded) {
    boolean bits = encoded[1] == '4';
    int[] header = new int[bits ? 2 : 3];
    int at = 2;
    for (int field = 0; field < header.length; field++) {
      while (at < encoded.length && (encoded[at] <= ' ' || encoded[at] == '#')) {
        boolean comment = encoded[at++] == '#';
        while (comment && at < encoded.length && encoded[at] != '\n') {
          at++;
        }
      }
      while (at < encoded.length && Character.isDigit(encoded[at])) {
        header[field] = header[field] * 10 + encoded[at++] - '0';
      }
    }
    at++;
    int width = header[0];
    int channels = encoded[1] == '6' ? 3 : 1;
    Pixels pixels = new Pixels(header[1], width);
    int row = bits ? (width + 7) / 8 : width * channels;
    if (!bits && header[2] != 255 || encoded.length - at < (long) row * pixels.height) {
      throw new EvaluationException("the image is cut off or not of 8 bits");
    }
    for (int i = 0; i < pixels.rgb.length; i++) {
      int x = i / 3 % width;
      int first = at + i / 3 / width * row;
      pixels.rgb[i] =
          bits
              ? (byte) ((encoded[first + x / 8] << x % 8 & 0x80) == 0 ? 0xFF : 0)
              : encoded[first + x * channels + i % channels];
    }
    return pixels;
  }
}
