package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.OrtBackend;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * ONNX Runtime's libraries are unpacked once, and nothing of them stays in the temporary folder.
 */
class NativeLibrariesTest {
  @TempDir private Path folder;

  @Test
  void unpackedOnceAndAgainIfCutShort() throws IOException {
    // A name beyond ASCII, where the locale has such names.
    Charset names = Charset.forName(System.getProperty("sun.jnu.encoding"));
    Path cache = folder.resolve(names.newEncoder().canEncode('é') ? "a cache/é" : "a cache/e");
    Path unpacked = NativeLibraries.unpack(cache).orElseThrow();
    Path library = unpacked.resolve(System.mapLibraryName("onnxruntime"));
    long size = Files.size(library);
    FileTime before = FileTime.from(Instant.now().minus(Duration.ofDays(1)));
    Files.setLastModifiedTime(library, before);
    Path debris = Files.writeString(unpacked.resolve(library.getFileName() + ".part"), "killed");
    assertEquals(unpacked, NativeLibraries.unpack(cache).orElseThrow());
    assertEquals(before, Files.getLastModifiedTime(library), "not written again");
    Files.writeString(library, "cut short");
    NativeLibraries.unpack(cache);
    assertEquals(size, Files.size(library));
    assertFalse(Files.exists(debris));
  }

  @Test
  void onlyOldEmptyFoldersGo() throws IOException {
    Path old = Files.createDirectory(folder.resolve("onnxruntime-java1"));
    Path used = Files.createDirectory(folder.resolve("onnxruntime-java2"));
    Path library = Files.writeString(used.resolve("library"), "in use");
    Path other = Files.createDirectory(folder.resolve("other"));
    Instant now = Instant.now();
    NativeLibraries.removeAbandoned(folder, now);
    assertTrue(Files.exists(old), "its owner may be about to fill it");
    NativeLibraries.removeAbandoned(folder, now.plus(Duration.ofHours(2)));
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(library));
    assertTrue(Files.exists(other));
  }

  @Test
  void aKilledRunLeavesNoLibraryBehind() throws Exception {
    ChildJvm child = ChildJvm.run(folder, Killed.class);
    assertEquals(1, child.status(), child.output());
    try (var files = Files.walk(folder)) {
      assertEquals(0, files.filter(Files::isRegularFile).count(), child.output());
    }
  }

  /** Ends without giving anybody the time to clean up. */
  static final class Killed {
    public static void main(String[] arguments) {
      OrtBackend.cpu().prepare(Models.addRelu());
      Runtime.getRuntime().halt(1);
    }
  }
}
