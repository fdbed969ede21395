package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import dev.sardonyx.training.data.IdxFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new head on a network that stays as it is. */
class FineTuningTest {
  private static final int SIZE = 12;

  /** Features with batch normalisation, and a head for ten classes. */
  private static Model given() {
    GraphBuilder b = GraphBuilder.of("given");
    Layers nn = Layers.of(b, 3);
    Shape shape = Shape.parse("N,1,%d,%d".formatted(SIZE, SIZE));
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, shape));
    x = b.relu(nn.batchNorm(nn.conv(x, 6, 3)));
    x = b.flatten(b.relu(nn.batchNorm(nn.conv(x, 4, 3))));
    b.output(b.softmax(nn.dense(x, 10), 1), "digit");
    return b.buildModel();
  }

  @Test
  void theExampleRuns(@TempDir Path folder) throws Exception {
    Path data = IdxFiles.write(folder.resolve("data"), SIZE, 256, 64, false);
    Path file = folder.resolve("given.onnx");
    OnnxExport.of(given()).write(file);
    Path tuned = folder.resolve("tuned.onnx");
    String text = Printed.by(FineTuning::main, file, "flatten1_out", data, tuned);
    assertEquals(2, text.split("accuracy=OptionalDouble", -1).length - 1, text);
    Model read = OnnxReader.read(tuned);
    assertEquals("kind", read.graph().outputs().get(0).name());
  }

  @Test
  void whatIsFrozenStaysBitByBitAndComputesAsItDid(@TempDir Path folder) throws IOException {
    IdxFolder images = IdxFolder.of(IdxFiles.write(folder, SIZE, 128, 32, false));
    Model own =
        ModelEditor.of(given())
            .replaceHead(
                "flatten1_out", "kind", (b, x) -> b.softmax(Layers.of(b, 7).dense(x, 4), 1))
            .model();
    TrainingResult head = Training.of(own).freezeUntil("flatten1_out").run(images.train());
    Map<String, Tensor> some = Map.of("image", images.test().tensor(0, 8));
    assertEquals(features(own, some), features(head.model(), some));
    assertEquals(List.of("dense1.bias", "dense1.weight"), changed(own, head.model()));
    // And all of it learns when nothing is frozen, the statistics as well.
    List<String> all = changed(head.model(), Training.of(head.model()).run(images.train()).model());
    assertTrue(all.stream().anyMatch(name -> name.contains("mean")), all::toString);
    assertTrue(all.contains("conv1.weight"), all::toString);
  }

  private static Tensor features(Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared =
        new ReferenceBackend().prepare(ModelEditor.of(model).outputs("flatten1_out").model())) {
      return prepared.run(inputs).tensor("flatten1_out");
    }
  }

  private static List<String> changed(Model before, Model after) {
    List<String> changed = new ArrayList<>();
    for (Constant constant : after.graph().constants()) {
      if (before.graph().constants().stream()
          .noneMatch(c -> c.name().equals(constant.name()) && c.data().equals(constant.data()))) {
        changed.add(constant.name());
      }
    }
    return changed.stream().sorted().toList();
  }
}
