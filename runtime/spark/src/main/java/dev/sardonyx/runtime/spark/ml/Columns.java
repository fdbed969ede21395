package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.PredictionModel;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The columns of a pipeline's frames as values of one graph, made when they are asked for. */
final class Columns {
  private static final Map<DataType, ElementType> TYPES =
      Map.of(
          DataTypes.DoubleType, ElementType.DOUBLE,
          DataTypes.FloatType, ElementType.FLOAT,
          DataTypes.LongType, ElementType.INT64,
          DataTypes.IntegerType, ElementType.INT32,
          DataTypes.ShortType, ElementType.INT16,
          DataTypes.ByteType, ElementType.INT8,
          DataTypes.BooleanType, ElementType.BOOL,
          DataTypes.StringType, ElementType.STRING);

  private final GraphBuilder b;
  private final StructType schema;
  private final List<PipelineStage> stages;
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, TextStages.Words> words = new HashMap<>();

  /** The columns of the frame that have been read. */
  private final Set<String> read = new HashSet<>();

  /** The stage that made a column last. */
  private final Map<String, PipelineStage> makers = new HashMap<>();

  /**
   * @param stages of the whole pipeline
   */
  Columns(GraphBuilder b, StructType schema, List<PipelineStage> stages) {
    this.b = b;
    this.schema = schema;
    this.stages = stages;
  }

  /** Adds the columns of a stage, which comes after all those that make what it reads. */
  void add(PipelineStage stage) {
    StageForms.convert(stage, this);
    Settings.of(stage).outputs().forEach(column -> makers.put(column, stage));
  }

  GraphBuilder builder() {
    return b;
  }

  /** A column of any type, as the stages so far left it. */
  Value get(String column) {
    Value known = values.get(column);
    if (known != null) {
      return known;
    }
    if (words.containsKey(column)) {
      throw new UnsupportedModelException(
          "column " + column + " holds words, which only other stages can take");
    }
    PipelineStage maker = makers.get(column);
    if (maker != null) {
      throw new UnsupportedModelException(Settings.of(maker) + " makes no column " + column);
    }
    Value input = input(column);
    read.add(column);
    values.put(column, input);
    return input;
  }

  /** A column as the last stage left it. */
  Value output(String column) {
    if (read.contains(column)) {
      throw new UnsupportedModelException(
          "column "
              + column
              + " is read and then made anew, but a graph's input and output cannot share a name;"
              + " ask for other outputs, or have the stage name its column otherwise");
    }
    return get(column);
  }

  /** A column of numbers or vectors, in doubles. */
  Value numbers(String column) {
    Value value = get(column);
    if (elementType(value) == ElementType.STRING) {
      throw new UnsupportedModelException("column " + column + " has strings, not numbers");
    }
    return elementType(value) == ElementType.DOUBLE ? value : b.cast(value, ElementType.DOUBLE);
  }

  /** Whether a column is of vectors, be it of one element. */
  boolean isVector(String column) {
    return dataType(column).equals(SQLDataTypes.VectorType());
  }

  /** A number as a column's type holds it. */
  double rounded(String column, double number) {
    DataType type = dataType(column);
    if (type.equals(DataTypes.FloatType)) {
      return (float) number;
    }
    boolean isWhole =
        List.of(DataTypes.LongType, DataTypes.IntegerType, DataTypes.ShortType, DataTypes.ByteType)
            .contains(type);
    return isWhole ? (long) number : number;
  }

  /** What Spark holds a column in. */
  private DataType dataType(String column) {
    StructType after = schema;
    for (PipelineStage stage : stages) {
      after = after.getFieldIndex(column).isDefined() ? after : stage.transformSchema(after);
    }
    return after.apply(column).dataType();
  }

  /** A column of strings. */
  Value texts(Settings stage, String column) {
    Value value = get(column);
    if (elementType(value) != ElementType.STRING) {
      throw new UnsupportedModelException(
          stage
              + " turns the numbers of column "
              + column
              + " to strings; ONNX writes them otherwise");
    }
    return value;
  }

  /** A column of lists of words, which a stage before makes. */
  TextStages.Words words(Settings stage, String column) {
    TextStages.Words known = words.get(column);
    if (known == null) {
      throw new UnsupportedModelException(
          stage + " takes the words of column " + column + ", which no stage splits off");
    }
    return known;
  }

  void putWords(String column, TextStages.Words made) {
    words.put(column, made);
  }

  void put(String column, Value value) {
    if (!column.isEmpty()) {
      values.put(column, value);
    }
  }

  private static ElementType elementType(Value value) {
    return ((TensorType) value.type()).elementType();
  }

  private Value input(String column) {
    if (!Arrays.asList(schema.fieldNames()).contains(column)) {
      throw new UnsupportedModelException(
          "column " + column + " is neither in the schema nor made by a stage");
    }
    StructField field = schema.apply(column);
    if (field.dataType().equals(SQLDataTypes.VectorType())) {
      int size = vectorSize(field);
      String last = size > 0 ? Integer.toString(size) : "F";
      return b.input(column, TensorType.of(ElementType.DOUBLE, Shape.parse("N," + last)));
    }
    @Nullable ElementType type = TYPES.get(field.dataType());
    if (type == null) {
      throw new UnsupportedModelException(
          "column "
              + column
              + " is of type "
              + field.dataType().simpleString()
              + ", not a number, string or vector");
    }
    return b.input(column, TensorType.of(type, Shape.parse("N,1")));
  }

  private int vectorSize(StructField field) {
    int told = AttributeGroup.fromStructField(field).size();
    for (PipelineStage stage : stages) {
      if (told <= 0
          && stage instanceof PredictionModel<?, ?> model
          && model.getFeaturesCol().equals(field.name())) {
        told = model.numFeatures();
      }
    }
    return told;
  }

  /** A constant row. */
  Value row(double... numbers) {
    return b.constant(Tensor.ofDoubles(numbers, 1, numbers.length));
  }

  Value scalar(double number) {
    return b.constant(Tensor.ofDoubles(new double[] {number}));
  }

  /** Some elements of each row. */
  Value pick(Value rows, int... indices) {
    long[] places = Arrays.stream(indices).asLongStream().toArray();
    return b.gather(rows, b.constant(Tensor.ofLongs(places, places.length)), 1);
  }

  /** The product of rows with a matrix {@code [K, F]} of a row for each result. */
  Value timesRowsOf(Value x, Matrix matrix) {
    int features = matrix.numCols();
    double[] numbers = new double[features * matrix.numRows()];
    for (int f = 0; f < features; f++) {
      for (int k = 0; k < matrix.numRows(); k++) {
        numbers[f * matrix.numRows() + k] = matrix.apply(k, f);
      }
    }
    return b.matMul(x, b.constant(Tensor.ofDoubles(numbers, features, matrix.numRows())));
  }

  /** Whether something holds, as 1 and 0. */
  Value indicator(Value condition) {
    return b.cast(condition, ElementType.DOUBLE);
  }

  /** Where the greatest number of each row is, as a number {@code [N, 1]}. */
  Value best(Value rows) {
    return b.cast(b.argMax(rows, 1, true), ElementType.DOUBLE);
  }
}
