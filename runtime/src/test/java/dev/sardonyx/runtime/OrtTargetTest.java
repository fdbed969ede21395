package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.conformance.Suite;
import dev.sardonyx.runtime.conformance.SuiteCase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What the target onnxruntime-cpu takes of the ONNX backend suite, ONNX Runtime loads, and what it
 * has no kernel for by the target, it has none for. Every 25th case; all with {@code
 * -Dsardonyx.targets=all}.
 */
class OrtTargetTest {
  private static final Target CPU = Target.named("onnxruntime-cpu");
  private static final int STEP = System.getProperty("sardonyx.targets", "").equals("all") ? 1 : 25;

  /** Operators that ONNX defines by others, of which ONNX Runtime has not all in these types. */
  private static final Set<String> FUNCTIONS =
      Set.of(
          "node/test_attention_3d_causal_bf16",
          "node/test_attention_4d_attn_mask_causal_bf16",
          "node/test_attention_4d_causal_padded_kv_bf16",
          "node/test_attention_4d_padded_kv_bf16",
          "node/test_bernoulli_double");

  @Test
  void theTargetTakesWhatIsLoaded() throws IOException {
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    int number = 0;
    try (Suite suite = Suite.onnx()) {
      for (SuiteCase suiteCase : suite.cases()) {
        if (number++ % STEP != 0) {
          continue;
        }
        OnnxExport export = OnnxExport.of(suiteCase.model()).target(CPU);
        List<String> reasons = export.whyUnsupported();
        if (reasons.isEmpty()) {
          tried++;
          String refusal = refusal(export.toModel());
          if (!refusal.isEmpty()) {
            wrong.add(suiteCase.name() + ": " + refusal);
          }
        } else if (reasons.stream().allMatch(reason -> reason.contains("no kernel"))
            && refusal(suiteCase.model()).isEmpty()) {
          wrong.add(suiteCase.name() + ": is loaded, not " + reasons);
        }
      }
    }
    wrong.removeIf(text -> FUNCTIONS.contains(text.substring(0, text.indexOf(':'))));
    assertEquals(List.of(), wrong);
    assertTrue(tried > 40, "tried " + tried);
  }

  private static String refusal(Model model) {
    try (PreparedModel session = OrtBackend.cpu().prepare(model)) {
      return "";
    } catch (UnsupportedModelException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
