package dev.sardonyx.ir.file;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;

/** Images in the inks of printers: cyan, magenta, yellow and black. */
public final class Inks {
  private Inks() {}

  /**
   * An image in RGB, as Pillow converts inks; the JDK takes them for linear light, which makes them
   * lighter. Any other image is given back as it is.
   */
  public static BufferedImage toRgb(BufferedImage image) {
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
