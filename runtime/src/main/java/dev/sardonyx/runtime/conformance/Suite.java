package dev.sardonyx.runtime.conformance;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipError;
import java.util.zip.ZipException;

/**
 * A folder or zip file of cases in the layout of the ONNX backend suite: each folder with a {@code
 * model.onnx}, at any depth, is a case.
 */
public final class Suite implements AutoCloseable {
  private static final String MODEL = "model.onnx";
  private static final String ONNX = "onnx-backend-tests.zip";

  private final List<SuiteCase> cases;
  private final List<FileSystem> opened;

  private Suite(List<SuiteCase> cases, List<FileSystem> opened) {
    this.cases = List.copyOf(cases);
    this.opened = opened;
  }

  /**
   * The backend suite of ONNX 1.23.1, which comes with Sardonyx: 1,612 cases.
   *
   * @throws IOException if Sardonyx's own files cannot be read
   */
  public static Suite onnx() throws IOException {
    URL resource = Suite.class.getResource(ONNX);
    if (resource == null) {
      throw new FileNotFoundException(ONNX + " is not among the resources of Sardonyx");
    }
    try {
      if (!(resource.openConnection() instanceof JarURLConnection jar)) {
        return open(Path.of(resource.toURI()));
      }
      List<FileSystem> opened = new ArrayList<>();
      Path outer = openZip(Path.of(jar.getJarFileURL().toURI()), opened);
      return ofZip(outer.resolve(jar.getEntryName()), opened);
    } catch (URISyntaxException e) {
      throw new IOException(resource + " is no file", e);
    }
  }

  /**
   * Finds the cases.
   *
   * @throws IOException if there is no such folder or zip file, or it holds no case
   */
  public static Suite open(Path source) throws IOException {
    if (Files.isDirectory(source)) {
      return of(source, source, List.of());
    }
    if (!Files.isRegularFile(source)) {
      requireReachable(source);
      throw new NoSuchFileException(source.toString(), null, "no such folder or zip file");
    }
    return ofZip(source, new ArrayList<>());
  }

  /** Throws if a folder above the source may not be read, so that the source only seems missing. */
  @SuppressWarnings("EmptyCatch")
  private static void requireReachable(Path source) throws IOException {
    try {
      Files.readAttributes(source, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      // The caller reports a missing file itself.
    }
  }

  private static Suite ofZip(Path source, List<FileSystem> opened) throws IOException {
    try {
      return of(source, openZip(source, opened), opened);
    } catch (IOException | RuntimeException e) {
      close(opened);
      throw e;
    }
  }

  /** The root of a zip file, which may itself lie in one. */
  private static Path openZip(Path source, List<FileSystem> opened) throws IOException {
    try {
      FileSystem zip = FileSystems.newFileSystem(source);
      opened.add(0, zip);
      return zip.getPath("/");
    } catch (ProviderNotFoundException | ZipError e) {
      throw new IOException(source + " is neither a folder nor a zip file", e);
    } catch (ZipException e) {
      throw new IOException(source + " is a broken zip: " + e.getMessage(), e);
    }
  }

  private static Suite of(Path source, Path root, List<FileSystem> opened) throws IOException {
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
      return new Suite(cases, opened);
    }
  }

  /** The cases in the order of their names; their files are read when asked for. */
  public List<SuiteCase> cases() {
    return cases;
  }

  @Override
  public void close() throws IOException {
    close(opened);
  }

  private static void close(List<FileSystem> opened) throws IOException {
    for (FileSystem zip : opened) {
      zip.close();
    }
  }
}
