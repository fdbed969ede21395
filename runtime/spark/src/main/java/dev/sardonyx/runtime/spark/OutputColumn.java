package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.runtime.spark.RowLayout.RowValue;
import java.lang.reflect.Array;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/** Makes a column's values of what an output has for each row. */
record OutputColumn(String column, RowValue output, OutputForm form) {
  /**
   * @throws IllegalArgumentException if Spark has no such values, or they do not have the form
   */
  OutputColumn {
    boolean isFit =
        switch (form) {
          case ARRAY -> true;
          case VECTOR -> output.dims().size() == 1 && output.elementType() != ElementType.STRING;
          case SCALAR ->
              output.dims().stream().allMatch(dim -> !dim.isFixed() || dim.equals(Dim.of(1)));
        };
    if (!isFit) {
      throw new IllegalArgumentException(
          "Column '%s' cannot be a %s: output %s is not".formatted(column, form.id(), output));
    }
    element(output);
  }

  /** The column's type. */
  DataType type() {
    if (form == OutputForm.VECTOR) {
      return SQLDataTypes.VectorType();
    }
    DataType type = element(output);
    for (int i = 0; form == OutputForm.ARRAY && i < output.dims().size(); i++) {
      type = DataTypes.createArrayType(type, false);
    }
    return type;
  }

  /** The column; of a vector it tells the size, if it is known. */
  StructField field() {
    if (form == OutputForm.VECTOR && output.dims().get(0) instanceof Dim.Fixed size) {
      Metadata sized =
          new AttributeGroup(column, Math.toIntExact(size.size())).toStructField().metadata();
      return DataTypes.createStructField(column, type(), true, sized);
    }
    return DataTypes.createStructField(column, type(), true);
  }

  private static DataType element(RowValue output) {
    return switch (output.elementType()) {
      case FLOAT, FLOAT16, BFLOAT16 -> DataTypes.FloatType;
      case DOUBLE -> DataTypes.DoubleType;
      case INT8 -> DataTypes.ByteType;
      case INT16, UINT8 -> DataTypes.ShortType;
      case INT32, UINT16 -> DataTypes.IntegerType;
      case INT64, UINT32 -> DataTypes.LongType;
      case BOOL -> DataTypes.BooleanType;
      case STRING -> DataTypes.StringType;
      default ->
          throw new IllegalArgumentException(
              "Output %s has elements that Spark has no type for; cast them in the model"
                  .formatted(output));
    };
  }

  /**
   * A value as Spark takes it.
   *
   * @param elements of one row, which the value may keep; see {@link ElementArrays}
   * @param dims without the rows
   */
  Object value(Object elements, long[] dims) {
    if (form == OutputForm.VECTOR) {
      return Vectors.dense(numbers(elements));
    }
    if (form == OutputForm.SCALAR || dims.length == 0) {
      if (Array.getLength(elements) != 1) {
        throw new IllegalArgumentException(
            "Output %s has %d elements for a row; column '%s' takes one"
                .formatted(output, Array.getLength(elements), column));
      }
      return single(elements, 0);
    }
    return nested(elements, dims, 0, 0);
  }

  private static double[] numbers(Object elements) {
    if (elements instanceof double[] own) {
      return own;
    }
    double[] numbers = new double[Array.getLength(elements)];
    if (elements instanceof float[] floats) {
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = floats[i];
      }
      return numbers;
    }
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Array.getDouble(elements, i);
    }
    return numbers;
  }

  private Object nested(Object elements, long[] dims, int axis, int place) {
    int length = Math.toIntExact(dims[axis]);
    if (axis == dims.length - 1) {
      return part(elements, place, length);
    }
    Object[] parts = new Object[length];
    int stride = Blocks.stride(dims, axis);
    for (int i = 0; i < length; i++) {
      parts[i] = nested(elements, dims, axis + 1, place + i * stride);
    }
    return parts;
  }

  private Object part(Object elements, int place, int length) {
    if (!(elements instanceof double[]) || element(output).equals(DataTypes.DoubleType)) {
      if (length == Array.getLength(elements)) {
        return elements;
      }
      Object part = ElementArrays.of(output.elementType()).array(length);
      System.arraycopy(elements, place, part, 0, length);
      return part;
    }
    Object[] part = new Object[length];
    for (int i = 0; i < length; i++) {
      part[i] = single(elements, place + i);
    }
    return part;
  }

  private Object single(Object elements, int place) {
    if (!(elements instanceof double[] numbers)) {
      return Array.get(elements, place);
    }
    double number = numbers[place];
    return switch (output.elementType()) {
      case FLOAT16, BFLOAT16 -> (float) number;
      case INT8 -> (byte) number;
      case INT16, UINT8 -> (short) number;
      case UINT16 -> (int) number;
      case UINT32 -> (long) number;
      case BOOL -> number != 0;
      default -> number;
    };
  }
}
