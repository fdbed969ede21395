package dev.sardonyx.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * All that learning changes in a network, at one moment: only together do they go on as they would
 * have.
 *
 * @param parameters weights and running statistics
 * @param updaterState what the updater remembers, such as Adam's moments; null if nothing
 */
record Snapshot(INDArray parameters, @Nullable INDArray updaterState, int iterations, int epochs) {
  static Snapshot of(ComputationGraph network) {
    INDArray state = network.getUpdater().getStateViewArray();
    return new Snapshot(
        network.params().dup(),
        state == null ? null : state.dup(),
        network.getConfiguration().getIterationCount(),
        network.getConfiguration().getEpochCount());
  }

  void restore(ComputationGraph network) {
    network.setParams(parameters);
    INDArray state = network.getUpdater().getStateViewArray();
    if (state != null && updaterState != null) {
      state.assign(updaterState);
    }
    network.getConfiguration().setIterationCount(iterations);
    network.getConfiguration().setEpochCount(epochs);
  }

  void write(OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(iterations);
    data.writeInt(epochs);
    Nd4j.write(parameters, data);
    data.writeBoolean(updaterState != null);
    if (updaterState != null) {
      Nd4j.write(updaterState, data);
    }
    data.flush();
  }

  static Snapshot read(InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    int iterations = data.readInt();
    int epochs = data.readInt();
    INDArray parameters = Nd4j.read(data);
    INDArray state = data.readBoolean() ? Nd4j.read(data) : null;
    return new Snapshot(parameters, state, iterations, epochs);
  }
}
