package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.ml.tree.CategoricalSplit;
import org.apache.spark.ml.tree.ContinuousSplit;
import org.apache.spark.ml.tree.InternalNode;
import org.apache.spark.ml.tree.LeafNode;
import org.apache.spark.ml.tree.Node;

/**
 * Spark's trees on their way into one {@code TreeEnsembleRegressor} of doubles. A set of categories
 * becomes a chain of comparisons whose true branches are one and the same node.
 */
final class MlTrees {
  private final int targets;
  private final List<Long> treeIds = new ArrayList<>();
  private final List<Long> nodeIds = new ArrayList<>();
  private final List<Long> featureIds = new ArrayList<>();
  private final List<Double> values = new ArrayList<>();
  private final List<String> modes = new ArrayList<>();
  private final List<Long> trueIds = new ArrayList<>();
  private final List<Long> falseIds = new ArrayList<>();
  private final List<Long> voteTrees = new ArrayList<>();
  private final List<Long> voteNodes = new ArrayList<>();
  private final List<Long> voteTargets = new ArrayList<>();
  private final List<Double> weights = new ArrayList<>();
  private long trees;
  private long next;

  MlTrees(int targets) {
    this.targets = targets;
  }

  /**
   * Adds a tree; Spark's are at most 30 levels deep.
   *
   * @param votes what a leaf adds to each target
   */
  void add(Node root, Function<LeafNode, double[]> votes) {
    next = 0;
    write(root, votes);
    trees++;
  }

  /** Writes a node and all below it. */
  private long write(Node node, Function<LeafNode, double[]> votes) {
    if (node instanceof InternalNode split) {
      return write(split, votes);
    }
    long id = next++;
    line(id, "LEAF", 0, 0);
    double[] added = votes.apply((LeafNode) node);
    for (int t = 0; t < added.length; t++) {
      voteTrees.add(trees);
      voteNodes.add(id);
      voteTargets.add((long) t);
      weights.add(added[t]);
    }
    return id;
  }

  private long write(InternalNode node, Function<LeafNode, double[]> votes) {
    int feature = node.split().featureIndex();
    if (node.split() instanceof ContinuousSplit split) {
      long id = next++;
      int line = line(id, "BRANCH_LEQ", feature, split.threshold());
      trueIds.set(line, write(node.leftChild(), votes));
      falseIds.set(line, write(node.rightChild(), votes));
      return id;
    }
    CategoricalSplit split = (CategoricalSplit) node.split();
    // Spark keeps the categories of the smaller side; all other numbers go to the larger one.
    boolean asksForLeft = split.leftCategories().length <= split.numCategories() / 2;
    double[] members = asksForLeft ? split.leftCategories() : split.rightCategories();
    Node inside = asksForLeft ? node.leftChild() : node.rightChild();
    Node outside = asksForLeft ? node.rightChild() : node.leftChild();
    long first = next;
    int firstLine = values.size();
    for (double member : members) {
      falseIds.set(line(next, "BRANCH_EQ", feature, member), next + 1);
      next++;
    }
    int end = values.size();
    long otherwise = write(outside, votes);
    long among = write(inside, votes);
    for (int line = firstLine; line < end; line++) {
      trueIds.set(line, among);
    }
    falseIds.set(end - 1, otherwise);
    return first;
  }

  private int line(long id, String mode, int feature, double value) {
    treeIds.add(trees);
    nodeIds.add(id);
    featureIds.add((long) feature);
    values.add(value);
    modes.add(mode);
    trueIds.add(0L);
    falseIds.add(0L);
    return values.size() - 1;
  }

  /** The sums of what the leaves add, {@code double[N, K]}. */
  Value sums(Columns c, Value x) {
    GraphBuilder b = c.builder();
    b.importDomain("ai.onnx.ml", 3);
    Value sums =
        b.node(
            "ai.onnx.ml.TreeEnsembleRegressor",
            List.of(x),
            ints("nodes_treeids", treeIds),
            ints("nodes_nodeids", nodeIds),
            ints("nodes_featureids", featureIds),
            doubles("nodes_values_as_tensor", values),
            Attribute.ofStrings("nodes_modes", modes.toArray(String[]::new)),
            ints("nodes_truenodeids", trueIds),
            ints("nodes_falsenodeids", falseIds),
            ints("target_treeids", voteTrees),
            ints("target_nodeids", voteNodes),
            ints("target_ids", voteTargets),
            doubles("target_weights_as_tensor", weights),
            Attribute.ofInt("n_targets", targets));
    return b.cast(sums, ElementType.DOUBLE);
  }

  private static Attribute ints(String name, List<Long> numbers) {
    return Attribute.ofInts(name, numbers.stream().mapToLong(Long::longValue).toArray());
  }

  private static Attribute doubles(String name, List<Double> numbers) {
    double[] all = numbers.stream().mapToDouble(Double::doubleValue).toArray();
    return Attribute.ofTensor(name, Tensor.ofDoubles(Arrays.copyOf(all, all.length), all.length));
  }
}
