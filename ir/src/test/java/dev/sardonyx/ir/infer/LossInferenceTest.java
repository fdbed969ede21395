package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class LossInferenceTest {
  private static final List<String> LOSSES =
      List.of("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss");

  @Test
  void reducedOrOneForEachTarget() {
    for (String loss : LOSSES) {
      NodeCase.inAllVersions(loss, n -> n.in("float[N,5,7]", "int64[N,7]"), "float[]");
      NodeCase.inAllVersions(
          loss,
          n -> n.in("float[N,5]", "int32[N]", "float[5]").with("reduction", "sum"),
          "float[]");
      NodeCase.inAllVersions(
          loss,
          n -> n.in("float[N,5,H,W]", "int64[?,8,?]").with("reduction", "none"),
          "float[N,8,W]");
    }
  }

  @Test
  void logProbabilitiesHaveTheShapeOfTheScores() {
    NodeCase.inAllVersions(
        "SoftmaxCrossEntropyLoss",
        n -> n.in("float[N,5,7]", "int64[N,7]").outputs(2),
        "float[]; float[N,5,7]");
  }

  @Test
  void problems() {
    for (String loss : LOSSES) {
      assertEquals(
          "SX-303 b: "
              + loss
              + ": b [2,6] must have the shape of a [2,5,7] without its class axis 1, [2,7]",
          NodeCase.of(loss, 13).in("float[2,5,7]", "int64[2,6]").problem());
      assertEquals(
          "SX-303 c: " + loss + ": c [4] has 4 on axis 0, but must have 5, the classes of a [2,5]",
          NodeCase.of(loss, 13).in("float[2,5]", "int64[2]", "float[4]").problem());
      assertEquals(
          "SX-305 reduction: " + loss + ": attribute reduction is max; it takes none, mean or sum",
          NodeCase.of(loss, 13).in("float[2,5]", "int64[2]").with("reduction", "max").problem());
    }
  }
}
