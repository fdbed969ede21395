package dev.sardonyx.samples;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxFormatException;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;

/** A file of a model that is an argument; {@code -} is standard input or standard output. */
final class ModelArgument {
  private ModelArgument() {}

  /** Reads it. */
  static Model read(CommandSpec spec, Path file) throws IOException {
    return StandardStreams.isReadOnce(file)
        ? StandardStreams.of(spec).model(spec, file, false)
        : OnnxReader.read(file);
  }

  /**
   * Reads it for a command that has the option {@code --no-weights}, with which external data files
   * need not be there.
   */
  static Model read(CommandSpec spec, Path file, boolean withoutWeights) throws IOException {
    if (StandardStreams.isReadOnce(file)) {
      return StandardStreams.of(spec).model(spec, file, withoutWeights);
    }
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

  /** The bytes of a file that was read, without its external data. */
  static long size(CommandSpec spec, Path file) throws IOException {
    return StandardStreams.isReadOnce(file)
        ? StandardStreams.of(spec).size(file)
        : Files.size(file);
  }

  /** Writes a model and returns the bytes of its file. */
  static long write(Model model, Path file, ExternalData data) throws IOException {
    if (StandardStreams.isMeant(file)) {
      return StandardStreams.write(model);
    }
    OnnxWriter.write(model, file, data);
    return Files.size(file);
  }
}
