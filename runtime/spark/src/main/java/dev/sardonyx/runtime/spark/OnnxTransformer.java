package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.spark.RowLayout.RowValue;
import dev.sardonyx.runtime.spark.Scoring.InputBinding;
import dev.sardonyx.runtime.spark.Scoring.OutputBinding;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Scores the rows of a table with an ONNX model, as a stage of a pipeline.
 *
 * <pre>{@code
 * Dataset<Row> scored =
 *     new OnnxTransformer()
 *         .setModel("model.onnx")
 *         .setInput("image", "pixels")
 *         .setOutput("probabilities", "digit", OutputForm.VECTOR)
 *         .transform(table);
 * }</pre>
 *
 * <p>Rows lie along one dimension of the model's inputs and outputs: the symbolic first one of its
 * first input, or the one that {@link #setBatchAxis} names. Rows of a partition are put together to
 * runs of {@link #setBatchSize}; those whose other dimensions differ do not share a run unless the
 * dimension is {@link #setPadding padded}. A model whose first dimension is a number gets as many
 * rows, the last one repeated where there are fewer.
 *
 * <p>An input takes columns of numbers, booleans, strings, vectors, and arrays of them as deep as
 * it has further dimensions; an array or vector of all elements does for any fixed dimensions. An
 * input of whole numbers takes columns of whole numbers, one of floating-point numbers any numbers,
 * rounded to its type. Bytes are elements of an int8 or uint8 input or, with a {@link
 * #setPreprocessing preprocessing}, image files, as are structures of Spark's image data source.
 *
 * <p>A process that runs tasks has one session of a model, which its tasks share. The model reaches
 * it as a file, with its weights.
 */
public final class OnnxTransformer extends Transformer implements MLWritable {
  private static final long serialVersionUID = 1L;
  private static final String FAIL = "fail";
  private static final String NULL = "null";

  /** A letter before the colon is a drive. */
  private static final Pattern WITH_SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]+:/.*");

  private final String uid;
  private final ModelParam model;
  private final StringArrayParam inputs;
  private final StringArrayParam inputCols;
  private final StringArrayParam outputs;
  private final StringArrayParam outputCols;
  private final StringArrayParam outputForms;
  private final IntParam batchSize;
  private final Param<String> batchAxis;
  private final StringArrayParam padding;
  private final StringArrayParam fill;
  private final Param<String> onFailure;
  private final Param<String> reasonCol;
  private final Param<String> accelerator;
  private final IntParam threads;
  private final Param<String> preprocessing;

  /** A transformer without a model. */
  public OnnxTransformer() {
    this(Identifiable$.MODULE$.randomUID("onnx"));
  }

  /** The same with an identifier. */
  public OnnxTransformer(String uid) {
    this.uid = uid;
    model = new ModelParam(this);
    inputs = array("inputs", "inputs of the model that are columns (default: all)");
    inputCols = array("inputCols", "columns, one for each of inputs (default: the same names)");
    outputs = array("outputs", "outputs of the model to compute (default: all)");
    outputCols = array("outputCols", "columns, one for each of outputs (default: the same names)");
    outputForms = array("outputForms", "array, vector or scalar, one for each of outputs");
    batchSize =
        new IntParam(
            this, "batchSize", "how many rows a run takes at most", ParamValidators.gtEq(1));
    batchAxis = text("batchAxis", "the symbol of the dimension that rows are; empty for the first");
    padding = array("padding", "symbols that are padded, such as S, or S=32,128 for certain sizes");
    fill = array("fill", "what inputs are padded with, such as ids=1");
    onFailure = text("onFailure", "what becomes of a row that fails: fail (the job does) or null");
    reasonCol = text("reasonCol", "the column that says why a row failed; empty for none");
    accelerator = text("accelerator", "what to compute on, such as cpu, cuda:1 or auto");
    threads =
        new IntParam(
            this,
            "threads",
            "threads of a session; 0 for spark.task.cpus",
            ParamValidators.gtEq(0));
    preprocessing = text("preprocessing", "what is done to images, as JSON");
    setDefault(outputForms, new String[0]);
    setDefault(batchSize, 64);
    setDefault(batchAxis, "");
    setDefault(padding, new String[0]);
    setDefault(fill, new String[0]);
    setDefault(onFailure, FAIL);
    setDefault(reasonCol, "");
    setDefault(accelerator, "cpu");
    setDefault(threads, 0);
  }

  private StringArrayParam array(String name, String doc) {
    return new StringArrayParam(this, name, doc);
  }

  private Param<String> text(String name, String doc) {
    return new Param<>(this, name, doc);
  }

  @Override
  public String uid() {
    return uid;
  }

  // Spark finds the parameters by these methods.

  public Param<?> model() {
    return model;
  }

  public StringArrayParam inputs() {
    return inputs;
  }

  public StringArrayParam inputCols() {
    return inputCols;
  }

  public StringArrayParam outputs() {
    return outputs;
  }

  public StringArrayParam outputCols() {
    return outputCols;
  }

  public StringArrayParam outputForms() {
    return outputForms;
  }

  public IntParam batchSize() {
    return batchSize;
  }

  public Param<String> batchAxis() {
    return batchAxis;
  }

  public StringArrayParam padding() {
    return padding;
  }

  public StringArrayParam fill() {
    return fill;
  }

  public Param<String> onFailure() {
    return onFailure;
  }

  public Param<String> reasonCol() {
    return reasonCol;
  }

  public Param<String> accelerator() {
    return accelerator;
  }

  public IntParam threads() {
    return threads;
  }

  public Param<String> preprocessing() {
    return preprocessing;
  }

  /**
   * The model of a file, which is copied.
   *
   * @param file a local file or its {@code file:} URI, with its external data beside it, or one
   *     without external data in any file system that Spark knows, such as {@code hdfs://...}; the
   *     latter needs a running session
   * @throws IOException if it cannot be read, or is no ONNX model
   */
  public OnnxTransformer setModel(String file) throws IOException {
    if (!WITH_SCHEME.matcher(file).matches()) {
      return set(ModelFiles.of(Path.of(file)));
    }
    URI uri = new org.apache.hadoop.fs.Path(file).toUri();
    return set(
        "file".equals(uri.getScheme())
            ? ModelFiles.of(Path.of(uri.getPath()))
            : ModelFiles.fetch(file, SparkSession.active().sparkContext().hadoopConfiguration()));
  }

  /**
   * The model of a file's bytes, without external data.
   *
   * @throws IOException if it is no ONNX model
   */
  public OnnxTransformer setModel(byte[] bytes) throws IOException {
    return set(ModelFiles.of(bytes.clone()));
  }

  /**
   * A model.
   *
   * @throws IOException if there is no place for its files
   */
  public OnnxTransformer setModel(Model changed) throws IOException {
    return set(ModelFiles.of(changed));
  }

  private OnnxTransformer set(ModelFiles files) {
    set(model, files);
    return this;
  }

  /** The columns that the model's inputs are, in the order of the inputs. */
  public OnnxTransformer setInputCols(String... columns) {
    set(inputCols, columns);
    return this;
  }

  /** Makes a column an input, instead of another; the other inputs have to be named too. */
  public OnnxTransformer setInput(String input, String column) {
    int before = isSet(inputs) ? List.of(getOrDefault(inputs)).indexOf(input) : -1;
    if (before >= 0) {
      String[] columns = getOrDefault(inputCols).clone();
      columns[before] = column;
      return setInputCols(columns);
    }
    set(inputs, with(inputs, input));
    set(inputCols, with(inputCols, column));
    return this;
  }

  /** The columns that the model's outputs become, in the order of the outputs. */
  public OnnxTransformer setOutputCols(String... columns) {
    set(outputCols, columns);
    return this;
  }

  /**
   * Makes an output a column, as it is; the other outputs have to be named too, or are left out.
   */
  public OnnxTransformer setOutput(String output, String column) {
    return setOutput(output, column, OutputForm.ARRAY);
  }

  /** The same in another form. */
  public OnnxTransformer setOutput(String output, String column, OutputForm form) {
    set(outputs, with(outputs, output));
    set(outputCols, with(outputCols, column));
    set(outputForms, with(outputForms, form.id()));
    return this;
  }

  /** The forms of the outputs, in their order. */
  public OnnxTransformer setOutputForms(OutputForm... forms) {
    set(outputForms, Arrays.stream(forms).map(OutputForm::id).toArray(String[]::new));
    return this;
  }

  /** How many rows a run takes at most, from 1. */
  public OnnxTransformer setBatchSize(int rows) {
    set(batchSize, rows);
    return this;
  }

  /** The symbolic dimension that rows are. */
  public OnnxTransformer setBatchAxis(String symbol) {
    set(batchAxis, symbol);
    return this;
  }

  /**
   * Pads a symbolic dimension to the longest row of a run, or to the next of some sizes, so that
   * rows that differ in it share a run. The model must ignore the padding, for example by a mask
   * among its inputs.
   */
  public OnnxTransformer setPadding(String symbol, long... sizes) {
    String joined =
        String.join(",", Arrays.stream(sizes).mapToObj(Long::toString).toArray(String[]::new));
    set(padding, with(padding, sizes.length == 0 ? symbol : symbol + "=" + joined));
    return this;
  }

  /** What an input is padded with; 0 where nothing is said. */
  public OnnxTransformer setFill(String input, double value) {
    set(fill, with(fill, input + "=" + value));
    return this;
  }

  /** A row that fails makes the job fail. */
  public OnnxTransformer setFailing() {
    set(onFailure, FAIL);
    return this;
  }

  /** A row that fails has null in the output columns. */
  public OnnxTransformer setNullOnFailure() {
    set(onFailure, NULL);
    return this;
  }

  /** The same, and a column says why; it is null for the other rows. */
  public OnnxTransformer setNullOnFailure(String column) {
    set(reasonCol, column);
    return setNullOnFailure();
  }

  /** What to compute on; see {@link dev.sardonyx.runtime.session.Accelerator#of}. */
  public OnnxTransformer setAccelerator(String name) {
    set(accelerator, name);
    return this;
  }

  /** Threads of a session; 0 for as many as a task has processors. */
  public OnnxTransformer setThreads(int count) {
    set(threads, count);
    return this;
  }

  /** What is done to images, whichever input they are. */
  public OnnxTransformer setPreprocessing(Preprocessing images) {
    set(preprocessing, PreprocessingJson.write(images));
    return this;
  }

  private String[] with(StringArrayParam param, String last) {
    String[] before = isSet(param) ? getOrDefault(param) : new String[0];
    String[] more = Arrays.copyOf(before, before.length + 1);
    more[before.length] = last;
    return more;
  }

  @Override
  public OnnxTransformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /**
   * The table with the output columns.
   *
   * @throws IllegalArgumentException if a column is missing, cannot be its input or is there
   *     already, naming it with its type and the one that is expected
   */
  @Override
  public StructType transformSchema(StructType schema) {
    RowLayout layout = files().layout(getOrDefault(batchAxis));
    requireSettings(layout);
    for (InputBinding input : inputBindings(layout)) {
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
          isSet(preprocessing));
    }
    StructType result = schema;
    for (StructField field : outputFields(layout)) {
      if (Arrays.asList(result.fieldNames()).contains(field.name())) {
        throw new IllegalArgumentException(
            "There is a column '%s' already; name the output's column otherwise"
                .formatted(field.name()));
      }
      result = result.add(field);
    }
    return result;
  }

  /** The columns that are appended. */
  private List<StructField> outputFields(RowLayout layout) {
    List<StructField> fields = new ArrayList<>();
    for (OutputBinding output : outputBindings(layout)) {
      RowValue value = required("output", layout.outputs(), output.output());
      fields.add(new OutputColumn(output.column(), value, output.form()).field());
    }
    String reason = getOrDefault(reasonCol);
    if (!reason.isEmpty()) {
      fields.add(DataTypes.createStructField(reason, DataTypes.StringType, true));
    }
    return fields;
  }

  /** What a function of SQL calls, and its value. */
  record Callable(Scoring scoring, DataType type) {}

  /** The same as a function, whose model has been given to every process of a session. */
  Callable callable(SparkSession session) {
    RowLayout layout = files().layout(getOrDefault(batchAxis));
    Scoring scoring = scoring(layout, session);
    List<StructField> fields = outputFields(layout).subList(0, scoring.outputs().size());
    return new Callable(
        scoring,
        fields.size() == 1 ? fields.get(0).dataType() : DataTypes.createStructType(fields));
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

  private ModelFiles files() {
    if (!isSet(model)) {
      throw new IllegalStateException(uid + " has no model; call setModel");
    }
    return getOrDefault(model);
  }

  private List<InputBinding> inputBindings(RowLayout layout) {
    List<String> names = names(inputs, List.copyOf(layout.inputs().keySet()));
    List<String> columns = names(inputCols, names);
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
      bindings.add(new InputBinding(names.get(i), columns.get(i)));
    }
    return bindings;
  }

  private List<OutputBinding> outputBindings(RowLayout layout) {
    List<String> names = names(outputs, List.copyOf(layout.outputs().keySet()));
    List<String> columns = names(outputCols, names);
    List<String> forms = List.of(getOrDefault(outputForms));
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

  /** What executors are told. */
  private Scoring scoring(RowLayout layout, SparkSession session) {
    requireSettings(layout);
    return new Scoring(
        files().broadcast(session.sparkContext()),
        getOrDefault(batchAxis),
        inputBindings(layout),
        outputBindings(layout),
        RowPadding.of(getOrDefault(padding), getOrDefault(fill)),
        (int) getOrDefault(batchSize),
        getOrDefault(onFailure).equals(FAIL),
        getOrDefault(accelerator),
        (int) getOrDefault(threads),
        isSet(preprocessing) ? getOrDefault(preprocessing) : null);
  }

  /** What only executors would find out. */
  private void requireSettings(RowLayout layout) {
    String failure = getOrDefault(onFailure);
    if (!failure.equals(FAIL) && !failure.equals(NULL)) {
      throw new IllegalArgumentException("onFailure is fail or null, not '" + failure + "'");
    }
    Accelerator.of(getOrDefault(accelerator));
    RowPadding.of(getOrDefault(padding), getOrDefault(fill)).requireFit(layout);
  }

  private List<String> names(StringArrayParam param, List<String> otherwise) {
    return isSet(param) ? List.of(getOrDefault(param)) : otherwise;
  }

  private static void requireAsMany(
      String what, List<String> names, String others, List<String> columns) {
    if (names.size() != columns.size()) {
      throw new IllegalArgumentException(
          "%s are %s, but %s are %s: one is needed for each"
              .formatted(what, names, others, columns));
    }
  }

  /**
   * Appends the output columns. Nothing is computed before the result is used.
   *
   * @throws IllegalArgumentException if the columns do not fit the model; see {@link
   *     #transformSchema}
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    SparkSession session = dataset.sparkSession();
    Scoring scoring = scoring(files().layout(getOrDefault(batchAxis)), session);
    List<Integer> places =
        scoring.inputs().stream()
            .map(input -> dataset.schema().fieldIndex(input.column()))
            .toList();
    ScoredRows rows = new ScoredRows(scoring, places, !getOrDefault(reasonCol).isEmpty());
    return described(dataset.toDF().mapPartitions(rows, Encoders.row(schema)), schema);
  }

  /** With the columns' metadata, such as labels and names of features, which mapping rows loses. */
  private static Dataset<Row> described(Dataset<Row> rows, StructType schema) {
    StructField[] fields = schema.fields();
    if (Arrays.stream(fields).allMatch(each -> each.metadata().equals(Metadata.empty()))) {
      return rows;
    }
    // Columns are referred to by names of their own, for those given may be anything, twice too.
    String[] names = new String[fields.length];
    Column[] columns = new Column[fields.length];
    for (int i = 0; i < fields.length; i++) {
      names[i] = "c" + i;
      columns[i] = functions.col(names[i]).as(fields[i].name(), fields[i].metadata());
    }
    return rows.toDF(names).select(columns);
  }

  /** Writes the parameters, and the model with its weights. */
  @Override
  public MLWriter write() {
    return new SavedTransformer.Writer(this, files());
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<OnnxTransformer> read() {
    return new SavedTransformer.Reader();
  }

  /** Reads what {@link #write} wrote. */
  public static OnnxTransformer load(String folder) {
    return read().load(folder);
  }

  OnnxTransformer loaded(ModelFiles files) {
    return set(files);
  }

  @Override
  public String toString() {
    return "OnnxTransformer: uid=" + uid;
  }
}
