package dev.sardonyx.runtime.spark.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.Param;

/** The params of a stage by their names, which are the same in all stages. */
record Settings(PipelineStage stage) {
  private static final List<String> INPUTS =
      List.of("featuresCol", "inputCol", "inputCols", "offsetCol");
  private static final List<String> OUTPUTS =
      List.of(
          "outputCol",
          "outputCols",
          "rawPredictionCol",
          "probabilityCol",
          "predictionCol",
          "linkPredictionCol");

  static Settings of(PipelineStage stage) {
    return new Settings(stage);
  }

  /** Whether it is set or has a default. */
  boolean has(String name) {
    return stage.hasParam(name) && stage.isDefined(stage.getParam(name));
  }

  Object value(String name) {
    Param<Object> param = stage.getParam(name);
    return stage.getOrDefault(param);
  }

  String text(String name) {
    return (String) value(name);
  }

  boolean flag(String name) {
    return (Boolean) value(name);
  }

  double number(String name) {
    return ((Number) value(name)).doubleValue();
  }

  /** The columns that it reads. */
  List<String> inputs() {
    return columns(INPUTS);
  }

  /** The columns that it adds; one whose name is empty is not made. */
  List<String> outputs() {
    return columns(OUTPUTS);
  }

  private List<String> columns(List<String> params) {
    List<String> all = new ArrayList<>();
    boolean hasMany = isSet("inputCols");
    for (String name : params) {
      boolean isDefaultBesideMany =
          hasMany && (name.equals("inputCol") || name.equals("outputCol")) && !isSet(name);
      // A name that nobody chose is a stage's own default, which counts unless there are several.
      if (!has(name) || isDefaultBesideMany && stage.hasParam("outputCols")) {
        continue;
      }
      if (value(name) instanceof String[] several) {
        all.addAll(Arrays.asList(several));
      } else {
        all.add(text(name));
      }
    }
    all.removeIf(String::isEmpty);
    return all;
  }

  private boolean isSet(String name) {
    return stage.hasParam(name) && stage.isSet(stage.getParam(name));
  }

  @Override
  public String toString() {
    return "stage " + stage.uid() + " (" + stage.getClass().getSimpleName() + ")";
  }
}
