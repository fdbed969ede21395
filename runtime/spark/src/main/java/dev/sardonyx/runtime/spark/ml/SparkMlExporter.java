package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.types.StructType;

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
    requireKnownEffects();
    Set<String> made = new LinkedHashSet<>();
    stages.forEach(stage -> made.addAll(Settings.of(stage).outputs()));
    List<String> wanted = outputs.isEmpty() ? usualOutputs(made) : outputs;
    requireKnown(wanted, made);
    List<PipelineStage> needed = needed(wanted);
    requireSupported(needed);
    GraphBuilder b = GraphBuilder.of("pipeline");
    Columns columns = new Columns(b, schema, stages);
    needed.forEach(columns::add);
    for (String column : wanted) {
      b.output(columns.output(column), column);
    }
    return b.buildModel();
  }

  /** The stages that make columns, and those before them that make what these read, in order. */
  private List<PipelineStage> needed(List<String> wanted) {
    Set<String> open = new HashSet<>(wanted);
    Deque<PipelineStage> needed = new ArrayDeque<>();
    for (int i = stages.size() - 1; i >= 0; i--) {
      Settings settings = Settings.of(stages.get(i));
      if (settings.outputs().stream().anyMatch(open::contains)) {
        needed.addFirst(stages.get(i));
        // A stage before makes another column of the name, if this one reads it.
        settings.outputs().forEach(open::remove);
        open.addAll(settings.inputs());
      }
    }
    return List.copyOf(needed);
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

  private List<String> usualOutputs(Set<String> made) {
    Set<String> wanted = new LinkedHashSet<>();
    for (PipelineStage stage : stages) {
      Settings settings = Settings.of(stage);
      boolean predicts = settings.has("predictionCol");
      if (predicts || stage == stages.get(stages.size() - 1)) {
        wanted.addAll(settings.outputs());
      }
      if (predicts) {
        settings.inputs().stream().filter(made::contains).forEach(wanted::add);
      }
    }
    return List.copyOf(wanted);
  }

  private static void requireKnown(List<String> wanted, Set<String> made) {
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException(
          "The pipeline has no stages, and no columns are asked for");
    }
    for (String column : wanted) {
      if (!made.contains(column)) {
        throw new IllegalArgumentException(
            "No stage of the pipeline makes the column " + column + "; they make " + made);
      }
    }
  }

  /** Those that have no form in ONNX are all named at once. */
  private static void requireSupported(List<PipelineStage> needed) {
    List<String> refused =
        needed.stream().flatMap(stage -> StageForms.refusal(stage).stream()).toList();
    if (!refused.isEmpty()) {
      throw new UnsupportedModelException(String.join("; ", refused));
    }
  }
}
