package dev.sardonyx.export.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxFormatException;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models with data beside them whose folder is in a zip file. */
final class ZipFolderTest {
  @TempDir private Path folder;

  private FileSystem zip() throws IOException {
    return FileSystems.newFileSystem(folder.resolve("models.zip"), Map.of("create", "true"));
  }

  private static Path made(FileSystem zip) throws IOException {
    return Files.createDirectories(zip.getPath("/in/here"));
  }

  @Test
  void aModelIsReadWithItsDataAlsoOnceTheZipFileIsClosed() throws IOException {
    try (FileSystem zip = zip()) {
      OnnxWriter.write(Marked.model(1), made(zip).resolve("m.onnx"), ExternalData.beside());
    }
    Model read;
    try (FileSystem zip = zip()) {
      Path file = zip.getPath("/in/here/m.onnx");
      assertEquals(2, Marked.names(made(zip)).size(), "the model and its data");
      assertTrue(Files.size(file) < 1000, "the weights are not in the model");
      read = OnnxReader.read(file);
      Files.delete(file);
    }
    assertEquals(1, Marked.mark(read));
  }

  /** Each way of writing, the model being one that was read from there. */
  @Test
  void whatWasReadIsWrittenAgain() throws IOException {
    for (ExternalData data :
        List.of(ExternalData.asRead(), ExternalData.beside(), ExternalData.embedded())) {
      try (FileSystem zip = zip()) {
        Path file = made(zip).resolve("m.onnx");
        OnnxWriter.write(Marked.model(2), file, ExternalData.beside());
        OnnxWriter.write(OnnxReader.read(file), file, data);
        OnnxWriter.write(OnnxReader.read(file), folder.resolve("out.onnx"), data);
      }
      assertEquals(2, Marked.mark(folder.resolve("out.onnx")));
      try (FileSystem zip = zip()) {
        Path file = zip.getPath("/in/here/m.onnx");
        assertEquals(2, Marked.mark(file));
        int files = data.equals(ExternalData.embedded()) ? 1 : 2;
        assertEquals(files, Marked.names(made(zip)).size(), data + " leaves nothing behind");
      }
    }
  }

  @Test
  void dataThatIsNotThereIsNamed() throws IOException {
    try (FileSystem zip = zip()) {
      Path file = made(zip).resolve("m.onnx");
      OnnxWriter.write(Marked.model(3), file, ExternalData.beside());
      String data =
          Marked.names(made(zip)).stream()
              .filter(n -> n.endsWith(".data"))
              .findFirst()
              .orElseThrow();
      Files.delete(file.resolveSibling(data));
      String message =
          assertThrows(OnnxFormatException.class, () -> OnnxReader.read(file)).getMessage();
      assertTrue(message.endsWith("lies in '" + data + "', which does not exist"), message);
    }
  }
}
