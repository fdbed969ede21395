package dev.sardonyx.runtime.conformance;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipError;
import org.jspecify.annotations.Nullable;

/**
 * A folder or zip file of cases in the layout of the ONNX backend suite: each folder with a {@code
 * model.onnx}, at any depth, is a case.
 *
 * @param cases in the order of their names; their files are read when asked for
 */
public record Suite(Path source, List<SuiteCase> cases, @Nullable FileSystem zip)
    implements AutoCloseable {
  private static final String MODEL = "model.onnx";

  public Suite {
    cases = List.copyOf(cases);
  }

  /**
   * Finds the cases.
   *
   * @throws IOException if there is no such folder or zip file, or it holds no case
   */
  public static Suite open(Path source) throws IOException {
    if (Files.isDirectory(source)) {
      return of(source, source, null);
    }
    if (!Files.isRegularFile(source)) {
      throw new NoSuchFileException(source.toString(), null, "no such folder or zip file");
    }
    FileSystem zip = openZip(source);
    try {
      return of(source, zip.getPath("/"), zip);
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static FileSystem openZip(Path source) throws IOException {
    try {
      return FileSystems.newFileSystem(source);
    } catch (ProviderNotFoundException | ZipError e) {
      throw new IOException(source + " is neither a folder nor a zip file", e);
    }
  }

  private static Suite of(Path source, Path root, @Nullable FileSystem zip) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      List<SuiteCase> cases =
          files
              .filter(file -> file.getFileName() != null && file.endsWith(MODEL))
              .map(file -> SuiteCase.of(root, file))
              .sorted(Comparator.comparing(SuiteCase::name))
              .toList();
      if (cases.isEmpty()) {
        throw new IOException(source + " holds no case: there is no " + MODEL + " in it");
      }
      return new Suite(source, cases, zip);
    }
  }

  @Override
  public void close() throws IOException {
    if (zip != null) {
      zip.close();
    }
  }
}
