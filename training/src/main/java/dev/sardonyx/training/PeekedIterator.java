package dev.sardonyx.training;

import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** An iterator that cannot be reset, with the first batch, which was looked at, before the rest. */
final class PeekedIterator implements DataSetIterator {
  private static final long serialVersionUID = 1L;

  private final DataSetIterator rest;
  private @Nullable DataSet first;

  PeekedIterator(DataSet first, DataSetIterator rest) {
    this.first = first;
    this.rest = rest;
  }

  @Override
  public boolean hasNext() {
    return first != null || rest.hasNext();
  }

  @Override
  public DataSet next() {
    DataSet batch = first;
    if (batch == null) {
      if (!rest.hasNext()) {
        throw new NoSuchElementException("All batches were delivered");
      }
      return rest.next();
    }
    first = null;
    return batch;
  }

  @Override
  public DataSet next(int count) {
    return first == null ? rest.next(count) : next();
  }

  @Override
  public void reset() {
    throw new UnsupportedOperationException(rest + " cannot be reset");
  }

  @Override
  public boolean resetSupported() {
    return false;
  }

  @Override
  public boolean asyncSupported() {
    return rest.asyncSupported();
  }

  @Override
  public int batch() {
    return rest.batch();
  }

  @Override
  public int inputColumns() {
    return rest.inputColumns();
  }

  @Override
  public int totalOutcomes() {
    return rest.totalOutcomes();
  }

  @Override
  public void setPreProcessor(@Nullable DataSetPreProcessor preProcessor) {
    rest.setPreProcessor(preProcessor);
  }

  @Override
  public @Nullable DataSetPreProcessor getPreProcessor() {
    return rest.getPreProcessor();
  }

  @Override
  public @Nullable List<String> getLabels() {
    return rest.getLabels();
  }
}
