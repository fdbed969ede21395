package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.op.OperatorCatalogue;
import org.junit.jupiter.api.Test;

class OnnxReleaseTest {
  @Test
  void anOpsetGoesWithTheFileFormatOfItsFirstRelease() {
    assertEquals(3, OnnxRelease.irVersionFor(2));
    assertEquals(8, OnnxRelease.irVersionFor(17));
    assertEquals(10, OnnxRelease.irVersionFor(21));
    assertEquals(13, OnnxRelease.irVersionFor(27));
    assertEquals(14, OnnxRelease.irVersionFor(28));
    assertEquals(14, OnnxRelease.irVersionFor(1000));
  }

  @Test
  void theNewestReleaseIsThatOfTheCatalogue() {
    OnnxRelease newest = OnnxRelease.newest();
    assertEquals(OperatorCatalogue.standard().newestOpset(""), newest.opset());
    assertEquals(OperatorCatalogue.standard().newestOpset("ai.onnx.ml"), newest.mlOpset());
    for (ElementType type : ElementType.values()) {
      assertTrue(IrVersion.of(type) <= IrVersion.newest(), type.toString());
    }
  }
}
