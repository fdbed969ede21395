package dev.sardonyx.training.data;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Images and their class numbers, kept as bytes: 60,000 images of 28x28 take 47 MB. As floats,
 * which is what networks see, pixels are {@code byte / 255}, in 0..1, laid out NCHW.
 *
 * <p>Immutable; parts of it ({@link #range}, {@link #limit}) share its memory.
 */
public final class LabelledImages {
  private static final float[] PIXEL = new float[256];

  static {
    for (int i = 0; i < 256; i++) {
      PIXEL[i] = i / 255f;
    }
  }

  private final String source;
  private final byte[] pixels;
  private final byte[] labels;
  private final int from;
  private final int size;
  private final int channels;
  private final int height;
  private final int width;

  private LabelledImages(
      String source,
      byte[] pixels,
      byte[] labels,
      int from,
      int size,
      int channels,
      int height,
      int width) {
    this.source = source;
    this.pixels = pixels;
    this.labels = labels;
    this.from = from;
    this.size = size;
    this.channels = channels;
    this.height = height;
    this.width = width;
  }

  /**
   * A data set over arrays that are not copied and must no longer be changed.
   *
   * @param source where the labels came from, for messages
   * @param pixels unsigned bytes, [N,C,H,W]
   * @param labels class numbers as unsigned bytes, [N]
   */
  public static LabelledImages of(
      String source, byte[] pixels, byte[] labels, int channels, int height, int width) {
    long expected = (long) labels.length * channels * height * width;
    if (pixels.length != expected) {
      throw new IllegalArgumentException(
          "%s: %d images of %dx%dx%d take %d bytes, not %d"
              .formatted(source, labels.length, channels, height, width, expected, pixels.length));
    }
    return new LabelledImages(source, pixels, labels, 0, labels.length, channels, height, width);
  }

  /** The number of images. */
  public int size() {
    return size;
  }

  public int channels() {
    return channels;
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  /** The class number of an image. */
  public int label(int index) {
    return labels[from + Objects.checkIndex(index, size)] & 0xff;
  }

  /**
   * The number of classes: one more than the largest label.
   *
   * @throws IllegalArgumentException if there is but one class, or if the labels have a gap, which
   *     a single damaged byte would make: only 0 may be missing, for some data sets count from 1
   */
  public int classes() {
    int[] first = new int[256]; // The first image of each label, counted from 1; 0 if none.
    for (int i = size - 1; i >= 0; i--) {
      first[label(i)] = i + 1;
    }
    int classes = 0;
    for (int label = 0; label < first.length; label++) {
      if (first[label] == 0) {
        continue;
      }
      if (label > Math.max(classes, 1)) {
        throw new IllegalArgumentException(
            "%s: image %d has label %d, but none has a label from %d to %d"
                .formatted(source, from + first[label] - 1, label, classes, label - 1));
      }
      classes = label + 1;
    }
    if (classes < 2) {
      throw new IllegalArgumentException(
          source + ": all labels are 0, and with one class there is nothing to learn");
    }
    return classes;
  }

  /** Images {@code first} (inclusive) to {@code last} (exclusive). */
  public LabelledImages range(int first, int last) {
    Objects.checkFromToIndex(first, last, size);
    return new LabelledImages(
        source, pixels, labels, from + first, last - first, channels, height, width);
  }

  /** The first images, at most so many. */
  public LabelledImages limit(int count) {
    return range(0, Math.min(count, size));
  }

  /**
   * These images, if every label is a class the network knows.
   *
   * @param classes the number of classes; labels are 0 to {@code classes - 1}
   * @throws IllegalArgumentException naming the first label that is not
   */
  public LabelledImages requireClasses(int classes) {
    for (int i = 0; i < size; i++) {
      if (label(i) >= classes) {
        throw new IllegalArgumentException(
            "%s: image %d has label %d, but the network has only the classes 0 to %d"
                .formatted(source, from + i, label(i), classes - 1));
      }
    }
    return this;
  }

  /** A checksum (SHA-256, in hexadecimal) of sizes, pixels and labels, equal for equal images. */
  public String fingerprint() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256", e);
    }
    digest.update("%d,%d,%d,%d;".formatted(size, channels, height, width).getBytes(US_ASCII));
    digest.update(pixels, from * imageSize(), size * imageSize());
    digest.update(labels, from, size);
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Images {@code first} to {@code last} (exclusive) as a tensor float[N,C,H,W]. */
  public Tensor tensor(int first, int last) {
    LabelledImages part = range(first, last);
    ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT, (long) part.size * imageSize());
    FloatBuffer floats = bytes.asFloatBuffer();
    int start = part.from * imageSize();
    for (int i = 0; i < floats.limit(); i++) {
      floats.put(i, PIXEL[pixels[start + i] & 0xff]);
    }
    return Tensor.of(ElementType.FLOAT, new long[] {part.size, channels, height, width}, bytes);
  }

  /** Batches in the order of the files, each float[n,C,H,W] with labels float[n,1]. */
  public DataSetIterator batches(int batchSize) {
    return new ImageBatches(this, batchSize, null);
  }

  /** Batches in an order that the seed alone decides; the same at every reset. */
  public DataSetIterator shuffledBatches(int batchSize, long seed) {
    return new ImageBatches(this, batchSize, seed);
  }

  /** Values an image takes. */
  int imageSize() {
    return channels * height * width;
  }

  /** Writes the pixels of an image, in 0..1, into floats. */
  void copyImage(int index, float[] target, int offset) {
    int imageSize = imageSize();
    int start = (from + index) * imageSize;
    for (int i = 0; i < imageSize; i++) {
      target[offset + i] = PIXEL[pixels[start + i] & 0xff];
    }
  }

  @Override
  public String toString() {
    return "%d images of %dx%dx%d from %s".formatted(size, channels, height, width, source);
  }
}
