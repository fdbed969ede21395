package dev.sardonyx.export.trees;

import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file for the reader of its format, and names it in errors. */
final class TreeFile {
  /** What makes a model of a file's bytes. */
  @FunctionalInterface
  interface Content {
    Model model(byte[] bytes);
  }

  private TreeFile() {}

  static Model read(Path file, Limits limits, Content content) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "does not exist");
    }
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a folder, not a model file");
    }
    try {
      long size = Files.size(file);
      limits.requireBytes(size, "the file");
      if (size > Integer.MAX_VALUE - 8) {
        throw new TreeFault("has " + size + " bytes, more than the 2 GiB that are read");
      }
      return content.model(Files.readAllBytes(file));
    } catch (TreeFault e) {
      throw new TreeFormatException(file.toString(), String.valueOf(e.getMessage()), e);
    } catch (LimitExceededException e) {
      throw new TreeFormatException(file.toString(), "is refused. " + e.getMessage(), e);
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(
          file + ": " + Printable.line(String.valueOf(e.getMessage())), e);
    }
  }
}
