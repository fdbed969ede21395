package dev.sardonyx.export.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.check.Checker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All that the checker says of small models, word for word: each problem, in which order, what
 * follows from what, and nothing else. A run with {@code -Dsardonyx.acceptReports} writes the
 * reports again.
 */
class ReportsTest {
  private static final Path FILE = Path.of("src/test/resources/check/reports.txt");
  private static final String REPORT = "--- report\n";

  /**
   * @param text the title's line and the model
   */
  record Case(String text, String report) {
    static Case of(String entry) {
      int end = entry.indexOf(REPORT);
      return new Case(entry.substring(0, end), entry.substring(end + REPORT.length()).strip());
    }

    List<Problem> problems() {
      return Checker.check(ModelParser.parse(text.substring(text.indexOf('\n')))).problems();
    }

    String actual() {
      return problems().stream().map(ReportsTest::described).collect(Collectors.joining("\n"));
    }

    @Override
    public String toString() {
      return text.substring(0, text.indexOf('\n'));
    }
  }

  /** A problem as people read it, and below it its fields, which go into JSON. */
  private static String described(Problem problem) {
    return (problem.consequence() ? "(follows) " : "")
        + problem
        + "\n    '"
        + problem.value()
        + "' is to be '"
        + problem.expected()
        + "', is '"
        + problem.actual()
        + "'";
  }

  static Stream<Case> cases() throws IOException {
    try (InputStream in = ReportsTest.class.getResourceAsStream("/check/reports.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(text.split("(?m)^=== ")).skip(1).map(Case::of).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isReported(Case each) throws IOException {
    if (System.getProperty("sardonyx.acceptReports") != null) {
      String old = Files.readString(FILE);
      String entry = "=== " + each.text() + REPORT;
      int begin = old.indexOf(entry) + entry.length();
      int end = old.indexOf("\n=== ", begin);
      Files.writeString(
          FILE,
          old.substring(0, begin) + each.actual() + "\n" + (end < 0 ? "" : old.substring(end)));
      return;
    }
    assertEquals(each.report(), each.actual());
  }

  /** What only a file's message or its nesting shows has tests of its own. */
  @Test
  void everyCodeHasAnExample() throws IOException {
    Set<ProblemCode> missing = EnumSet.allOf(ProblemCode.class);
    missing.removeAll(Set.of(ProblemCode.FILE_FORM, ProblemCode.LIMIT));
    cases().flatMap(c -> c.problems().stream()).map(Problem::code).forEach(missing::remove);
    assertEquals(Set.of(), missing);
  }
}
