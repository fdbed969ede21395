package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.image.Preprocessing;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
import org.apache.spark.sql.internal.SQLConf;
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
  static final String FAIL = "fail";
  static final String NULL = "null";

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
            ? ModelFiles.of(local(file, uri))
            : ModelFiles.fetch(file, SparkSession.active().sparkContext().hadoopConfiguration()));
  }

  /** Spark takes a path as it is written, Java writes a space as {@code %20}. */
  private static Path local(String file, URI uri) {
    Path written = Path.of(uri.getPath());
    if (Files.exists(written) || !file.contains("%")) {
      return written;
    }
    try {
      return Path.of(URI.create(file));
    } catch (IllegalArgumentException e) {
      return written; // no URI of Java's, or none of a local file
    }
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
    return new ColumnPlan(this, files()).appended(schema, SQLConf.get());
  }

  /** The same as a function, whose model has been given to every process of a session. */
  ColumnPlan.Callable callable(SparkSession session) {
    return new ColumnPlan(this, files()).callable(session);
  }

  private ModelFiles files() {
    if (!isSet(model)) {
      throw new IllegalStateException(uid + " has no model; call setModel");
    }
    return getOrDefault(model);
  }

  /**
   * Appends the output columns. Nothing is computed before the result is used.
   *
   * @throws IllegalArgumentException if the columns do not fit the model; see {@link
   *     #transformSchema}
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    ColumnPlan plan = new ColumnPlan(this, files());
    StructType schema =
        plan.appended(dataset.schema(), dataset.sparkSession().sessionState().conf());
    Scoring scoring = plan.scoring(dataset.sparkSession());
    List<Integer> places =
        scoring.inputs().stream()
            .map(input -> dataset.schema().fieldIndex(input.column()))
            .toList();
    ScoredRows rows = new ScoredRows(scoring, places, !getOrDefault(reasonCol).isEmpty());
    return described(mapped(dataset, rows, schema), schema);
  }

  /** Columns that are passed on hold dates of java.time: those of java.sql lack some days. */
  private static Dataset<Row> mapped(Dataset<?> dataset, ScoredRows rows, StructType schema) {
    SQLConf conf = dataset.sparkSession().sessionState().conf().clone();
    conf.setConf(SQLConf.DATETIME_JAVA8API_ENABLED(), true);
    Dataset<Row> mapped =
        SQLConf.withExistingConf(
            conf, () -> dataset.toDF().mapPartitions(rows, Encoders.row(schema)));
    return mapped.toDF(); // which the session reads as it always does
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
