package dev.sardonyx.runtime.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The bytes of an image file, such as a client sends, as an image. */
public final class ImageBytes {
  private ImageBytes() {}

  /**
   * Decodes an image of a format that the JDK reads: PNG, JPEG, BMP, GIF (its first picture), TIFF,
   * WBMP.
   *
   * @param name what messages call it
   * @param mostPixels how many pixels it may have. They are counted before any is decoded, since a
   *     file of some kilobytes may hold an image that takes all memory
   * @throws IOException if the bytes are no image, a broken one, or one that is too large
   */
  public static BufferedImage decode(String name, byte[] file, long mostPixels) throws IOException {
    MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file));
    Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
    if (!readers.hasNext()) {
      throw new IOException(name + ": is no image");
    }
    ImageReader reader = readers.next();
    long pixels;
    try {
      reader.setInput(in, true, true);
      pixels = (long) reader.getWidth(0) * reader.getHeight(0);
      if (pixels <= mostPixels) {
        return withoutInks(reader.read(0));
      }
    } catch (IOException | RuntimeException e) {
      // The JDK's readers throw either of bytes that they do not expect.
      throw new IOException(name + ": is a broken image", e);
    } finally {
      reader.dispose();
    }
    throw new IOException(
        "%s: is an image of %,d pixels, more than the %,d allowed"
            .formatted(name, pixels, mostPixels));
  }

  /** Inks, as JPEG files for print have them, in RGB as Pillow has them; the JDK's are lighter. */
  private static BufferedImage withoutInks(BufferedImage image) {
    if (image.getColorModel().getColorSpace().getType() != ColorSpace.TYPE_CMYK) {
      return image;
    }
    int width = image.getWidth();
    BufferedImage mixed = new BufferedImage(width, image.getHeight(), BufferedImage.TYPE_INT_RGB);
    int[] inks = new int[4 * width];
    int[] colours = new int[3 * width];
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRaster().getPixels(0, y, width, 1, inks);
      for (int x = 0; x < width; x++) {
        int paper = 255 - inks[4 * x + 3];
        for (int c = 0; c < 3; c++) {
          colours[3 * x + c] = Math.round((255 - inks[4 * x + c]) * paper / 255f);
        }
      }
      mixed.getRaster().setPixels(0, y, width, 1, colours);
    }
    return mixed;
  }
}
