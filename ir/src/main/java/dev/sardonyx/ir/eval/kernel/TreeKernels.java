package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Ensembles of decision trees, rows of features {@code [N, F]}. */
final class TreeKernels {
  private static final String[] MODES = {"LEQ", "LT", "GTE", "GT", "EQ", "NEQ", "MEMBER"};
  private static final String[] AGGREGATES = {"AVERAGE", "SUM", "MIN", "MAX"};
  private static final String[] TRANSFORMS = {
    "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"
  };

  private TreeKernels() {}

  static void register(Kernels kernels) {
    kernels.one(FeatureKernels.DOMAIN, "TreeEnsemble", TreeKernels::ensemble);
    kernels.one(FeatureKernels.DOMAIN, "TreeEnsembleRegressor", TreeKernels::regressor);
    kernels.add(FeatureKernels.DOMAIN, "TreeEnsembleClassifier", TreeKernels::classifier);
  }

  /** A weight that a leaf gives to a target. */
  private record Vote(int target, double weight) {}

  /** A node of a tree: a leaf has votes, another a question and two answers. */
  private static final class Split {
    String mode = "LEAF";
    int feature;
    double value;
    Set<Double> members = Set.of();
    boolean missingIsTrue;
    @Nullable Split whenTrue;
    @Nullable Split whenFalse;
    final List<Vote> votes = new ArrayList<>();

    List<Vote> find(double[] x, int row) {
      Split at = this;
      while (true) {
        Split next = at.holds(x[row + at.feature]) ? at.whenTrue : at.whenFalse;
        if (next == null) {
          return at.votes;
        }
        at = next;
      }
    }

    private boolean holds(double x) {
      if (Double.isNaN(x)) {
        return missingIsTrue;
      }
      return switch (mode) {
        case "LEQ" -> x <= value;
        case "LT" -> x < value;
        case "GTE" -> x >= value;
        case "GT" -> x > value;
        case "EQ" -> x == value;
        case "NEQ" -> x != value;
        case "MEMBER" -> members.contains(x);
        default -> false;
      };
    }
  }

  /** Joins the votes of all trees for one row. */
  private static double[] aggregate(
      List<Split> trees, double[] x, int row, int targets, String aggregate) {
    double[] result = new double[targets];
    boolean[] voted = new boolean[targets];
    for (Split tree : trees) {
      for (Vote vote : tree.find(x, row)) {
        int t = vote.target;
        double before = result[t];
        result[t] =
            switch (aggregate) {
              case "MIN" -> voted[t] ? Math.min(before, vote.weight) : vote.weight;
              case "MAX" -> voted[t] ? Math.max(before, vote.weight) : vote.weight;
              case "AVERAGE" -> before + vote.weight / trees.size();
              default -> before + vote.weight;
            };
        voted[t] = true;
      }
    }
    return result;
  }

  // Version 5: trees by their roots, leaves apart.

  private static Tensor ensemble(KernelContext c) {
    Tensor x = c.tensor(0);
    List<Split> trees = trees(c);
    int targets = (int) c.intAttribute("n_targets", 1);
    String aggregate = AGGREGATES[(int) c.intAttribute("aggregate_function", 1)];
    String transform = TRANSFORMS[(int) c.intAttribute("post_transform", 0)];
    double[] values = Elements.doubles(x);
    int rows = (int) x.dim(0);
    double[] y = new double[Dims.size(rows, targets)];
    for (int r = 0; r < rows; r++) {
      double[] scores = aggregate(trees, values, r * (int) x.dim(1), targets, aggregate);
      PostTransform.apply(transform, scores);
      System.arraycopy(scores, 0, y, r * targets, targets);
    }
    return Elements.of(x.elementType(), y, rows, targets);
  }

  private static List<Split> trees(KernelContext c) {
    long[] none = new long[0];
    long[] features = c.intsAttribute("nodes_featureids", none);
    long[] trueIds = c.intsAttribute("nodes_truenodeids", none);
    long[] falseIds = c.intsAttribute("nodes_falsenodeids", none);
    long[] trueLeaves = c.intsAttribute("nodes_trueleafs", none);
    long[] falseLeaves = c.intsAttribute("nodes_falseleafs", none);
    long[] missing = c.intsAttribute("nodes_missing_value_tracks_true", none);
    long[] targets = c.intsAttribute("leaf_targetids", none);
    double[] weights = doubles(c, "leaf_weights");
    double[] splits = doubles(c, "nodes_splits");
    double[] modes = doubles(c, "nodes_modes");
    Split[] nodes = new Split[features.length];
    Split[] leaves = new Split[targets.length];
    for (int i = 0; i < leaves.length; i++) {
      leaves[i] = new Split();
      leaves[i].votes.add(new Vote((int) targets[i], weights[i]));
    }
    Arrays.setAll(nodes, i -> new Split());
    for (int i = 0; i < nodes.length; i++) {
      nodes[i].mode = MODES[(int) modes[i]];
      nodes[i].feature = (int) features[i];
      nodes[i].value = splits[i];
      nodes[i].missingIsTrue = missing.length > 0 && missing[i] != 0;
      nodes[i].whenTrue = (trueLeaves[i] != 0 ? leaves : nodes)[(int) trueIds[i]];
      nodes[i].whenFalse = (falseLeaves[i] != 0 ? leaves : nodes)[(int) falseIds[i]];
    }
    List<Split> roots = new ArrayList<>();
    double[] members = doubles(c, "membership_values");
    int[] next = {0};
    for (long root : c.intsAttribute("tree_roots", none)) {
      members(nodes[(int) root], members, next);
      roots.add(nodes[(int) root]);
    }
    return roots;
  }

  private static double[] doubles(KernelContext c, String name) {
    Tensor tensor = c.tensorAttribute(name);
    return tensor == null ? new double[0] : Elements.doubles(tensor);
  }

  /**
   * Sets of members end in NaN and stand in the order in which the nodes are met, true ones first.
   */
  private static void members(@Nullable Split node, double[] values, int[] next) {
    if (node == null || node.whenTrue == null) {
      return;
    }
    if (node.mode.equals("MEMBER")) {
      Set<Double> members = new HashSet<>();
      while (next[0] < values.length && !Double.isNaN(values[next[0]])) {
        members.add(values[next[0]++]);
      }
      next[0]++;
      node.members = members;
    }
    members(node.whenTrue, values, next);
    if (node.whenFalse != node.whenTrue) {
      members(node.whenFalse, values, next);
    }
  }

  // Versions 1 and 3: all nodes in one list, leaves named by tree and node.

  private record NodeId(long tree, long node) {}

  private static List<Split> trees(KernelContext c, String votes, String targetIds) {
    long[] none = new long[0];
    long[] treeIds = c.intsAttribute("nodes_treeids", none);
    long[] nodeIds = c.intsAttribute("nodes_nodeids", none);
    long[] features = c.intsAttribute("nodes_featureids", new long[treeIds.length]);
    long[] trueIds = c.intsAttribute("nodes_truenodeids", none);
    long[] falseIds = c.intsAttribute("nodes_falsenodeids", none);
    long[] missing = c.intsAttribute("nodes_missing_value_tracks_true", none);
    List<String> modes = c.stringsAttribute("nodes_modes");
    double[] values = numbers(c, "nodes_values");
    Map<NodeId, Split> nodes = new HashMap<>();
    Map<Long, Split> roots = new LinkedHashMap<>();
    for (int i = 0; i < treeIds.length; i++) {
      Split node = new Split();
      nodes.put(new NodeId(treeIds[i], nodeIds[i]), node);
      roots.putIfAbsent(treeIds[i], node);
    }
    for (int i = 0; i < treeIds.length; i++) {
      Split node = nodes.get(new NodeId(treeIds[i], nodeIds[i]));
      String mode = modes == null ? "LEAF" : modes.get(i).replace("BRANCH_", "");
      if (node == null || mode.equals("LEAF")) {
        continue;
      }
      node.mode = mode;
      node.feature = (int) features[i];
      node.value = values[i];
      node.missingIsTrue = missing.length > 0 && missing[i] != 0;
      node.whenTrue = nodes.get(new NodeId(treeIds[i], trueIds[i]));
      node.whenFalse = nodes.get(new NodeId(treeIds[i], falseIds[i]));
    }
    long[] voteTrees = c.intsAttribute(votes + "_treeids", none);
    long[] voteNodes = c.intsAttribute(votes + "_nodeids", none);
    long[] voteTargets = c.intsAttribute(targetIds, none);
    double[] weights = numbers(c, votes + "_weights");
    for (int i = 0; i < voteTrees.length; i++) {
      Split leaf = nodes.get(new NodeId(voteTrees[i], voteNodes[i]));
      if (leaf == null) {
        throw new EvaluationException(
            "tree " + voteTrees[i] + " has no node " + voteNodes[i] + ", which has a weight");
      }
      leaf.votes.add(new Vote((int) voteTargets[i], weights[i]));
    }
    return new ArrayList<>(roots.values());
  }

  /** Floats, or doubles of an attribute of the same name that is a tensor. */
  private static double[] numbers(KernelContext c, String name) {
    double[] floats = FeatureKernels.floats(c, name);
    return floats == null ? doubles(c, name + "_as_tensor") : floats;
  }

  private static Tensor regressor(KernelContext c) {
    Tensor x = c.tensor(0);
    List<Split> trees = trees(c, "target", "target_ids");
    int targets = (int) c.intAttribute("n_targets", 1);
    double[] base = numbers(c, "base_values");
    double[] values = Elements.doubles(x);
    int rows = (int) x.dim(0);
    double[] y = new double[Dims.size(rows, targets)];
    for (int r = 0; r < rows; r++) {
      int at = r * (int) x.dim(1);
      String aggregate = c.stringAttribute("aggregate_function", "SUM");
      double[] scores = aggregate(trees, values, at, targets, aggregate);
      for (int t = 0; t < targets && base.length > 0; t++) {
        scores[t] += base[t % base.length];
      }
      PostTransform.apply(c.stringAttribute("post_transform", "NONE"), scores);
      System.arraycopy(scores, 0, y, r * targets, targets);
    }
    return Elements.of(ElementType.FLOAT, y, rows, targets);
  }

  /**
   * Votes for one class only make a binary classifier, whose other score follows from the first.
   */
  private static List<Datum> classifier(KernelContext c) {
    Tensor x = c.tensor(0);
    List<Split> trees = trees(c, "class", "class_ids");
    long[] ids = c.intsAttribute("class_ids", new long[0]);
    boolean binary = Arrays.stream(ids).distinct().count() == 1;
    Labels labels = Labels.of(c, "classlabels_int64s");
    int classes = labels.count();
    String transform = c.stringAttribute("post_transform", "NONE");
    double[] base = numbers(c, "base_values");
    double[] values = Elements.doubles(x);
    int rows = (int) x.dim(0);
    List<double[]> all = new ArrayList<>();
    int[] best = new int[rows];
    for (int r = 0; r < rows; r++) {
      double[] scores = aggregate(trees, values, r * (int) x.dim(1), classes, "SUM");
      for (int t = 0; t < classes && base.length > 0; t++) {
        scores[t] += base[t % base.length];
      }
      if (binary) {
        double positive = scores[0];
        boolean probability = transform.equals("NONE") || transform.equals("PROBIT");
        scores = new double[Math.max(2, classes)];
        scores[0] = probability ? 1 - positive : -positive;
        scores[1] = positive;
      }
      PostTransform.apply(transform, scores);
      best[r] = PostTransform.best(scores);
      all.add(scores);
    }
    return List.of(labels.at(best), Labels.rows(ElementType.FLOAT, all));
  }
}
