package dev.sardonyx.runtime.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.conformance.junit.BackendConformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** A baseline that is wrong in either direction fails a test, and says how to accept. */
class BackendConformanceTest {
  @TempDir private Path folder;

  /** The reference evaluator, which cannot decode WebP, with a baseline of some lines. */
  private record Suite(Path baseline) implements BackendConformance {
    @Override
    public Backend backend() {
      return new ReferenceBackend();
    }

    @Override
    public boolean takes(String caseName) {
      return caseName.startsWith("node/test_abs") || caseName.contains("webp");
    }
  }

  private static final String WEBP = "node/test_image_decoder_decode_webp_rgb";

  private static List<DynamicTest> tests(DynamicNode node) {
    List<DynamicTest> all = new ArrayList<>();
    if (node instanceof DynamicContainer container) {
      container.getChildren().forEach(child -> all.addAll(tests(child)));
    } else if (node instanceof DynamicTest test) {
      all.add(test);
    }
    return all;
  }

  /** The names of the tests that fail, and "- name" of those that are skipped. */
  private List<String> failing(String... lines) throws Exception {
    Path file = Files.write(folder.resolve("known.txt"), List.of(lines));
    List<String> names = new ArrayList<>();
    for (DynamicNode node : new Suite(file).conformance().toList()) {
      for (DynamicTest test : tests(node)) {
        try {
          test.getExecutable().execute();
        } catch (TestAbortedException e) {
          names.add("- " + test.getDisplayName());
        } catch (Throwable e) {
          assertTrue(e.getMessage().contains("-Dsardonyx.conformance=accept"), e.getMessage());
          names.add(test.getDisplayName());
        }
      }
    }
    return names;
  }

  @Test
  void aBaselineThatIsRightPasses() throws Exception {
    assertEquals(List.of("- " + WEBP), failing("# why", "", WEBP + " | failed | no decoder"));
  }

  @Test
  void aFailureThatIsNotKnownFails() throws Exception {
    assertEquals(List.of(WEBP), failing());
  }

  @Test
  void aKnownFailureThatPassesFails() throws Exception {
    assertEquals(
        List.of("node/test_abs", "- " + WEBP),
        failing("node/test_abs | failed | x", WEBP + " | failed | no decoder"));
  }

  @Test
  void anotherKindOfFailureAndACaseThatIsGoneFail() throws Exception {
    assertEquals(
        List.of(WEBP, "baseline"),
        failing(WEBP + " | skipped | no decoder", "node/test_gone | failed | x"));
  }

  @Test
  void whatIsAcceptedKeepsTheCausesAndComments() throws IOException {
    Path file = folder.resolve("more/known.txt");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "# mine\na | failed | because\nb | failed | gone\n");
    Baseline before = Baseline.read(file);
    before
        .accepting(
            List.of(
                result("a", Outcome.failed("today's words")),
                result("b", Outcome.passed()),
                result("c", Outcome.timedOut("a line\nand another"))),
            "s")
        .write(file);
    assertEquals(
        List.of("# mine", "a | failed | because", "c | timed out | a line and another"),
        Files.readAllLines(file));
    assertEquals(Optional.empty(), Baseline.read(file).objection("c", Outcome.timedOut("")));
    assertFalse(Baseline.read(file).objection("c", Outcome.failed("")).isEmpty());
  }

  private static CaseResult result(String name, Outcome outcome) {
    return new CaseResult(
        name, List.of(), List.of(), 1, List.of(new CaseResult.StageResult("s", outcome, 1)));
  }

  @Test
  void ofABackendThatSupportsFewTheOthersAreKnown() throws IOException {
    Path file = folder.resolve("few.txt");
    Outcome refused = Outcome.skipped("refused");
    Baseline.empty()
        .accepting(
            List.of(
                result("a", refused),
                result("b", Outcome.passed("note")),
                result("c", refused),
                result("d", Outcome.failed("wrong")),
                result("e", refused)),
            "s")
        .write(file);
    assertEquals(
        List.of("* | skipped | the backend refuses them", "b | passed", "d | failed | wrong"),
        Files.readAllLines(file));
    Baseline read = Baseline.read(file);
    assertEquals(Optional.empty(), read.objection("c", refused));
    assertFalse(read.objection("c", Outcome.passed()).isEmpty(), "passes, and is not known to");
    assertFalse(read.objection("b", refused).isEmpty(), "is known to pass");
    assertEquals(List.of("d"), read.gone(List.of("b", "c")));
  }

  @Test
  void aLineOfAnotherFormIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("bad.txt"), "# x\nnode/test_abs: failed\n");
    String message = assertThrows(IOException.class, () -> Baseline.read(file)).getMessage();
    assertTrue(message.contains("bad.txt:2: not a line of a baseline"), message);
  }
}
