package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RecurrentInferenceTest {
  @Test
  void theSequenceComesFirst() {
    NodeCase.inAllVersions(
        "RNN",
        n -> n.in("float[S,B,7]", "float[1,6,7]", "float[1,6,6]").with("hidden_size", 6).outputs(2),
        "float[S,1,B,6]; float[1,B,6]");
    NodeCase.inAllVersions(
        "GRU",
        n ->
            n.in("float[S,B,7]", "float[2,18,7]", "float[2,18,6]", "float[2,36]", "int32[B]")
                .with("direction", "bidirectional")
                .outputs(2),
        "float[S,2,B,6]; float[2,B,6]");
    NodeCase.inAllVersions(
        "LSTM",
        n ->
            n.in("float[S,B,7]", "float[1,24,7]", "float[1,24,6]", "float[1,48]", "")
                .in("float[1,B,6]", "float[1,B,6]", "float[1,18]")
                .with("direction", "reverse")
                .outputs(3),
        "float[S,1,B,6]; float[1,B,6]; float[1,B,6]");
  }

  @Test
  void layoutPutsTheBatchFirst() {
    NodeCase.inVersions(
        "LSTM",
        14,
        22,
        n ->
            n.in("float[B,S,7]", "float[2,24,7]", "float[2,24,6]")
                .with("layout", 1)
                .with("direction", "bidirectional")
                .outputs(3),
        "float[B,S,2,6]; float[B,2,6]; float[B,2,6]");
  }

  @Test
  void anUnknownHiddenSizeStaysASymbol() {
    assertEquals(
        "float[S,1,B,K]; float[1,B,K]",
        NodeCase.of("RNN", 22)
            .in("float[S,B,I]", "float[1,K,I]", "float[1,K,K]")
            .outputs(2)
            .types());
  }

  @Test
  void problems() {
    assertEquals(
        "SX-303 b: LSTM: b [1,18,7] has 18 on axis 1, but must have 24, 4 * hidden_size",
        NodeCase.of("LSTM", 22)
            .in("float[S,B,7]", "float[1,18,7]", "float[1,24,6]")
            .with("hidden_size", 6)
            .problem());
    assertEquals(
        "SX-303 b: GRU: b [1,18,7] has 1 on axis 0, but must have 2, the number of directions",
        NodeCase.of("GRU", 22)
            .in("float[S,B,7]", "float[1,18,7]", "float[1,18,6]")
            .with("direction", "bidirectional")
            .problem());
    assertEquals(
        "SX-303 f: RNN: initial state f [1,3,5] must have shape [1,3,6]",
        NodeCase.of("RNN", 22)
            .in("float[S,3,7]", "float[1,6,7]", "float[1,6,6]", "", "", "float[1,3,5]")
            .problem());
    assertEquals(
        "SX-305 direction: RNN: attribute direction is both; it takes forward, reverse or"
            + " bidirectional",
        NodeCase.of("RNN", 22)
            .in("float[S,3,7]", "float[1,6,7]", "float[1,6,6]")
            .with("direction", "both")
            .problem());
    assertEquals(
        "SX-303 b: RNN: the number of features of a [S,3,9] is 9 (axis 2), but that of b [1,6,7] is"
            + " 7 (axis 2); they must be equal",
        NodeCase.of("RNN", 22).in("float[S,3,9]", "float[1,6,7]", "float[1,6,6]").problem());
  }
}
