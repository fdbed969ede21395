package dev.sardonyx.samples.bench;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Networks;
import java.util.List;
import java.util.Random;

/**
 * A model of the benchmarks that compare ways to serve one, and one request's input.
 *
 * @param floats the input's elements if they are floats, else null
 * @param longs the input's elements if they are int64, else null
 */
record ServedModel(Model model, long[] dims, float[] floats, long[] longs) {
  /** From what only the call costs to what only the computation costs. */
  static ServedModel named(String name) {
    return switch (name) {
      case "mlp" -> ofFloats(SessionBench.mlp(), 1, 64);
      case "seed" -> ofFloats(Networks.named("seed").build(42), 1, 1, 28, 28);
      case "resnet50" -> ofFloats(Networks.named("resnet50").build(42), 1, 3, 224, 224);
      case "trees" -> ofFloats(trees(), 1, FEATURES);
      case "minilm" -> {
        long[] tokens = new Random(1).longs(128, 0, 20_000).toArray();
        yield new ServedModel(EvaluatorSpeed.miniLm(), new long[] {1, 128}, null, tokens);
      }
      default -> throw new IllegalArgumentException("There is no model " + name);
    };
  }

  private static ServedModel ofFloats(Model model, long... dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    Random random = new Random(1);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new ServedModel(model, dims, values, null);
  }

  String input() {
    return model.graph().inputs().get(0).name();
  }

  private static final int TREES = 100;
  private static final int DEPTH = 6;
  private static final int FEATURES = 32;

  /** A regression by 100 full trees of depth 6 over 32 features. */
  private static Model trees() {
    Random random = new Random(1);
    int nodes = (1 << DEPTH + 1) - 1;
    int inner = (1 << DEPTH) - 1;
    long[][] perNode = new long[5][TREES * nodes];
    String[] modes = new String[TREES * nodes];
    float[] values = new float[TREES * nodes];
    long[][] perLeaf = new long[3][TREES * (nodes - inner)];
    float[] weights = new float[TREES * (nodes - inner)];
    int leaf = 0;
    for (int i = 0; i < values.length; i++) {
      int node = i % nodes;
      boolean branches = node < inner;
      perNode[0][i] = i / nodes;
      perNode[1][i] = node;
      perNode[2][i] = random.nextInt(FEATURES);
      perNode[3][i] = branches ? 2 * node + 1 : 0;
      perNode[4][i] = branches ? 2 * node + 2 : 0;
      modes[i] = branches ? "BRANCH_LEQ" : "LEAF";
      values[i] = branches ? (float) random.nextGaussian() : 0;
      if (!branches) {
        perLeaf[0][leaf] = i / nodes;
        perLeaf[1][leaf] = node;
        weights[leaf++] = (float) random.nextGaussian();
      }
    }
    GraphBuilder b = GraphBuilder.of("trees").importDomain("ai.onnx.ml", 3);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N," + FEATURES)));
    b.output(
        b.node(
            "ai.onnx.ml.TreeEnsembleRegressor",
            List.of(x),
            Attribute.ofInts("nodes_treeids", perNode[0]),
            Attribute.ofInts("nodes_nodeids", perNode[1]),
            Attribute.ofInts("nodes_featureids", perNode[2]),
            Attribute.ofInts("nodes_truenodeids", perNode[3]),
            Attribute.ofInts("nodes_falsenodeids", perNode[4]),
            Attribute.ofStrings("nodes_modes", modes),
            Attribute.ofFloats("nodes_values", values),
            Attribute.ofInts("target_treeids", perLeaf[0]),
            Attribute.ofInts("target_nodeids", perLeaf[1]),
            Attribute.ofInts("target_ids", perLeaf[2]),
            Attribute.ofFloats("target_weights", weights),
            Attribute.ofInt("n_targets", 1)),
        "y");
    return b.buildModel();
  }
}
