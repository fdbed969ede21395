package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxData;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.file.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/** Writes a computed value into a file, in the format that the file's name says. */
final class ValueFile {
  /** NumPy's names of element types. */
  private static final Map<ElementType, String> NUMPY =
      Map.ofEntries(
          Map.entry(ElementType.BOOL, "|b1"),
          Map.entry(ElementType.INT8, "|i1"),
          Map.entry(ElementType.INT16, "<i2"),
          Map.entry(ElementType.INT32, "<i4"),
          Map.entry(ElementType.INT64, "<i8"),
          Map.entry(ElementType.UINT8, "|u1"),
          Map.entry(ElementType.UINT16, "<u2"),
          Map.entry(ElementType.UINT32, "<u4"),
          Map.entry(ElementType.UINT64, "<u8"),
          Map.entry(ElementType.FLOAT16, "<f2"),
          Map.entry(ElementType.FLOAT, "<f4"),
          Map.entry(ElementType.DOUBLE, "<f8"),
          Map.entry(ElementType.COMPLEX64, "<c8"),
          Map.entry(ElementType.COMPLEX128, "<c16"));

  static final List<String> ENDINGS = List.of(".npy", ".json", ".png", ".pb");

  private static final int PIECE = 1 << 20;

  private ValueFile() {}

  /** Whether there is a format for a file of this name. */
  static boolean isKnown(Path file) {
    return StandardStreams.isMeant(file) || ENDINGS.contains(ending(file));
  }

  /**
   * Writes a value; the file appears whole or not at all.
   *
   * @throws IOException naming the file, if the format cannot hold the value
   */
  static void write(Path file, String name, Datum value) throws IOException {
    String ending = StandardStreams.isMeant(file) ? ".json" : ending(file);
    if (ending.equals(".pb")) {
      AtomicFile.write(file, OnnxData.toBytes(value, name));
      return;
    }
    if (!(value instanceof Tensor tensor)) {
      throw new IOException("%s: '%s' is no tensor; name a .pb file".formatted(file, name));
    }
    switch (ending) {
      case ".json" -> OutputFiles.writeJson(file, nested(elements(tensor), tensor.dims(), 0, 0));
      case ".png" -> AtomicFile.write(file, png(file, name, tensor));
      default -> writeNpy(file, name, tensor);
    }
  }

  private static String ending(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.substring(Math.max(0, name.lastIndexOf('.')));
  }

  /**
   * Writes a tensor in NumPy's format, of any size.
   *
   * @throws IOException naming the file, if NumPy has no such elements
   */
  static void writeNpy(Path file, String name, TensorData value) throws IOException {
    if (!(value instanceof Tensor tensor)) {
      throw new IOException("%s: '%s' is sparse, which NumPy has no form of".formatted(file, name));
    }
    String type = NUMPY.get(tensor.elementType());
    TensorSource elements = tensor.source();
    if (type == null || elements == null) {
      throw new IOException(
          "%s: NumPy has no type for '%s', which is %s".formatted(file, name, tensor.type()));
    }
    byte[] header = npyHeader(type, tensor.dims());
    if (StandardStreams.isMeant(file)) {
      npy(System.out, header, elements);
      System.out.flush();
      return;
    }
    try (AtomicFile out = AtomicFile.create(file)) {
      npy(out, header, elements);
      out.commit();
    }
  }

  private static void npy(OutputStream stream, byte[] header, TensorSource elements)
      throws IOException {
    WritableByteChannel out = Channels.newChannel(stream);
    out.write(ByteBuffer.wrap(header));
    for (long at = 0; at < elements.byteSize(); at += PIECE) {
      out.write(elements.slice(at, (int) Math.min(PIECE, elements.byteSize() - at)));
    }
  }

  private static byte[] npyHeader(String type, long[] dims) {
    String shape = Arrays.stream(dims).mapToObj(d -> d + ",").collect(Collectors.joining(" "));
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape);
    // The elements begin at a multiple of 64 bytes; ten come before the header, a line break ends
    // it.
    int length = (header.length() + 11 + 63) / 64 * 64 - 10;
    header += " ".repeat(length - 1 - header.length()) + "\n";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.writeBytes(new byte[] {(byte) length, (byte) (length >> 8)});
    out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  private static List<?> elements(Tensor tensor) {
    if (tensor.elementType() == ElementType.STRING) {
      return tensor.strings();
    }
    if (tensor.elementType() == ElementType.BOOL) {
      return Arrays.stream(tensor.toLongs()).mapToObj(element -> element != 0).toList();
    }
    return tensor.elementType().isInteger()
        ? Arrays.stream(tensor.toLongs()).boxed().toList()
        : Arrays.stream(tensor.toDoubles()).boxed().toList();
  }

  /**
   * Lists of lists, from an axis on, of the elements from a place on; an element itself at last.
   */
  private static Object nested(List<?> elements, long[] dims, int axis, int from) {
    if (axis == dims.length) {
      return elements.get(from);
    }
    int step = 1;
    for (int i = axis + 1; i < dims.length; i++) {
      step *= (int) dims[i];
    }
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < dims[axis]; i++) {
      items.add(nested(elements, dims, axis + 1, from + i * step));
    }
    return items;
  }

  /** One picture in grey or red, green and blue: [H,W], [C,H,W] or [1,C,H,W]. */
  private static byte[] png(Path file, String name, Tensor tensor) throws IOException {
    long[] dims = tensor.dims();
    int rank = dims.length;
    long channels = rank < 3 ? 1 : dims[rank - 3];
    boolean one = rank >= 2 && rank <= 4 && (rank < 4 || dims[0] == 1) && tensor.size() > 0;
    if (!one || channels != 1 && channels != 3 || tensor.elementType() == ElementType.STRING) {
      throw new IOException(
          "%s: '%s' is %s, but a picture is [H,W], [C,H,W] or [1,C,H,W] with one or three channels"
              .formatted(file, name, tensor.type()));
    }
    int height = Math.toIntExact(dims[rank - 2]);
    int width = Math.toIntExact(dims[rank - 1]);
    double scale = tensor.elementType().isInteger() ? 1 : 255;
    double[] levels = tensor.toDoubles();
    int plane = height * width;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < plane; i++) {
      int rgb = 0;
      for (int channel = 0; channel < 3; channel++) {
        double level = levels[i + (channels == 1 ? 0 : channel * plane)] * scale;
        rgb = rgb << 8 | (int) Math.round(Math.max(0, Math.min(255, level)));
      }
      image.setRGB(i % width, i / width, rgb);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
