package dev.sardonyx.samples;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** A little IDX data set: bright squares in one of the corners, whose number is the label. */
final class IdxFiles {
  private static final int CLASSES = 4;

  private IdxFiles() {}

  /** Writes the four files, images being 12x12. */
  static Path write(Path folder, int train, int test, boolean gzip) throws IOException {
    return write(folder, 12, train, test, gzip);
  }

  /**
   * Writes the four files.
   *
   * @param size the images' height and width
   * @param gzip whether to compress them
   */
  static Path write(Path folder, int size, int train, int test, boolean gzip) throws IOException {
    Files.createDirectories(folder);
    writePair(folder, "train", size, train, gzip, new Random(1));
    writePair(folder, "t10k", size, test, gzip, new Random(2));
    return folder;
  }

  private static void writePair(
      Path folder, String name, int size, int count, boolean gzip, Random random)
      throws IOException {
    ByteBuffer images = ByteBuffer.allocate(16 + count * size * size);
    images.putInt(0x803).putInt(count).putInt(size).putInt(size);
    ByteBuffer labels = ByteBuffer.allocate(8 + count);
    labels.putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      int label = random.nextInt(CLASSES);
      labels.put((byte) label);
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          boolean bright = y / (size / 2) == label / 2 && x / (size / 2) == label % 2;
          images.put((byte) ((bright ? 180 : 0) + random.nextInt(60)));
        }
      }
    }
    String suffix = gzip ? ".gz" : "";
    save(folder.resolve(name + "-images-idx3-ubyte" + suffix), images.array(), gzip);
    save(folder.resolve(name + "-labels-idx1-ubyte" + suffix), labels.array(), gzip);
  }

  private static void save(Path file, byte[] bytes, boolean gzip) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      if (gzip) {
        try (GZIPOutputStream compressed = new GZIPOutputStream(out)) {
          compressed.write(bytes);
        }
      } else {
        out.write(bytes);
      }
    }
  }
}
