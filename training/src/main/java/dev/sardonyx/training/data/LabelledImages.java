package dev.sardonyx.training.data;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Images and their class numbers, kept as bytes: 60,000 images of 28x28 take 47 MB. As floats,
 * which is what networks see, pixels are {@code byte / 255}, in 0..1, laid out NCHW, unless they
 * are {@link #normalized}.
 *
 * <p>Immutable; parts of it ({@link #range}, {@link #limit}) share its memory.
 */
public final class LabelledImages extends Examples {
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

  /** What a network sees of each byte, by channel. */
  private final float[][] levels;

  private LabelledImages(
      String source,
      byte[] pixels,
      byte[] labels,
      int from,
      int size,
      int channels,
      int height,
      int width,
      float[][] levels) {
    this.source = source;
    this.pixels = pixels;
    this.labels = labels;
    this.from = from;
    this.size = size;
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.levels = levels;
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
    float[][] levels = new float[channels][];
    Arrays.fill(levels, PIXEL);
    return new LabelledImages(
        source, pixels, labels, 0, labels.length, channels, height, width, levels);
  }

  /**
   * The same images, of which networks see {@code (byte / 255 - mean) / deviation}. Its tensors are
   * what a graph with {@code Sub} and {@code Div} makes of the images as they are.
   *
   * @param mean one number a channel, or one for all
   * @param deviation likewise, positive
   * @throws IllegalArgumentException if there are not as many numbers as channels, or one is not
   *     finite or a deviation not positive
   */
  public LabelledImages normalized(List<Double> mean, List<Double> deviation) {
    float[][] changed = new float[channels][256];
    for (int c = 0; c < channels; c++) {
      float subtracted = ofChannel("mean", mean, c);
      float divisor = ofChannel("deviation", deviation, c);
      if (!(divisor > 0)) {
        throw new IllegalArgumentException("A deviation is positive, not " + divisor);
      }
      for (int i = 0; i < PIXEL.length; i++) {
        changed[c][i] = (PIXEL[i] - subtracted) / divisor;
      }
    }
    return new LabelledImages(source, pixels, labels, from, size, channels, height, width, changed);
  }

  private float ofChannel(String what, List<Double> numbers, int channel) {
    if (numbers.size() != 1 && numbers.size() != channels) {
      throw new IllegalArgumentException(
          "Images of %d channels need 1 %s or %d, not %d"
              .formatted(channels, what, channels, numbers.size()));
    }
    float number = numbers.get(numbers.size() == 1 ? 0 : channel).floatValue();
    if (!Float.isFinite(number)) {
      throw new IllegalArgumentException("A " + what + " is a finite number, not " + number);
    }
    return number;
  }

  @Override
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

  @Override
  public LabelledImages range(int first, int last) {
    Objects.checkFromToIndex(first, last, size);
    return new LabelledImages(
        source, pixels, labels, from + first, last - first, channels, height, width, levels);
  }

  @Override
  public LabelledImages limit(int count) {
    return range(0, Math.min(count, size));
  }

  /**
   * These images, if every label is a class the network knows.
   *
   * @param classes the number of classes; labels are 0 to {@code classes - 1}
   * @throws IllegalArgumentException naming the first label that is not
   */
  @Override
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
  @Override
  public String fingerprint() {
    MessageDigest digest = sha256();
    // Joined, for a format's digits are those of the user's language.
    String sizes = size + "," + channels + "," + height + "," + width + ";";
    digest.update(sizes.getBytes(US_ASCII));
    digest.update(pixels, from * imageSize(), size * imageSize());
    digest.update(labels, from, size);
    for (float[] level : levels) {
      if (level != PIXEL) {
        digest.update((level[0] + "," + level[255] + ";").getBytes(US_ASCII));
      }
    }
    return hexadecimal(digest);
  }

  /** Images {@code first} to {@code last} (exclusive) as a tensor float[N,C,H,W]. */
  @Override
  public Tensor tensor(int first, int last) {
    LabelledImages part = range(first, last);
    int imageSize = imageSize();
    ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT, (long) part.size * imageSize);
    FloatBuffer floats = bytes.asFloatBuffer();
    float[] image = new float[imageSize];
    for (int i = 0; i < part.size; i++) {
      part.copyFeatures(i, image, 0);
      floats.put(image);
    }
    return Tensor.of(ElementType.FLOAT, new long[] {part.size, channels, height, width}, bytes);
  }

  /** Values an image takes. */
  int imageSize() {
    return channels * height * width;
  }

  @Override
  public Shape features() {
    return Shape.of(size, channels, height, width);
  }

  @Override
  public Shape labels() {
    return Shape.of(size, 1);
  }

  @Override
  void copyFeatures(int index, float[] target, int offset) {
    int area = height * width;
    int source = (from + index) * imageSize();
    int place = offset;
    for (float[] level : levels) {
      for (int i = 0; i < area; i++) {
        target[place++] = level[pixels[source++] & 0xff];
      }
    }
  }

  @Override
  void copyLabels(int index, float[] target, int offset) {
    target[offset] = label(index);
  }

  @Override
  public String toString() {
    return "%d images of %dx%dx%d from %s".formatted(size, channels, height, width, source);
  }
}
