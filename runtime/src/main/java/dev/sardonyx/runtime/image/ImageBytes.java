package dev.sardonyx.runtime.image;

import dev.sardonyx.ir.file.Inks;
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
        return Inks.toRgb(reader.read(0));
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
}
