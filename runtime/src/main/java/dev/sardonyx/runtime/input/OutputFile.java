package dev.sardonyx.runtime.input;

import com.google.gson.stream.JsonWriter;
import dev.sardonyx.export.OnnxData;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.file.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * A file for a value that a model computed, as {@link InputFile} is for one that it takes. Its name
 * says how it is written:
 *
 * <ul>
 *   <li>{@code .npy}: a tensor as NumPy's array, of any type that NumPy has;
 *   <li>{@code .json}: a tensor of strings, truth values or real numbers as nested arrays;
 *   <li>{@code .pb}: any value, as the ONNX backend suite has it;
 *   <li>{@code .png}: a picture, {@code [H,W]}, {@code [C,H,W]} or {@code [1,C,H,W]} with one
 *       channel or RGB, of integers from 0 to 255 or other numbers from 0 to 1; what is beyond is
 *       cut off.
 * </ul>
 *
 * @param file the file, which appears whole or not at all
 */
public record OutputFile(Path file) {
  /** How the names of such files end. */
  public static final List<String> ENDINGS = List.of(".npy", ".json", ".png", ".pb");

  /** A file of this name. */
  public static OutputFile of(Path file) {
    return new OutputFile(file);
  }

  /** Whether the name says how it is to be written. */
  public boolean isKnown() {
    return ENDINGS.contains(ending());
  }

  private String ending() {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.substring(Math.max(0, name.lastIndexOf('.')));
  }

  /**
   * Writes a value.
   *
   * @param name what the value is called
   * @throws IOException naming the file, if it cannot be written, or cannot hold such a value
   */
  public void write(String name, Datum value) throws IOException {
    try (AtomicFile out = AtomicFile.create(file)) {
      write(ending(), out, file.toString(), name, value);
      out.commit();
    }
  }

  /**
   * Writes a value into a stream, which stays open.
   *
   * @param ending which of {@link #ENDINGS}
   * @param where how errors call it
   * @param name what the value is called
   * @throws IOException if the form cannot hold such a value
   */
  public static void write(String ending, OutputStream out, String where, String name, Datum value)
      throws IOException {
    if (ending.equals(".pb")) {
      out.write(OnnxData.toBytes(value, name));
      return;
    }
    if (!(value instanceof Tensor tensor)) {
      throw new IOException(
          "%s: '%s' is %s, which only a .pb file can hold".formatted(where, name, value.type()));
    }
    switch (ending) {
      case ".npy" -> NpyArray.write(out, tensor, where, name);
      case ".json" -> json(out, tensor, where, name);
      case ".png" -> ImageIO.write(picture(tensor, where, name), "png", out);
      default ->
          throw new IOException(
              "%s: no values are written into such files; the name ends in %s"
                  .formatted(where, String.join(", ", ENDINGS)));
    }
    out.flush();
  }

  private static void json(OutputStream out, Tensor tensor, String where, String name)
      throws IOException {
    if (tensor.elementType().kind() == ElementType.Kind.COMPLEX) {
      throw new IOException(
          "%s: '%s' is %s, and JSON has no complex numbers; name an .npy or .pb file"
              .formatted(where, name, tensor.type()));
    }
    Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    JsonTensor.writeNested(new JsonWriter(text), tensor);
    text.write("\n");
    text.flush();
  }

  private static BufferedImage picture(Tensor tensor, String where, String name)
      throws IOException {
    long[] dims = tensor.dims();
    int rank = dims.length;
    long channels = rank < 3 ? 1 : dims[rank - 3];
    boolean one = rank >= 2 && rank <= 4 && (rank < 4 || dims[0] == 1) && tensor.size() > 0;
    ElementType.Kind kind = tensor.elementType().kind();
    boolean real = kind != ElementType.Kind.STRING && kind != ElementType.Kind.COMPLEX;
    if (!one || !real || channels != 1 && channels != 3) {
      throw new IOException(
          "%s: '%s' is %s, but a picture is [H,W], [C,H,W] or [1,C,H,W] with one or three channels"
              .formatted(where, name, tensor.type()));
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
    return image;
  }
}
