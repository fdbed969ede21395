package dev.sardonyx.ir;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable dense tensor: element type, dimensions, and the elements in row-major order.
 *
 * <p>Numbers lie in little-endian bytes, packed as ONNX's {@code raw_data}: booleans a byte each,
 * 4- and 2-bit elements sharing bytes from the low bits up. The bytes are wrapped, never copied;
 * whoever gives a buffer away must no longer write to it. Strings are kept as Java strings.
 *
 * <p>Two tensors are equal when element type, dimensions and elements are (bit by bit); name and
 * metadata do not count.
 */
public final class Tensor implements TensorData {
  /** So that their size in bits is a number, too. */
  private static final long MOST_ELEMENTS = 1L << 56;

  /** A text shows at most so many elements. */
  private static final int SHOWN = 8;

  private final ElementType elementType;
  private final long[] dims;
  private final long size;
  private final @Nullable TensorSource source;
  private final List<String> strings;
  private final String name;
  private final Metadata metadata;

  private Tensor(
      ElementType elementType,
      long[] dims,
      @Nullable TensorSource source,
      List<String> strings,
      String name,
      Metadata metadata) {
    this.elementType = elementType;
    this.dims = dims;
    this.size = sizeOf(dims);
    this.source = source;
    this.strings = strings;
    this.name = name;
    this.metadata = metadata;
  }

  /**
   * A tensor over bytes that stay where they are.
   *
   * @throws IllegalArgumentException if the bytes are not as many as type and dimensions need
   */
  public static Tensor of(ElementType elementType, long[] dims, TensorSource source) {
    long expected = elementType.byteSize(sizeOf(dims));
    if (source.byteSize() != expected) {
      throw new IllegalArgumentException(
          "A tensor "
              + TensorType.of(elementType, dims)
              + " takes "
              + expected
              + " bytes, not "
              + source.byteSize());
    }
    return new Tensor(elementType, dims.clone(), source, List.of(), "", Metadata.EMPTY);
  }

  /** A tensor over the remaining bytes of a buffer, which are little-endian and not copied. */
  public static Tensor of(ElementType elementType, long[] dims, ByteBuffer littleEndian) {
    return of(elementType, dims, new BufferSource(littleEndian.slice().asReadOnlyBuffer()));
  }

  /** A tensor of floats, in row-major order; no dimensions make a scalar of one element. */
  public static Tensor ofFloats(float[] elements, long... dims) {
    ByteBuffer bytes = allocate(ElementType.FLOAT, elements.length);
    bytes.asFloatBuffer().put(elements);
    return of(ElementType.FLOAT, dims, bytes);
  }

  public static Tensor ofDoubles(double[] elements, long... dims) {
    ByteBuffer bytes = allocate(ElementType.DOUBLE, elements.length);
    bytes.asDoubleBuffer().put(elements);
    return of(ElementType.DOUBLE, dims, bytes);
  }

  public static Tensor ofInts(int[] elements, long... dims) {
    ByteBuffer bytes = allocate(ElementType.INT32, elements.length);
    bytes.asIntBuffer().put(elements);
    return of(ElementType.INT32, dims, bytes);
  }

  public static Tensor ofLongs(long[] elements, long... dims) {
    ByteBuffer bytes = allocate(ElementType.INT64, elements.length);
    bytes.asLongBuffer().put(elements);
    return of(ElementType.INT64, dims, bytes);
  }

  public static Tensor ofBooleans(boolean[] elements, long... dims) {
    ByteBuffer bytes = allocate(ElementType.BOOL, elements.length);
    for (int i = 0; i < elements.length; i++) {
      bytes.put(i, (byte) (elements[i] ? 1 : 0));
    }
    return of(ElementType.BOOL, dims, bytes);
  }

  public static Tensor ofStrings(List<String> elements, long... dims) {
    if (sizeOf(dims) != elements.size()) {
      throw new IllegalArgumentException(
          "A tensor "
              + TensorType.of(ElementType.STRING, dims)
              + " takes "
              + sizeOf(dims)
              + " strings, not "
              + elements.size());
    }
    return new Tensor(
        ElementType.STRING, dims.clone(), null, List.copyOf(elements), "", Metadata.EMPTY);
  }

  /**
   * Real numbers in any numeric type, rounded or truncated to it as ONNX's Cast does; see {@link
   * ElementCodec}.
   */
  public static Tensor ofNumbers(ElementType elementType, double[] elements, long... dims) {
    ByteBuffer bytes = allocate(elementType, elements.length);
    ElementCodec codec = ElementCodec.of(elementType);
    for (int i = 0; i < elements.length; i++) {
      codec.putDouble(bytes, i, elements[i]);
    }
    return of(elementType, dims, bytes);
  }

  /**
   * A tensor all of whose elements are the same. It takes no memory; its bytes are made whenever
   * they are read.
   *
   * @param element a tensor of one element, whose bits fill bytes: up to eight of them
   */
  public static Tensor repeated(Tensor element, long... dims) {
    TensorSource source = element.source;
    int width = element.elementType.bits() / 8;
    if (source == null || element.size != 1 || width < 1 || width > 8) {
      throw new IllegalArgumentException(
          "What is repeated is one number of 1 to 8 bytes, not " + element.type());
    }
    ByteBuffer bytes = source.slice(0, width);
    long bits = 0;
    for (int i = 0; i < width; i++) {
      bits |= (bytes.get(i) & 0xFFL) << 8 * i;
    }
    long size = element.elementType.byteSize(sizeOf(dims));
    return of(element.elementType, dims, new RepeatedElement(bits, width, size));
  }

  public static Tensor scalar(float element) {
    return ofFloats(new float[] {element});
  }

  public static Tensor scalar(long element) {
    return ofLongs(new long[] {element});
  }

  public static Tensor scalar(boolean element) {
    return ofBooleans(new boolean[] {element});
  }

  /** A heap buffer of the right size and byte order for so many elements, filled with zeros. */
  public static ByteBuffer allocate(ElementType elementType, long elements) {
    return ByteBuffer.allocate(Math.toIntExact(elementType.byteSize(elements)))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** How many elements the dimensions make. */
  static long sizeOf(long[] dims) {
    boolean isEmpty = false;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException(
            "A tensor's dimensions are not negative: " + Arrays.toString(dims));
      }
      isEmpty |= dim == 0;
    }
    long size = isEmpty ? 0 : 1;
    for (long dim : dims) {
      if (Math.multiplyHigh(size, dim) != 0 || size * dim < 0 || size * dim >= MOST_ELEMENTS) {
        throw new IllegalArgumentException(
            "A tensor has fewer than 2^56 elements, not those of the dimensions "
                + Arrays.toString(dims));
      }
      size *= dim;
    }
    return size;
  }

  /** Whether the tensor was made by {@link #repeated}, of at least one element. */
  public boolean isRepeated() {
    return source instanceof RepeatedElement && size > 0;
  }

  /** The first element by itself, as a scalar; a view. */
  public Tensor first() {
    TensorSource bytes = source;
    return bytes == null
        ? ofStrings(strings.subList(0, 1))
        : of(elementType, new long[0], bytes.slice(0, (int) elementType.byteSize(1)));
  }

  @Override
  public ElementType elementType() {
    return elementType;
  }

  @Override
  public long[] dims() {
    return dims.clone();
  }

  public int rank() {
    return dims.length;
  }

  public long dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /** The number of elements. */
  public long size() {
    return size;
  }

  /** The number of elements as an array index. */
  public int length() {
    return Math.toIntExact(size);
  }

  public Shape shape() {
    return Shape.of(dims);
  }

  @Override
  public TensorType type() {
    return TensorType.of(elementType, dims);
  }

  /** A name of its own, which tensors inside attributes may have; mostly empty. */
  public String name() {
    return name;
  }

  public Metadata metadata() {
    return metadata;
  }

  public Tensor withName(String changed) {
    return new Tensor(elementType, dims, source, strings, changed, metadata);
  }

  public Tensor withMetadata(Metadata changed) {
    return new Tensor(elementType, dims, source, strings, name, changed);
  }

  /** The same elements under other dimensions of the same size. */
  public Tensor reshape(long... changed) {
    if (sizeOf(changed) != size) {
      throw new IllegalArgumentException(
          "Cannot reshape " + shape() + " to " + Shape.of(changed) + ": sizes differ");
    }
    return new Tensor(elementType, changed.clone(), source, strings, "", Metadata.EMPTY);
  }

  /** Whether its elements can be had; not so of a model that was read without its weights. */
  public boolean isReadable() {
    return source == null || source.isReadable();
  }

  /** Where the bytes lie; null for strings. */
  public @Nullable TensorSource source() {
    return source;
  }

  /** Bytes of the elements in packed storage; 0 for strings. */
  public long byteSize() {
    return source == null ? 0 : source.byteSize();
  }

  /**
   * All bytes: a read-only little-endian view, not a copy.
   *
   * @throws IllegalStateException for strings, and for tensors of 2 GiB or more (take slices of
   *     {@link #source} then)
   */
  public ByteBuffer bytes() {
    if (source == null) {
      throw new IllegalStateException("A tensor of strings has no bytes");
    }
    if (source.byteSize() > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "A tensor " + type() + " does not fit into one buffer; read it in slices");
    }
    return source.slice(0, (int) source.byteSize());
  }

  /**
   * @throws IllegalStateException if the elements are not strings
   */
  public List<String> strings() {
    if (elementType != ElementType.STRING) {
      throw new IllegalStateException("A tensor " + type() + " has no strings");
    }
    return strings;
  }

  /** The elements as floats, converted from any real type; a copy. */
  public float[] toFloats() {
    float[] elements = new float[length()];
    if (elementType == ElementType.FLOAT) {
      bytes().asFloatBuffer().get(elements);
      return elements;
    }
    ByteBuffer bytes = bytes();
    ElementCodec codec = ElementCodec.of(elementType);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) codec.getDouble(bytes, i);
    }
    return elements;
  }

  /** The elements as doubles, converted from any real type (64-bit integers may round); a copy. */
  public double[] toDoubles() {
    double[] elements = new double[length()];
    ByteBuffer bytes = bytes();
    ElementCodec codec = ElementCodec.of(elementType);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = codec.getDouble(bytes, i);
    }
    return elements;
  }

  /**
   * The elements as longs: integers and booleans exactly (uint64 as its bits), floats truncated.
   */
  public long[] toLongs() {
    long[] elements = new long[length()];
    ByteBuffer bytes = bytes();
    ElementCodec codec = ElementCodec.of(elementType);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = codec.getLong(bytes, i);
    }
    return elements;
  }

  /** The one element of a tensor of size 1, as a double. */
  public double toScalar() {
    if (size != 1) {
      throw new IllegalStateException("A tensor " + type() + " has " + size + " elements, not 1");
    }
    return ElementCodec.of(elementType).getDouble(bytes(), 0);
  }

  @Override
  public boolean equals(@Nullable Object o) {
    if (this == o) {
      return true;
    }
    return o instanceof Tensor other
        && elementType == other.elementType
        && Arrays.equals(dims, other.dims)
        && strings.equals(other.strings)
        && sameBytes(source, other.source);
  }

  private static boolean sameBytes(@Nullable TensorSource a, @Nullable TensorSource b) {
    if (a == null || b == null || a == b) {
      return a == b;
    }
    if (a instanceof RepeatedElement && b instanceof RepeatedElement) {
      return a.equals(b);
    }
    int step = 1 << 26;
    for (long at = 0; at < a.byteSize(); at += step) {
      int length = (int) Math.min(step, a.byteSize() - at);
      if (!a.slice(at, length).equals(b.slice(at, length))) {
        return false;
      }
    }
    return true;
  }

  /** Looks at no more than the first bytes, so that hashing a large model stays cheap. */
  @Override
  public int hashCode() {
    int hash = elementType.hashCode() * 31 + Arrays.hashCode(dims);
    return source == null
        ? hash * 31 + strings.hashCode()
        : hash * 31 + source.slice(0, (int) Math.min(256, source.byteSize())).hashCode();
  }

  @Override
  public String toString() {
    return type() + preview();
  }

  /** The first elements of a tensor in memory; files are not read to show a text. */
  private String preview() {
    int shown = (int) Math.min(size, SHOWN);
    boolean isComplex =
        elementType == ElementType.COMPLEX64 || elementType == ElementType.COMPLEX128;
    if (isComplex || source != null && !(source instanceof BufferSource)) {
      return "";
    }
    List<String> elements = new ArrayList<>(shown);
    for (int i = 0; i < shown; i++) {
      elements.add(source == null ? '"' + strings.get(i) + '"' : element(source, i));
    }
    return " {" + String.join(", ", elements) + (size > shown ? ", ...}" : "}");
  }

  private String element(TensorSource from, int i) {
    ElementCodec codec = ElementCodec.of(elementType);
    ByteBuffer bytes = from.slice(0, (int) elementType.byteSize(i + 1L));
    if (elementType == ElementType.BOOL) {
      return codec.getLong(bytes, i) != 0 ? "true" : "false";
    }
    if (elementType.isInteger()) {
      long element = codec.getLong(bytes, i);
      return elementType.isUnsigned() ? Long.toUnsignedString(element) : Long.toString(element);
    }
    return elementType == ElementType.DOUBLE
        ? Double.toString(codec.getDouble(bytes, i))
        : Float.toString((float) codec.getDouble(bytes, i));
  }

  /** Bytes in memory. */
  private record BufferSource(ByteBuffer buffer) implements TensorSource {
    @Override
    public long byteSize() {
      return buffer.limit();
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
      return buffer.slice(Math.toIntExact(offset), length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
