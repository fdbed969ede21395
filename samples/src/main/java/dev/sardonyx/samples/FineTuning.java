package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import dev.sardonyx.training.data.IdxFolder;
import java.io.IOException;
import java.nio.file.Path;

/** The README's example: a given network learns other classes. */
public final class FineTuning {
  private FineTuning() {}

  /**
   * Gives a network another head and trains it.
   *
   * @param args an ONNX file, the value in it that has the features, a folder of images in MNIST's
   *     files, and the ONNX file to write
   */
  public static void main(String[] args) throws IOException {
    // README: from here
    Model given = OnnxReader.read(Path.of(args[0]));
    String features = args[1]; // such as "flatten1_out": what the last layer reads
    IdxFolder images = IdxFolder.of(Path.of(args[2]));
    Model own =
        ModelEditor.of(given)
            .replaceHead(features, "kind", (b, x) -> b.softmax(Layers.of(b, 7).dense(x, 4), 1))
            .model();

    // The new head alone: what is before it stays, its statistics of batches as well
    TrainingResult head = Training.of(own).freezeUntil(features).epochs(3).run(images.train());
    // Then all of it, in small steps
    TrainingResult all = Training.of(head.model()).learningRate(1e-4).run(images.train());

    System.out.println(head.evaluate(images.test()) + " -> " + all.evaluate(images.test()));
    OnnxExport.of(all.model()).write(Path.of(args[3]));
    // README: to here
  }
}
