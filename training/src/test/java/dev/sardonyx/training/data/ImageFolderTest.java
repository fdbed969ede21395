package dev.sardonyx.training.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images in folders, one a class. */
final class ImageFolderTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeImages() throws IOException {
    for (String kind : List.of("dog", "cat", "ant")) {
      Files.createDirectory(folder.resolve(kind));
      for (int i = 0; i < 4; i++) {
        write(kind + "/" + i + ".png", 3, 2, kind.charAt(0));
      }
    }
  }

  private void write(String name, int width, int height, int level) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < width * height; i++) {
      image.getRaster().setSample(i % width, i / width, 0, level);
    }
    ImageIO.write(image, "png", folder.resolve(name).toFile());
  }

  private static Tensor gray(BufferedImage image) {
    float[] levels = new float[image.getWidth() * image.getHeight()];
    for (int i = 0; i < levels.length; i++) {
      int level = image.getRaster().getSample(i % image.getWidth(), i / image.getWidth(), 0);
      levels[i] = level / 255f;
    }
    return Tensor.ofFloats(levels, 1, 1, image.getHeight(), image.getWidth());
  }

  private LabelledImages read(long seed) throws IOException {
    return ImageFolder.of(folder).read(ImageFolderTest::gray, seed, count -> {});
  }

  private static String message(org.junit.jupiter.api.function.Executable what) {
    return String.valueOf(assertThrows(DataException.class, what).getMessage());
  }

  /** Pillow makes (46, 131, 173) of the inks in this JPEG, and so does what runs the model. */
  @Test
  void picturesForPrintAreReadInRgb() throws IOException {
    byte[] file =
        Base64.getDecoder()
            .decode(
                "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYH"
                    + "CQcGBggLCAkKCgoKCgYICwwLCgwJCgoK/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABUAAQEAAAAAAAAA"
                    + "AAAAAAAAAAkH/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAA4EQwBNAFkASwAAPwA21sJoVx//2Q==");
    Path print = Files.createDirectory(folder.resolve("print"));
    for (String kind : List.of("a", "b")) {
      Files.write(Files.createDirectory(print.resolve(kind)).resolve("1.jpg"), file);
    }
    List<Integer> seen = new ArrayList<>();
    ImageFolder.of(print)
        .read(
            image -> {
              seen.add(image.getRGB(0, 0));
              return Tensor.ofFloats(new float[64], 1, 1, 8, 8);
            },
            42,
            count -> {});
    assertEquals(List.of(0xff2e83ad, 0xff2e83ad), seen);
  }

  @Test
  void foldersAreTheClassesAndPixelsStay() throws IOException {
    assertEquals(List.of("ant", "cat", "dog"), ImageFolder.of(folder).classes());
    LabelledImages images = read(42);
    assertEquals("12 images of 1x2x3 from " + folder, images.toString());
    for (int i = 0; i < 12; i++) {
      float level = "acd".charAt(images.label(i)) / 255f;
      float[] all = {level, level, level, level, level, level};
      assertArrayEquals(all, images.tensor(i, i + 1).toFloats());
    }
    assertEquals(images.fingerprint(), read(42).fingerprint());
    assertNotEquals(images.fingerprint(), read(43).fingerprint());
    assertTrue(
        IntStream.range(0, 6).map(images::label).distinct().count() > 1, "classes are mixed");
  }

  @Test
  void networksSeeNormalizedPixels() throws IOException {
    LabelledImages images = read(1);
    LabelledImages normal = images.normalized(List.of(0.5), List.of(0.25));
    float[] raw = images.tensor(0, 12).toFloats();
    float[] seen = normal.tensor(0, 12).toFloats();
    for (int i = 0; i < raw.length; i++) {
      assertEquals((raw[i] - 0.5f) / 0.25f, seen[i]);
    }
    assertArrayEquals(
        normal.tensor(0, 4).toFloats(), normal.batches(4).next().getFeatures().data().asFloat());
    assertNotEquals(images.fingerprint(), normal.fingerprint());
    assertThrows(
        IllegalArgumentException.class, () -> images.normalized(List.of(0.0), List.of(0.0)));
    assertThrows(
        IllegalArgumentException.class, () -> images.normalized(List.of(0.0, 1.0), List.of(1.0)));
  }

  @Test
  void fingerprintsTellSizesApartInEveryLanguage() {
    LabelledImages high = LabelledImages.of("a", new byte[48], new byte[] {0, 1}, 1, 6, 4);
    LabelledImages wide = LabelledImages.of("a", new byte[48], new byte[] {0, 1}, 1, 4, 6);
    String expected = high.fingerprint();
    assertNotEquals(expected, wide.fingerprint());
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    try {
      Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("ar-EG"));
      assertEquals(expected, high.fingerprint());
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }

  @Test
  void whatIsNoImageIsLeftOutAndTold() throws IOException {
    Files.writeString(folder.resolve("dog/.DS_Store"), "x");
    Path note = Files.writeString(folder.resolve("dog/notes.txt"), "x");
    Path readme = Files.writeString(folder.resolve("README"), "x");
    ImageFolder images = ImageFolder.of(folder);
    assertEquals(12, images.size());
    assertEquals(List.of(readme, note), images.leftOut());
  }

  @Test
  void whatIsWrongIsNamed() throws IOException {
    assertEquals(
        folder + "/dog: has no folder inside; images lie in 2 to 256 of them, one a class",
        message(() -> ImageFolder.of(folder.resolve("dog"))));
    assertEquals(
        folder.resolve("none") + " does not exist",
        message(() -> ImageFolder.of(folder.resolve("none"))).substring("The folder ".length()));
    String other = message(() -> ImageFolder.of(folder, List.of("ant", "cat")));
    assertTrue(other.endsWith("dog: 'dog' is none of the classes to learn, ant, cat"), other);
    Files.createDirectories(folder.resolve("eel/inside"));
    String empty = message(() -> ImageFolder.of(folder));
    assertTrue(empty.contains("eel: class 'eel' has no image (.png"), empty);
    assertTrue(empty.contains("the folder of the classes may be " + folder + "/eel"), empty);
  }

  @Test
  void anImageOfAnotherSizeIsRefused() throws IOException {
    write("dog/x.png", 5, 2, 0);
    String message = message(() -> read(1));
    assertTrue(message.contains("2x5x1") && message.contains("2x3x1"), message);
    assertTrue(message.endsWith("have them resized to one size"), message);
  }

  @Test
  void brokenFilesAreNamed() throws IOException {
    Path file = folder.resolve("dog/x.png");
    byte[] whole = Files.readAllBytes(folder.resolve("dog/1.png"));
    Files.write(file, java.util.Arrays.copyOf(whole, 40));
    assertTrue(message(() -> read(1)).startsWith(file + ": is a broken image"));
    Files.writeString(file, "GIF? no");
    assertEquals(file + ": is no image", message(() -> read(1)));
    Files.write(file, header(60_000, 60_000));
    assertTrue(message(() -> read(1)).startsWith(file + ": has 60000 x 60000 pixels, more than"));
  }

  /** A PNG that promises a size. */
  private static byte[] header(int width, int height) throws IOException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(chunk);
    out.write("IHDR".getBytes(StandardCharsets.US_ASCII));
    out.writeInt(width);
    out.writeInt(height);
    out.write(new byte[] {8, 0, 0, 0, 0});
    CRC32 checksum = new CRC32();
    checksum.update(chunk.toByteArray());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream all = new DataOutputStream(file);
    all.writeLong(0x89504E470D0A1A0AL);
    all.writeInt(13);
    all.write(chunk.toByteArray());
    all.writeInt((int) checksum.getValue());
    return file.toByteArray();
  }
}
