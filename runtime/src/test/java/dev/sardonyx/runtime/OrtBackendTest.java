package dev.sardonyx.runtime;

import static dev.sardonyx.runtime.Models.floats;
import static dev.sardonyx.runtime.Models.node;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.session.Optimization;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrtBackendTest {
  private static final OrtBackend ORT = OrtBackend.cpu();

  private static float[] run(PreparedModel model, String output, Tensor x) {
    return ((Tensor) model.run(Map.of("x", x)).get(output)).toFloats();
  }

  @Test
  void runsAModelWithAnyBatchSize() {
    try (PreparedModel model = ORT.prepare(Models.addRelu())) {
      for (int n : new int[] {1, 3, 2, 1, 0}) {
        float[] x = new float[n * 3];
        float[] expected = new float[n * 3];
        for (int i = 0; i < x.length; i++) {
          x[i] = i - 2;
          expected[i] = Math.max(0, x[i] + new float[] {1, -2, 3}[i % 3]);
        }
        Map<String, Datum> outputs = model.run(Map.of("x", Tensor.ofFloats(x, n, 3)));
        assertEquals(Tensor.ofFloats(expected, n, 3), outputs.get("y"), "batch of " + n);
      }
    }
  }

  /** Many exporters declare an open batch as -1, which is no size to ask of inputs or to pin. */
  @Test
  void aNegativeDimensionIsAnyBatchSize() {
    Model open = Models.unary("Relu", 17, floats("-1,3"), floats("-1,3"));
    for (Backend backend : List.of(ORT, new ReferenceBackend())) {
      try (PreparedModel model = backend.prepare(open)) {
        for (int n : new int[] {1, 3, 2, 0}) {
          Tensor x = Tensor.ofFloats(new float[n * 3], n, 3);
          assertEquals(x, model.run(Map.of("x", x)).get("y"), backend + ", batch of " + n);
        }
      }
    }
  }

  @Test
  void resultsSurviveLaterRunsAndTheModel() {
    Tensor first;
    try (PreparedModel model = ORT.prepare(Models.addRelu())) {
      first = (Tensor) model.run(Map.of("x", Tensor.ofFloats(new float[3], 1, 3))).get("y");
      run(model, "y", Tensor.ofFloats(new float[] {9, 9, 9}, 1, 3));
    }
    assertArrayEquals(new float[] {1, 0, 3}, first.toFloats());
  }

  @Test
  void givesIntermediatesInTheOrderAskedFor() {
    Options options = Options.DEFAULT.withOutputs(List.of("y", "sum", "w", "x", "sum"));
    try (PreparedModel model = ORT.prepare(Models.addRelu(), options)) {
      Map<String, Datum> outputs =
          model.run(Map.of("x", Tensor.ofFloats(new float[] {0, 1, 2}, 1, 3)));
      assertEquals(List.of("y", "sum", "w", "x"), new ArrayList<>(outputs.keySet()));
      assertEquals(Tensor.ofFloats(new float[] {1, -1, 5}, 1, 3), outputs.get("sum"));
      assertEquals(Tensor.ofFloats(new float[] {1, 0, 5}, 1, 3), outputs.get("y"));
      assertEquals(Tensor.ofFloats(new float[] {1, -2, 3}, 3), outputs.get("w"));
      assertEquals(Tensor.ofFloats(new float[] {0, 1, 2}, 1, 3), outputs.get("x"));
    }
  }

  @Test
  void takesDirectBuffersAsWellAsHeapBuffers() {
    ByteBuffer direct = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);
    direct.putFloat(99).putFloat(5).putFloat(6).putFloat(7).position(4);
    Tensor x = Tensor.of(ElementType.FLOAT, new long[] {1, 3}, direct);
    try (PreparedModel model = ORT.prepare(Models.addRelu())) {
      assertArrayEquals(new float[] {6, 4, 10}, run(model, "y", x));
      Tensor heap = Tensor.ofFloats(new float[] {5, 6, 7}, 1, 3);
      assertArrayEquals(new float[] {6, 4, 10}, run(model, "y", heap));
    }
  }

  @Test
  void anInputsDefaultHoldsUnlessAnotherIsGiven() {
    for (long irVersion : new long[] {3, 8}) {
      Model model =
          Models.of(
              8,
              List.of(Input.of("x", floats("2")), Input.of("w", floats("2"))),
              List.of(Output.of("y", floats("2"))),
              List.of(Constant.of("w", Tensor.ofFloats(new float[] {10, 20}, 2))),
              node("Add", List.of("x", "w"), "y"));
      Tensor x = Tensor.ofFloats(new float[] {1, 2}, 2);
      Tensor w = Tensor.ofFloats(new float[] {-1, -2}, 2);
      Model versioned = model.withVersions(irVersion, model.opsetImports());
      try (PreparedModel prepared = ORT.prepare(versioned)) {
        assertEquals(
            Tensor.ofFloats(new float[] {11, 22}, 2), prepared.run(Map.of("x", x)).get("y"));
        assertEquals(
            Tensor.ofFloats(new float[] {0, 0}, 2), prepared.run(Map.of("x", x, "w", w)).get("y"));
        assertEquals(
            Tensor.ofFloats(new float[] {11, 22}, 2), prepared.run(Map.of("x", x)).get("y"));
      }
    }
  }

  @Test
  void anOutputOfAnotherShapeThanDeclaredIsGivenAsItIs() {
    Model model = Models.unary("Identity", 17, floats("?"), floats("3"));
    try (PreparedModel prepared = ORT.prepare(model)) {
      Tensor x = Tensor.ofFloats(new float[] {1, 2}, 2);
      for (int i = 0; i < 3; i++) {
        assertEquals(x, prepared.run(Map.of("x", x)).get("y"));
      }
    }
  }

  @Test
  void scalarsAndEmptyTensors() {
    try (PreparedModel scalar = ORT.prepare(Models.unary("Neg", 17, floats(""), floats("")))) {
      assertArrayEquals(new float[] {-4}, run(scalar, "y", Tensor.scalar(4f)));
    }
    try (PreparedModel empty = ORT.prepare(Models.unary("Neg", 17, floats("0,3"), floats("0,3")))) {
      assertEquals(
          Tensor.ofFloats(new float[0], 0, 3),
          empty.run(Map.of("x", Tensor.ofFloats(new float[0], 0, 3))).get("y"));
    }
  }

  @Test
  void ranksBeyondEight() {
    TensorType type = floats("1,2,1,1,1,1,1,1,1,2");
    try (PreparedModel model = ORT.prepare(Models.unary("Neg", 17, type, type))) {
      Tensor x = Tensor.ofFloats(new float[] {1, 2, 3, 4}, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2);
      assertArrayEquals(new float[] {-1, -2, -3, -4}, run(model, "y", x));
    }
  }

  @Test
  void aModelWithoutInputsOrKnownOutputType() {
    Model model =
        Models.of(
            17,
            List.of(),
            List.of(Output.of("y", TensorType.of(ElementType.FLOAT, Shape.UNKNOWN))),
            List.of(Constant.of("c", Tensor.ofFloats(new float[] {1, 2}, 2))),
            node("Neg", List.of("c"), "y"));
    try (PreparedModel prepared = ORT.prepare(model)) {
      assertEquals(Tensor.ofFloats(new float[] {-1, -2}, 2), prepared.run(Map.of()).get("y"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyOptimisationLevelGivesTheSame(Optimization level) {
    OrtBackend backend = ORT.withOptimization(level);
    try (PreparedModel model = backend.prepare(Models.addRelu(), new Options(List.of(), 1))) {
      assertArrayEquals(
          new float[] {1, 0, 3}, run(model, "y", Tensor.ofFloats(new float[3], 1, 3)));
    }
  }

  @Test
  void newerFileFormatsAreLowered() {
    Model model = Models.addRelu();
    Model newer = model.withVersions(14, model.opsetImports());
    try (PreparedModel prepared = ORT.prepare(newer)) {
      assertArrayEquals(
          new float[] {1, 0, 3}, run(prepared, "y", Tensor.ofFloats(new float[3], 1, 3)));
    }
  }

  @Test
  void tellsWhatItCannotRun() {
    Model model = Models.addRelu();
    assertTrue(ORT.supports(model));
    Model future = model.withVersions(14, List.of(OpsetImport.onnx(28)));
    assertFalse(ORT.supports(future));
    assertTrue(
        ORT.whyUnsupported(future).orElseThrow().startsWith("opset 28 is newer than 26"),
        ORT.whyUnsupported(future).orElseThrow());
  }
}
