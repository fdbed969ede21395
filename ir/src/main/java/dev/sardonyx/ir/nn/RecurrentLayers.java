package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Value;

/**
 * Recurrent layers over sequences {@code [N,T,C]}, of which C must be known. Weights are {@code
 * [D,gates*H,C]}, those of the recurrence {@code [D,gates*H,H]} and at first orthogonal, and biases
 * {@code [D,2*gates*H]}, since ONNX has one for the input and one for the recurrence.
 */
public interface RecurrentLayers extends LayerBuilder {
  /** {@link #lstm(Value, long, RecurrentLayerOptions)}: the last state, {@code [N,units]}. */
  default Value lstm(Value x, long units) {
    return lstm(x, units, RecurrentLayerOptions.DEFAULT);
  }

  /**
   * Long short-term memory (Hochreiter and Schmidhuber 1997; ONNX {@code LSTM}). Gates are in the
   * order input, output, forget, cell; the bias of the forget gate is 1 at first.
   *
   * @return {@code [N,D*units]}, or {@code [N,T,D*units]} with sequences
   */
  default Value lstm(Value x, long units, RecurrentLayerOptions options) {
    return RecurrentLayer.LSTM.build(layers(), x, units, options);
  }

  /** {@link #gru(Value, long, RecurrentLayerOptions)}: the last state, {@code [N,units]}. */
  default Value gru(Value x, long units) {
    return gru(x, units, RecurrentLayerOptions.DEFAULT);
  }

  /**
   * Gated recurrent unit (Cho et al. 2014; ONNX {@code GRU}) that resets after the recurrence, as
   * cuDNN, Keras and torch do. Gates are in the order update, reset, hidden.
   *
   * @return {@code [N,D*units]}, or {@code [N,T,D*units]} with sequences
   */
  default Value gru(Value x, long units, RecurrentLayerOptions options) {
    return RecurrentLayer.GRU.build(layers(), x, units, options);
  }

  /** {@link #rnn(Value, long, RecurrentLayerOptions)}: the last state, {@code [N,units]}. */
  default Value rnn(Value x, long units) {
    return rnn(x, units, RecurrentLayerOptions.DEFAULT);
  }

  /**
   * A plain recurrent layer with tanh (ONNX {@code RNN}).
   *
   * @return {@code [N,D*units]}, or {@code [N,T,D*units]} with sequences
   */
  default Value rnn(Value x, long units, RecurrentLayerOptions options) {
    return RecurrentLayer.RNN.build(layers(), x, units, options);
  }
}
