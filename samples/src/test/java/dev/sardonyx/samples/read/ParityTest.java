package dev.sardonyx.samples.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.training.read.ActivationReadings;
import dev.sardonyx.training.read.Readings;
import dev.sardonyx.training.read.SavedNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.impl.ActivationPReLU;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What is exported from a DL4J network gives what the network gives: in the reference evaluator and
 * in ONNX Runtime, for any batch.
 */
class ParityTest {
  private static final double TOLERANCE = 1e-5;
  private static final List<Backend> BACKENDS = List.of(new ReferenceBackend(), OrtBackend.cpu());

  @TempDir private Path folder;

  private static final List<ParityCase> CASES = ParityCases.all().toList();

  static Stream<ParityCase> cases() {
    return CASES.stream();
  }

  /** DL4J writes an ActivationPReLU, but cannot read it again. */
  static Stream<ParityCase> savedCases() {
    return cases()
        .filter(of -> of.parts().stream().noneMatch(part -> part instanceof ActivationPReLU));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void theModelGivesWhatTheNetworkGives(ParityCase of) {
    Model model = of.network().model(types(of));
    assertEquals(List.of(), Checker.check(model).errors(), "errors of the checker");
    verify(of, model, BACKENDS);
  }

  /** After DL4J has saved it, and without input types: then the model has more symbols. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("savedCases")
  void aSavedNetworkNeedsNoInputTypesOrAsksForThem(ParityCase of) throws IOException {
    Path file = folder.resolve("network.zip");
    ModelSerializer.writeModel(of.network().network(), file.toFile(), false);
    SavedNetwork saved = SavedNetwork.read(file);
    Model typed = of.network().model(types(of));
    Model model;
    try {
      model = saved.model();
      if (!ranks(model).equals(ranks(typed))) {
        model = saved.model(types(of)); // of two ranks that DL4J takes, the importer took the other
      }
    } catch (UnsupportedModelException e) {
      assertTrue(e.getMessage().contains("give"), e.getMessage());
      assertTrue(e.getMessage().contains("input type"), e.getMessage());
      model = saved.model(types(of));
    }
    if (!model.equals(typed)) { // otherwise the other test has seen it
      verify(of, model, BACKENDS);
    }
  }

  private static InputType[] types(ParityCase of) {
    return of.types().toArray(InputType[]::new);
  }

  private static List<Integer> ranks(Model model) {
    return model.graph().inputs().stream()
        .map(input -> ((TensorType) input.type()).shape().rank())
        .toList();
  }

  private static void verify(ParityCase of, Model model, List<Backend> backends) {
    List<String> names = model.graph().inputs().stream().map(Input::name).toList();
    for (Backend backend : backends) {
      try (PreparedModel original = of.network().backend().prepare(model);
          PreparedModel prepared = backend.prepare(model)) {
        for (int batch : new int[] {3, 1}) {
          Map<String, Tensor> inputs = of.inputs(names, batch);
          String where = " in " + backend.name() + ", batch " + batch;
          assertAgree(model, plainly(original, inputs), prepared.run(inputs), where);
        }
      }
    }
  }

  /** What an infinite input does not reach stays a number. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("realCases")
  void anInfiniteInputSpoilsNoMoreThanInTheNetwork(ParityCase of) {
    Model model = of.network().model(types(of));
    List<String> names = model.graph().inputs().stream().map(Input::name).toList();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    of.inputs(names, 2)
        .forEach(
            (name, tensor) -> {
              float[] numbers = tensor.toFloats();
              numbers[0] = Float.POSITIVE_INFINITY;
              inputs.put(name, Tensor.ofFloats(numbers, tensor.dims()));
            });
    try (PreparedModel original = of.network().backend().prepare(model);
        PreparedModel prepared = BACKENDS.get(0).prepare(model)) {
      Outputs expected = plainly(original, inputs);
      Outputs actual = prepared.run(inputs);
      for (Output output : model.graph().outputs()) {
        float[] wanted = expected.tensor(output.name()).toFloats();
        float[] given = actual.tensor(output.name()).toFloats();
        for (int i = 0; i < wanted.length; i++) {
          if (Float.isFinite(wanted[i])) {
            double most = TOLERANCE * Math.max(1, Math.abs(wanted[i]));
            assertEquals(wanted[i], given[i], most, output.name() + ", element " + i);
          }
        }
      }
    }
  }

  /** DL4J's layer normalisation makes 0 of what is no number, also of what infinity leaves. */
  static Stream<ParityCase> realCases() {
    return cases().filter(of -> of.indices() == 0 && !of.name().startsWith("layer normalisation"));
  }

  /** Without oneDNN's operators, which fail on dilated convolutions of sequences and volumes. */
  private static Outputs plainly(PreparedModel original, Map<String, Tensor> inputs) {
    boolean allowed = Nd4j.getEnvironment().helpersAllowed();
    Nd4j.getEnvironment().allowHelpers(false);
    try {
      return original.run(inputs);
    } finally {
      Nd4j.getEnvironment().allowHelpers(allowed);
    }
  }

  private static void assertAgree(Model model, Outputs expected, Outputs actual, String where) {
    assertEquals(expected.keySet(), actual.keySet());
    for (Output output : model.graph().outputs()) {
      String what = output.name() + where;
      Tensor wanted = expected.tensor(output.name());
      assertClose(wanted, actual.tensor(output.name()), what);
      Shape declared = ((TensorType) output.type()).shape();
      assertTrue(declared.isCompatibleWith(wanted.shape()), () -> what + ": declared " + declared);
    }
  }

  private static void assertClose(Tensor expected, Tensor actual, String what) {
    assertArrayEquals(expected.dims(), actual.dims(), what);
    float[] wanted = expected.toFloats();
    float[] given = actual.toFloats();
    for (int i = 0; i < wanted.length; i++) {
      double most = TOLERANCE * Math.max(1, Math.abs(wanted[i]));
      assertEquals(wanted[i], given[i], most, what + ", element " + i);
    }
  }

  /** Every class that is said to be read is part of a case. */
  @Test
  void everyClassHasACase() {
    Set<Class<?>> tried = new HashSet<>();
    cases().forEach(of -> of.parts().forEach(part -> tried.add(part.getClass())));
    Set<String> untried = new TreeSet<>();
    Stream.concat(Readings.read().stream(), ActivationReadings.read().stream())
        .filter(type -> !tried.contains(type))
        .forEach(type -> untried.add(type.getSimpleName()));
    assertEquals(Set.of(), untried);
  }
}
