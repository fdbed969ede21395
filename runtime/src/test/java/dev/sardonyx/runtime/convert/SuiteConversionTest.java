package dev.sardonyx.runtime.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The models of the suite compute the same in other opsets. {@code -Dsardonyx.convert.opsets=7,8}
 * asks for others than the few of every build, and prints what was refused; {@code
 * -Dsardonyx.convert.backend=onnxruntime} runs them in ONNX Runtime.
 */
class SuiteConversionTest {
  private static final boolean IN_ORT =
      System.getProperty("sardonyx.convert.backend", "").equals("onnxruntime");
  private static final String ASKED = System.getProperty("sardonyx.convert.opsets", "");

  @Test
  void modelsComputeTheSameInOtherOpsets() throws IOException {
    List<Integer> opsets =
        Arrays.stream((ASKED.isEmpty() ? "26,15,10" : ASKED).split(","))
            .map(Integer::valueOf)
            .toList();
    SuiteConversion suite =
        new SuiteConversion(IN_ORT ? OrtBackend.cpu() : new ReferenceBackend())
            .run(opsets, System.getProperty("sardonyx.convert.filter", ".*"));
    if (!ASKED.isEmpty()) {
      System.out.println(suite.table());
      suite.reasons().forEach((reason, count) -> System.out.println(count + " " + reason));
      suite.wrong().forEach(System.out::println);
    }
    assertEquals(List.of(), suite.wrong());
    assertTrue(suite.tallies().values().stream().allMatch(t -> t.converted > 0), suite.table());
  }
}
