package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.spark.ml.PipelineStage;
import org.jspecify.annotations.Nullable;

/** All kinds of stages that have a form in ONNX, each an entry of its family. */
final class StageForms {
  private static final StageForms ALL = new StageForms();

  private final Map<Class<?>, BiConsumer<PipelineStage, Columns>> entries = new HashMap<>();

  private StageForms() {
    FeatureStages.addTo(this);
    CategoryStages.addTo(this);
    TextStages.addTo(this);
    LinearStages.addTo(this);
    TreeStages.addTo(this);
    OtherModels.addTo(this);
  }

  /** Adds how columns of a kind of stages are made. */
  <T extends PipelineStage> void add(Class<T> type, BiConsumer<T, Columns> conversion) {
    entries.put(type, (stage, columns) -> conversion.accept(type.cast(stage), columns));
  }

  /** The names of the classes, sorted. */
  static List<String> names() {
    return ALL.entries.keySet().stream().map(Class::getSimpleName).sorted().toList();
  }

  static Optional<String> refusal(PipelineStage stage) {
    return ALL.entries.containsKey(stage.getClass())
        ? Optional.empty()
        : Optional.of(Settings.of(stage) + " has no form in ONNX");
  }

  /**
   * Makes the columns that a stage adds.
   *
   * @throws UnsupportedModelException naming the stage, if its settings cannot be expressed
   */
  static void convert(PipelineStage stage, Columns columns) {
    @Nullable BiConsumer<PipelineStage, Columns> entry = ALL.entries.get(stage.getClass());
    if (entry == null) {
      throw new UnsupportedModelException(Settings.of(stage) + " has no form in ONNX");
    }
    entry.accept(stage, columns);
  }
}
