package dev.sardonyx.runtime.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.ConvertingBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.conformance.generate.Answer;
import dev.sardonyx.runtime.conformance.generate.Differential;
import dev.sardonyx.runtime.conformance.generate.GeneratedCase;
import dev.sardonyx.runtime.conformance.generate.KnownDisagreement;
import dev.sardonyx.runtime.conformance.generate.KnownDisagreements;
import dev.sardonyx.runtime.isolated.IsolatedBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * For every rule of {@code onnxruntime.txt} there is a model, as small as it can be, that shows it:
 * the reference evaluator gives what is recorded, and ONNX Runtime does not, in the rule's way. A
 * rule whose model ONNX Runtime gets right is to be taken away, with the model: it is mended.
 */
class KnownDisagreementsTest {
  private static final Path MODELS =
      Path.of("src/test/resources/dev/sardonyx/runtime/conformance/disagreements");

  /** The folder of a rule's model, such as {@code theirs/NonZero/00036}. */
  private static String folder(KnownDisagreement rule) {
    return rule.status().text() + "/" + rule.shownBy().replaceAll("^\\d+ ", "");
  }

  private static GeneratedCase generated(SuiteCase shown) throws IOException {
    SuiteCase.DataSet data = shown.dataSets().get(0);
    return new GeneratedCase(shown.name(), shown.model(), data.inputs(), data.outputs());
  }

  @Test
  void everyRuleIsShownByAModel() throws IOException {
    KnownDisagreements known = KnownDisagreements.ofOnnxRuntime();
    List<KnownDisagreement> rules = known.rules();
    List<String> wrong = new ArrayList<>();
    try (Suite suite = Suite.open(MODELS);
        IsolatedBackend ort = IsolatedBackend.onnxRuntime()) {
      Map<String, SuiteCase> models =
          suite.cases().stream().collect(Collectors.toMap(SuiteCase::name, Function.identity()));
      assertEquals(
          rules.stream().map(KnownDisagreementsTest::folder).sorted().toList(),
          models.keySet().stream().sorted().toList());
      Differential onOrt = new Differential(new ConvertingBackend(ort, OrtBackend.TARGET), known);
      Differential onReference = new Differential(new ReferenceBackend(), known);
      for (KnownDisagreement rule : rules) {
        SuiteCase shown = models.get(folder(rule));
        assertNotNull(shown);
        GeneratedCase generated = generated(shown);
        Outcome ours = onReference.answer(generated).outcome();
        Answer theirs = onOrt.answer(generated);
        if (!ours.isPassed()) {
          wrong.add(shown + ": the reference evaluator does not give what is recorded: " + ours);
        } else if (theirs.outcome().isPassed()) {
          wrong.add(shown + ": mended, take away the rule and the model: " + rule.reason());
        } else if (!known.of(theirs).equals(Optional.of(rule))) {
          wrong.add(shown + ": not what the rule says, '" + rule.reason() + "': " + theirs.text());
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void theReadmeCountsThem() throws IOException {
    int rules = KnownDisagreements.ofOnnxRuntime().rules().size();
    assertTrue(
        Files.readString(Path.of("README.md")).contains("Those of all " + rules + " rules"),
        "README.md has another number than " + rules);
  }

  /** Two reasons of one operator and class differ, so that reports tell them apart. */
  @Test
  void reasonsAreToldApart() throws IOException {
    Set<String> seen = new HashSet<>();
    List<String> twice = new ArrayList<>();
    for (KnownDisagreement rule : KnownDisagreements.ofOnnxRuntime().rules()) {
      String told = rule.operator() + " " + rule.status() + " " + rule.reason();
      if (!seen.add(told)) {
        twice.add(told);
      }
    }
    assertEquals(List.of(), twice);
  }
}
