package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Graph;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScanInferenceTest {
  /** A running sum, which is also collected. */
  private static final Graph SUM =
      ControlFlowInferenceTest.graph(
          List.of("s", "x"),
          List.of("s2", "each"),
          ControlFlowInferenceTest.node("Add", "s2", "s", "x"),
          ControlFlowInferenceTest.node("Identity", "each", "s2"));

  private static NodeCase sum(NodeCase node) {
    return node.with(Attribute.ofGraph("body", SUM)).with("num_scan_inputs", 1).outputs(2);
  }

  @Test
  void theFirstVersionHasABatch() {
    assertEquals(
        "float[B,2]; float[B,S,2]",
        sum(NodeCase.of("Scan", 8).in("", "float[B,2]", "float[B,S,2]")).types());
    assertEquals(
        "SX-303 c: Scan: input c [4,S,2] has 4 on axis 0, but the batch size of the inputs before it"
            + " is 3",
        sum(NodeCase.of("Scan", 8).in("", "float[3,2]", "float[4,S,2]")).problem());
  }

  @Test
  void laterVersionsScanTheFirstAxis() {
    NodeCase.inVersions(
        "Scan", 9, 99, n -> sum(n.in("float[2]", "float[S,2]")), "float[2]; float[S,2]");
  }

  @Test
  void axesAndDirections() {
    NodeCase.inVersions(
        "Scan",
        9,
        99,
        n ->
            sum(n.in("float[2,3]", "float[2,S,3]"))
                .ints("scan_input_axes", 1)
                .ints("scan_output_axes", -1)
                .ints("scan_input_directions", 1)
                .ints("scan_output_directions", 0),
        "float[2,3]; float[2,3,S]");
  }

  @Test
  void problems() {
    assertEquals(
        "SX-305 num_scan_inputs: Scan: attribute num_scan_inputs is 3, but the node has 2 inputs to"
            + " take them from",
        NodeCase.of("Scan", 21)
            .in("float[2]", "float[S,2]")
            .with(Attribute.ofGraph("body", SUM))
            .with("num_scan_inputs", 3)
            .problem());
    assertEquals(
        "SX-305 scan_input_axes: Scan: scan_input_axes 2 is out of range: rank 2 takes -2 to 1",
        sum(NodeCase.of("Scan", 21).in("float[2]", "float[S,2]"))
            .ints("scan_input_axes", 2)
            .problem());
    assertEquals(
        "SX-305 scan_input_directions: Scan: scan_input_directions [2] must be 0 (forward) or 1"
            + " (reverse)",
        sum(NodeCase.of("Scan", 21).in("float[2]", "float[S,2]"))
            .ints("scan_input_directions", 2)
            .problem());
    assertEquals(
        "SX-303 s2: Scan: state a has type float[1], but the body gives s2 of type float[2] for it;"
            + " a state keeps its type",
        sum(NodeCase.of("Scan", 21).in("float[1]", "float[S,2]")).problem());
  }
}
