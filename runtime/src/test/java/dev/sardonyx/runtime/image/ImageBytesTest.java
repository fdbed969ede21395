package dev.sardonyx.runtime.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that strangers send. */
final class ImageBytesTest {
  private static byte[] encoded(String format) throws IOException {
    BufferedImage image = new BufferedImage(12, 7, BufferedImage.TYPE_INT_RGB);
    image.setRGB(3, 2, 0xffffff);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, out));
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "bmp", "gif", "tiff"})
  void allFormatsAreDecoded(String format) throws IOException {
    BufferedImage image = ImageBytes.decode("body", encoded(format), 84);
    assertEquals(12, image.getWidth());
    assertEquals(7, image.getHeight());
  }

  /** Files for print, whose colours the JDK takes for linear. */
  @Test
  void inksAreMixedAsPillowMixesThem() throws IOException {
    BufferedImage expected = resource("inks.png");
    BufferedImage image = resource("inks.jpg");
    for (int y = 0; y < expected.getHeight(); y++) {
      for (int x = 0; x < expected.getWidth(); x++) {
        for (int shift = 0; shift < 24; shift += 8) {
          int wanted = expected.getRGB(x, y) >> shift & 255;
          int level = image.getRGB(x, y) >> shift & 255;
          assertEquals(wanted, level, 2, "at " + x + ", " + y); // JPEG decoders round apart
        }
      }
    }
  }

  private static BufferedImage resource(String name) throws IOException {
    try (InputStream in = ImageBytesTest.class.getResourceAsStream(name)) {
      assertNotNull(in, name);
      return ImageBytes.decode(name, in.readAllBytes(), 1 << 20);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "bmp", "gif", "tiff"})
  void anImageOfTooManyPixelsIsRefused(String format) throws IOException {
    byte[] file = encoded(format);
    IOException refused =
        assertThrows(IOException.class, () -> ImageBytes.decode("body", file, 83));
    assertEquals("body: is an image of 84 pixels, more than the 83 allowed", refused.getMessage());
  }

  /** Its header alone says that it takes 12 GB. */
  @Test
  void theSizeIsReadBeforeThePixelsAre() throws IOException {
    byte[] file = encoded("png");
    for (int at : new int[] {16, 20}) {
      file[at + 2] = (byte) 0xff;
      file[at + 3] = 0;
    }
    IOException refused =
        assertThrows(IOException.class, () -> ImageBytes.decode("body", file, 1 << 20));
    assertTrue(refused.getMessage().contains("4,261,478,400 pixels"), refused.getMessage());
  }

  @Test
  void whatIsNoImageIsRefused() {
    for (String text : new String[] {"", "no", "<svg/>"}) {
      byte[] file = text.getBytes(StandardCharsets.UTF_8);
      IOException refused =
          assertThrows(IOException.class, () -> ImageBytes.decode("body", file, 100));
      assertEquals("body: is no image", refused.getMessage());
    }
  }

  /** Any bytes are an image or an IOException. */
  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "bmp", "gif", "tiff"})
  void brokenImagesAreRefusedOrDecoded(String format) throws IOException {
    byte[] whole = encoded(format);
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      byte[] file = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
      for (int flips = random.nextInt(4); flips > 0; flips--) {
        file[random.nextInt(file.length)] = (byte) random.nextInt();
      }
      try {
        assertTrue(ImageBytes.decode("body", file, 1000).getWidth() > 0);
      } catch (IOException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("body: "), e::toString);
      }
    }
  }
}
