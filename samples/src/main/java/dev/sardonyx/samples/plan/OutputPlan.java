package dev.sardonyx.samples.plan;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What is written.
 *
 * @param model the ONNX file
 * @param dl4j the network as DL4J's zip
 * @param history loss and accuracy by epoch, as CSV
 */
public record OutputPlan(Path model, Optional<Path> dl4j, Optional<Path> history) {
  static OutputPlan of(Path plan, Optional<PlanNode> node) throws PlanException {
    Path folder = plan.getParent();
    Path usual = folder == null ? Path.of("model.onnx") : folder.resolve("model.onnx");
    if (node.isEmpty()) {
      return new OutputPlan(usual, Optional.empty(), Optional.empty());
    }
    PlanMap map = node.get().map("model", "dl4j", "history");
    return new OutputPlan(
        map.has("model") ? map.need("model").path() : usual,
        map.has("dl4j") ? Optional.of(map.need("dl4j").path()) : Optional.empty(),
        map.has("history") ? Optional.of(map.need("history").path()) : Optional.empty());
  }
}
