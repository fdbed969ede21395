package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The cases that a backend is known not to pass, as a text file of one line each: the case, how it
 * comes out, and the cause, as in
 *
 * <pre>{@code
 * node/test_bitshift_left_uint16 | skipped | no kernel for uint16
 * }</pre>
 *
 * <p>Empty lines and those that begin with {@code #} say nothing.
 *
 * @param known by the names of cases
 */
public record Baseline(Map<String, Baseline.Known> known) {
  private static final String SEPARATOR = " | ";
  private static final int CAUSE_LENGTH = 160;

  /**
   * How a case comes out, and why.
   *
   * @param status any but passed
   * @param cause in one line; for readers only
   */
  public record Known(Outcome.Status status, String cause) {}

  public Baseline {
    known = Map.copyOf(known);
  }

  /** The baseline of a backend that passes everything. */
  public static Baseline empty() {
    return new Baseline(Map.of());
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or naming the line that is of another form
   */
  public static Baseline read(Path file) throws IOException {
    Map<String, Known> known = new TreeMap<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.split(" \\| ", 3);
        Optional<Outcome.Status> status =
            parts.length < 2 ? Optional.empty() : status(parts[1].strip());
        if (status.isEmpty() || known.containsKey(parts[0])) {
          throw new IOException(
              "%s:%d: not a line of a baseline, such as 'node/test_abs | failed | cause', each case once: %s"
                  .formatted(file, number, line));
        }
        known.put(parts[0], new Known(status.get(), parts.length < 3 ? "" : parts[2]));
      }
    }
    return new Baseline(known);
  }

  private static Optional<Outcome.Status> status(String text) {
    for (Outcome.Status status : Outcome.Status.values()) {
      if (status.text().equals(text) && status != Outcome.Status.PASSED) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }

  /** What is known of a case. */
  public Optional<Known> of(String caseName) {
    return Optional.ofNullable(known.get(caseName));
  }

  /** Why an outcome is not the one that is known, if it is another. */
  public Optional<String> objection(String caseName, Outcome outcome) {
    Known before = known.get(caseName);
    if (before == null) {
      return outcome.isPassed()
          ? Optional.empty()
          : Optional.of(outcome.status().text() + ": " + outcome.reason());
    }
    if (outcome.isPassed()) {
      return Optional.of(
          "passes, and is known as %s: %s".formatted(before.status().text(), before.cause()));
    }
    return before.status() == outcome.status()
        ? Optional.empty()
        : Optional.of(
            "%s, and is known as %s: %s"
                .formatted(outcome.status().text(), before.status().text(), outcome.reason()));
  }

  /** The cases known that are not among those there are. */
  public List<String> gone(Collection<String> caseNames) {
    return known.keySet().stream().filter(name -> !caseNames.contains(name)).sorted().toList();
  }

  /**
   * The baseline with which the results of a stage raise no objection. The causes of cases that
   * come out as they did are kept.
   */
  public Baseline accepting(List<CaseResult> results, String stage) {
    Map<String, Known> accepted = new TreeMap<>();
    for (CaseResult result : results) {
      for (CaseResult.StageResult of : result.stages()) {
        Outcome outcome = of.outcome();
        if (of.stage().equals(stage) && !outcome.isPassed()) {
          Known before = known.get(result.name());
          accepted.put(
              result.name(),
              before != null && before.status() == outcome.status()
                  ? before
                  : new Known(outcome.status(), line(outcome.reason())));
        }
      }
    }
    return new Baseline(accepted);
  }

  private static String line(String reason) {
    String line = Printable.line(reason.strip().replaceAll("\\s+", " "));
    return line.length() <= CAUSE_LENGTH ? line : line.substring(0, CAUSE_LENGTH - 1) + "…";
  }

  /**
   * Writes the file, with the comments that an older one begins with.
   *
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    if (Files.exists(file)) {
      Files.readAllLines(file).stream().takeWhile(l -> l.startsWith("#")).forEach(lines::add);
    }
    new TreeMap<>(known)
        .forEach(
            (name, entry) ->
                lines.add(
                    String.join(SEPARATOR, name, entry.status().text(), entry.cause()).strip()));
    String text = String.format(Locale.ROOT, "%s%n", String.join(System.lineSeparator(), lines));
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
