package dev.sardonyx.training.onednn;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * Where a vertex of the network is to be recorded.
 *
 * @param name of the vertex and its layer
 * @param inputs what its inputs compute
 * @param foreign takes what of the network is left to DL4J
 */
record RecordingSite(
    Tape tape,
    Parameters parameters,
    String name,
    List<RecordedValue> inputs,
    ForeignParts foreign) {
  RecordedValue input() {
    return inputs.get(0);
  }

  RecordingSite with(RecordedValue input) {
    return new RecordingSite(tape, parameters, name, List.of(input), foreign);
  }

  /** Notes that something here is computed by DL4J. */
  void leave(String what) {
    foreign.names().add("'" + name + "' (" + what + ")");
  }

  NotTakenException refuse(String reason) {
    return new NotTakenException("'" + name + "': " + reason);
  }

  /** Refuses what any layer may have besides its function. */
  void requirePlain(Layer layer) {
    if (layer.getIDropout() != null) {
      throw refuse("the layer has a dropout of its own");
    }
    if (layer instanceof BaseLayer base && base.getWeightNoise() != null) {
      throw refuse("the layer has weight noise");
    }
  }

  void requireRank(int rank) {
    if (input().rank() != rank) {
      throw refuse("its input has %d axes, not %d".formatted(input().rank(), rank));
    }
  }
}
