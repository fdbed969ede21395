package dev.sardonyx.export.trees;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Collects trees for one {@code ai.onnx.ml.TreeEnsembleRegressor}, which is the same from version 1
 * to 4 if its numbers are floats.
 *
 * <p>A split with several cuts becomes a chain of comparisons: a true branch leads to one of the
 * two children, a false branch to the next comparison. So every node is the false branch of one
 * other at most, which ONNX Runtime relies on.
 */
final class Forest {
  private static final String ML = "ai.onnx.ml";
  private static final int ML_VERSION = 3;

  private final int targets;
  private final int features;
  private final boolean inclusive;
  private final Limits limits;
  private final Longs treeIds = new Longs();
  private final Longs nodeIds = new Longs();
  private final Longs featureIds = new Longs();
  private final Longs trueIds = new Longs();
  private final Longs falseIds = new Longs();
  private final Longs missingTrue = new Longs();
  private final Floats values = new Floats();
  private final List<String> modes = new ArrayList<>();
  private final Longs voteTrees = new Longs();
  private final Longs voteNodes = new Longs();
  private final Longs voteTargets = new Longs();
  private final Floats weights = new Floats();
  private int trees;

  /**
   * @param targets how many sums there are
   * @param features how many columns rows have
   * @param inclusive whether comparisons are written {@code <=}; otherwise {@code <}
   */
  Forest(int targets, int features, boolean inclusive, Limits limits) {
    this.targets = targets;
    this.features = features;
    this.inclusive = inclusive;
    this.limits = limits;
  }

  /**
   * Adds what can be reached from a tree's root.
   *
   * @throws TreeFault if its nodes are no tree
   */
  void add(DecisionTree tree) {
    int[] first = new int[tree.size()]; // of the ONNX nodes of each node, or -1
    Arrays.fill(first, -1);
    int[] order = new int[tree.size()];
    int[] depths = new int[tree.size()];
    int[] stack = new int[tree.size() + 1];
    int waiting = 0;
    int reached = 0;
    int next = 0;
    stack[waiting++] = 0;
    first[0] = -2;
    while (waiting > 0) {
      int node = stack[--waiting];
      first[node] = next;
      order[reached++] = node;
      if (tree.isLeaf(node)) {
        next++;
        continue;
      }
      int steps = tree.cuts(node).comparisons();
      next = Math.addExact(next, steps);
      limits.requireDepth(depths[node] + (long) steps, place(node));
      requireFeature(tree, node);
      int[] children = {tree.right(node), tree.left(node)};
      for (int child : children) {
        claim(first, node, child);
        depths[child] = depths[node] + steps;
        stack[waiting++] = child;
      }
    }
    limits.requireObjects(nodeIds.size + (long) next, "tree " + trees);
    for (int i = 0; i < reached; i++) {
      emit(tree, order[i], first);
    }
    trees++;
  }

  private String place(int node) {
    return "tree " + trees + ", node " + node;
  }

  private void requireFeature(DecisionTree tree, int node) {
    int feature = tree.feature(node);
    if (feature < 0 || feature >= features) {
      throw new TreeFault(
          "%s: splits on feature %d, but there are %d".formatted(place(node), feature, features));
    }
  }

  private void claim(int[] first, int node, int child) {
    if (child < 0 || child >= first.length) {
      throw new TreeFault(
          "%s: has the child %d, but there are %d nodes"
              .formatted(place(node), child, first.length));
    }
    if (first[child] != -1) {
      throw new TreeFault(
          "%s: has the child %d, to which another branch leads, too".formatted(place(node), child));
    }
    first[child] = -2;
  }

  private void emit(DecisionTree tree, int node, int[] first) {
    if (tree.isLeaf(node)) {
      emitLeaf(tree, node, first[node]);
      return;
    }
    Cuts cuts = tree.cuts(node);
    boolean missingLeft = tree.sendsMissingLeft(node);
    int left = first[tree.left(node)];
    int right = first[tree.right(node)];
    float[] bounds = cuts.bounds();
    if (bounds.length == 0) { // all numbers go to one side
      boolean truth = inclusive == cuts.lowestGoesLeft(); // x <= inf is true, x < -inf is false
      float bound = inclusive ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
      node(first[node], tree.feature(node), bound, truth ? left : right, truth ? right : left);
      missingTrue.add(missingLeft == truth ? 1 : 0);
      return;
    }
    for (int i = 0; i < bounds.length; i++) {
      boolean truth = i == 0 ? cuts.lowestGoesLeft() : cuts.goesLeftFrom(i - 1);
      int id = first[node] + i;
      int otherwise = i + 1 < bounds.length ? id + 1 : truth ? right : left;
      float bound = inclusive ? Math.nextDown(bounds[i]) : bounds[i];
      node(id, tree.feature(node), bound, truth ? left : right, otherwise);
      missingTrue.add(missingLeft == truth ? 1 : 0); // if not here, at the next one or at the end
    }
  }

  private void node(int id, int feature, float bound, int whenTrue, int whenFalse) {
    treeIds.add(trees);
    nodeIds.add(id);
    featureIds.add(feature);
    values.add(bound);
    modes.add(inclusive ? "BRANCH_LEQ" : "BRANCH_LT");
    trueIds.add(whenTrue);
    falseIds.add(whenFalse);
  }

  private void emitLeaf(DecisionTree tree, int leaf, int id) {
    node(id, 0, 0, 0, 0);
    modes.set(modes.size() - 1, "LEAF");
    missingTrue.add(0);
    tree.vote(
        leaf,
        (target, weight) -> {
          voteTrees.add(trees);
          voteNodes.add(id);
          voteTargets.add(target);
          weights.add(weight);
        });
  }

  /** The sums of the trees. */
  Value sums(GraphBuilder b, Value rows, float[] base) {
    if (trees == 0) { // the operator wants nodes
      add(new OneLeaf());
    }
    b.importDomain(ML, ML_VERSION);
    List<Attribute> attributes =
        new ArrayList<>(
            List.of(
                Attribute.ofInts("nodes_treeids", treeIds.toArray()),
                Attribute.ofInts("nodes_nodeids", nodeIds.toArray()),
                Attribute.ofInts("nodes_featureids", featureIds.toArray()),
                Attribute.ofFloats("nodes_values", values.toArray()),
                Attribute.ofStrings("nodes_modes", modes.toArray(String[]::new)),
                Attribute.ofInts("nodes_truenodeids", trueIds.toArray()),
                Attribute.ofInts("nodes_falsenodeids", falseIds.toArray()),
                Attribute.ofInts("nodes_missing_value_tracks_true", missingTrue.toArray()),
                Attribute.ofInts("target_treeids", voteTrees.toArray()),
                Attribute.ofInts("target_nodeids", voteNodes.toArray()),
                Attribute.ofInts("target_ids", voteTargets.toArray()),
                Attribute.ofFloats("target_weights", weights.toArray()),
                Attribute.ofInt("n_targets", targets)));
    if (!allZero(base)) {
      attributes.add(Attribute.ofFloats("base_values", base));
    }
    return b.node(ML + ".TreeEnsembleRegressor", List.of(rows), attributes);
  }

  private static boolean allZero(float[] values) {
    for (float each : values) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  /** A tree that adds nothing. */
  private record OneLeaf() implements DecisionTree {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public boolean isLeaf(int node) {
      return true;
    }

    @Override
    public void vote(int leaf, Votes votes) {
      votes.add(0, 0);
    }

    @Override
    public int left(int node) {
      throw new IllegalStateException("a leaf");
    }

    @Override
    public int right(int node) {
      throw new IllegalStateException("a leaf");
    }

    @Override
    public int feature(int node) {
      throw new IllegalStateException("a leaf");
    }

    @Override
    public Cuts cuts(int node) {
      throw new IllegalStateException("a leaf");
    }

    @Override
    public boolean sendsMissingLeft(int node) {
      throw new IllegalStateException("a leaf");
    }
  }

  /** Numbers without an object each. */
  private static final class Longs {
    private long[] all = new long[64];
    private int size;

    void add(long each) {
      if (size == all.length) {
        all = Arrays.copyOf(all, 2 * size);
      }
      all[size++] = each;
    }

    long[] toArray() {
      return Arrays.copyOf(all, size);
    }
  }

  private static final class Floats {
    private float[] all = new float[64];
    private int size;

    void add(float each) {
      if (size == all.length) {
        all = Arrays.copyOf(all, 2 * size);
      }
      all[size++] = each;
    }

    float[] toArray() {
      return Arrays.copyOf(all, size);
    }
  }
}
