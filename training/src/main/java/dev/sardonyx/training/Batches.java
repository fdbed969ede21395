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
}
