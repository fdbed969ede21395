package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.OrtBackend;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Passes with the CPU and the GPU build of ONNX Runtime, with and without a GPU. */
class AcceleratorTest {
  @Test
  void autoTakesOneThatRunsAndExplainsTheOthers() {
    AcceleratorSelection selection = Accelerator.auto();
    try (PreparedModel model = OrtBackend.of(selection).prepare(Models.addRelu())) {
      assertEquals(
          Tensor.ofFloats(new float[] {1, 0, 3}, 1, 3),
          model.run(Map.of("x", Tensor.ofFloats(new float[3], 1, 3))).get("y"));
    }
    for (AcceleratorSelection.Refused refusal : selection.refused()) {
      assertNotEquals(selection.accelerator(), refusal.accelerator());
      assertFalse(refusal.reason().isBlank());
      assertTrue(selection.toString().contains(refusal.reason()), selection.toString());
      assertTrue(
          selection.toString().contains(refusal.accelerator().toString()), selection.toString());
    }
    if (selection.accelerator() == Accelerator.CPU) {
      assertEquals(Accelerator.CUDA, selection.refused().get(0).accelerator());
      assertTrue(
          selection.refused().get(0).reason().matches("(?s).*(-Pgpu|install|CUDA).*"),
          selection.toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachByNameWorksOrSaysWhyNot(Accelerator accelerator) {
    try {
      AcceleratorSelection selection = Accelerator.of(accelerator.id());
      assertEquals(accelerator, selection.accelerator());
      try (PreparedModel model = OrtBackend.of(selection).prepare(Models.addRelu())) {
        assertEquals(1, model.run(Map.of("x", Tensor.ofFloats(new float[3], 1, 3))).size());
      }
    } catch (AcceleratorUnavailableException e) {
      assertNotEquals(Accelerator.CPU, accelerator, e.getMessage());
      assertEquals(accelerator, e.accelerator());
      assertTrue(
          e.getMessage().startsWith("Accelerator " + accelerator + " is not available: "),
          e.getMessage());
      assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }
  }

  @Test
  void namesAreForgivingButNotGuessed() {
    assertEquals(Accelerator.CPU, Accelerator.of(" CPU ").accelerator());
    assertEquals("CPU", Accelerator.of("cpu").toString());
    String unknown =
        assertThrows(IllegalArgumentException.class, () -> Accelerator.of("gpu")).getMessage();
    assertTrue(unknown.startsWith("There is no accelerator 'gpu'; there are auto, cuda,"), unknown);
    String device =
        assertThrows(IllegalArgumentException.class, () -> Accelerator.of("cuda:x")).getMessage();
    assertTrue(device.contains("cuda:1"), device);
    String cpu =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> Accelerator.of("cpu:1"))
                .getMessage());
    assertTrue(cpu.contains("no devices to choose from"), cpu);
  }
}
