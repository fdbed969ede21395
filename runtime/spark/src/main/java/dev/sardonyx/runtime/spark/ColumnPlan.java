package dev.sardonyx.runtime.spark;

import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.spark.RowLayout.RowValue;
import dev.sardonyx.runtime.spark.Scoring.InputBinding;
import dev.sardonyx.runtime.spark.Scoring.OutputBinding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What a transformer's parameters, as they are now, mean for its model: which columns are what. */
final class ColumnPlan {
  private final OnnxTransformer stage;
  private final ModelFiles files;
  private final RowLayout layout;
  private final RowPadding padding;
  private final List<InputBinding> inputs;
  private final List<OutputBinding> outputs;

  /**
   * @throws IllegalArgumentException if the parameters do not fit the model, naming both
   */
  ColumnPlan(OnnxTransformer stage, ModelFiles files) {
    this.stage = stage;
    this.files = files;
    this.layout = files.layout(value(stage.batchAxis()));
    this.padding = RowPadding.of(value(stage.padding()), value(stage.fill()));
    requireSettings();
    this.inputs = inputBindings();
    this.outputs = outputBindings();
  }

  private <T> T value(Param<T> param) {
    return stage.getOrDefault(param);
  }

  /** What only executors would find out. */
  private void requireSettings() {
    String failure = value(stage.onFailure());
    if (!failure.equals(OnnxTransformer.FAIL) && !failure.equals(OnnxTransformer.NULL)) {
      throw new IllegalArgumentException("onFailure is fail or null, not '" + failure + "'");
    }
    Accelerator.of(value(stage.accelerator()));
    padding.requireFit(layout);
    if (stage.isSet(stage.preprocessing())) {
      PreprocessingJson.read(value(stage.preprocessing()));
    }
  }

  private List<InputBinding> inputBindings() {
    List<String> names = names(stage.inputs(), List.copyOf(layout.inputs().keySet()));
    List<String> columns = names(stage.inputCols(), names);
    requireAsMany("inputs", names, "inputCols", columns);
    if (Set.copyOf(names).size() < names.size()) {
      throw new IllegalArgumentException("inputs names an input twice: " + names);
    }
    if (!names.containsAll(layout.inputs().keySet())) {
      throw new IllegalArgumentException(
          "The model needs columns for its inputs %s; there are those for %s"
              .formatted(layout.inputs().keySet(), names));
    }
    List<InputBinding> bindings = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      required("input", layout.inputs(), names.get(i));
      bindings.add(new InputBinding(names.get(i), columns.get(i)));
    }
    return bindings;
  }

  private List<OutputBinding> outputBindings() {
    List<String> names = names(stage.outputs(), List.copyOf(layout.outputs().keySet()));
    List<String> columns = names(stage.outputCols(), names);
    List<String> forms = List.of(value(stage.outputForms()));
    requireAsMany("outputs", names, "outputCols", columns);
    if (!forms.isEmpty()) {
      requireAsMany("outputs", names, "outputForms", forms);
    }
    List<OutputBinding> bindings = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      OutputForm form = forms.isEmpty() ? OutputForm.ARRAY : OutputForm.of(forms.get(i));
      bindings.add(new OutputBinding(names.get(i), columns.get(i), form));
    }
    return bindings;
  }

  private List<String> names(StringArrayParam param, List<String> otherwise) {
    return stage.isSet(param) ? List.of(value(param)) : otherwise;
  }

  private static void requireAsMany(
      String what, List<String> names, String others, List<String> columns) {
    if (names.size() != columns.size()) {
      throw new IllegalArgumentException(
          "%s are %s, but %s are %s: one is needed for each"
              .formatted(what, names, others, columns));
    }
  }

  private static RowValue required(String what, Map<String, RowValue> values, String name) {
    RowValue value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "The model has no %s '%s'; it has %s"
              .formatted(what, name, String.join(", ", values.keySet())));
    }
    return value;
  }

  /**
   * The columns of a table with the output columns.
   *
   * @param conf of the table's session: whether capital letters tell columns apart
   * @throws IllegalArgumentException see {@link OnnxTransformer#transformSchema}
   */
  StructType appended(StructType schema, SQLConf conf) {
    for (InputBinding input : inputs) {
      int found = Collections.frequency(List.of(schema.fieldNames()), input.column());
      if (found != 1) {
        throw new IllegalArgumentException(
            "There %s column '%s' for input %s; there are %s"
                .formatted(
                    found == 0 ? "is no" : "is more than one",
                    input.column(),
                    layout.inputs().get(input.input()),
                    String.join(", ", schema.fieldNames())));
      }
      ColumnFit.require(
          schema.apply(input.column()),
          required("input", layout.inputs(), input.input()),
          stage.isSet(stage.preprocessing()));
    }
    StructType result = schema;
    for (StructField field : outputFields()) {
      for (String there : result.fieldNames()) {
        if (isSame(there, field.name(), conf)) {
          throw new IllegalArgumentException(
              "There is a column '%s' already; name the output's column otherwise"
                  .formatted(there));
        }
      }
      result = result.add(field);
    }
    return result;
  }

  /** Whether SQL would not tell two columns apart. */
  private static boolean isSame(String a, String b, SQLConf conf) {
    return conf.caseSensitiveAnalysis() ? a.equals(b) : a.equalsIgnoreCase(b);
  }

  /** The columns that are appended. */
  private List<StructField> outputFields() {
    List<StructField> fields = new ArrayList<>();
    for (OutputBinding output : outputs) {
      RowValue value = required("output", layout.outputs(), output.output());
      fields.add(new OutputColumn(output.column(), value, output.form()).field());
    }
    String reason = value(stage.reasonCol());
    if (!reason.isEmpty()) {
      fields.add(DataTypes.createStructField(reason, DataTypes.StringType, true));
    }
    return fields;
  }

  /** What executors are told. */
  Scoring scoring(SparkSession session) {
    return new Scoring(
        files.broadcast(session.sparkContext()),
        value(stage.batchAxis()),
        inputs,
        outputs,
        padding,
        (int) value(stage.batchSize()),
        value(stage.onFailure()).equals(OnnxTransformer.FAIL),
        value(stage.accelerator()),
        (int) value(stage.threads()),
        stage.isSet(stage.preprocessing()) ? value(stage.preprocessing()) : null);
  }

  /** What a function of SQL calls, and its value. */
  record Callable(Scoring scoring, DataType type) {}

  Callable callable(SparkSession session) {
    List<StructField> fields = outputFields().subList(0, outputs.size());
    return new Callable(
        scoring(session),
        fields.size() == 1 ? fields.get(0).dataType() : DataTypes.createStructType(fields));
  }
}
