package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * An array in NumPy's format, versions 1 to 3: a header with element type, order and shape, then
 * the elements.
 *
 * @param kind NumPy's letter for the kind of elements, such as f for floating-point numbers
 * @param width bytes of an element
 * @param big whether elements have their high byte first
 * @param fortran whether the first axis changes fastest
 */
record NpyArray(
    String where,
    char kind,
    int width,
    boolean big,
    boolean fortran,
    long[] dims,
    ByteBuffer data) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern DESCRIPTION =
      Pattern.compile("['\"]descr['\"]\\s*:\\s*['\"]([<>|=]?)([a-zA-Z])(\\d{1,6})['\"]");
  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([^)]*)\\)");

  private static final Map<String, ElementType> TYPES =
      Map.ofEntries(
          Map.entry("b1", ElementType.BOOL),
          Map.entry("i1", ElementType.INT8),
          Map.entry("i2", ElementType.INT16),
          Map.entry("i4", ElementType.INT32),
          Map.entry("i8", ElementType.INT64),
          Map.entry("u1", ElementType.UINT8),
          Map.entry("u2", ElementType.UINT16),
          Map.entry("u4", ElementType.UINT32),
          Map.entry("u8", ElementType.UINT64),
          Map.entry("f2", ElementType.FLOAT16),
          Map.entry("f4", ElementType.FLOAT),
          Map.entry("f8", ElementType.DOUBLE),
          Map.entry("c8", ElementType.COMPLEX64),
          Map.entry("c16", ElementType.COMPLEX128));

  /** Elements are copied in pieces of so many bytes. */
  private static final int PIECE = 1 << 20;

  /**
   * Writes a tensor, of any size.
   *
   * @param where how messages call the file
   * @param name how they call the tensor
   * @throws IOException if NumPy has no type for its elements
   */
  static void write(OutputStream stream, Tensor tensor, String where, String name)
      throws IOException {
    String type = type(tensor.elementType());
    TensorSource elements = tensor.source();
    if (type.isEmpty() || elements == null) {
      throw new IOException(
          "%s: NumPy has no type for '%s', which is %s; name a .json or .pb file"
              .formatted(where, name, tensor.type()));
    }
    String shape =
        Arrays.stream(tensor.dims()).mapToObj(dim -> dim + ",").collect(Collectors.joining(" "));
    String header =
        "{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(tensor.elementType().bits() > 8 ? "<" : "|", type, shape);
    // The elements begin at a multiple of 64 bytes; ten come before the header, a line break ends
    // it.
    int length = (header.length() + 11 + 63) / 64 * 64 - 10;
    header += " ".repeat(length - 1 - header.length()) + "\n";
    stream.write(MAGIC);
    stream.write(new byte[] {1, 0, (byte) length, (byte) (length >> 8)});
    stream.write(header.getBytes(StandardCharsets.US_ASCII));
    WritableByteChannel out = Channels.newChannel(stream);
    for (long at = 0; at < elements.byteSize(); at += PIECE) {
      out.write(elements.slice(at, (int) Math.min(PIECE, elements.byteSize() - at)));
    }
  }

  /** NumPy's letter and width, empty if it has none. */
  private static String type(ElementType type) {
    return TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == type)
        .findFirst()
        .map(Map.Entry::getKey)
        .orElse("");
  }

  /**
   * Reads an array for an input.
   *
   * @param where how messages name the bytes, which must not change afterwards
   */
  static Tensor read(ByteBuffer bytes, String where, Input input) throws IOException {
    try {
      NpyArray array = parse(bytes.order(ByteOrder.LITTLE_ENDIAN), where);
      return Fitting.toTypeOf(input, array.tensor(input), where);
    } catch (BufferUnderflowException e) {
      throw new IOException(where + ": ends too early", e);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IOException(where + ": has a size in its shape that cannot be", e);
    }
  }

  private static NpyArray parse(ByteBuffer bytes, String where) throws IOException {
    byte[] magic = new byte[MAGIC.length];
    bytes.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new IOException(where + ": is no array of NumPy");
    }
    int version = bytes.get();
    bytes.get();
    long length =
        version == 1 ? Short.toUnsignedInt(bytes.getShort()) : bytes.getInt() & 0xffffffffL;
    if (length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] header = new byte[(int) length];
    bytes.get(header);
    String text = new String(header, StandardCharsets.UTF_8);
    Matcher description = DESCRIPTION.matcher(text);
    Matcher order = ORDER.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!description.find() || !order.find() || !shape.find()) {
      throw new IOException(
          "%s: is an array of objects or records, or has an unknown header: %s"
              .formatted(where, text.strip()));
    }
    char kind = description.group(2).charAt(0);
    int number = Integer.parseInt(description.group(3));
    return new NpyArray(
        where,
        kind,
        kind == 'U' ? 4 * number : number,
        description.group(1).equals(">"),
        order.group(1).equals("True"),
        dims(shape.group(1)),
        bytes.slice());
  }

  private static long[] dims(String shape) {
    return Arrays.stream(shape.split(","))
        // Python 2 wrote sizes as 3L.
        .map(text -> text.strip().replaceFirst("L$", ""))
        .filter(text -> !text.isEmpty())
        .mapToLong(Long::parseLong)
        .toArray();
  }

  private Tensor tensor(Input input) throws IOException {
    long size = LongStream.of(dims).reduce(1, Math::multiplyExact);
    if (size < 0 || Math.multiplyExact(size, (long) width) > data.remaining()) {
      throw new BufferUnderflowException();
    }
    if (kind == 'U' || kind == 'S') {
      return Tensor.ofStrings(strings((int) size), dims);
    }
    ElementType type = elementType(input);
    ByteBuffer elements = data.slice(0, (int) size * width);
    boolean swapped = big && width > 1;
    if (swapped || fortran && dims.length > 1 && size > 0) {
      elements = rearranged(elements, swapped, type.kind() == ElementType.Kind.COMPLEX);
    }
    return Tensor.of(type, dims, elements);
  }

  /** What NumPy has no type for, as bfloat16, is saved as so many bytes, float8e5m2 as f1. */
  private ElementType elementType(Input input) throws IOException {
    ElementType type = TYPES.get(kind + "" + width);
    ElementType wanted = Fitting.tensorType(where, input).elementType();
    boolean isOther = kind == 'V' || kind == 'f' && width == 1 && wanted == ElementType.FLOAT8E5M2;
    if (isOther && wanted.bits() == 8 * width) {
      return wanted;
    }
    if (type == null) {
      throw new IOException(
          "%s: holds elements of NumPy's type %s%d, but input '%s' takes %s"
              .formatted(where, kind, width, input.name(), input.type()));
    }
    return type;
  }

  /** Where the element is that comes next in row-major order. */
  private int position(int rowMajor) {
    if (!fortran) {
      return rowMajor;
    }
    long rest = rowMajor;
    long position = 0;
    long last = LongStream.of(dims).reduce(1, (a, b) -> a * b);
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      last /= dims[axis];
      position += rest % dims[axis] * last;
      rest /= dims[axis];
    }
    return (int) position;
  }

  private ByteBuffer rearranged(ByteBuffer elements, boolean swapped, boolean pairs) {
    ByteBuffer out = ByteBuffer.allocate(elements.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    int number = pairs ? width / 2 : width;
    for (int i = 0; i < elements.remaining() / width; i++) {
      int from = position(i) * width;
      for (int at = 0; at < width; at++) {
        int within = swapped ? at / number * number + number - 1 - at % number : at;
        out.put(i * width + at, elements.get(from + within));
      }
    }
    return out;
  }

  private List<String> strings(int size) {
    List<String> strings = new ArrayList<>(size);
    ByteBuffer ordered =
        data.duplicate().order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      int from = position(i) * width;
      strings.add(kind == 'U' ? codePoints(ordered, from) : bytes(from));
    }
    return strings;
  }

  /** Padded with zeros at the end. */
  private String codePoints(ByteBuffer ordered, int from) {
    int end = width;
    while (end > 0 && ordered.getInt(from + end - 4) == 0) {
      end -= 4;
    }
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < end; at += 4) {
      int codePoint = ordered.getInt(from + at);
      text.appendCodePoint(Character.isValidCodePoint(codePoint) ? codePoint : 0xFFFD);
    }
    return text.toString();
  }

  private String bytes(int from) {
    byte[] text = new byte[width];
    data.get(from, text);
    int length = width;
    while (length > 0 && text[length - 1] == 0) {
      length--;
    }
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }
}
