package dev.sardonyx.training.data;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Objects;

/**
 * Rows of numbers with a class number or some targets each, such as {@link TableEncoding} makes of
 * a table. Immutable; parts share its memory.
 */
public final class LabelledRows extends Examples {
  private final String source;
  private final float[] features;
  private final float[] labels;
  private final boolean classNumbers;
  private final int from;
  private final int size;
  private final int width;
  private final int labelWidth;

  private LabelledRows(
      String source,
      float[] features,
      float[] labels,
      boolean classNumbers,
      int from,
      int size,
      int width,
      int labelWidth) {
    this.source = source;
    this.features = features;
    this.labels = labels;
    this.classNumbers = classNumbers;
    this.from = from;
    this.size = size;
    this.width = width;
    this.labelWidth = labelWidth;
  }

  /**
   * Rows that each belong to a class, over arrays that are not copied and must no longer be
   * changed.
   *
   * @param source where they came from, for messages
   * @param features {@code [N,K]}, row by row
   * @param classes class numbers, {@code [N]}
   */
  public static LabelledRows ofClasses(String source, float[] features, int[] classes) {
    float[] labels = new float[classes.length];
    for (int i = 0; i < labels.length; i++) {
      if (classes[i] < 0 || classes[i] >= 1 << 24) {
        throw new IllegalArgumentException(
            source + ": row " + i + " has label " + classes[i] + ", which is no class number");
      }
      labels[i] = classes[i];
    }
    return of(source, features, labels, true, classes.length, 1);
  }

  /**
   * Rows with numbers to predict, over arrays that are not copied and must no longer be changed.
   *
   * @param features {@code [N,K]}, row by row
   * @param targets {@code [N,columns]}, row by row
   * @param columns numbers a row has to predict, 1 or more
   */
  public static LabelledRows ofTargets(
      String source, float[] features, float[] targets, int columns) {
    if (columns < 1 || targets.length % columns != 0) {
      throw new IllegalArgumentException(
          source + ": " + targets.length + " targets are not rows of " + columns);
    }
    return of(source, features, targets, false, targets.length / columns, columns);
  }

  private static LabelledRows of(
      String source, float[] features, float[] labels, boolean classes, int rows, int columns) {
    if (rows == 0 ? features.length > 0 : features.length % rows != 0) {
      throw new IllegalArgumentException(
          source + ": " + features.length + " features are not " + rows + " rows");
    }
    int width = rows == 0 ? 0 : features.length / rows;
    return new LabelledRows(source, features, labels, classes, 0, rows, width, columns);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Shape features() {
    return Shape.of(size, width);
  }

  @Override
  public Shape labels() {
    return Shape.of(size, labelWidth);
  }

  /** A row's class number, or its target of a column. */
  public float label(int row, int column) {
    Objects.checkIndex(column, labelWidth);
    return labels[(from + Objects.checkIndex(row, size)) * labelWidth + column];
  }

  @Override
  public LabelledRows range(int first, int last) {
    Objects.checkFromToIndex(first, last, size);
    return new LabelledRows(
        source, features, labels, classNumbers, from + first, last - first, width, labelWidth);
  }

  @Override
  public Tensor tensor(int first, int last) {
    LabelledRows part = range(first, last);
    float[] rows = new float[part.size * width];
    System.arraycopy(features, part.from * width, rows, 0, rows.length);
    return Tensor.ofFloats(rows, part.size, width);
  }

  /** Targets are no class numbers and pass. */
  @Override
  public LabelledRows requireClasses(int classes) {
    for (int i = 0; classNumbers && i < size; i++) {
      if (labels[from + i] >= classes) {
        throw new IllegalArgumentException(
            "%s: row %d has label %d, but the network has only the classes 0 to %d"
                .formatted(source, from + i, (int) labels[from + i], classes - 1));
      }
    }
    return this;
  }

  @Override
  public String fingerprint() {
    MessageDigest digest = sha256();
    ByteBuffer bytes =
        ByteBuffer.allocate(4 * (3 + width + labelWidth)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(size).putInt(width).putInt(labelWidth);
    digest.update(bytes.flip());
    for (int i = from; i < from + size; i++) {
      bytes.clear();
      for (int j = 0; j < width; j++) {
        bytes.putFloat(features[i * width + j]);
      }
      for (int j = 0; j < labelWidth; j++) {
        bytes.putFloat(labels[i * labelWidth + j]);
      }
      digest.update(bytes.flip());
    }
    return hexadecimal(digest);
  }

  @Override
  void copyFeatures(int index, float[] target, int offset) {
    System.arraycopy(features, (from + index) * width, target, offset, width);
  }

  @Override
  void copyLabels(int index, float[] target, int offset) {
    System.arraycopy(labels, (from + index) * labelWidth, target, offset, labelWidth);
  }

  @Override
  public String toString() {
    return "%d rows of %d features from %s".formatted(size, width, source);
  }
}
