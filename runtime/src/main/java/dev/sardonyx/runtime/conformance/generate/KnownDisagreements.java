package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.file.TextFile;
import dev.sardonyx.runtime.conformance.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Where a backend is known to disagree with the reference evaluator, as a text file of one rule a
 * line: operator, class, way, what is found in the case, the reason, and the seed and name of a
 * generated case that shows it, as in
 *
 * <pre>{@code
 * NonZero | theirs | shape | X: \w+\[\] | a scalar gives [1,N] instead of [0,N] | 3 NonZero/00036
 * }</pre>
 *
 * <p>The class is {@code theirs} or {@code unspecified}. What is found are regular expressions,
 * {@code &} between them, all of which must occur in {@link Answer#text}; none for every case. Of
 * several rules the first counts. Empty lines and those that begin with {@code #} say nothing.
 */
public record KnownDisagreements(List<KnownDisagreement> rules) {
  private static final int COLUMNS = 6;

  public KnownDisagreements {
    rules = List.copyOf(rules);
  }

  /** Nothing is known: every disagreement is unclassified. */
  public static KnownDisagreements none() {
    return new KnownDisagreements(List.of());
  }

  /** Those of ONNX Runtime, in the version that Sardonyx is built with, on the CPU. */
  public static KnownDisagreements ofOnnxRuntime() throws IOException {
    String file = "onnxruntime.txt";
    try (InputStream in = KnownDisagreements.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IOException("Sardonyx's own file " + file + " is not there");
      }
      return parse(file, new String(in.readAllBytes(), StandardCharsets.UTF_8).lines());
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or naming the line that is of another form
   */
  public static KnownDisagreements read(Path file) throws IOException {
    return parse(file.toString(), TextFile.read(file).lines());
  }

  private static KnownDisagreements parse(String file, Stream<String> lines) throws IOException {
    List<KnownDisagreement> rules = new ArrayList<>();
    int number = 0;
    for (String line : lines.toList()) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        rules.add(rule(file + ":" + number, line));
      }
    }
    return new KnownDisagreements(rules);
  }

  private static KnownDisagreement rule(String place, String line) throws IOException {
    String[] parts =
        Arrays.stream(line.split("\\|(?= |$)", -1)).map(String::strip).toArray(String[]::new);
    Optional<Outcome.Status> status =
        Stream.of(Outcome.Status.THEIRS, Outcome.Status.UNSPECIFIED)
            .filter(s -> parts.length == COLUMNS && s.text().equals(parts[1]))
            .findFirst();
    Optional<Way> way =
        Arrays.stream(Way.values())
            .filter(w -> parts.length == COLUMNS && w.text().equals(parts[2]))
            .findFirst();
    if (status.isEmpty() || way.isEmpty() || parts[4].isEmpty()) {
      throw new IOException(
          place
              + ": not a rule, such as 'NonZero | theirs | shape | X: \\w+\\[\\] | reason | 3 NonZero/00036': "
              + line);
    }
    return new KnownDisagreement(
        parts[0], status.get(), way.get(), patterns(place, parts[3]), parts[4], parts[5]);
  }

  private static List<Pattern> patterns(String place, String text) throws IOException {
    List<Pattern> patterns = new ArrayList<>();
    try {
      for (String pattern : text.isEmpty() ? new String[0] : text.split(" & ", -1)) {
        patterns.add(Pattern.compile(pattern));
      }
    } catch (PatternSyntaxException e) {
      throw new IOException(
          place + ": no regular expression: " + e.getPattern() + ": " + e.getDescription(), e);
    }
    return patterns;
  }

  /** The first rule that is about an answer; empty if the answer is right, or no rule is. */
  public Optional<KnownDisagreement> of(Answer answer) {
    return answer.way().isEmpty()
        ? Optional.empty()
        : rules.stream().filter(rule -> rule.explains(answer)).findFirst();
  }
}
