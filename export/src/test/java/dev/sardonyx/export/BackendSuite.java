package dev.sardonyx.export;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The ONNX backend test suite in the shared data folder. */
public final class BackendSuite implements AutoCloseable {
  private final ZipFile zip;

  private BackendSuite(ZipFile zip) {
    this.zip = zip;
  }

  /** The suite; the test that asks for it is skipped where the shared data is not there. */
  public static BackendSuite open() throws IOException {
    Path file =
        Path.of(System.getProperty("sardonyx.shared", "../../shared"))
            .resolve("data/onnx-backend-tests.zip");
    assumeTrue(Files.exists(file), file + " is not there; set -Dsardonyx.shared");
    return new BackendSuite(new ZipFile(file.toFile()));
  }

  /** Names of the files with this last name, in alphabetical order. */
  public List<String> named(String fileName) {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.endsWith("/" + fileName))
        .sorted()
        .toList();
  }

  public List<String> models() {
    return named("model.onnx");
  }

  /** Input and output files of the test case with this model. */
  public List<String> data(String model) {
    String folder = model.substring(0, model.lastIndexOf('/') + 1);
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.startsWith(folder) && name.endsWith(".pb"))
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  public byte[] bytes(String name) throws IOException {
    return zip.getInputStream(zip.getEntry(name)).readAllBytes();
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
