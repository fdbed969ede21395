package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.RecurrentOptions;
import dev.sardonyx.ir.build.SequenceModelOps.Lstm;
import dev.sardonyx.ir.build.SequenceModelOps.Recurrent;
import java.nio.FloatBuffer;

/** A kind of recurrent layer, with its weights and the layouts around ONNX's {@code [T,N,C]}. */
enum RecurrentLayer {
  LSTM("lstm", 4) {
    @Override
    Recurrent steps(GraphBuilder b, Value x, Value w, Value r, RecurrentOptions options) {
      Lstm lstm = b.lstm(x, w, r, options);
      return new Recurrent(lstm.steps(), lstm.lastHidden());
    }
  },
  GRU("gru", 3) {
    @Override
    Recurrent steps(GraphBuilder b, Value x, Value w, Value r, RecurrentOptions options) {
      return b.gru(x, w, r, options, true);
    }
  },
  RNN("rnn", 1) {
    @Override
    Recurrent steps(GraphBuilder b, Value x, Value w, Value r, RecurrentOptions options) {
      return b.rnn(x, w, r, options);
    }
  };

  private final String role;
  private final int gates;

  RecurrentLayer(String role, int gates) {
    this.role = role;
    this.gates = gates;
  }

  /** The node itself. */
  abstract Recurrent steps(GraphBuilder b, Value x, Value w, Value r, RecurrentOptions options);

  Value build(Layers layers, Value x, long units, RecurrentLayerOptions options) {
    Shape shape = OperatorBuilder.shapeOf(x);
    if (!shape.isRanked() || shape.rank() != 3 || !shape.dim(2).isFixed()) {
      throw GraphBuildException.here(
          role
              + " takes sequences "
              + (options.batchFirst() ? "[N,T,C]" : "[T,N,C]")
              + " with a fixed C, but "
              + x.name()
              + " is "
              + x.type());
    }
    Layers.positive(role, "units", units);
    return layers.inScope(role, () -> inside(layers, x, shape.dim(2).value(), units, options));
  }

  private Value inside(
      Layers layers, Value x, long inputs, long units, RecurrentLayerOptions options) {
    GraphBuilder b = layers.builder();
    int directions = options.directions();
    long rows = gates * units;
    Value w =
        layers.parameter(
            eachDirection(directions, layers.weights(), rows, inputs),
            "weight",
            inputs,
            rows,
            directions,
            rows,
            inputs);
    Value r =
        layers.parameter(
            eachDirection(directions, Initializer.orthogonal(1), rows, units),
            "recurrence",
            units,
            rows,
            directions,
            rows,
            units);
    Value bias = layers.parameter(bias(units), "bias", 1, 1, directions, 2 * rows);
    RecurrentOptions recurrent =
        RecurrentOptions.DEFAULT.withDirection(options.direction()).withBias(bias);
    if (options.lengths() != null) {
      recurrent = recurrent.withSequenceLengths(options.lengths());
    }
    Value steps = options.batchFirst() ? b.transpose(x, 1, 0, 2) : x;
    Recurrent result = steps(b, steps, w, r, recurrent);
    long size = directions * units;
    if (!options.sequences()) {
      return b.reshape(b.transpose(result.lastHidden(), 1, 0, 2), 0, size);
    }
    Value sideBySide =
        options.batchFirst()
            ? b.transpose(result.steps(), 2, 0, 1, 3)
            : b.transpose(result.steps(), 0, 2, 1, 3);
    return b.reshape(sideBySide, 0, 0, size);
  }

  /** Weights that are made for each direction on its own. */
  private static Initializer eachDirection(
      int directions, Initializer weights, long rows, long columns) {
    return (all, random, fanIn, fanOut, shape) -> {
      int size = all.remaining() / directions;
      for (int d = 0; d < directions; d++) {
        FloatBuffer own = all.slice(d * size, size);
        weights.fill(own, random, fanIn, fanOut, rows, columns);
      }
    };
  }

  /** Zeros, but 1 for the forget gate of an LSTM (Jozefowicz et al. 2015). */
  private Initializer bias(long units) {
    long rows = gates * units;
    return (all, random, fanIn, fanOut, shape) -> {
      for (int i = 0; all.hasRemaining(); i++) {
        long row = i % (2 * rows);
        all.put(this == LSTM && row >= 2 * units && row < 3 * units ? 1 : 0);
      }
    };
  }
}
