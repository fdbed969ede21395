package dev.sardonyx.training.data;

import dev.sardonyx.ir.Shape;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** Batches of examples as DL4J takes them: features and labels in floats. */
final class ExampleBatches implements DataSetIterator {
  private final transient Examples examples;
  private final int batchSize;
  private final int @Nullable [] order;
  private int next;
  private @Nullable DataSetPreProcessor preProcessor;

  ExampleBatches(Examples examples, int batchSize, @Nullable Long seed) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("A batch holds at least 1 example, not " + batchSize);
    }
    this.examples = examples;
    this.batchSize = batchSize;
    this.order = seed == null ? null : shuffled(examples.size(), seed);
  }

  private static int[] shuffled(int size, long seed) {
    int[] order = new int[size];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  @Override
  public boolean hasNext() {
    return next < examples.size();
  }

  @Override
  public DataSet next() {
    return next(batchSize);
  }

  @Override
  public DataSet next(int count) {
    if (!hasNext()) {
      throw new NoSuchElementException("All " + examples.size() + " examples were delivered");
    }
    int size = Math.min(count, examples.size() - next);
    int width = width(examples.features());
    int labelWidth = width(examples.labels());
    float[] features = new float[size * width];
    float[] labels = new float[size * labelWidth];
    for (int i = 0; i < size; i++) {
      int example = order == null ? next + i : order[next + i];
      examples.copyFeatures(example, features, i * width);
      examples.copyLabels(example, labels, i * labelWidth);
    }
    next += size;
    DataSet batch =
        new DataSet(
            array(features, size, examples.features()), array(labels, size, examples.labels()));
    if (preProcessor != null) {
      preProcessor.preProcess(batch);
    }
    return batch;
  }

  private static INDArray array(float[] elements, int size, Shape shape) {
    long[] dims = LongStream.range(0, shape.rank()).map(i -> shape.dim((int) i).value()).toArray();
    dims[0] = size;
    return Nd4j.createFromArray(elements).reshape(dims);
  }

  /** Numbers that an example takes. */
  private static int width(Shape shape) {
    return (int)
        IntStream.range(1, shape.rank())
            .mapToLong(i -> shape.dim(i).value())
            .reduce(1, Math::multiplyExact);
  }

  @Override
  public void reset() {
    next = 0;
  }

  @Override
  public boolean resetSupported() {
    return true;
  }

  /** A batch takes microseconds to make; a thread of its own would only be in the way. */
  @Override
  public boolean asyncSupported() {
    return false;
  }

  @Override
  public int batch() {
    return batchSize;
  }

  @Override
  public int inputColumns() {
    return width(examples.features());
  }

  @Override
  public int totalOutcomes() {
    return width(examples.labels());
  }

  @Override
  public void setPreProcessor(@Nullable DataSetPreProcessor preProcessor) {
    this.preProcessor = preProcessor;
  }

  @Override
  public @Nullable DataSetPreProcessor getPreProcessor() {
    return preProcessor;
  }

  @Override
  public List<String> getLabels() {
    return List.of();
  }
}
