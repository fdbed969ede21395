package dev.sardonyx.export.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exports that meet, in one program and in several, or that are killed: whatever happens, the file
 * is one whole model with its own weights, and nothing else is left in the folder.
 */
final class ConcurrentExportsTest {
  /** How often a program is killed; 100 for a long run ({@code -Dsardonyx.kills=100}). */
  private static final int KILLS = Integer.getInteger("sardonyx.kills", 4);

  @TempDir private Path folder;

  /** Requires a model with its data file at most. */
  private void assertNothingElse() throws IOException {
    List<String> names = Marked.names(folder);
    boolean alone = names.equals(List.of("m.onnx"));
    assertTrue(
        alone || (names.size() == 2 && names.get(1).matches("m\\.onnx\\.[0-9a-f]{32}\\.data")),
        names.toString());
  }

  @Test
  void threadsDoNotMixTheirWeights() throws Exception {
    Path file = folder.resolve("m.onnx");
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (int round = 0; round < 40; round++) {
        List<Callable<Boolean>> writes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          int mark = 3 * round + i;
          ExternalData data = i < 2 ? ExternalData.beside() : ExternalData.embedded();
          writes.add(
              () -> {
                OnnxWriter.write(Marked.model(mark), file, data);
                // Whoever reads meanwhile finds a whole model, too.
                return Marked.mark(file) >= 0;
              });
        }
        for (Future<Boolean> done : threads.invokeAll(writes)) {
          assertTrue(done.get());
        }
        assertEquals(round, Marked.mark(file) / 3);
        assertNothingElse();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void programsDoNotMixTheirWeights() throws Exception {
    Path file = folder.resolve("m.onnx");
    List<Process> programs = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        programs.add(ExportLoop.start(file, 1000 * i, 60));
      }
      while (programs.stream().anyMatch(Process::isAlive)) {
        if (Files.exists(file)) {
          assertTrue(Marked.mark(file) % 1000 < 60);
        }
      }
      for (Process program : programs) {
        assertEquals(0, program.waitFor());
      }
    } finally {
      programs.forEach(Process::destroyForcibly);
    }
    assertEquals(59, Marked.mark(file) % 1000);
    assertNothingElse();
  }

  /** As if it had been killed just after, or just before, the new model came into its place. */
  @Test
  void dataThatAKilledProgramWasAboutToRemoveGoesUnlessAModelNeedsIt() throws Exception {
    Path file = folder.resolve("m.onnx");
    String old = "0123456789abcdef0123456789abcdef";
    OnnxWriter.write(Marked.model(0), file, ExternalData.beside());
    Files.write(folder.resolve("m.onnx." + old + ".data"), new byte[4]);
    Files.write(folder.resolve(".sardonyx-1-1-" + old + ".tmp"), new byte[0]);
    OnnxWriter.write(Marked.model(1), file, ExternalData.beside());
    assertNothingElse();
    String needed;
    try (java.util.stream.Stream<Path> files = Files.list(folder)) {
      needed =
          files
              .map(f -> f.getFileName().toString())
              .filter(f -> f.endsWith(".data"))
              .map(f -> f.substring("m.onnx.".length(), f.length() - ".data".length()))
              .findFirst()
              .orElseThrow();
    }
    Files.write(folder.resolve(".sardonyx-1-1-" + needed + ".tmp"), new byte[0]);
    OnnxWriter.write(Marked.model(2), folder.resolve("other.onnx"), ExternalData.beside());
    assertEquals(1, Marked.mark(file));
  }

  @Test
  void aKilledProgramLeavesTheModelWholeAndTheNextOneTidiesUp() throws Exception {
    Path file = folder.resolve("m.onnx");
    Random random = new Random(1);
    OnnxWriter.write(Marked.model(0), file, ExternalData.beside());
    for (int kill = 0; kill < KILLS; kill++) {
      Process program = ExportLoop.start(file, 1, 1_000_000);
      Thread.sleep(random.nextInt(200));
      program.destroyForcibly();
      assertTrue(program.waitFor(1, TimeUnit.MINUTES));
      assertTrue(Marked.mark(file) >= 0);
      OnnxWriter.write(Marked.model(0), file, ExternalData.beside());
      assertNothingElse();
    }
  }
}
