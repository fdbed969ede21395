package dev.sardonyx.export;

import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model from a stream in a temporary file. It is deleted as soon as it was read, which harms no
 * tensor: those that were not copied are in the file's mapping, which stays.
 */
final class SpooledModel {
  private static final int PIECE = 1 << 16;

  private SpooledModel() {}

  /** Reads the temporary file. */
  interface FileReader {
    Model read(Path file) throws IOException;
  }

  /**
   * Puts a stream into a file and has that read.
   *
   * @param name how errors call the model
   */
  static Model read(InputStream model, String name, FileReader reader) throws IOException {
    Path file = temporary(name);
    try {
      try (OutputStream out = Files.newOutputStream(file)) {
        copy(model, out, name);
      }
      return reader.read(file);
    } finally {
      remove(file);
    }
  }

  private static Path temporary(String name) throws IOException {
    try {
      return Files.createTempFile("sardonyx", ".onnx");
    } catch (IOException e) {
      throw new IOException(
          "%s: cannot be kept in a temporary file, for %s takes none; name another folder by"
                  .formatted(name, System.getProperty("java.io.tmpdir"))
              + " -Djava.io.tmpdir",
          e);
    }
  }

  private static void copy(InputStream model, OutputStream out, String name) throws IOException {
    byte[] piece = new byte[PIECE];
    long size = 0;
    for (int read = model.read(piece); read >= 0; read = model.read(piece)) {
      size += read;
      if (size > OnnxReader.LARGEST) {
        throw new OnnxFormatException(
            name,
            "has more than 2 GiB; an ONNX file has less, and keeps larger tensors in external data"
                + " files");
      }
      write(out, piece, read, name);
    }
  }

  private static void write(OutputStream out, byte[] piece, int length, String name)
      throws IOException {
    try {
      out.write(piece, 0, length);
    } catch (IOException e) {
      throw new IOException(
          "%s: cannot be kept in a temporary file: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Windows deletes no file that is mapped, so that it goes when the program ends. */
  @SuppressWarnings("EmptyCatch")
  private static void remove(Path file) {
    try {
      Files.delete(file);
    } catch (IOException mapped) {
      file.toFile().deleteOnExit();
    }
  }
}
