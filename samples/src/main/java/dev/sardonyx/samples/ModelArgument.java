package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxFormatException;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Path;

/** A file of a model that is an argument. */
final class ModelArgument {
  private ModelArgument() {}

  /**
   * Reads it, with the option {@code --no-weights} without external data files, which then need not
   * be there.
   */
  static Model read(Path file, boolean withoutWeights) throws IOException {
    if (withoutWeights) {
      return OnnxReader.readWithoutWeights(file);
    }
    try {
      return OnnxReader.read(file);
    } catch (OnnxFormatException e) {
      throw isReadableAlone(file)
          ? new IOException(e.getMessage() + "; --no-weights reads the model alone", e)
          : e;
    }
  }

  private static boolean isReadableAlone(Path file) {
    try {
      OnnxReader.readWithoutWeights(file);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
