package dev.sardonyx.ir.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders are there whole or not at all. */
class NewFolderTest {
  @TempDir private Path temp;

  @Test
  void nothingIsLeftOfWhatCannotBeWritten() throws IOException {
    Path path = temp.resolve("a/b");
    try (NewFolder folder = NewFolder.create(path)) {
      folder.write("data/x", new byte[] {1});
      // A file where a folder would have to be.
      IOException failure =
          assertThrows(IOException.class, () -> folder.write("data/x/y", new byte[1]));
      assertTrue(failure.getMessage().contains("cannot be written"), failure.getMessage());
    }
    assertFalse(Files.exists(temp.resolve("a")));
  }

  @Test
  void whatWasThereOrCameFromOthersStays() throws IOException {
    Path path = Files.createDirectory(temp.resolve("a"));
    try (NewFolder folder = NewFolder.create(path)) {
      folder.write("x", new byte[1]);
      Files.createFile(path.resolve("other"));
    }
    assertFalse(Files.exists(path.resolve("x")));
    assertTrue(Files.exists(path.resolve("other")));
    IOException full = assertThrows(IOException.class, () -> NewFolder.create(path));
    assertEquals(path + ": is not empty; name a new folder", full.getMessage());
    IOException file =
        assertThrows(IOException.class, () -> NewFolder.requireNew(path.resolve("other/b")));
    assertTrue(file.getMessage().endsWith("other is not a folder"), file.getMessage());
  }

  @Test
  void whatIsKeptStays() throws IOException {
    Path path = temp.resolve("a");
    try (NewFolder folder = NewFolder.create(path)) {
      folder.write("x/y", new byte[] {1});
      folder.keep();
    }
    assertEquals(1, Files.size(path.resolve("x/y")));
  }
}
