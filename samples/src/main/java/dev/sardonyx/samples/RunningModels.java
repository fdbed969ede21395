package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.runtime.batch.BatchOptions;
import dev.sardonyx.runtime.batch.BatchingPredictor;
import dev.sardonyx.runtime.batch.MicrometerMetrics;
import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.image.Preprocessing.Channels;
import dev.sardonyx.runtime.image.Preprocessing.Resize;
import dev.sardonyx.runtime.session.Binding;
import dev.sardonyx.runtime.session.Cancellation;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.runtime.session.Threads;
import dev.sardonyx.runtime.session.TopK;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The README's ways to run a model. */
public final class RunningModels {
  private static final List<String> LABELS = List.of("cat", "dog", "bird");

  private RunningModels() {}

  /** A small classifier. */
  static Model classifier() {
    GraphBuilder b = GraphBuilder.of("pets");
    Layers nn = Layers.of(b, 1);
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,3,8,8")));
    b.output(b.softmax(nn.dense(b.flatten(b.relu(nn.conv(x, 4, 3))), 3), 1), "scores");
    return b.buildModel();
  }

  /** Runs a model in each way and prints the results. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("sardonyx-running");
    try {
      OnnxExport.of(classifier()).write(folder.resolve("pets.onnx"));
      run(folder.resolve("pets.onnx"), new float[3 * 8 * 8]);
    } finally {
      Files.deleteIfExists(folder.resolve("pets.onnx"));
      Files.delete(folder);
    }
  }

  private static void run(Path file, float[] pixels) throws IOException, InterruptedException {
    // README: from here
    SessionOptions options = SessionOptions.DEFAULT.withThreads(Threads.of(2));
    try (InferenceSession session = InferenceSession.of(file, options)) {
      System.out.println(session.inputs() + " -> " + session.outputs());

      // Arrays in, the best classes out; ended if it takes too long, or by another thread
      Cancellation cancellation = new Cancellation();
      Tensor scores =
          session
              .call()
              .with("image", pixels, 1, 3, 8, 8)
              .timeout(Duration.ofSeconds(30))
              .cancelledBy(cancellation)
              .run()
              .tensor("scores");
      System.out.println(TopK.of(scores, 2, LABELS));

      // An image, as the network wants it
      Preprocessing rgb = Preprocessing.plain(Channels.RGB).withResize(new Resize.Exactly(8, 8));
      BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
      System.out.println(session.run(Map.of("image", rgb.apply(image))).tensor("scores"));

      // The same buffers in every run: nothing is copied
      try (Binding binding = session.bind()) {
        FloatBuffer in = binding.allocateInput("image", 1, 3, 8, 8).asFloatBuffer();
        FloatBuffer out = binding.allocateOutput("scores", 1, 3).asFloatBuffer();
        for (int frame = 0; frame < 3; frame++) {
          in.put(0, frame / 3f);
          binding.run();
          System.out.println(out.get(0));
        }
      }

      // Many threads, whose requests are computed together
      try (BatchingPredictor predictor =
          BatchingPredictor.of(session, BatchOptions.of("N", 32).withDelay(Duration.ofMillis(1)))) {
        MicrometerMetrics.bind(predictor, new SimpleMeterRegistry(), Tags.of("model", "pets"));
        System.out.println(predictor.predict(Map.of("image", rgb.apply(image))).tensor("scores"));
      }
    }
    // README: to here
  }
}
