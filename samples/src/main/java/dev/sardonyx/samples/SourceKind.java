package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.keras.KerasReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The kinds of files that {@code sardonyx convert} reads: each a line here. */
enum SourceKind {
  KERAS("Keras", List.of(".keras", ".h5", ".hdf5"), file -> KerasReader.standard().read(file)),
  ONNX("ONNX", List.of(".onnx"), OnnxReader::read);

  /** Reads a file of one kind. */
  @FunctionalInterface
  interface Reader {
    Model read(Path file) throws IOException;
  }

  private final String title;
  private final List<String> suffixes;
  private final Reader reader;

  SourceKind(String title, List<String> suffixes, Reader reader) {
    this.title = title;
    this.suffixes = suffixes;
    this.reader = reader;
  }

  /** What people call it. */
  String title() {
    return title;
  }

  Model read(Path file) throws IOException {
    return reader.read(file);
  }

  /**
   * The kind of a file, by the end of its name.
   *
   * @throws UnsupportedModelException if it is none of them, listing them
   */
  static SourceKind of(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(kind -> kind.suffixes.stream().anyMatch(name::endsWith))
        .findFirst()
        .orElseThrow(
            () ->
                new UnsupportedModelException(
                    file
                        + ": cannot tell what it is by its name; convert reads "
                        + Arrays.stream(values())
                            .map(kind -> kind.title + " (" + String.join(", ", kind.suffixes) + ")")
                            .collect(Collectors.joining(", "))));
  }
}
