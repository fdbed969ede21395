package dev.sardonyx.runtime.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.image.Preprocessing.Channels;
import dev.sardonyx.runtime.image.Preprocessing.Layout;
import dev.sardonyx.runtime.image.Preprocessing.Resize;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BandedSampleModel;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Images as Pillow resizes them and frameworks normalise them. */
class PreprocessingTest {
  private static BufferedImage image(String name) throws IOException {
    return ImageIO.read(Objects.requireNonNull(PreprocessingTest.class.getResource(name)));
  }

  private static void assertSame(String expected, Preprocessing preprocessing) throws IOException {
    assertEquals(
        Preprocessing.plain(Channels.RGB).apply(image(expected)),
        preprocessing.apply(image("picture.png")));
  }

  @Test
  void pixelsAreThoseOfPillow() throws IOException {
    Preprocessing rgb = Preprocessing.plain(Channels.RGB);
    assertSame("picture.png", rgb);
    assertSame("bilinear-smaller.png", rgb.withResize(new Resize.Exactly(30, 20)));
    assertSame("bilinear-larger.png", rgb.withResize(new Resize.Exactly(90, 71)));
    assertSame(
        "nearest.png",
        rgb.withResize(new Resize.Exactly(30, 20)).withResampling(Resampling.NEAREST));
  }

  /** Grey levels are taken as they are, whatever Java thinks of their gamma. */
  @Test
  void luminanceIsThatOfPillow() throws IOException {
    Preprocessing gray = Preprocessing.plain(Channels.GRAY);
    assertEquals(gray.apply(image("gray.png")), gray.apply(image("picture.png")));
    BufferedImage level = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
    level.getRaster().setSample(0, 0, 0, 51);
    assertEquals(0.2, gray.apply(level).toScalar(), 1e-7);
    BufferedImage wide = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
    wide.getRaster().setSample(0, 0, 0, 51 << 8);
    assertEquals(0.2, gray.apply(wide).toScalar(), 1e-7);
    BufferedImage bit = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_BINARY);
    bit.setRGB(0, 0, 0xffffff);
    assertEquals(1, gray.apply(bit).toScalar(), 1e-7);
  }

  private static BufferedImage gray(
      WritableRaster raster, boolean alpha, boolean premultiplied, int... bits) {
    ColorModel colors =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY),
            bits.length == 0 ? null : bits,
            alpha,
            premultiplied,
            alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
            raster.getDataBuffer().getDataType());
    return new BufferedImage(colors, raster, premultiplied, null);
  }

  /** As files of measuring devices have them. */
  @Test
  void greyLevelsOfEveryWidth() {
    Preprocessing gray = Preprocessing.plain(Channels.GRAY);
    WritableRaster twelve = Raster.createBandedRaster(DataBuffer.TYPE_USHORT, 2, 1, 1, null);
    twelve.setSample(0, 0, 0, 4095);
    twelve.setSample(1, 0, 0, 819);
    assertArrayEquals(
        new float[] {1, 0.2f}, gray.apply(gray(twelve, false, false, 12)).toFloats(), 1e-6f);
    WritableRaster floats =
        Raster.createWritableRaster(new BandedSampleModel(DataBuffer.TYPE_FLOAT, 3, 1, 1), null);
    floats.setSample(0, 0, 0, 0.2f);
    floats.setSample(1, 0, 0, 7f);
    floats.setSample(2, 0, 0, -1f);
    assertArrayEquals(
        new float[] {0.2f, 1, 0}, gray.apply(gray(floats, false, false)).toFloats(), 1e-6f);
    WritableRaster halved = Raster.createBandedRaster(DataBuffer.TYPE_BYTE, 1, 1, 2, null);
    halved.setSample(0, 0, 0, 51);
    halved.setSample(0, 0, 1, 102);
    assertEquals(0.5, gray.apply(gray(halved, true, true, 8, 8)).toScalar(), 0.002);
    assertEquals(0.2, gray.apply(gray(halved, true, false, 8, 8)).toScalar(), 1e-6);
  }

  @Test
  void anImageBeyondOneArrayIsRefused() {
    assertEquals(3 * 26_000 * 27_000, Pixels.length(26_000, 27_000, 3));
    assertEquals(
        "An image of 40000 x 40000 has 4,800,000,000 bytes in 3 channels, more than an array holds;"
            + " scale it down when reading it (ImageReadParam.setSourceSubsampling)",
        assertThrows(IllegalArgumentException.class, () -> Pixels.length(40_000, 40_000, 3))
            .getMessage());
  }

  private static BufferedImage plain(int width, int height, int rgb) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, 0x80000000 | rgb);
      }
    }
    return image;
  }

  @Test
  void asTorchvisionNormalises() {
    Tensor x = Preprocessing.torchvision().apply(plain(300, 400, 0x336699));
    assertArrayEquals(new long[] {1, 3, 224, 224}, x.dims());
    float[] values = x.toFloats();
    int area = 224 * 224;
    assertEquals((0x33 / 255.0 - 0.485) / 0.229, values[0], 1e-6);
    assertEquals((0x66 / 255.0 - 0.456) / 0.224, values[area], 1e-6);
    assertEquals((0x99 / 255.0 - 0.406) / 0.225, values[2 * area + area - 1], 1e-6);
  }

  @Test
  void asKerasNormalises() {
    BufferedImage image = plain(10, 10, 0x336699);
    assertArrayEquals(new long[] {1, 224, 224, 3}, Preprocessing.kerasTf().apply(image).dims());
    assertFirst(Preprocessing.kerasTf(), image, 0x33 / 127.5 - 1, 0x66 / 127.5 - 1);
    assertFirst(Preprocessing.kerasCaffe(), image, 0x99 - 103.939, 0x66 - 116.779);
    assertFirst(
        Preprocessing.kerasTorch(),
        image,
        (0x33 / 255.0 - 0.485) / 0.229,
        (0x66 / 255.0 - 0.456) / 0.224);
  }

  private static void assertFirst(
      Preprocessing preprocessing, BufferedImage image, double first, double second) {
    float[] values = preprocessing.apply(image).toFloats();
    assertEquals(first, values[0], 1e-5);
    assertEquals(second, values[1], 1e-5);
  }

  @Test
  void proportionsStayAndTheMiddleIsKept() {
    Preprocessing shorter = Preprocessing.plain(Channels.RGB).withResize(new Resize.ShorterSide(8));
    assertArrayEquals(new long[] {1, 3, 8, 20}, shorter.apply(plain(50, 20, 0)).dims());
    assertArrayEquals(new long[] {1, 3, 20, 8}, shorter.apply(plain(20, 50, 0)).dims());
    BufferedImage image = plain(5, 5, 0);
    image.setRGB(2, 2, 0xffffffff);
    Tensor middle = Preprocessing.plain(Channels.GRAY).withCrop(1, 1).apply(image);
    assertEquals(1, middle.toScalar());
  }

  @Test
  void severalImagesAreOneBatch() {
    Preprocessing nhwc = Preprocessing.plain(Channels.BGR).withLayout(Layout.NHWC);
    Tensor both = nhwc.apply(List.of(plain(1, 1, 0xff0000), plain(1, 1, 0x0000ff)));
    assertArrayEquals(new long[] {2, 1, 1, 3}, both.dims());
    assertArrayEquals(new float[] {0, 0, 1, 1, 0, 0}, both.toFloats());
  }

  @Test
  void mistakesAreNamed() {
    Preprocessing rgb = Preprocessing.plain(Channels.RGB);
    assertThrows(IllegalArgumentException.class, () -> rgb.apply(List.of()));
    assertEquals(
        "Images of 1 x 1 and 2 x 1 cannot be one batch; have them resized or cropped",
        assertThrows(
                IllegalArgumentException.class,
                () -> rgb.apply(List.of(plain(1, 1, 0), plain(1, 2, 0))))
            .getMessage());
    assertEquals(
        "An image of 1 x 1 has no middle of 2 x 2; resize it first",
        assertThrows(IllegalArgumentException.class, () -> rgb.withCrop(2, 2).apply(plain(1, 1, 0)))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> rgb.withNormalization(List.of(0.0, 0.0), List.of(1.0)));
    assertThrows(
        IllegalArgumentException.class, () -> rgb.withNormalization(List.of(0.0), List.of(0.0)));
    assertThrows(IllegalArgumentException.class, () -> new Resize.Exactly(0, 8));
    assertThrows(IllegalArgumentException.class, () -> new Resize.ShorterSide(-1));
  }
}
