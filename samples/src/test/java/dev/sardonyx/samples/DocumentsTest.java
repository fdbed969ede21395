package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.samples.Documents.Piece;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Markdown files of the repository: their links lead somewhere, their Java is code that a test
 * runs, their Maven calls are those that the poms know. {@link DocumentedCommandsTest} runs their
 * calls of {@code sardonyx}.
 */
final class DocumentsTest {
  private static final Pattern LINK =
      Pattern.compile("\\[[^\\]\n]*(?:\n[^\\]\n]*)?\\]\\(([^)\\s]+)\\)");

  /**
   * What a line of code that is not between fences may begin with: commands, and options of a file.
   */
  private static final Pattern COMMAND =
      Pattern.compile("(sardonyx|mvn|java|javadoc|curl|npm|source) .*|[a-z]+\\.[a-z-]+=\\S+");

  @Test
  void thereAreDocumentsOfEachModule() throws IOException {
    Set<String> found = new TreeSet<>();
    Documents.all().forEach(file -> found.add(Documents.ROOT.relativize(file).toString()));
    for (String module : List.of("", "ir/", "export/", "training/", "runtime/", "samples/")) {
      assertTrue(found.contains(module + "README.md"), found.toString());
    }
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    int count = 0;
    for (Path file : Documents.all()) {
      for (Piece link : links(file, Files.readString(file))) {
        if (!link.text().contains("://")) {
          count++;
          brokenLink(link).ifPresent(broken::add);
        }
      }
    }
    assertTrue(count > 30, count + " links");
    assertEquals(List.of(), broken);
  }

  /** The test itself sees what is wrong. */
  @Test
  void brokenLinksAreSeen(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.md");
    Files.writeString(file, "# A title: it's\n## B\n[x](#b) [y](#a-title-its) [z\nz](a.md#b)");
    List<Piece> good = links(file, Files.readString(file));
    assertEquals(3, good.size());
    for (Piece link : good) {
      assertEquals(Optional.empty(), brokenLink(link));
    }
    for (String target : List.of("#c", "b.md", "a.md#title", "folder/")) {
      assertTrue(brokenLink(new Piece(file, 1, target)).isPresent(), target);
    }
  }

  private static List<Piece> links(Path file, String text) {
    List<Piece> links = new ArrayList<>();
    Matcher link = LINK.matcher(text);
    while (link.find()) {
      links.add(new Piece(file, Documents.lineOf(text, link.start()), link.group(1)));
    }
    return links;
  }

  private static Optional<String> brokenLink(Piece link) throws IOException {
    String[] parts = link.text().split("#", 2);
    Path target = parts[0].isEmpty() ? link.file() : link.file().resolveSibling(parts[0]);
    if (!Files.exists(target)) {
      return Optional.of(link + " is not there");
    }
    return parts.length == 1 || anchors(target).contains(parts[1])
        ? Optional.empty()
        : Optional.of(link + ": there is no such title");
  }

  /** Those of titles, as web pages of Markdown name them. */
  private static Set<String> anchors(Path file) throws IOException {
    Set<String> anchors = new TreeSet<>();
    Map<String, Integer> seen = new HashMap<>();
    for (String line : Documents.prose(file)) {
      if (line.matches("#{1,6} .*")) {
        String anchor =
            line.replaceFirst("#+ ", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
        int before = seen.merge(anchor, 1, Integer::sum) - 1;
        anchors.add(before == 0 ? anchor : anchor + "-" + before);
      }
    }
    return anchors;
  }

  /**
   * Each Java example is a part, word by word, of the class that is linked before it, and a test
   * runs that class.
   */
  @Test
  void javaIsQuotedFromClassesThatTestsRun() throws IOException {
    String tests = tests();
    List<String> wrong = new ArrayList<>();
    int count = 0;
    for (Path file : Documents.all()) {
      for (Piece block : Documents.fenced(file, "java")) {
        count++;
        Path source = linkedBefore(block);
        String name = source.getFileName().toString().replace(".java", "");
        if (!isPartOf(block.text(), Files.readAllLines(source))) {
          wrong.add(block.file() + ":" + block.line() + " differs from " + source);
        }
        if (!source.toString().contains("/test/")
            && !Pattern.compile("\\b" + name + "(\\.|::)(main|of|run)\\b").matcher(tests).find()) {
          wrong.add("no test runs " + source);
        }
      }
    }
    assertTrue(count >= 9, count + " examples");
    assertEquals(List.of(), wrong);
  }

  private static Path linkedBefore(Piece block) throws IOException {
    List<String> before = Files.readAllLines(block.file()).subList(0, block.line());
    List<MatchResult> links =
        Pattern.compile("\\(([^()\\s]+\\.java)\\)")
            .matcher(String.join("\n", before))
            .results()
            .toList();
    assertTrue(!links.isEmpty(), block.file() + ":" + block.line() + ": links no class before it");
    return block.file().resolveSibling(links.get(links.size() - 1).group(1)).normalize();
  }

  /** Whether the lines follow each other in the source, indented by any number of blanks. */
  private static boolean isPartOf(String block, List<String> source) {
    List<String> wanted = block.lines().toList();
    for (int start = 0; start + wanted.size() <= source.size(); start++) {
      int indent = source.get(start).length() - source.get(start).stripLeading().length();
      String found =
          String.join("\n", source.subList(start, start + wanted.size())).indent(-indent);
      if (found.equals(String.join("\n", wanted) + "\n")) {
        return true;
      }
    }
    return false;
  }

  @Test
  void changedExamplesAreSeen() {
    List<String> source =
        List.of("class A {", "  void b() {", "    c();", "", "    d();", "  }", "}");
    assertTrue(isPartOf("c();\n\nd();\n", source));
    assertTrue(!isPartOf("c();\nd();\n", source));
    assertTrue(!isPartOf("c();\n\ne();\n", source));
  }

  private static String tests() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String module : List.of("samples", "samples/spring", "runtime/spark")) {
      try (Stream<Path> files = Files.walk(Documents.ROOT.resolve(module + "/src/test/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          all.append(Files.readString(file));
        }
      }
    }
    return all.toString();
  }

  /** What else is shown as code is a command; Java stands between fences, and is compiled. */
  @Test
  void codeOutsideOfFencesIsCommands() throws IOException {
    for (Path file : Documents.all()) {
      for (Piece command : Documents.commands(file)) {
        assertTrue(COMMAND.matcher(command.text()).matches(), command.toString());
      }
    }
  }

  /**
   * Maven is not called by its own tests. What its calls name must be there: modules, profiles,
   * executions, test classes, and the properties that the sources or poms read.
   */
  @Test
  void mavenKnowsWhatItsCallsName() throws IOException {
    String poms = poms();
    String sources = poms + tests() + mavenTests();
    List<Piece> calls = new ArrayList<>();
    for (Path file : Documents.all()) {
      String prose = String.join("\n", Documents.prose(file));
      Documents.commands(file).stream()
          .filter(c -> c.text().startsWith("mvn "))
          .forEach(calls::add);
      Pattern.compile("`(mvn [^`]*)`")
          .matcher(prose)
          .results()
          .forEach(m -> calls.add(new Piece(file, Documents.lineOf(prose, m.start()), m.group(1))));
    }
    assertTrue(calls.size() > 10, calls.toString());
    for (Piece call : calls) {
      assertEquals(
          List.of(), unknown(call.text().replace('\n', ' '), poms, sources), call.toString());
    }
  }

  @Test
  void wrongCallsOfMavenAreSeen() throws IOException {
    String poms = poms();
    for (String wrong :
        List.of(
            "mvn -q exec:exec@minst",
            "mvn -Pspark verify",
            "mvn -pl sample test",
            "mvn -Dtest=NoSuchTest test",
            "mvn -Dsardonyx.argz=x verify",
            "mvn verfy")) {
      assertEquals(1, unknown(wrong, poms, poms).size(), wrong);
    }
  }

  private static List<String> unknown(String call, String poms, String sources) {
    List<String> unknown = new ArrayList<>();
    String bare = call.replaceAll("=(\"[^\"]*\"|'[^']*')", "=x");
    List<String> words = Pattern.compile("\\s+").splitAsStream(bare).toList();
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      boolean known;
      if (word.startsWith("exec:exec@")) {
        known = poms.contains("<id>" + word.substring("exec:exec@".length()) + "</id>");
      } else if (word.startsWith("-P")) {
        known = poms.contains("<id>" + word.substring(2) + "</id>");
      } else if (word.equals("-pl")) {
        i++;
        known = poms.contains("<module>" + words.get(i) + "</module>");
      } else if (word.startsWith("-Dtest=")) {
        known = sources.contains("class " + word.substring("-Dtest=".length()) + " ");
      } else if (word.startsWith("-Dsardonyx.")) {
        known = sources.contains(word.substring(2).replaceAll("=.*", ""));
      } else {
        known =
            word.matches(
                "-[qBo]|-am|-DskipTests|-Dquick|-Dbench=.*|-Dsurefire.failIfNoSpecifiedTests=false"
                    + "|-Dorg.eclipse.deeplearning4j.helpers.disable=true"
                    + "|clean|test|test-compile|package|verify|install|spotless:apply");
      }
      if (!known) {
        unknown.add(word);
      }
    }
    return unknown;
  }

  private static String poms() throws IOException {
    StringBuilder poms = new StringBuilder();
    for (String module :
        List.of("", "ir/", "export/", "training/", "runtime/", "runtime/spark/", "samples/")) {
      poms.append(Files.readString(Documents.ROOT.resolve(module + "pom.xml")));
    }
    return poms.toString();
  }

  /** The tests of modules that documents have Maven run, and the properties that they read. */
  private static String mavenTests() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String module : List.of("ir", "export", "training", "runtime")) {
      try (Stream<Path> files = Files.walk(Documents.ROOT.resolve(module + "/src/test/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
          all.append(Files.readString(file));
        }
      }
    }
    return all.toString();
  }
}
