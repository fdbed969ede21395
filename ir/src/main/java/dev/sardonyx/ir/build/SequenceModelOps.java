package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers and attention. Sizes: S steps, N sequences, I inputs, H hidden units, D
 * directions (1 or 2).
 */
public interface SequenceModelOps extends OperatorBuilder {
  /**
   * What a recurrent layer gives.
   *
   * @param steps the hidden state after each step, {@code [S,D,N,H]}
   * @param lastHidden the last hidden state, {@code [D,N,H]}
   */
  record Recurrent(Value steps, Value lastHidden) {}

  /**
   * What an LSTM gives.
   *
   * @param steps the hidden state after each step, {@code [S,D,N,H]}
   * @param lastHidden the last hidden state, {@code [D,N,H]}
   * @param lastCell the last cell state, {@code [D,N,H]}
   */
  record Lstm(Value steps, Value lastHidden, Value lastCell) {}

  /**
   * Long short-term memory (ONNX {@code LSTM}). Gates are in the order input, output, forget, cell.
   *
   * @param x {@code [S,N,I]}
   * @param weights {@code [D,4*H,I]}
   * @param recurrence {@code [D,4*H,H]}
   */
  default Lstm lstm(Value x, Value weights, Value recurrence, RecurrentOptions options) {
    List<Value> all =
        nodes(
            "LSTM",
            3,
            OperatorBuilder.inputs(
                x,
                weights,
                recurrence,
                options.bias(),
                options.sequenceLengths(),
                options.initialHidden(),
                options.initialCell()),
            recurrent(recurrence, options).toArray(Attribute[]::new));
    return new Lstm(all.get(0), all.get(1), all.get(2));
  }

  /**
   * Gated recurrent unit (ONNX {@code GRU}). Gates are in the order update, reset, hidden.
   *
   * @param x {@code [S,N,I]}
   * @param weights {@code [D,3*H,I]}
   * @param recurrence {@code [D,3*H,H]}
   * @param linearBeforeReset whether the reset gate is applied after the recurrence (as cuDNN does)
   */
  default Recurrent gru(
      Value x,
      Value weights,
      Value recurrence,
      RecurrentOptions options,
      boolean linearBeforeReset) {
    List<Attribute> attributes = recurrent(recurrence, options);
    attributes.add(Attribute.ofInt("linear_before_reset", linearBeforeReset ? 1 : 0));
    return recurrent("GRU", x, weights, recurrence, options, attributes);
  }

  /**
   * A plain recurrent layer (ONNX {@code RNN}), by default with tanh.
   *
   * @param x {@code [S,N,I]}
   * @param weights {@code [D,H,I]}
   * @param recurrence {@code [D,H,H]}
   */
  default Recurrent rnn(Value x, Value weights, Value recurrence, RecurrentOptions options) {
    return recurrent("RNN", x, weights, recurrence, options, recurrent(recurrence, options));
  }

  private Recurrent recurrent(
      String operator,
      Value x,
      Value weights,
      Value recurrence,
      RecurrentOptions options,
      List<Attribute> attributes) {
    List<Value> both =
        nodes(
            operator,
            2,
            OperatorBuilder.inputs(
                x,
                weights,
                recurrence,
                options.bias(),
                options.sequenceLengths(),
                options.initialHidden()),
            attributes.toArray(Attribute[]::new));
    return new Recurrent(both.get(0), both.get(1));
  }

  private static List<Attribute> recurrent(Value recurrence, RecurrentOptions options) {
    Shape shape = OperatorBuilder.shapeOf(recurrence);
    if (!shape.isRanked() || shape.rank() != 3 || !shape.dim(2).isFixed()) {
      throw GraphBuildException.here(
          "The recurrence weights "
              + recurrence.name()
              + " "
              + recurrence.type()
              + " need the shape [directions, gates * hidden, hidden] with a fixed hidden size");
    }
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.ofInt("hidden_size", shape.dim(2).value()));
    attributes.add(Attribute.ofString("direction", options.direction().onnxName()));
    if (!options.activations().isEmpty()) {
      attributes.add(
          Attribute.ofStrings("activations", options.activations().toArray(String[]::new)));
    }
    return attributes;
  }

  /**
   * Scaled dot-product attention over several heads (ONNX {@code Attention}, opset 23 on): {@code
   * softmax(query * key^T / sqrt(head size) + mask) * value}.
   *
   * @param query {@code [N, heads, S, size]}
   * @param key {@code [N, heads', T, size]}; heads' divides heads
   * @param value {@code [N, heads', T, size']}
   * @param mask added to the scores (or boolean: false leaves out), broadcast to {@code
   *     [N,heads,S,T]}; null for none
   * @param causal whether a position sees only those before it
   * @return {@code [N, heads, S, size']}
   */
  default Value attention(
      Value query, Value key, Value value, @Nullable Value mask, boolean causal) {
    return node(
        "Attention",
        OperatorBuilder.inputs(query, key, value, mask),
        Attribute.ofInt("is_causal", causal ? 1 : 0));
  }
}
