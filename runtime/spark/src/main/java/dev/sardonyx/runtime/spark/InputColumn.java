package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.spark.RowLayout.RowValue;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterator;
import scala.collection.Seq;

/**
 * Makes elements of an input of a column's values: numbers, strings, vectors, nested arrays, bytes
 * and images.
 *
 * @param column its name
 * @param preprocessing what is done to images; null if bytes are elements
 */
record InputColumn(String column, RowValue input, @Nullable Preprocessing preprocessing) {
  /** How much of a value a message shows. */
  private static final int SHOWN = 60;

  /**
   * @param value as Spark hands it out
   * @throws IllegalArgumentException if it does not fit the input
   */
  RowElements cell(@Nullable Object value) {
    if (value == null) {
      throw new IllegalArgumentException("Column '" + column + "' is null");
    }
    if (value instanceof Vector vector) {
      return vector(vector.toArray());
    }
    if (preprocessing != null && (value instanceof byte[] || value instanceof Row)) {
      return image(SparkImages.of(value, column), preprocessing);
    }
    if (value instanceof byte[] bytes) {
      return bytes(bytes);
    }
    return nested(value);
  }

  private RowElements bytes(byte[] bytes) {
    if (input.elementType() != ElementType.INT8 && input.elementType() != ElementType.UINT8) {
      throw new IllegalArgumentException(
          "Column '%s' has bytes, which are no elements of input %s".formatted(column, input));
    }
    ElementArrays kind = ElementArrays.of(input.elementType());
    Object elements = kind.array(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int number = input.elementType() == ElementType.INT8 ? bytes[i] : bytes[i] & 0xff;
      kind.put(elements, i, (double) number);
    }
    return new RowElements(elements, fitted(new long[] {bytes.length}));
  }

  private RowElements vector(double[] numbers) {
    ElementArrays kind = ElementArrays.of(input.elementType());
    Object elements = numbers;
    if (kind == ElementArrays.FLOAT) {
      float[] floats = new float[numbers.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) numbers[i];
      }
      elements = floats;
    } else if (input.elementType().isInteger() || kind != ElementArrays.DOUBLE) {
      elements = kind.array(numbers.length);
      for (int i = 0; i < numbers.length; i++) {
        put(kind, elements, i, numbers[i]);
      }
    }
    return new RowElements(elements, fitted(new long[] {numbers.length}));
  }

  private RowElements image(BufferedImage image, Preprocessing how) {
    Tensor pixels = how.apply(image);
    long[] own = Blocks.removed(pixels.dims(), 0);
    if (input.elementType() == ElementType.FLOAT) {
      return new RowElements(pixels.toFloats(), fitted(own));
    }
    ElementArrays kind = ElementArrays.of(input.elementType());
    double[] numbers = pixels.toDoubles();
    Object elements = kind.array(numbers.length);
    for (int i = 0; i < numbers.length; i++) {
      boolean isWhole = input.elementType().isInteger();
      put(kind, elements, i, isWhole ? Math.rint(numbers[i]) : numbers[i]);
    }
    return new RowElements(elements, fitted(own));
  }

  private RowElements nested(Object value) {
    int depth = 0;
    Object at = value;
    long[] dims = new long[0];
    while (at instanceof Seq<?> seq) {
      dims = Arrays.copyOf(dims, ++depth);
      dims[depth - 1] = seq.size();
      if (seq.isEmpty()) {
        break;
      }
      at = seq.head();
    }
    ElementArrays kind = ElementArrays.of(input.elementType());
    Object elements = kind.array(Blocks.size(dims));
    int filled = fill(kind, elements, 0, value, dims, 0);
    assert filled == Blocks.size(dims);
    return new RowElements(elements, fitted(dims));
  }

  private int fill(
      ElementArrays kind,
      Object elements,
      int place,
      @Nullable Object value,
      long[] dims,
      int depth) {
    if (value == null) {
      throw new IllegalArgumentException("Column '" + column + "' has a null in its array");
    }
    if (depth == dims.length) {
      put(kind, elements, place, value);
      return place + 1;
    }
    if (!(value instanceof Seq<?> seq) || seq.size() != dims[depth]) {
      throw new IllegalArgumentException(
          "Column '%s' has arrays of different lengths within one row".formatted(column));
    }
    int next = place;
    for (Iterator<?> i = seq.iterator(); i.hasNext(); ) {
      next = fill(kind, elements, next, i.next(), dims, depth + 1);
    }
    return next;
  }

  private void put(ElementArrays kind, Object elements, int place, Object value) {
    boolean isElement =
        switch (input.elementType()) {
          case STRING -> value instanceof String;
          case BOOL -> value instanceof Boolean;
          default -> value instanceof Number;
        };
    if (!isElement) {
      throw noElement(value);
    }
    requireInRange(value);
    kind.put(elements, place, value);
  }

  private IllegalArgumentException noElement(Object value) {
    String text = value.toString();
    return new IllegalArgumentException(
        "Column '%s' has %s, which is no %s"
            .formatted(
                column,
                text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...",
                input.elementType()));
  }

  private void requireInRange(Object value) {
    ElementType type = input.elementType();
    boolean isWhole =
        value instanceof Long
            || value instanceof Integer
            || value instanceof Short
            || value instanceof Byte;
    if (!type.isInteger()) {
      return;
    }
    if (type.bits() == Long.SIZE && isWhole) {
      if (type.isUnsigned() && ((Number) value).longValue() < 0) {
        throw noElement(value);
      }
      return;
    }
    if (!ElementArrays.holds(type, ((Number) value).doubleValue())) {
      throw noElement(value);
    }
  }

  /**
   * The dimensions that elements have in the input: their own, or those that are declared for as
   * many elements.
   */
  private long[] fitted(long[] given) {
    List<Dim> declared = input.dims();
    if (given.length == declared.size()) {
      for (int axis = 0; axis < given.length; axis++) {
        if (declared.get(axis) instanceof Dim.Fixed fixed && fixed.size() != given[axis]) {
          throw misfit(given);
        }
      }
      return given;
    }
    if (given.length > 1) {
      return fitted(completed(given));
    }
    return reshaped(given.length == 0 ? 1 : given[0]);
  }

  /** Arrays without elements do not show how large those would be. */
  private long[] completed(long[] given) {
    if (given[given.length - 1] != 0 || given.length > input.dims().size()) {
      throw misfit(given);
    }
    long[] dims = Arrays.copyOf(given, input.dims().size());
    for (int axis = given.length; axis < dims.length; axis++) {
      dims[axis] = input.dims().get(axis) instanceof Dim.Fixed fixed ? fixed.size() : 0;
    }
    return dims;
  }

  private long[] reshaped(long size) {
    long known = 1;
    int open = -1;
    long[] dims = new long[input.dims().size()];
    for (int axis = 0; axis < dims.length; axis++) {
      if (input.dims().get(axis) instanceof Dim.Fixed fixed) {
        dims[axis] = fixed.size();
        known *= fixed.size();
      } else if (open < 0) {
        open = axis;
      } else {
        return fitted(completed(new long[] {size}));
      }
    }
    if (open >= 0 && known > 0) {
      dims[open] = size / known;
      known *= dims[open];
    }
    if (known != size) {
      throw misfit(new long[] {size});
    }
    return dims;
  }

  private IllegalArgumentException misfit(long[] given) {
    return new IllegalArgumentException(
        "Column '%s' has a value of shape %s, which does not fit input %s"
            .formatted(column, Arrays.toString(given), input));
  }
}
