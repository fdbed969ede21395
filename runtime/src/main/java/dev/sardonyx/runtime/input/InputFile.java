package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A file with a value for an input of a model. Its name says what is in it:
 *
 * <ul>
 *   <li>{@code .npy}, {@code .npz}: an array of NumPy, of any type but objects; {@code .npz} has
 *       several, of which {@code file.npz#name} is one, and without a name the only one, or the one
 *       that is called as the input is;
 *   <li>{@code .pb}: a value as the ONNX backend suite has it;
 *   <li>{@code .png}, {@code .jpg}, {@code .jpeg}, {@code .bmp}, {@code .gif}: an image, resized to
 *       the input's height and width if they are fixed, channels first or last as the input has
 *       them, one channel or RGB; floating-point numbers from 0 to 1, integers from 0 to 255;
 *   <li>{@code .txt}: strings, one a line, in UTF-8;
 *   <li>{@code .json}: nested arrays of numbers, truth values or strings; an array for a sequence,
 *       an object for a map, {@code null} for an absent optional.
 * </ul>
 *
 * <p>Floating-point numbers are rounded to the input's type, and integers get it if they fit; no
 * other types are converted into each other.
 *
 * @param file the file
 * @param entry which of its values; empty for the only one, or that of the input's name
 */
public record InputFile(Path file, String entry) {
  private static final List<InputFormat> FORMATS =
      List.of(
          new NpyFormat(),
          new NpzFormat(),
          new ProtobufFormat(),
          new ImageFormat(),
          new TextFormat(),
          new JsonFormat());

  /** The only value of a file, or that of the input's name. */
  public static InputFile of(Path file) {
    return new InputFile(file, "");
  }

  /**
   * Reads the value for an input.
   *
   * @throws IOException if the file cannot be read, is of no known kind, or has no such value for
   *     the input, naming the file, what it has and what the input takes
   */
  public Datum read(Input input) throws IOException {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    for (InputFormat format : FORMATS) {
      if (format.endings().stream().anyMatch(name::endsWith)) {
        if (Files.isDirectory(file)) {
          throw new FileSystemException(file.toString(), null, "is a folder");
        }
        return format.read(file, entry, input);
      }
    }
    throw new IOException(
        "%s: no inputs are read from such files; the name ends in %s"
            .formatted(
                file,
                FORMATS.stream()
                    .flatMap(format -> format.endings().stream())
                    .collect(Collectors.joining(", "))));
  }
}
