package dev.sardonyx.samples;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.Report;
import dev.sardonyx.ir.diff.Difference;
import dev.sardonyx.ir.diff.ModelDiff;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.ir.nn.TransformerOptions;
import dev.sardonyx.ir.pass.NodeTransform;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;
import java.util.Map;

/** The examples of the IR's README. */
public final class DescribingANetwork {
  private DescribingANetwork() {}

  /** Describes networks, runs, checks and rewrites them. */
  public static void main(String[] args) {
    Model model = described();
    run(model);
    check(model);
    rewrite(model);
  }

  private static Model described() {
    GraphBuilder b = GraphBuilder.of("reviews");
    Layers nn = Layers.of(b, 42); // the seed of the first weights
    Value words = b.input("words", TensorType.of(ElementType.INT64, Shape.parse("N,T")));
    Value x = nn.positionEmbedding(nn.embedding(words, 1000, 32), 64);
    x = nn.transformerBlock(x, TransformerOptions.of(4, 64));
    Value time = b.constant(Tensor.ofLongs(new long[] {1}, 1));
    x = b.node("ReduceMax", x, time); // any operator of ONNX, by its name
    b.output(b.softmax(nn.dense(b.flatten(x), 2), 1), "mood");
    Model model = b.buildModel();
    System.out.println(model.graph().outputs().get(0).type()); // float[N,2]
    return model;
  }

  private static void run(Model model) {
    Tensor words = Tensor.ofLongs(new long[] {7, 1, 0, 12, 3, 5}, 2, 3);
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      System.out.println(prepared.run(Map.of("words", words)).tensor("mood")); // float[2,2] {...}
    }
  }

  private static void check(Model model) {
    // Bounded: a model of strangers may ask for more than any machine has
    Report report = Checker.check(model, Limits.standard().withBytes(1L << 30).withDepth(200));
    report.errors().forEach(System.out::println); // the code, the node, what is wrong
    System.out.println("valid: " + report.isValid());
  }

  private static void rewrite(Model model) {
    Pass pass =
        Pass.of("leaky", NodeTransform.of("Relu", (n, to) -> to.leakyRelu(to.input(n, 0), 0.1f)))
            .andThen(Passes.simplify());
    PassResult result = pass.apply(model);
    result.changes().forEach(System.out::println); // which nodes came from which
    for (Difference difference : ModelDiff.between(model, result.model())) {
      System.out.println(difference.place() + ": " + difference.what());
    }
  }
}
