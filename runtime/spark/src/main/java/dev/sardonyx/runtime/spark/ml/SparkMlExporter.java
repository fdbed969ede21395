package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Makes one ONNX graph of a fitted pipeline of Spark ML.
 *
 * <pre>{@code
 * Model model = SparkMlExporter.of(pipelineModel, frame.schema()).toModel();
 * }</pre>
 *
 * <p>Each column that is needed is an input of the column's type: {@code [N,1]} for numbers and
 * strings, {@code double[N,F]} for vectors. What Spark computes is computed in doubles, and what it
 * puts into columns comes out under their names: {@code double[N,1]} for numbers, {@code
 * double[N,K]} for vectors, which are dense. The outputs are the columns of the last stage and of
 * all classifiers, regressions and clusterings, and the features of these, unless others are asked
 * for.
 *
 * <p>ONNX has neither rows that are left out nor errors for a row: where {@code handleInvalid} is
 * {@code error} or {@code skip}, a value that Spark would refuse or leave out becomes NaN.
 */
public final class SparkMlExporter {
  private final List<PipelineStage> stages;
  private final StructType schema;
  private final List<String> outputs;

  private SparkMlExporter(List<PipelineStage> stages, StructType schema, List<String> outputs) {
    this.stages = List.copyOf(stages);
    this.schema = schema;
    this.outputs = List.copyOf(outputs);
  }

  /**
   * An exporter of a pipeline.
   *
   * @param schema of the frames that the pipeline transforms
   */
  public static SparkMlExporter of(PipelineModel pipeline, StructType schema) {
    List<PipelineStage> stages = new ArrayList<>();
    flatten(pipeline, stages);
    return new SparkMlExporter(stages, schema, List.of());
  }

  /** The same exporter, of these columns only and of what they need. */
  public SparkMlExporter withOutputs(String... columns) {
    return new SparkMlExporter(stages, schema, List.of(columns));
  }

  private static void flatten(PipelineModel pipeline, List<PipelineStage> all) {
    for (PipelineStage stage : pipeline.stages()) {
      if (stage instanceof PipelineModel inner) {
        flatten(inner, all);
      } else {
        all.add(stage);
      }
    }
  }

  /**
   * The model.
   *
   * @throws UnsupportedModelException if stages cannot be expressed, naming all of them and why
   * @throws IllegalArgumentException if a column that is asked for is nowhere
   */
  public Model toModel() {
    Map<String, PipelineStage> producers = new HashMap<>();
    stages.forEach(s -> Settings.of(s).outputs().forEach(c -> producers.put(c, s)));
    requireKnownEffects();
    List<String> wanted = outputs.isEmpty() ? usualOutputs(producers) : outputs;
    requireKnown(wanted, producers);
    requireSupported(wanted, producers);
    GraphBuilder b = GraphBuilder.of("pipeline");
    Columns columns = new Columns(b, schema, producers, stages);
    for (String column : wanted) {
      b.output(columns.get(column), column);
    }
    return b.buildModel();
  }

  /** Stages such as SQL may change any column and leave out any row, so none is passed over. */
  private void requireKnownEffects() {
    List<String> refused = new ArrayList<>();
    for (PipelineStage stage : stages) {
      if (Settings.of(stage).outputs().isEmpty()) {
        StageForms.refusal(stage).ifPresent(refused::add);
      }
    }
    if (!refused.isEmpty()) {
      throw new UnsupportedModelException(String.join("; ", refused));
    }
  }

  private List<String> usualOutputs(Map<String, PipelineStage> producers) {
    Set<String> wanted = new LinkedHashSet<>();
    for (PipelineStage stage : stages) {
      Settings settings = Settings.of(stage);
      boolean predicts = settings.has("predictionCol");
      if (predicts || stage == stages.get(stages.size() - 1)) {
        wanted.addAll(settings.outputs());
      }
      if (predicts) {
        settings.inputs().stream().filter(producers::containsKey).forEach(wanted::add);
      }
    }
    return List.copyOf(wanted);
  }

  private void requireKnown(List<String> wanted, Map<String, PipelineStage> producers) {
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException(
          "The pipeline has no stages, and no columns are asked for");
    }
    for (String column : wanted) {
      if (!producers.containsKey(column)) {
        throw new IllegalArgumentException(
            "No stage of the pipeline makes the column "
                + column
                + "; they make "
                + producers.keySet());
      }
    }
  }

  /** All stages that the outputs need and that have no form in ONNX, at once. */
  private static void requireSupported(List<String> wanted, Map<String, PipelineStage> producers) {
    Set<PipelineStage> seen = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(wanted);
    List<String> refused = new ArrayList<>();
    while (!open.isEmpty()) {
      @Nullable PipelineStage stage = producers.get(open.pop());
      if (stage != null && seen.add(stage)) {
        StageForms.refusal(stage).ifPresent(refused::add);
        open.addAll(Settings.of(stage).inputs());
      }
    }
    if (!refused.isEmpty()) {
      throw new UnsupportedModelException(String.join("; ", refused));
    }
  }
}
