package dev.sardonyx.samples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.DatumComparison;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.input.MadeUpInputs;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is measured is right: on tensors so large that the evaluator's loops run in pieces and on
 * several threads, which those of the ONNX backend suite are not, it gives what ONNX Runtime gives.
 */
class OperatorSpeedTest {
  private static final Tolerance TOLERANCE = new Tolerance(1e-4, 1e-5);

  /** Quantised numbers may be rounded another way. */
  private static final Tolerance ONE_STEP = new Tolerance(1e-2, 1);

  static Stream<String> graphs() {
    return OperatorSpeed.graphs();
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void givesWhatOnnxRuntimeGives(String graph) {
    Model model = OperatorSpeed.model(graph);
    Map<String, Datum> inputs = MadeUpInputs.of(model, Map.of(), 1);
    Map<String, Datum> expected = run(OrtBackend.cpu(), model, inputs);
    Map<String, Datum> actual = run(new ReferenceBackend(), model, inputs);
    expected.forEach(
        (name, value) -> {
          boolean isNarrow = ((Tensor) value).elementType().bits() <= 16;
          Optional<String> difference =
              DatumComparison.difference(actual.get(name), value, isNarrow ? ONE_STEP : TOLERANCE);
          assertEquals(Optional.empty(), difference, name);
        });
  }

  private static Map<String, Datum> run(Backend backend, Model model, Map<String, Datum> inputs) {
    try (PreparedModel prepared = backend.prepare(model, Options.DEFAULT.withThreads(2))) {
      return new LinkedHashMap<>(prepared.run(inputs));
    }
  }
}
