package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Whatever is the matter with one file, the next has its turn. */
final class FileResultsTest {
  static Stream<Throwable> failures() {
    return Stream.of(
        new IOException("broken"),
        new IllegalStateException("broken"),
        new OutOfMemoryError("Java heap space"),
        new CompletionException(new OutOfMemoryError("Java heap space")),
        new StackOverflowError(),
        new UnsatisfiedLinkError("no such library"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void theNextFileHasItsTurn(Throwable failure) {
    CommandLine check = Sardonyx.commandLine().getSubcommands().get("check");
    StringWriter err = new StringWriter();
    check.setErr(new PrintWriter(err, true));
    FileResults results =
        FileResults.of(
            check.getCommandSpec(),
            List.of(Path.of("bad.onnx"), Path.of("good.onnx")),
            file -> {
              if (file.toString().equals("bad.onnx")) {
                throwAny(failure);
              }
              return new FileResults.Found(true, Map.of("told", 1));
            });
    assertEquals(1, results.exitStatus());
    assertEquals(1, results.good());
    assertEquals(
        List.of("error", "ok"), results.json().stream().map(file -> file.get("status")).toList());
    assertTrue(err.toString().startsWith("sardonyx: bad.onnx: "), err.toString());
    assertEquals(1, err.toString().lines().count(), err.toString());
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void throwAny(Throwable failure) throws T {
    throw (T) failure;
  }
}
