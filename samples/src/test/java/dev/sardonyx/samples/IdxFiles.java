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
  static final int SIZE = 12;
  static final int CLASSES = 4;

  private IdxFiles() {}

  /**
   * Writes the four files.
   *
   * @param gzip whether to compress them
   */
  static Path write(Path folder, int train, int test, boolean gzip) throws IOException {
    Files.createDirectories(folder);
    writePair(folder, "train", train, gzip, new Random(1));
    writePair(folder, "t10k", test, gzip, new Random(2));
    return folder;
  }

  private static void writePair(Path folder, String name, int count, boolean gzip, Random random)
      throws IOException {
    ByteBuffer images = ByteBuffer.allocate(16 + count * SIZE * SIZE);
    images.putInt(0x803).putInt(count).putInt(SIZE).putInt(SIZE);
    ByteBuffer labels = ByteBuffer.allocate(8 + count);
    labels.putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      int label = random.nextInt(CLASSES);
      labels.put((byte) label);
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          boolean bright = y / (SIZE / 2) == label / 2 && x / (SIZE / 2) == label % 2;
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
