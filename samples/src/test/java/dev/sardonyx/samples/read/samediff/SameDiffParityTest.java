package dev.sardonyx.samples.read.samediff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.training.read.samediff.SameDiffBackend;
import dev.sardonyx.training.read.samediff.SameDiffImporter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What is exported from a SameDiff graph gives what the graph gives, in the reference evaluator and
 * in ONNX Runtime.
 */
class SameDiffParityTest {
  private static final double TOLERANCE = 1e-5;
  private static final List<Backend> BACKENDS = List.of(new ReferenceBackend(), OrtBackend.cpu());

  static Stream<OperatorCase> exported() {
    return of(OperatorCase.Fate.EXPORTED);
  }

  static Stream<OperatorCase> refused() {
    return of(OperatorCase.Fate.REFUSED);
  }

  static Stream<OperatorCase> broken() {
    return of(OperatorCase.Fate.BROKEN);
  }

  private static Stream<OperatorCase> of(OperatorCase.Fate fate) {
    return AllOperators.CASES.stream().filter(of -> of.fate() == fate);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("exported")
  void theModelGivesWhatTheGraphGives(OperatorCase of) {
    Bench bench = of.bench();
    Model model = model(bench, bench.sd());
    verify(model, bench.sd(), bench.inputs());
    restored(bench.sd()).ifPresent(graph -> verifyRestored(bench, graph, model));
  }

  /** Nothing if SameDiff itself cannot save or restore it. */
  private static Optional<SameDiff> restored(SameDiff graph) {
    try {
      return Optional.of(SameDiff.fromFlatBuffers(graph.asFlatBuffers(false)));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Of some settings SameDiff restores others; the model is that of what is restored. */
  private static void verifyRestored(Bench bench, SameDiff graph, Model original) {
    Model model;
    try {
      model = model(bench, graph);
    } catch (UnsupportedModelException e) {
      assertTrue(e.getMessage().contains("SameDiff restores"), e.getMessage());
      return;
    }
    if (!model.equals(original)) {
      verify(model, graph, bench.inputs());
    }
  }

  private static Model model(Bench bench, SameDiff graph) {
    return SameDiffImporter.read(graph, bench.outputs().toArray(String[]::new));
  }

  private static void verify(Model model, SameDiff graph, Map<String, Tensor> inputs) {
    assertEquals(List.of(), Checker.check(model).errors(), "errors of the checker");
    Outputs expected = plainly(model, graph, inputs);
    for (Backend backend : BACKENDS) {
      try (PreparedModel prepared = backend.prepare(model)) {
        Outputs actual = prepared.run(inputs);
        for (Output output : model.graph().outputs()) {
          String what = output.name() + " in " + backend.name();
          Tensor wanted = expected.tensor(output.name());
          assertClose(wanted, actual.tensor(output.name()), what);
          TensorType declared = (TensorType) output.type();
          assertTrue(
              declared.shape().isCompatibleWith(wanted.shape()), () -> what + ": " + declared);
        }
      }
    }
  }

  /** Without oneDNN's operators, which fail on dilated convolutions. */
  private static Outputs plainly(Model model, SameDiff graph, Map<String, Tensor> inputs) {
    boolean allowed = Nd4j.getEnvironment().helpersAllowed();
    Nd4j.getEnvironment().allowHelpers(false);
    try (PreparedModel original = SameDiffBackend.of(graph).prepare(model)) {
      return original.run(inputs);
    } finally {
      Nd4j.getEnvironment().allowHelpers(allowed);
    }
  }

  private static void assertClose(Tensor expected, Tensor actual, String what) {
    assertEquals(expected.elementType(), actual.elementType(), what);
    assertArrayEquals(expected.dims(), actual.dims(), what);
    double[] wanted = expected.toDoubles();
    double[] given = actual.toDoubles();
    for (int i = 0; i < wanted.length; i++) {
      double most = TOLERANCE * Math.max(1, Math.abs(wanted[i]));
      assertEquals(wanted[i], given[i], most, what + ", element " + i);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void whatCannotBeReadIsNamed(OperatorCase of) {
    Bench bench = of.bench();
    String message =
        assertThrows(UnsupportedModelException.class, () -> model(bench, bench.sd())).getMessage();
    assertTrue(message.contains("cannot be exported: '"), message);
  }

  /** If it works one day, the table should say so. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void dl4jItselfMakesNoGraphOfIt(OperatorCase of) {
    assertThrows(RuntimeException.class, of::bench);
  }
}
