package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.ElementType;
import java.util.List;
import org.junit.jupiter.api.Test;

class NormalizationInferenceTest {
  @Test
  void batchNormalizationGivesFiveOutputsBeforeVersion14() {
    NodeCase.inVersions(
        "BatchNormalization",
        1,
        9,
        n ->
            n.in("float[N,4,H,W]", "float[4]", "float[4]", "float[4]", "float[4]")
                .ints("consumed_inputs", 0, 0)
                .outputs(5),
        "float[N,4,H,W]; float[4]; float[4]; float[4]; float[4]");
  }

  @Test
  void batchNormalizationGivesRunningStatisticsWhenTraining() {
    NodeCase.inVersions(
        "BatchNormalization",
        14,
        15,
        n ->
            n.in("float16[N,C,H]", "float16[4]", "float16[4]", "float[4]", "float[4]")
                .with("training_mode", 1)
                .outputs(3),
        "float16[N,C,H]; float[4]; float[4]");
    assertEquals(
        "SX-305 training_mode: BatchNormalization: attribute training_mode is 0, but running"
            + " statistics (y1) are asked for; only training gives them",
        NodeCase.of("BatchNormalization", 15)
            .in("float[N,4,H]", "float[4]", "float[4]", "float[4]", "float[4]")
            .outputs(3)
            .problem());
  }

  @Test
  void batchNormalizationWithoutSpatialKeepsStatisticsForEachPosition() {
    NodeCase.inVersions(
        "BatchNormalization",
        6,
        7,
        n ->
            n.in("float[N,4,5]", "float[4,5]", "float[4,5]", "float[4,5]", "float[4,5]")
                .with("spatial", 0)
                .outputs(5),
        "float[N,4,5]; float[4,5]; float[4,5]; float[4,5]; float[4,5]");
  }

  @Test
  void batchNormalizationWantsANumberForEachChannel() {
    assertEquals(
        "SX-303 d: BatchNormalization: d [5] has 5 on axis 0, but must have 4, the channels of a"
            + " [N,4,9]",
        NodeCase.of("BatchNormalization", 9)
            .in("float[N,4,9]", "float[4]", "float[4]", "float[5]", "float[4]")
            .problem());
  }

  @Test
  void instanceAndLocalResponseNormalizationKeepTheShape() {
    NodeCase.inAllVersions(
        "InstanceNormalization", n -> n.in("float[N,4,H]", "float[4]", "float[4]"), "float[N,4,H]");
    NodeCase.inAllVersions("LRN", n -> n.in("float[N,4,H,W]").with("size", 3), "float[N,4,H,W]");
    NodeCase.inAllVersions(
        "MeanVarianceNormalization", n -> n.in("float[N,4,H,W]"), "float[N,4,H,W]");
  }

  @Test
  void groupNormalizationScalesGroupsThenChannels() {
    assertEquals(
        "float[N,4,H]",
        NodeCase.of("GroupNormalization", 18)
            .in("float[N,4,H]", "float[2]", "float[2]")
            .with("num_groups", 2)
            .types());
    assertEquals(
        "float[N,4,H]",
        NodeCase.of("GroupNormalization", 21)
            .in("float[N,4,H]", "float[4]", "float[4]")
            .with("num_groups", 2)
            .types());
    assertEquals(
        "SX-303 b: GroupNormalization: b [2] has 2 on axis 0, but must have 4, the channels of a"
            + " [N,4,H]",
        NodeCase.of("GroupNormalization", 21)
            .in("float[N,4,H]", "float[2]", "float[2]")
            .with("num_groups", 2)
            .problem());
    assertEquals(
        "SX-305 num_groups: GroupNormalization: attribute num_groups is 3, which does not divide"
            + " the 4 channels of a [N,4,H]",
        NodeCase.of("GroupNormalization", 21)
            .in("float[N,4,H]", "float[4]", "float[4]")
            .with("num_groups", 3)
            .problem());
  }

  @Test
  void layerNormalizationGivesStatisticsOfTheStashType() {
    assertEquals(
        "float16[N,4,H]; float[N,4,1]; float[N,4,1]",
        NodeCase.of("LayerNormalization", 17)
            .in("float16[N,4,H]", "float16[H]")
            .outputs(3)
            .types());
    assertEquals(
        "float[N,4,H]; bfloat16[N,1,1]; bfloat16[N,1,1]",
        NodeCase.of("LayerNormalization", 17)
            .in("float[N,4,H]", "float[4,H]", "float[4,H]")
            .with("axis", 1)
            .with("stash_type", ElementType.BFLOAT16)
            .outputs(3)
            .types());
    assertEquals(
        "SX-303 a: LayerNormalization: shapes [7] of b and [N,4,9] of a cannot be broadcast in this"
            + " direction",
        NodeCase.of("LayerNormalization", 17).in("float[N,4,9]", "float[7]").problem());
  }

  @Test
  void rmsNormalizationHasTheTypeOfItsScale() {
    assertEquals(
        "float[N,4,H]",
        NodeCase.of("RMSNormalization", 23).in("float16[N,4,H]", "float[H]").types());
    assertEquals(
        "SX-305 axis: RMSNormalization: axis 3 is out of range: rank 3 takes -3 to 2",
        NodeCase.of("RMSNormalization", 23)
            .in("float[N,4,H]", "float[H]")
            .with("axis", 3)
            .problem());
  }

  @Test
  void dropoutMasksAreBooleanFromVersion10On() {
    NodeCase.inVersions(
        "Dropout", 1, 7, n -> n.in("float[N,3]").outputs(2), "float[N,3]; float[N,3]");
    NodeCase.inVersions(
        "Dropout", 10, 22, n -> n.in("float[N,3]").outputs(2), "float[N,3]; bool[N,3]");
    assertEquals(
        "SX-304 b: Dropout: input b has shape [3], but Dropout takes rank 0",
        NodeCase.of("Dropout", 13).in("float[N,3]", "float[3]").problem());
  }

  @Test
  void whatIsNotKnownStaysOpen() {
    for (String operator : List.of("InstanceNormalization", "LayerNormalization")) {
      assertEquals("float", NodeCase.of(operator, 22).in("float", "float", "float").types());
    }
  }
}
