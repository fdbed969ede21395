package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.training.Dl4jBackend;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import dev.sardonyx.training.data.IdxFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The README's example: a small network for images of 28x28 in ten classes, from definition to
 * verification.
 */
public final class TrainExportRunVerify {
  private TrainExportRunVerify() {}

  /**
   * Trains, exports, runs and verifies.
   *
   * @param args a folder with the four files of MNIST, and the ONNX file to write
   */
  public static void main(String[] args) throws IOException {
    // README: from here
    GraphBuilder b = GraphBuilder.of("digits");
    Layers nn = Layers.of(b, 42); // the seed of the first weights
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
    x = b.relu(nn.conv(x, 16, 3));
    x = nn.residualBlock(x, 16);
    x = nn.residualBlockWithProjection(x, 32, 2); // half the size, twice the filters
    b.output(b.softmax(nn.dense(b.flatten(x), 10), 1), "digit");

    IdxFolder mnist = IdxFolder.of(Path.of(args[0]));
    TrainingResult trained = Training.of(b.buildModel()).epochs(1).run(mnist.train());
    System.out.println("Accuracy " + trained.evaluate(mnist.test()).accuracy().orElseThrow());

    OnnxExport.of(trained.model()).write(Path.of(args[1]));
    Model exported = OnnxReader.read(Path.of(args[1]));
    OrtBackend ort = OrtBackend.of(Accelerator.auto());
    Map<String, Tensor> images = Map.of("image", mnist.test().tensor(0, 100));
    try (PreparedModel session = ort.prepare(exported)) {
      System.out.println(session.run(images).tensor("digit")); // float[100,10] {...}
    }
    System.out.println(Verifier.of(ort).against(new Dl4jBackend(), exported, List.of(images)));
    // README: to here
  }
}
