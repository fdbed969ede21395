package dev.sardonyx.training.data;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** Batches of labelled images as DL4J takes them: NCHW floats in 0..1, class numbers [n,1]. */
final class ImageBatches implements DataSetIterator {
  private final transient LabelledImages images;
  private final int batchSize;
  private final int @Nullable [] order;
  private int next;
  private @Nullable DataSetPreProcessor preProcessor;

  ImageBatches(LabelledImages images, int batchSize, @Nullable Long seed) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("A batch holds at least 1 image, not " + batchSize);
    }
    this.images = images;
    this.batchSize = batchSize;
    this.order = seed == null ? null : shuffled(images.size(), seed);
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
    return next < images.size();
  }

  @Override
  public DataSet next() {
    return next(batchSize);
  }

  @Override
  public DataSet next(int count) {
    if (!hasNext()) {
      throw new NoSuchElementException("All " + images.size() + " images were delivered");
    }
    int size = Math.min(count, images.size() - next);
    int imageSize = images.imageSize();
    float[] pixels = new float[size * imageSize];
    float[] labels = new float[size];
    for (int i = 0; i < size; i++) {
      int image = order == null ? next + i : order[next + i];
      images.copyImage(image, pixels, i * imageSize);
      labels[i] = images.label(image);
    }
    next += size;
    INDArray features =
        Nd4j.createFromArray(pixels)
            .reshape(size, images.channels(), images.height(), images.width());
    DataSet batch = new DataSet(features, Nd4j.createFromArray(labels).reshape(size, 1));
    if (preProcessor != null) {
      preProcessor.preProcess(batch);
    }
    return batch;
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
    return images.imageSize();
  }

  /** One column of class numbers. */
  @Override
  public int totalOutcomes() {
    return 1;
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
