package dev.sardonyx.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * What a command found of each of its files, of which one that fails does not end the rest. As JSON
 * it is an array with an object for each file, in order: {@code file}, {@code status}, {@code
 * error} if there was one, and what the command tells of the file.
 */
final class FileResults {
  private final CommandSpec spec;
  private final List<Map<String, Object>> results = new ArrayList<>();
  private int good;

  private FileResults(CommandSpec spec) {
    this.spec = spec;
  }

  /** How a file came off. */
  private enum Status {
    /** Done, and the answer is the good one. */
    OK,
    /** Done, and the answer is not: the model has errors, or differs. */
    FAILED,
    /** Not done; an error says why. */
    ERROR
  }

  /**
   * What was found of a file.
   *
   * @param good whether it is as it should be
   * @param told what is told of it, by the keys that JSON has
   */
  record Found(boolean good, Map<String, Object> told) {}

  /** What is done with each file. */
  @FunctionalInterface
  interface Work {
    Found of(Path file) throws IOException;
  }

  /** Does something with each of the files. Errors are reported as they come. */
  static FileResults of(CommandSpec spec, Collection<Path> files, Work work) {
    FileResults results = new FileResults(spec);
    files.forEach(file -> results.add(file, work));
    return results;
  }

  private void add(Path file, Work work) {
    try {
      Found found = work.of(file);
      put(file, found.good ? Status.OK : Status.FAILED, found.told);
      good += found.good ? 1 : 0;
    } catch (ParameterException e) {
      throw e;
    } catch (IOException
        | RuntimeException
        | OutOfMemoryError
        | StackOverflowError
        | LinkageError e) { // a bad file, or one that is too large, does not end the rest
      Failures failures = (Failures) spec.commandLine().getExecutionExceptionHandler();
      failures.report(e, file, spec.commandLine());
      put(file, Status.ERROR, Map.of("error", Failures.message(e)));
    }
  }

  private void put(Path file, Status status, Map<String, Object> told) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("file", file);
    result.put("status", status.name().toLowerCase(Locale.ROOT));
    result.putAll(told);
    results.add(result);
  }

  /** How many files are as they should be. */
  int good() {
    return good;
  }

  /** 0 if all are as they should be, else 1. */
  int exitStatus() {
    return good == results.size() ? 0 : 1;
  }

  /** For {@link JsonOption#write}. */
  List<Map<String, Object>> json() {
    return List.copyOf(results);
  }
}
