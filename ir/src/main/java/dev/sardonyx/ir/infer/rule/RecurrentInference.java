package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;

/**
 * Recurrent layers. Data is {@code [sequence,batch,features]}, states {@code
 * [directions,batch,hidden]}; {@code layout = 1} (from version 14 on) puts the batch first.
 */
final class RecurrentInference {
  private RecurrentInference() {}

  static void addTo(Rules rules) {
    rules.add("RNN", c -> recurrent(c, 1));
    rules.add("GRU", c -> recurrent(c, 3));
    rules.add("LSTM", c -> recurrent(c, 4));
  }

  private static void recurrent(InferenceContext c, int gates) {
    for (int i = 0; i < 3; i++) {
      Expect.rank(c, i, 3);
    }
    boolean batchFirst = c.intAttribute("layout", 0) != 0;
    Dim sequence = c.inputDim(0, batchFirst ? 1 : 0);
    Dim batch = c.inputDim(0, batchFirst ? 0 : 1);
    Dim directions = directions(c);
    Dim hidden = hidden(c);
    weights(c, gates, directions, hidden);
    Expect.vector(c, 4, batch, "the batch size of", 0);
    Shape state =
        batchFirst ? Shape.of(batch, directions, hidden) : Shape.of(directions, batch, hidden);
    for (int i = 5; i <= (gates == 4 ? 6 : 5); i++) {
      if (c.hasInput(i) && !c.inputShape(i).isCompatibleWith(state)) {
        throw c.shapeError(
            i,
            state.toString(),
            "initial state " + Expect.described(c, i) + " must have shape " + state);
      }
    }
    c.setOutputShape(
        0,
        batchFirst
            ? Shape.of(batch, sequence, directions, hidden)
            : Shape.of(sequence, directions, batch, hidden));
    c.setOutputShape(1, state);
    c.setOutputShape(2, state);
  }

  /** W is [directions,gates*hidden,features], R [directions,gates*hidden,hidden]. */
  private static void weights(InferenceContext c, int gates, Dim directions, Dim hidden) {
    String heights = gates == 1 ? "hidden_size" : gates + " * hidden_size";
    for (int i = 1; i <= 2; i++) {
      Expect.size(c, i, 0, directions, "the number of directions");
      Expect.size(c, i, 1, hidden.times(gates), heights);
    }
    Expect.same(c, "number of features", 0, 2, 1, 2);
    Expect.size(c, 2, 2, hidden, "hidden_size");
    if (c.hasInput(3)) {
      Expect.rank(c, 3, 2);
      Expect.size(c, 3, 0, directions, "the number of directions");
      Expect.size(c, 3, 1, hidden.times(2L * gates), 2 * gates + " * hidden_size");
    }
    if (gates == 4 && c.hasInput(7)) {
      Expect.rank(c, 7, 2);
      Expect.size(c, 7, 0, directions, "the number of directions");
      Expect.size(c, 7, 1, hidden.times(3), "3 * hidden_size");
    }
  }

  private static Dim directions(InferenceContext c) {
    String direction = c.stringAttribute("direction", "forward");
    return switch (direction) {
      case "bidirectional" -> Dim.of(2);
      // GRU-1's signature misspells its default.
      case "forward", "foward", "reverse" -> Dim.of(1);
      default ->
          throw c.attributeError(
              "direction",
              "forward, reverse or bidirectional",
              direction,
              "attribute direction is "
                  + direction
                  + "; it takes forward, reverse or bidirectional");
    };
  }

  private static Dim hidden(InferenceContext c) {
    if (!c.hasAttribute("hidden_size")) {
      return c.inputDim(2, 2);
    }
    long size = c.intAttribute("hidden_size");
    if (size < 1) {
      throw c.attributeError(
          "hidden_size",
          "at least 1",
          Long.toString(size),
          "attribute hidden_size is " + size + ", but is at least 1");
    }
    return Dim.of(size);
  }
}
