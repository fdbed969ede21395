package dev.sardonyx.runtime.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.nn.LstmClassifier;
import dev.sardonyx.ir.nn.MobileNetV2;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.nn.UNet;
import dev.sardonyx.runtime.DatumComparison;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.Tolerance;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole networks compute the same in ONNX Runtime after each way they are converted. */
class NetworkConversionTest {
  private static final Tolerance TOLERANCE = new Tolerance(1e-4, 1e-5);

  private static Model network(String name, int opset) {
    return switch (name) {
      case "mobilenet" -> MobileNetV2.of(0.35).withImage(3, 32, 32).withOpset(opset).build(1);
      case "unet" -> UNet.of(2, 4).withImage(1, 16, 24).withClasses(3).withOpset(opset).build(1);
      case "transformer" ->
          Networks.transformerEncoder().withVocabulary(50).withOpset(opset).build(1);
      case "lstm" -> LstmClassifier.of(2, 8, 16).withVocabulary(50).withOpset(opset).build(1);
      case "seed", "projection", "cifar20" -> Networks.named(name).withOpset(opset).build(1);
      default -> Networks.named(name).withImage(3, 32, 32).withOpset(opset).build(1);
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "seed",
        "projection",
        "cifar20",
        "resnet18",
        "resnet50",
        "mobilenet",
        "unet",
        "transformer",
        "lstm"
      })
  void upAndBackDown(String name) {
    through(network(name, 13), 26, 13);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilenet", "unet", "transformer", "lstm"})
  void downAndBackUp(String name) {
    through(network(name, 24), 11, 24);
  }

  static Model to(int opset, Model model) {
    return OpsetConversion.to(opset).apply(model).model();
  }

  private static void through(Model model, int... opsets) {
    through(model, inputs(model, 50), opsets);
  }

  static void through(Model model, Map<String, Tensor> inputs, int... opsets) {
    Map<String, Datum> expected = run(model, inputs);
    Model converted = model;
    for (int opset : opsets) {
      converted = to(opset, converted);
      assertEquals(opset, converted.opset("").orElseThrow());
      assertEquals(0, Checker.check(converted).errors().size());
      Map<String, Datum> actual = run(converted, inputs);
      expected.forEach(
          (name, value) ->
              assertEquals(
                  Optional.empty(),
                  DatumComparison.difference(actual.get(name), value, TOLERANCE),
                  name + " in opset " + opset));
    }
  }

  private static Map<String, Datum> run(Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared = OrtBackend.cpu().prepare(model)) {
      return new LinkedHashMap<>(prepared.run(inputs));
    }
  }

  /** Symbols stand for 2; integers are from 0 to below a bound. */
  static Map<String, Tensor> inputs(Model model, int bound) {
    Random random = new Random(1);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Input input : model.graph().inputs()) {
      TensorType type = (TensorType) input.type();
      long[] dims =
          type.shape().dims().stream().mapToLong(d -> d.isFixed() ? d.value() : 2).toArray();
      int size = 1;
      for (long dim : dims) {
        size *= (int) dim;
      }
      boolean isFloat = type.elementType() == ElementType.FLOAT;
      double[] elements = new double[size];
      for (int i = 0; i < size; i++) {
        elements[i] = isFloat ? random.nextFloat() * 2 - 1 : random.nextInt(bound);
      }
      inputs.put(input.name(), Tensor.ofNumbers(type.elementType(), elements, dims));
    }
    return inputs;
  }
}
