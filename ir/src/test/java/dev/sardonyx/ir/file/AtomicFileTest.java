package dev.sardonyx.ir.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URL;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are there whole or not at all, and what they must leave alone. */
final class AtomicFileTest {
  private static final byte[] NEW = "new".getBytes(UTF_8);

  @TempDir private Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Requires a refusal that names the file and leaves nothing behind. */
  private void assertRefused(Path file, String reason) throws IOException {
    List<String> before = names();
    for (boolean only : new boolean[] {true, false}) {
      IOException e =
          assertThrows(
              IOException.class,
              () -> {
                if (only) {
                  AtomicFile.requireWritable(file);
                } else {
                  AtomicFile.write(file, NEW);
                }
              });
      FileSystemException named = (FileSystemException) e;
      assertEquals(file.toString(), named.getFile());
      assertTrue(named.getReason().contains(reason), named.getReason());
    }
    assertEquals(before, names());
  }

  @Test
  void theOldFileStaysUntilTheNewOneIsCommitted() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "old");
    try (AtomicFile out = AtomicFile.create(file)) {
      out.write(NEW);
      assertEquals("old", Files.readString(file));
      assertEquals(2, names().size());
    }
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("f"), names());
    AtomicFile.write(file, NEW);
    assertEquals("new", Files.readString(file));
    assertEquals(List.of("f"), names());
  }

  @Test
  void whatBelongsToAFileGoesWithIt() throws IOException {
    Path file = folder.resolve("f");
    try (AtomicFile out = AtomicFile.create(file)) {
      try (AtomicFile more = out.beside(".more")) {
        more.skipTo(5);
        more.write(NEW);
        more.commit();
      }
      Path beside = folder.resolve(out.nameBeside(".more"));
      assertEquals("\0\0\0\0\0new", Files.readString(beside));
    }
    assertEquals(List.of(), names());
    try (AtomicFile out = AtomicFile.create(file);
        AtomicFile more = out.beside(".more")) {
      more.commit();
      out.commit();
    }
    assertEquals(2, names().size());
  }

  @Test
  void impossiblePlacesAreNamed() throws IOException {
    assertRefused(folder, "is a folder");
    assertRefused(folder.resolve("no").resolve("f"), "its folder does not exist");
    Files.createSymbolicLink(folder.resolve("round"), Path.of("round"));
    assertThrows(IOException.class, () -> AtomicFile.write(folder.resolve("round"), NEW));
  }

  @Test
  void aLinkStaysAndItsTargetIsReplaced() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real")).resolve("f");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("real", "f"));
    for (String text : List.of("first", "second")) {
      AtomicFile.write(link, text.getBytes(UTF_8));
      assertTrue(Files.isSymbolicLink(link));
      assertEquals(text, Files.readString(real));
    }
    assertEquals(List.of("link", "real"), names());
  }

  @Test
  void oneFileByTwoNames() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("f"));
    Path file = folder.resolve("f");
    assertTrue(AtomicFile.isSame(file, folder.resolve(".").resolve("f")));
    assertTrue(AtomicFile.isSame(file, link));
    assertFalse(AtomicFile.isSame(file, folder.resolve("g")));
    Files.writeString(file, "old");
    assertTrue(AtomicFile.isSame(file, link));
    Files.createLink(folder.resolve("hard"), file);
    assertTrue(AtomicFile.isSame(file, folder.resolve("hard")));
    assertFalse(AtomicFile.isSame(file, folder.resolve("g")));
    Path nothing = Path.of("/dev/null");
    if (Files.exists(nothing)) {
      assertFalse(AtomicFile.isSame(nothing, nothing), "anything may go there");
    }
  }

  @ParameterizedTest
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such permissions")
  @ValueSource(strings = {"rw-------", "rw-rw-rw-", "rwxr-x---", "r--rw----"})
  void permissionsAreKept(String permissions) throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    assumeTrue(Files.isWritable(file), "only root may write to such a file");
    try (AtomicFile out = AtomicFile.create(file);
        AtomicFile more = out.beside(".more")) {
      for (Path each : List.of(more.path(), file)) {
        (each.equals(file) ? out : more).commit();
        assertEquals(
            permissions, PosixFilePermissions.toString(Files.getPosixFilePermissions(each)));
      }
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such permissions")
  void aProtectedFileIsNotReplaced() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assertRefused(file, "write-protected");
    assertRefused(Files.createSymbolicLink(folder.resolve("link"), file), "write-protected");
    assertThrows(AccessDeniedException.class, () -> AtomicFile.write(file, NEW));
    assertEquals("old", Files.readString(file));
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the devices are Linux's")
  void devicesAreWrittenInto() throws IOException {
    Object before = Files.getAttribute(Path.of("/dev/null"), "unix:ino");
    AtomicFile.requireWritable(Path.of("/dev/null"));
    AtomicFile.write(Path.of("/dev/null"), NEW);
    assertEquals(before, Files.getAttribute(Path.of("/dev/null"), "unix:ino"));
    assertFalse(Files.isRegularFile(Path.of("/dev/null")));
    AtomicFile.requireWritable(Path.of("/dev/full"));
    FileSystemException full =
        assertThrows(FileSystemException.class, () -> AtomicFile.write(Path.of("/dev/full"), NEW));
    assertEquals("/dev/full", full.getFile());
    assertTrue(full.getReason().contains("No space left"), full.getReason());
    try (AtomicFile out = AtomicFile.create(Path.of("/dev/null"))) {
      assertTrue(out.isStream());
      assertThrows(FileSystemException.class, () -> out.beside(".data"));
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no named pipes among its files")
  void aPipeIsWrittenInto() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    CompletableFuture<String> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Files.readString(pipe);
              } catch (IOException e) {
                return e.toString();
              }
            });
    AtomicFile.requireWritable(pipe);
    AtomicFile.write(pipe, NEW);
    assertEquals("new", read.get(1, TimeUnit.MINUTES));
    assertEquals(List.of("pipe"), names());
    assertFalse(Files.isRegularFile(pipe));
  }

  /** Standard output may be a file that the shell holds open, and others write into. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the names are Linux's")
  void standardOutputIsWrittenInto() throws Exception {
    Path log = folder.resolve("log");
    for (String name : List.of("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")) {
      Files.writeString(log, "before ");
      Process program = program(name, ProcessBuilder.Redirect.appendTo(log.toFile()), "commit");
      assertEquals(0, program.waitFor());
      assertEquals("before new", Files.readString(log), name);
    }
    assertEquals(List.of("log"), names());
  }

  private static Process program(String file, ProcessBuilder.Redirect output, String then)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            root(AtomicFile.class) + File.pathSeparator + root(Writing.class),
            Writing.class.getName(),
            file,
            then)
        .redirectOutput(output)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Where a class comes from, which the class path does not say if the tests run as a module. */
  private static String root(Class<?> type) {
    String name = type.getName().replace('.', '/') + ".class";
    URL url = Objects.requireNonNull(type.getResource("/" + name));
    Path file = Path.of(URI.create(url.toString()));
    return file.getRoot()
        .resolve(file.subpath(0, file.getNameCount() - Path.of(name).getNameCount()))
        .toString();
  }

  /** A program that writes a file, and one that belongs to it; FILE commit|wait. */
  static final class Writing {
    private Writing() {}

    public static void main(String[] arguments) throws Exception {
      try (AtomicFile out = AtomicFile.create(Path.of(arguments[0]))) {
        out.write(NEW);
        if (arguments[1].equals("commit")) {
          out.commit();
          return;
        }
        try (AtomicFile more = out.beside(".more");
            AtomicFile unfinished = out.beside(".unfinished")) {
          more.write(NEW);
          more.commit();
          unfinished.write(NEW);
          System.out.println("waits");
          System.out.flush();
          Thread.sleep(600_000);
        }
      }
    }
  }

  private Process waiting() throws IOException {
    Process program = program(folder.resolve("f").toString(), ProcessBuilder.Redirect.PIPE, "wait");
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(program.getInputStream(), UTF_8));
    assertEquals("waits", lines.readLine());
    return program;
  }

  @Test
  void whatAKilledProgramLeftIsRemovedAndWhatALivingOneWritesIsNot() throws Exception {
    Files.writeString(folder.resolve(".sardonyx-notes.tmp"), "somebody's own");
    Process living = waiting();
    Process killed = waiting();
    try {
      assertEquals(7, names().size(), names().toString());
      killed.destroyForcibly().waitFor();
      AtomicFile.write(folder.resolve("g"), NEW);
      assertEquals(5, names().size(), names().toString());
      // A second one is not deceived either: looking at the lock did not end it.
      AtomicFile.write(folder.resolve("g"), NEW);
      assertEquals(5, names().size(), names().toString());
    } finally {
      living.destroyForcibly().waitFor();
    }
    AtomicFile.requireWritable(folder.resolve("h"));
    assertEquals(List.of(".sardonyx-notes.tmp", "g"), names());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a program is not asked to end there")
  void aProgramThatIsAskedToEndTidiesUpItself() throws Exception {
    Process program = waiting();
    program.destroy();
    assertTrue(program.waitFor(1, TimeUnit.MINUTES));
    assertEquals(List.of(), names());
  }

  /**
   * Who copies the folder of a program at work can get an unfinished file and its finished twin.
   */
  @Test
  void whatAnotherFileSpeaksOfStays() throws Exception {
    Process killed = waiting();
    killed.destroyForcibly().waitFor();
    String more = names().stream().filter(name -> name.endsWith(".more")).findFirst().orElseThrow();
    Files.writeString(folder.resolve("f"), "x".repeat(65_530) + more + " is my data");
    AtomicFile.write(folder.resolve("g"), NEW);
    assertEquals(List.of("f", more, "g"), names());
  }

  @Test
  void aFileSystemInAZipFile() throws IOException {
    Path zip = folder.resolve("z.zip");
    try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path file = files.getPath("/in/f");
      assertThrows(IOException.class, () -> AtomicFile.write(file, NEW));
      Files.createDirectory(Objects.requireNonNull(file.getParent()));
      for (String text : List.of("first", "second")) {
        AtomicFile.write(file, text.getBytes(UTF_8));
        assertEquals(text, Files.readString(file));
      }
      try (AtomicFile out = AtomicFile.create(file)) {
        out.skipTo(3);
        out.write(NEW);
      }
      AtomicFile.requireWritable(files.getPath("/g"));
      try (Stream<Path> all = Files.walk(files.getPath("/"))) {
        assertEquals(1, all.filter(Files::isRegularFile).count());
      }
    }
    assertEquals(List.of("z.zip"), names());
    assertTrue(Files.isRegularFile(zip, LinkOption.NOFOLLOW_LINKS));
  }
}
