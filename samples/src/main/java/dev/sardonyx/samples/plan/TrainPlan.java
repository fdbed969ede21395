package dev.sardonyx.samples.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A training as a file describes it. Files that it names are in its own folder, unless their paths
 * are absolute.
 */
public record TrainPlan(
    DataPlan data, PlannedNetwork network, LearningPlan training, OutputPlan output) {
  /** The place of what a plan does not say. */
  static final PlanNode NOWHERE =
      new PlanNode(Path.of(""), "training", new ScalarNode(Tag.NULL, "", ScalarStyle.PLAIN));

  /**
   * Reads a plan.
   *
   * @throws PlanException naming the line, the column and the key that is wrong
   */
  public static TrainPlan read(Path file) throws IOException {
    PlanMap map = PlanFile.read(file).map("data", "network", "training", "output");
    Optional<PlanNode> output = map.get("output");
    return new TrainPlan(
        DataPlan.of(map.need("data")),
        PlannedNetwork.of(map.need("network")),
        LearningPlan.of(map.get("training")),
        OutputPlan.of(file, output));
  }
}
