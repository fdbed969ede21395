package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own for what might kill it.
 *
 * @param status its exit status
 * @param output what it printed
 */
record ChildJvm(int status, String output) {
  /**
   * Runs a main class to its end.
   *
   * @param folder an empty folder for it to work and have its temporary files in
   */
  static ChildJvm run(Path folder, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    return run(folder, Map.of(), main, arguments);
  }

  /** The same with more environment variables. */
  static ChildJvm run(
      Path folder, Map<String, String> environment, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    Path output = folder.resolveSibling(folder.getFileName() + ".out");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("-XX:-CreateCoredumpOnCrash");
    command.add("-Djava.io.tmpdir=" + folder);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(5, TimeUnit.MINUTES), "the JVM does not end");
    } finally {
      process.destroyForcibly();
    }
    return new ChildJvm(process.exitValue(), Files.readString(output, Charset.defaultCharset()));
  }
}
