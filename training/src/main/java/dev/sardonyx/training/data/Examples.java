package dev.sardonyx.training.data;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Features and their labels, to learn from and to test on: {@link LabelledImages} or {@link
 * LabelledRows}. Immutable; parts share their memory.
 */
public abstract sealed class Examples permits LabelledImages, LabelledRows {
  Examples() {}

  /** The number of examples. */
  public abstract int size();

  /** The shape of all features, such as {@code [60000,1,28,28]}. */
  public abstract Shape features();

  /** The shape of all labels: {@code [N,1]} if they are class numbers or one target each. */
  public abstract Shape labels();

  /** Examples {@code first} (inclusive) to {@code last} (exclusive). */
  public abstract Examples range(int first, int last);

  /** The first examples, at most so many. */
  public Examples limit(int count) {
    return range(0, Math.min(count, size()));
  }

  /** The features of examples {@code first} to {@code last} (exclusive), as a network sees them. */
  public abstract Tensor tensor(int first, int last);

  /**
   * These examples, if every label that is a class number is one the network knows.
   *
   * @param classes the number of classes; labels are 0 to {@code classes - 1}
   * @throws IllegalArgumentException naming the first label that is not
   */
  public abstract Examples requireClasses(int classes);

  /** A checksum (SHA-256, in hexadecimal) of all that is learnt from, equal for equal examples. */
  public abstract String fingerprint();

  /** Batches in order, features float[n,...] with labels float[n,...]. */
  public DataSetIterator batches(int batchSize) {
    return new ExampleBatches(this, batchSize, null);
  }

  /** Batches in an order that the seed alone decides; the same at every reset. */
  public DataSetIterator shuffledBatches(int batchSize, long seed) {
    return new ExampleBatches(this, batchSize, seed);
  }

  /** Writes the features of an example into floats. */
  abstract void copyFeatures(int index, float[] target, int offset);

  /** Writes the labels of an example into floats. */
  abstract void copyLabels(int index, float[] target, int offset);

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256", e);
    }
  }

  static String hexadecimal(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
