package dev.sardonyx.runtime.spark.speed;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of {@link Contenders}, asked from here. */
final class ContenderProcess implements AutoCloseable {
  /** What Spark 3.5 wants of the JVM that runs its driver. */
  private static final List<String> SPARK_3_FLAGS =
      List.of(
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");

  private final int executors;
  private final Process process;
  private final Path log;
  private final PrintWriter questions;
  private final BufferedReader answers;

  private ContenderProcess(int executors, Process process, Path log) {
    this.executors = executors;
    this.process = process;
    this.log = log;
    questions = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** The transformer and what is written by hand, on this process's class path. */
  static ContenderProcess own(Path model, long rows, int executors) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(OwnContenders.class.getName());
    return start(command, model, rows, executors);
  }

  /**
   * SynapseML, on a class path of its own.
   *
   * @param built what Maven made of the module
   */
  static ContenderProcess synapseMl(Path built, Path model, long rows, int executors)
      throws IOException {
    // Executors have working folders of their own.
    Path folder = built.toAbsolutePath();
    List<String> command = new ArrayList<>(SPARK_3_FLAGS);
    command.add("-cp");
    command.add(
        folder.resolve("classes")
            + File.pathSeparator
            + Files.readString(folder.resolve("classpath")).strip());
    command.add("dev.sardonyx.runtime.spark.synapseml.SynapseMl");
    return start(command, model, rows, executors);
  }

  private static ContenderProcess start(
      List<String> arguments, Path model, long rows, int executors) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    command.addAll(List.of(model.toString(), "" + rows, "" + executors));
    Path log = Files.createTempFile(model.getParent(), "contender", ".log");
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    return new ContenderProcess(executors, process, log);
  }

  int executors() {
    return executors;
  }

  /** The lines of an answer. */
  List<String> ask(String question) throws IOException {
    questions.println(question);
    List<String> answer = new ArrayList<>();
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.isEmpty()) {
        return answer;
      }
      answer.add(line);
    }
    throw new IOException(
        "The process ended before it answered to \""
            + question
            + "\":\n"
            + Files.readString(log, Charset.defaultCharset()));
  }

  @Override
  public void close() {
    questions.close();
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroy();
    }
  }
}
