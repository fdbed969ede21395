package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.file.AtomicFile;
import dev.sardonyx.ir.file.TextFile;
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
 * <p>Cases that are not there pass; or, of a backend that supports few, they come out as a line
 * {@code * | skipped | cause} says, and those that pass are there. Empty lines and those that begin
 * with {@code #} say nothing.
 *
 * @param otherwise how cases come out that are not known one by one
 * @param known by the names of cases
 */
public record Baseline(Baseline.Known otherwise, Map<String, Baseline.Known> known) {
  private static final Known PASSES = new Known(Outcome.Status.PASSED, "");
  private static final String OTHERS = "*";
  private static final String SEPARATOR = " | ";
  private static final int CAUSE_LENGTH = 160;

  /**
   * How a case comes out, and why.
   *
   * @param cause in one line; for readers only
   */
  public record Known(Outcome.Status status, String cause) {}

  public Baseline {
    known = Map.copyOf(known);
  }

  /** The baseline of a backend that passes everything. */
  public static Baseline empty() {
    return new Baseline(PASSES, Map.of());
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or naming the line that is of another form
   */
  public static Baseline read(Path file) throws IOException {
    Map<String, Known> known = new TreeMap<>();
    int number = 0;
    for (String line : TextFile.read(file).lines().toList()) {
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
    Known otherwise = known.remove(OTHERS);
    return new Baseline(otherwise == null ? PASSES : otherwise, known);
  }

  private static Optional<Outcome.Status> status(String text) {
    for (Outcome.Status status : Outcome.Status.values()) {
      if (status.text().equals(text)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }

  /** What is known of a case. */
  public Known of(String caseName) {
    return known.getOrDefault(caseName, otherwise);
  }

  /** Why an outcome is not the one that is known, if it is another. */
  public Optional<String> objection(String caseName, Outcome outcome) {
    Known before = of(caseName);
    if (before.status() == outcome.status()) {
      return Optional.empty();
    }
    String now = outcome.status().text();
    boolean isExpectedToPass = before.status() == Outcome.Status.PASSED;
    String was =
        isExpectedToPass
            ? ""
            : ", and is known as %s (%s)".formatted(before.status().text(), before.cause());
    return Optional.of(now + was + (outcome.isPassed() ? "" : ": " + outcome.reason()));
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
    Map<String, Outcome> outcomes = new TreeMap<>();
    for (CaseResult result : results) {
      for (CaseResult.StageResult of : result.stages()) {
        if (of.stage().equals(stage)) {
          outcomes.put(result.name(), of.outcome());
        }
      }
    }
    long skipped =
        outcomes.values().stream().filter(o -> o.status() == Outcome.Status.SKIPPED).count();
    Known rest = PASSES;
    if (2 * skipped > outcomes.size()) {
      boolean isSame = otherwise.status() == Outcome.Status.SKIPPED;
      rest = isSame ? otherwise : new Known(Outcome.Status.SKIPPED, "the backend refuses them");
    }
    Map<String, Known> accepted = new TreeMap<>();
    for (Map.Entry<String, Outcome> entry : outcomes.entrySet()) {
      Outcome outcome = entry.getValue();
      Known before = known.get(entry.getKey());
      if (outcome.status() != rest.status()) {
        accepted.put(
            entry.getKey(),
            before != null && before.status() == outcome.status()
                ? before
                : new Known(outcome.status(), line(outcome.isPassed() ? "" : outcome.reason())));
      }
    }
    return new Baseline(rest, accepted);
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
    if (!otherwise.equals(PASSES)) {
      lines.add(line(OTHERS, otherwise));
    }
    new TreeMap<>(known).forEach((name, entry) -> lines.add(line(name, entry)));
    String text = String.format(Locale.ROOT, "%s%n", String.join(System.lineSeparator(), lines));
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String line(String name, Known entry) {
    String status = String.join(SEPARATOR, name, entry.status().text());
    return entry.cause().isEmpty() ? status : status + SEPARATOR + entry.cause();
  }
}
