package dev.sardonyx.training;

import java.util.Iterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** The batches of an epoch: of one array in and one out, or of several. */
interface Batches extends Iterator<MultiDataSet> {
  /** Trains the network on all batches that are left. */
  void fit(ComputationGraph network);

  static Batches of(DataSetIterator data) {
    return new Batches() {
      @Override
      public boolean hasNext() {
        return data.hasNext();
      }

      @Override
      public MultiDataSet next() {
        return data.next().toMultiDataSet();
      }

      @Override
      public void fit(ComputationGraph network) {
        network.fit(data);
      }
    };
  }

  static Batches of(MultiDataSetIterator data) {
    return new Batches() {
      @Override
      public boolean hasNext() {
        return data.hasNext();
      }

      @Override
      public MultiDataSet next() {
        return data.next();
      }

      @Override
      public void fit(ComputationGraph network) {
        network.fit(data);
      }
    };
  }

  /** An iterator at its beginning, or where it is if it cannot be reset; it gives data. */
  static DataSetIterator rewound(DataSetIterator data) {
    if (data.resetSupported()) {
      data.reset();
    }
    requireNext(data);
    return data;
  }

  /** An iterator at its beginning, which gives data. */
  static MultiDataSetIterator rewound(MultiDataSetIterator data) {
    if (!data.resetSupported()) {
      throw new IllegalArgumentException("The iterator " + data + " cannot be reset");
    }
    data.reset();
    requireNext(data);
    return data;
  }

  private static void requireNext(Iterator<?> data) {
    if (!data.hasNext()) {
      throw new IllegalArgumentException("The iterator " + data + " gives no data");
    }
  }

  /** Requires an iterator to give its data once an epoch. */
  static void requireRepeatable(DataSetIterator data, int epochs) {
    if (epochs > 1 && !data.resetSupported()) {
      throw new IllegalArgumentException(
          "The iterator %s cannot be reset, so it does for 1 epoch, not %d"
              .formatted(data, epochs));
    }
  }
}
