package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TrainingInferenceTest {
  private static final String DOMAIN = "ai.onnx.preview.training.";

  @Test
  void optimisersGiveTensorsThenStates() {
    assertEquals(
        "float[3]; double[4]; float[3]; double[4]; float[3]; double[4]",
        NodeCase.of(DOMAIN + "Adam", 1)
            .in("float[]", "int64[]")
            .in("float[3]", "double[4]", "float[3]", "double[4]")
            .in("float[3]", "double[4]", "float[3]", "double[4]")
            .outputs(6)
            .types());
    for (String operator : new String[] {"Adagrad", "Momentum"}) {
      assertEquals(
          "float[3]; float[N,4]; float[3]; float[N,4]",
          NodeCase.of(DOMAIN + operator, 1)
              .in("float[]", "int64[]")
              .in("float[3]", "float[N,4]", "float[3]", "float[N,4]", "float[3]", "float[N,4]")
              .outputs(4)
              .types());
    }
  }

  @Test
  void gradientsHaveTheTypesOfTheirTensors() {
    assertEquals(
        "float[N,3]; double[]",
        NodeCase.of(DOMAIN + "Gradient", 1)
            .in("float[N,3]", "double[]", "int64[N]")
            .strings("xs", "a", "b")
            .outputs(2)
            .types());
  }

  @Test
  void problems() {
    assertEquals(
        "SX-303 d: ai.onnx.preview.training.Momentum: shapes [3] of c and [4] of d must be equal",
        NodeCase.of(DOMAIN + "Momentum", 1)
            .in("float[]", "int64[]", "float[3]", "float[4]", "float[3]")
            .problem());
    assertEquals(
        "SX-305 inputs: ai.onnx.preview.training.Adam: 3 inputs after rate and step are not a"
            + " multiple of 4: tensors, their gradients, and 2 of each tensor's states",
        NodeCase.of(DOMAIN + "Adam", 1)
            .in("float[]", "int64[]", "float[3]", "float[3]", "float[3]")
            .problem());
  }
}
