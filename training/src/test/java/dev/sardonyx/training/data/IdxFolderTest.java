package dev.sardonyx.training.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

class IdxFolderTest {
  @TempDir Path folder;

  private static byte[] idx(int[] dims, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(0x0800 | dims.length);
      for (int dim : dims) {
        out.writeInt(dim);
      }
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] counting(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    }
    return zipped.toByteArray();
  }

  /** Five images of 2x3 and their labels. */
  private void writeTrain() throws IOException {
    write("train-images-idx3-ubyte", idx(new int[] {5, 2, 3}, counting(30)));
    write("train-labels-idx1-ubyte", idx(new int[] {5}, new byte[] {3, 1, 4, 1, 5}));
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }

  private String messageOf(byte[] images) throws IOException {
    write("train-images-idx3-ubyte", images);
    String message =
        assertThrows(IdxException.class, () -> IdxFolder.of(folder).train()).getMessage();
    assertTrue(
        message.contains(folder.resolve("train-images-idx3-ubyte").toString()),
        "names the file: " + message);
    return message;
  }

  @Test
  void pixelsAreNchwIn0To1() throws IOException {
    writeTrain();
    LabelledImages images = IdxFolder.of(folder).train();
    assertEquals(5, images.size());
    assertEquals(4, images.label(2));
    Tensor two = images.tensor(1, 3);
    assertArrayEquals(new long[] {2, 1, 2, 3}, two.dims());
    float[] expected = new float[12];
    for (int i = 0; i < 12; i++) {
      expected[i] = (6 + i) / 255f;
    }
    assertArrayEquals(expected, two.toFloats());
  }

  @Test
  void gzipIsRecognisedByContentNotByName() throws IOException {
    writeTrain();
    byte[] labels = Files.readAllBytes(folder.resolve("train-labels-idx1-ubyte"));
    write("train-labels-idx1-ubyte", gzip(labels));
    Files.move(
        folder.resolve("train-images-idx3-ubyte"), folder.resolve("train-images-idx3-ubyte.gz"));
    assertEquals(5, IdxFolder.of(folder).train().label(4));
  }

  @Test
  void imagesMayHaveChannels() throws IOException {
    writeTrain();
    Files.delete(folder.resolve("train-images-idx3-ubyte"));
    write("train-images-idx4-ubyte", idx(new int[] {5, 3, 2, 1}, counting(30)));
    LabelledImages images = IdxFolder.of(folder).train();
    assertEquals(3, images.channels());
    assertEquals(2, images.height());
    assertEquals(1, images.width());
  }

  @Test
  void aMissingFileIsNamedWithTheFourThatAreWanted() {
    String message =
        assertThrows(IdxException.class, () -> IdxFolder.of(folder).test()).getMessage();
    assertTrue(message.contains("t10k-images-idx3-ubyte"), message);
    assertTrue(message.contains(folder.toString()), message);
    assertTrue(message.contains("train-labels-idx1-ubyte"), message);
  }

  @Test
  void readsTheClassPathToo() throws Exception {
    writeTrain();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.getParent().toUri().toURL()}, null) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            try (var in = IdxFolderTest.class.getResourceAsStream("IdxFolderTest.class")) {
              byte[] code = in.readAllBytes();
              return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
              throw new ClassNotFoundException(name, e);
            }
          }
        }) {
      Class<?> owner = loader.loadClass(IdxFolderTest.class.getName());
      IdxFolder resources = IdxFolder.ofResources(owner, "/" + folder.getFileName());
      assertEquals(5, resources.train().size());
      String message = assertThrows(IdxException.class, resources::test).getMessage();
      assertTrue(message.contains("class path /" + folder.getFileName()), message);
    }
  }

  @Test
  void aWrongMagicNumberIsShown() throws IOException {
    writeTrain();
    String message = messageOf(new byte[] {'P', 'N', 'G', 0, 0, 0, 0, 1});
    assertTrue(message.contains("0x504e4700"), message);
  }

  @Test
  void truncationTellsPromisedAndPresentBytes() throws IOException {
    writeTrain();
    byte[] whole = Files.readAllBytes(folder.resolve("train-images-idx3-ubyte"));
    String message = messageOf(Arrays.copyOf(whole, whole.length - 7));
    assertTrue(message.contains("5 x 2 x 3 = 30 bytes"), message);
    assertTrue(message.contains("only 23"), message);
    assertTrue(messageOf(Arrays.copyOf(whole, 6)).contains("truncated"));
    assertTrue(messageOf(new byte[0]).contains("truncated"));
    byte[] zipped = gzip(whole);
    assertTrue(messageOf(Arrays.copyOf(zipped, zipped.length - 12)).contains("truncated"));
  }

  @Test
  void damagedGzipAndSurplusBytesAreRefused() throws IOException {
    writeTrain();
    byte[] whole = Files.readAllBytes(folder.resolve("train-images-idx3-ubyte"));
    assertTrue(messageOf(Arrays.copyOf(whole, whole.length + 1)).contains("longer"));
    byte[] zipped = gzip(whole);
    zipped[zipped.length - 6] ^= 0x55; // In the checksum.
    assertTrue(messageOf(zipped).contains("damaged gzip"));
  }

  @Test
  void aHugeHeaderIsRefusedBeforeAnythingIsAllocated() throws IOException {
    writeTrain();
    String message = messageOf(idx(new int[] {Integer.MAX_VALUE, 65536, 65536}, new byte[3]));
    assertTrue(message.contains("too many"), message);
  }

  @Test
  void differentCountsNameBothFiles() throws IOException {
    writeTrain();
    write("train-labels-idx1-ubyte", idx(new int[] {4}, new byte[4]));
    String message =
        assertThrows(IdxException.class, () -> IdxFolder.of(folder).train()).getMessage();
    assertTrue(message.contains("5 images") && message.contains("4 labels"), message);
  }

  @Test
  void aLabelBeyondTheClassesIsNamed() throws IOException {
    writeTrain();
    LabelledImages images = IdxFolder.of(folder).train();
    assertEquals(images, images.requireClasses(6));
    String message =
        assertThrows(IllegalArgumentException.class, () -> images.requireClasses(5)).getMessage();
    assertTrue(message.contains("image 4 has label 5"), message);
    assertTrue(message.contains("train-labels-idx1-ubyte"), message);
  }

  @Test
  void theSeedAloneDecidesTheOrderAndNothingIsLost() throws IOException {
    writeTrain();
    LabelledImages images = IdxFolder.of(folder).train();
    List<Integer> first = order(images.shuffledBatches(2, 11));
    assertEquals(first, order(images.shuffledBatches(2, 11)));
    DataSetIterator again = images.shuffledBatches(2, 11);
    order(again);
    again.reset();
    assertEquals(first, order(again));
    assertTrue(
        java.util.stream.LongStream.range(0, 20)
            .anyMatch(seed -> !order(images.shuffledBatches(2, seed)).equals(first)));
    assertEquals(List.of(0, 1, 2, 3, 4), first.stream().sorted().toList());
    assertEquals(List.of(0, 1, 2, 3, 4), order(images.batches(2)));
  }

  /** Which image is where, by its first pixel; checks the shapes and labels on the way. */
  private static List<Integer> order(DataSetIterator batches) {
    int[] labels = {3, 1, 4, 1, 5};
    List<Integer> order = new ArrayList<>();
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      long count = batch.getFeatures().size(0);
      assertArrayEquals(new long[] {count, 1, 2, 3}, batch.getFeatures().shape());
      assertArrayEquals(new long[] {count, 1}, batch.getLabels().shape());
      for (int i = 0; i < count; i++) {
        int image = Math.round(batch.getFeatures().getFloat(i, 0, 0, 0) * 255) / 6;
        assertEquals(labels[image], batch.getLabels().getInt(i, 0));
        order.add(image);
      }
    }
    return order;
  }
}
