package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.training.compile.CompiledNetwork;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.read.Dl4jImporter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A model that becomes a DL4J network and is read back computes what it did, for every operator
 * that DL4J can be told: the models are those of {@link AgreementTest}, which has them all.
 */
class LoweredThenReadTest {
  /** Without the two that only are large. */
  static Stream<Arguments> models() {
    return AgreementTest.models()
        .filter(a -> !List.of("resnet50", "mobilenetv2").contains(a.get()[0]));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void isTheSame(String name, Model model) {
    List<String> outputs = model.graph().outputs().stream().map(Output::name).toList();
    CompiledNetwork compiled = NetworkCompiler.forInference(model, outputs);
    InputType[] types =
        compiled.network().getConfiguration().getNetworkInputs().stream()
            .map(input -> type(model, input))
            .toArray(InputType[]::new);
    Model back = Dl4jImporter.read(compiled.network(), types);
    Map<String, Tensor> inputs = inputs(model);
    Outputs before = run(model, inputs);
    Outputs after = run(back, inputs);
    for (String output : outputs) {
      String vertex = Objects.requireNonNull(compiled.vertices().get(output)).vertex();
      float[] wanted = before.tensor(output).toFloats();
      float[] given = after.tensor(vertex).toFloats();
      assertEquals(wanted.length, given.length, output);
      for (int i = 0; i < wanted.length; i++) {
        assertEquals(wanted[i], given[i], 1e-5 * Math.max(1, Math.abs(wanted[i])), output);
      }
    }
  }

  private static Shape shape(Model model, String input) {
    Input found =
        model.graph().inputs().stream()
            .filter(i -> i.name().equals(input))
            .findFirst()
            .orElseThrow();
    return ((TensorType) found.type()).shape();
  }

  private static InputType type(Model model, String input) {
    Shape shape = shape(model, input);
    long features = shape.dim(1).value();
    return shape.rank() == 2
        ? InputType.feedForward(features)
        : InputType.convolutional(shape.dim(2).value(), shape.dim(3).value(), features);
  }

  private static Map<String, Tensor> inputs(Model model) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (Input input : model.graph().inputs()) {
      long[] dims =
          shape(model, input.name()).dims().stream().mapToLong(d -> d.asLong().orElse(3)).toArray();
      inputs.put(input.name(), SmallNet.randomTensor(new Random(11), 1.5f, dims));
    }
    return inputs;
  }

  private static Outputs run(Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      return prepared.run(inputs);
    }
  }
}
