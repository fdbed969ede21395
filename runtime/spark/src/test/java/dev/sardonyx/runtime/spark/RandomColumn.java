package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.jspecify.annotations.Nullable;

/** An input of a random model as a column of a random type, with random values for it. */
final class RandomColumn {
  /** How a column holds the elements of a row. */
  private enum Form {
    ELEMENT,
    NESTED,
    FLAT,
    VECTOR,
    BYTES
  }

  private static final DecimalType DECIMAL = DataTypes.createDecimalType(20, 4);
  private static final double[] UNUSUAL = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    -0.0,
    1e300,
    Double.MIN_VALUE,
    1e-40,
    65504,
    65520,
    3.4028235677973366e38,
    0.1,
    16777217,
    1 + 0x1p-24 + 0x1p-40
  };
  private static final String[] TEXTS = {
    "", " ", "a", "Grün", "\ud83d\ude00 emoji", "a\u0000b", "line\nend", "x".repeat(70)
  };

  private final Random random;
  private final String name;
  private final ElementType type;
  private final List<Dim> dims;
  private final int axis;
  private final boolean isIndex;
  private final double fill;
  private final Form form;
  private final DataType element;

  /**
   * @param dims of the input, without the rows
   * @param axis of the rows
   * @param isIndex whether only indices of a table are good
   */
  RandomColumn(
      Random random,
      String name,
      ElementType type,
      List<Dim> dims,
      int axis,
      boolean isIndex,
      double fill) {
    this.random = random;
    this.name = name;
    this.type = type;
    this.dims = List.copyOf(dims);
    this.axis = axis;
    this.isIndex = isIndex;
    this.fill = fill;
    List<Form> forms = forms();
    this.form = forms.get(random.nextInt(forms.size()));
    this.element = element();
  }

  String name() {
    return name;
  }

  ElementType type() {
    return type;
  }

  List<Dim> dims() {
    return dims;
  }

  int axis() {
    return axis;
  }

  double fill() {
    return fill;
  }

  String column() {
    return name + ".`col`";
  }

  boolean isNumber() {
    return type.isFloat() || type.isInteger();
  }

  private List<Form> forms() {
    long open = dims.stream().filter(dim -> !dim.isFixed()).count();
    List<Form> forms = new ArrayList<>();
    forms.add(dims.isEmpty() ? Form.ELEMENT : Form.NESTED);
    if (dims.stream().allMatch(Dim.of(1)::equals)) {
      forms.add(Form.ELEMENT);
    }
    if (open <= 1 && !dims.isEmpty()) {
      forms.add(Form.FLAT);
      if (isNumber()) {
        forms.add(Form.VECTOR);
        forms.add(Form.VECTOR);
      }
      if (type == ElementType.UINT8 || type == ElementType.INT8) {
        forms.add(Form.BYTES);
        forms.add(Form.BYTES);
      }
    }
    return forms;
  }

  private DataType element() {
    if (type == ElementType.STRING) {
      return DataTypes.StringType;
    }
    if (type == ElementType.BOOL) {
      return DataTypes.BooleanType;
    }
    List<DataType> whole =
        List.of(DataTypes.LongType, DataTypes.IntegerType, DataTypes.ShortType, DataTypes.ByteType);
    List<DataType> any =
        List.of(
            DataTypes.FloatType,
            DataTypes.DoubleType,
            DataTypes.DoubleType,
            DECIMAL,
            DataTypes.LongType,
            DataTypes.ByteType);
    List<DataType> from = type.isInteger() ? whole : any;
    return from.get(random.nextInt(from.size()));
  }

  DataType dataType() {
    return switch (form) {
      case ELEMENT -> element;
      case FLAT -> DataTypes.createArrayType(element, true);
      case VECTOR -> SQLDataTypes.VectorType();
      case BYTES -> DataTypes.BinaryType;
      case NESTED -> {
        DataType nested = element;
        for (int i = 0; i < dims.size(); i++) {
          nested = DataTypes.createArrayType(nested, true);
        }
        yield nested;
      }
    };
  }

  /**
   * A value of the column, and what it is.
   *
   * @param cell of the table
   * @param tensor the input of a run of this row alone; null if there is none, because the cell is
   *     bad
   */
  record Cell(@Nullable Object cell, @Nullable Tensor tensor) {}

  /**
   * @param own the sizes of the dimensions
   * @param rows how many rows a run has, each of which is this one
   */
  Cell good(long[] own, int rows) {
    int count = Blocks.size(own);
    List<Object> elements = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      elements.add(value());
    }
    return new Cell(cell(own, elements), tensor(own, elements, rows));
  }

  /** A cell that cannot be the input, or that the model refuses. */
  Cell bad(long[] own) {
    int count = Blocks.size(own);
    List<@Nullable Object> elements = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      elements.add(value());
    }
    boolean isArray = form == Form.FLAT || form == Form.NESTED;
    boolean isWhole = type.isInteger() && type.bits() < 64 && element.equals(DataTypes.LongType);
    switch (random.nextInt(4)) {
      case 0 -> {
        if (count > 0 && isArray) {
          elements.set(random.nextInt(count), null);
          return new Cell(cell(own, elements), null);
        }
      }
      case 1 -> {
        if (count > 0 && form != Form.BYTES && (isIndex || (isWhole && form != Form.VECTOR))) {
          Object wrong = isIndex ? whole(RandomScoring.TABLE + 1) : 1L << 40;
          elements.set(random.nextInt(count), form == Form.VECTOR ? (Object) 99.0 : wrong);
          return new Cell(cell(own, elements), null);
        }
      }
      case 2 -> {
        boolean isCounted = dims.stream().allMatch(Dim::isFixed);
        if (isCounted && (form == Form.FLAT || form == Form.VECTOR)) {
          elements.add(value());
          return new Cell(cell(new long[] {count + 1}, elements), null);
        }
      }
      default -> {}
    }
    return new Cell(null, null);
  }

  private Object value() {
    if (type == ElementType.STRING) {
      return TEXTS[random.nextInt(TEXTS.length)];
    }
    if (type == ElementType.BOOL) {
      return random.nextBoolean();
    }
    if (form == Form.BYTES) {
      return (byte) random.nextInt(256);
    }
    if (form == Form.VECTOR) {
      // A sparse vector has no negative zero.
      return type.isInteger() ? (double) wholeNumber((1L << 53) - 1) : number() + 0.0;
    }
    if (element.equals(DataTypes.FloatType)) {
      return (float) number();
    }
    if (element.equals(DataTypes.DoubleType)) {
      return number();
    }
    if (element.equals(DECIMAL)) {
      return new BigDecimal(BigInteger.valueOf(random.nextLong() / 1000), 4);
    }
    return whole(wholeNumber(element.equals(DataTypes.LongType) ? Long.MAX_VALUE : 127));
  }

  private Object whole(long number) {
    if (element.equals(DataTypes.LongType)) {
      return number;
    }
    if (element.equals(DataTypes.IntegerType)) {
      return (int) number;
    }
    return element.equals(DataTypes.ShortType) ? (Object) (short) number : (byte) number;
  }

  private double number() {
    return switch (random.nextInt(4)) {
      case 0 -> UNUSUAL[random.nextInt(UNUSUAL.length)];
      case 1 -> random.nextInt(5) - 2;
      default -> random.nextGaussian();
    };
  }

  /** One in the input's range, whose ends are likely. */
  private long wholeNumber(long most) {
    if (isIndex) {
      return random.nextInt(RandomScoring.TABLE);
    }
    boolean isLong = type == ElementType.INT64 || type == ElementType.UINT64;
    long above =
        !type.isInteger()
            ? 1L << 53
            : isLong ? Long.MAX_VALUE : 1L << type.bits() - (type.isSigned() ? 1 : 0);
    long top = Math.min(above - 1, most);
    long least = type.isUnsigned() ? 0 : -top;
    return switch (random.nextInt(4)) {
      case 0 -> top;
      case 1 -> least;
      case 2 -> Math.min(random.nextInt(3), top);
      default ->
          top == Long.MAX_VALUE ? random.nextLong() & top : (long) (random.nextDouble() * top);
    };
  }

  private Object cell(long[] own, List<?> elements) {
    return switch (form) {
      case ELEMENT -> elements.get(0);
      case FLAT -> elements.toArray();
      case NESTED -> nested(own, 0, elements);
      case VECTOR -> {
        double[] numbers = elements.stream().mapToDouble(each -> (Double) each).toArray();
        yield random.nextBoolean() ? Vectors.dense(numbers) : Vectors.dense(numbers).toSparse();
      }
      case BYTES -> {
        byte[] bytes = new byte[elements.size()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (Byte) elements.get(i);
        }
        yield bytes;
      }
    };
  }

  private static Object nested(long[] own, int depth, List<?> elements) {
    if (depth == own.length) {
      return elements.get(0);
    }
    int length = (int) own[depth];
    int stride = length == 0 ? 0 : elements.size() / length;
    Object[] parts = new Object[length];
    for (int i = 0; i < length; i++) {
      List<?> part = elements.subList(i * stride, (i + 1) * stride);
      // A null has to stay one.
      parts[i] = depth + 1 == own.length ? part.get(0) : nested(own, depth + 1, part);
    }
    return parts;
  }

  private Tensor tensor(long[] own, List<?> elements, int rows) {
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      all.addAll(elements);
    }
    long[] whole = Blocks.inserted(own, axis, rows);
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(all.stream().map(String.class::cast).toList(), whole);
    }
    if (type == ElementType.INT64 || type == ElementType.UINT64) {
      ByteBuffer bytes = Tensor.allocate(type, all.size());
      all.forEach(each -> bytes.putLong(((Number) each).longValue()));
      return Tensor.of(type, whole, bytes.rewind());
    }
    if (type == ElementType.FLOAT) {
      float[] floats = new float[all.size()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = ((Number) all.get(i)).floatValue();
      }
      return Tensor.ofFloats(floats, whole);
    }
    boolean isUnsigned = form == Form.BYTES && type == ElementType.UINT8;
    double[] numbers =
        all.stream()
            .mapToDouble(
                each ->
                    each instanceof Boolean flag
                        ? (flag ? 1 : 0)
                        : isUnsigned ? (Byte) each & 0xff : ((Number) each).doubleValue())
            .toArray();
    return Tensor.ofNumbers(type, numbers, whole);
  }

  @Override
  public String toString() {
    return "%s %s%s %s of %s at %d"
        .formatted(
            name, type, Arrays.toString(dims.toArray()), form, dataType().simpleString(), axis);
  }
}
