package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.runtime.spark.RowLayout.RowValue;
import java.util.List;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/** Whether columns can be inputs, as far as their types tell. */
final class ColumnFit {
  private ColumnFit() {}

  /**
   * @param images whether bytes and structures are images
   * @throws IllegalArgumentException if the column cannot be the input, naming both with their
   *     types
   */
  static void require(StructField field, RowValue input, boolean images) {
    DataType type = field.dataType();
    if (type.equals(SQLDataTypes.VectorType())) {
      requireThat(isNumber(input), field, input, "a vector holds numbers");
      int size = AttributeGroup.fromStructField(field).size();
      requireThat(
          isFlat(input, size),
          field,
          input,
          size < 0 ? "a vector is one dimension" : "the vector has " + size + " elements");
    } else if (type.equals(ImageSchema.columnSchema()) || (images && type instanceof BinaryType)) {
      requireThat(images, field, input, "an image needs a preprocessing");
      requireThat(isNumber(input), field, input, "an image is numbers");
    } else if (type instanceof BinaryType) {
      boolean isBytes =
          input.elementType() == ElementType.UINT8 || input.elementType() == ElementType.INT8;
      requireThat(
          isBytes, field, input, "bytes are no elements of it, and images need a preprocessing");
      requireThat(isFlat(input, -1), field, input, "bytes are one dimension");
    } else {
      requireArray(field, input);
    }
  }

  private static void requireArray(StructField field, RowValue input) {
    DataType element = field.dataType();
    int depth = 0;
    while (element instanceof ArrayType array) {
      element = array.elementType();
      depth++;
    }
    requireThat(isElement(element, input.elementType()), field, input, "its elements are others");
    boolean isFit =
        depth == input.dims().size()
            || (depth == 1 && isFlat(input, -1))
            || (depth == 0 && isFlat(input, 1));
    requireThat(
        isFit,
        field,
        input,
        "a row has %d dimensions, and the input %d".formatted(depth, input.dims().size()));
  }

  /** Whether so many elements, -1 for any number, determine the dimensions. */
  private static boolean isFlat(RowValue input, int size) {
    List<Dim> dims = input.dims();
    long open = dims.stream().filter(dim -> !dim.isFixed()).count();
    long known = 1;
    for (Dim dim : dims) {
      known *= dim instanceof Dim.Fixed fixed ? fixed.size() : 1;
    }
    return open <= 1 && (size < 0 || (open == 0 ? known == size : known > 0 && size % known == 0));
  }

  private static boolean isNumber(RowValue input) {
    return input.elementType() != ElementType.STRING && input.elementType() != ElementType.BOOL;
  }

  private static boolean isElement(DataType given, ElementType taken) {
    return switch (taken) {
      case STRING -> given instanceof StringType;
      case BOOL -> given instanceof BooleanType;
      default ->
          taken.isInteger()
              ? given instanceof ByteType
                  || given instanceof ShortType
                  || given instanceof IntegerType
                  || given instanceof LongType
              : given instanceof NumericType;
    };
  }

  private static void requireThat(boolean isFit, StructField field, RowValue input, String reason) {
    if (!isFit) {
      throw new IllegalArgumentException(
          "Column '%s' of type %s cannot be input %s: %s"
              .formatted(field.name(), field.dataType().simpleString(), input, reason));
    }
  }
}
