package dev.sardonyx.ir.infer.constraint;

import static dev.sardonyx.ir.infer.constraint.Constraints.ML;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Ensembles of trees, whose nodes name one another by number. */
final class TreeConstraints {
  private static final Constraint AGGREGATE =
      Demand.word("aggregate_function", "SUM", "AVERAGE", "MIN", "MAX");
  private static final Set<String> MODES =
      Set.of(
          "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "LEAF");

  /** The mode of nodes that ask whether a feature is among some values. */
  private static final int MEMBER = 6;

  private TreeConstraints() {}

  static void addTo(Constraints all) {
    Constraint nodes =
        Demand.sameLength(
            "nodes_treeids",
            "nodes_nodeids",
            "nodes_featureids",
            "nodes_values",
            "nodes_values_as_tensor",
            "nodes_modes",
            "nodes_truenodeids",
            "nodes_falsenodeids",
            "nodes_hitrates",
            "nodes_hitrates_as_tensor",
            "nodes_missing_value_tracks_true");
    all.add(
        ML,
        "TreeEnsembleClassifier",
        LinearModelConstraints.POST_TRANSFORM,
        Demand.oneOf("classlabels_int64s", "classlabels_strings"),
        nodes,
        once("nodes_values"),
        once("nodes_hitrates"),
        once("class_weights"),
        once("base_values"),
        Demand.sameLength(
            "class_treeids",
            "class_nodeids",
            "class_ids",
            "class_weights",
            "class_weights_as_tensor"),
        c -> named(c, "class"),
        TreeConstraints::classes);
    all.add(
        ML,
        "TreeEnsembleRegressor",
        LinearModelConstraints.POST_TRANSFORM,
        AGGREGATE,
        nodes,
        once("nodes_values"),
        once("nodes_hitrates"),
        once("target_weights"),
        once("base_values"),
        Demand.sameLength(
            "target_treeids",
            "target_nodeids",
            "target_ids",
            "target_weights",
            "target_weights_as_tensor"),
        Demand.within("n_targets", 1, Integer.MAX_VALUE),
        c -> named(c, "target"),
        c -> numbers(c, "target_ids", c.intAttribute("n_targets", 1)));
    all.add(ML, "TreeEnsemble", TreeConstraints::ensemble);
  }

  /** Numbers are given as a list or as a tensor. */
  private static Constraint once(String numbers) {
    return Demand.atMostOneOf(numbers, numbers + "_as_tensor");
  }

  private static void classes(InferenceContext c) {
    int classes =
        Demand.length(c, "classlabels_int64s")
            .orElse(Demand.length(c, "classlabels_strings").orElse(0));
    // With one label the scores may still be those of two classes.
    numbers(c, "class_ids", Math.max(classes, 2));
  }

  /** Every number of a list counts one of so many things. */
  private static void numbers(InferenceContext c, String attribute, long count) {
    Demand.each(attribute, 0, count - 1).check(c);
  }

  private static long[] ints(InferenceContext c, String attribute) {
    long[] ints = c.intsAttribute(attribute);
    return ints == null ? new long[0] : ints;
  }

  /** A tree's node. */
  private record Id(long tree, long node) {}

  /**
   * Nodes are named by tree and number, each once; branches lead to nodes of their tree, and what
   * is given for leaves names nodes.
   *
   * @param leaves the prefix of the attributes about leaves
   */
  private static void named(InferenceContext c, String leaves) {
    long[] trees = ints(c, "nodes_treeids");
    long[] numbers = ints(c, "nodes_nodeids");
    List<String> modes = c.stringsAttribute("nodes_modes");
    long[] features = ints(c, "nodes_featureids");
    if (trees.length == 0
        || numbers.length != trees.length
        || modes == null
        || modes.size() != trees.length) {
      throw Demand.wrong(
          c,
          "nodes_treeids",
          "a number for each node, as nodes_nodeids and nodes_modes",
          trees.length + " numbers");
    }
    Map<Id, Integer> nodes = new HashMap<>();
    for (int i = 0; i < trees.length; i++) {
      if (nodes.put(new Id(trees[i], numbers[i]), i) != null) {
        throw Demand.wrong(
            c, "nodes_nodeids", "different numbers in tree " + trees[i], "twice " + numbers[i]);
      }
      if (!MODES.contains(modes.get(i))) {
        throw Demand.wrong(c, "nodes_modes", "one of " + MODES, "'" + modes.get(i) + "'");
      }
    }
    if (Arrays.stream(features).anyMatch(f -> f < 0 || f > Integer.MAX_VALUE)) {
      throw Demand.wrong(c, "nodes_featureids", "numbers of features", Arrays.toString(features));
    }
    branches(c, nodes, trees, modes);
    leaves(c, nodes, leaves);
  }

  private static void branches(
      InferenceContext c, Map<Id, Integer> nodes, long[] trees, List<String> modes) {
    long[] yes = ints(c, "nodes_truenodeids");
    long[] no = ints(c, "nodes_falsenodeids");
    int[][] children = new int[trees.length][];
    for (int i = 0; i < trees.length; i++) {
      children[i] = new int[0];
      if (modes.get(i).equals("LEAF")) {
        continue;
      }
      Integer left = i < yes.length ? nodes.get(new Id(trees[i], yes[i])) : null;
      Integer right = i < no.length ? nodes.get(new Id(trees[i], no[i])) : null;
      if (left == null || right == null) {
        throw Demand.wrong(
            c,
            left == null ? "nodes_truenodeids" : "nodes_falsenodeids",
            "numbers of nodes in tree " + trees[i],
            "what node " + i + " of the list has");
      }
      children[i] = new int[] {left, right};
    }
    acyclic(c, "nodes_truenodeids", children);
  }

  private static void leaves(InferenceContext c, Map<Id, Integer> nodes, String prefix) {
    long[] trees = ints(c, prefix + "_treeids");
    long[] numbers = ints(c, prefix + "_nodeids");
    for (int i = 0; i < Math.min(trees.length, numbers.length); i++) {
      if (!nodes.containsKey(new Id(trees[i], numbers[i]))) {
        throw Demand.wrong(
            c,
            prefix + "_nodeids",
            "numbers of nodes",
            numbers[i] + " in tree " + trees[i] + ", which has no such node");
      }
    }
  }

  /** No branch leads back to a node above it, or evaluating would not end. */
  private static void acyclic(InferenceContext c, String attribute, int[][] children) {
    int[] uses = new int[children.length];
    for (int[] each : children) {
      for (int child : each) {
        uses[child]++;
      }
    }
    List<Integer> free = new ArrayList<>();
    for (int i = 0; i < uses.length; i++) {
      if (uses[i] == 0) {
        free.add(i);
      }
    }
    int seen = 0;
    while (!free.isEmpty()) {
      seen++;
      for (int child : children[free.remove(free.size() - 1)]) {
        if (--uses[child] == 0) {
          free.add(child);
        }
      }
    }
    if (seen < children.length) {
      throw Demand.wrong(c, attribute, "numbers that lead to leaves", "a cycle of nodes");
    }
  }

  /** Version 5: nodes and leaves are numbered by their place. */
  private static void ensemble(InferenceContext c) {
    Shape data = c.inputShape(0);
    if (data.isRanked() && data.rank() != 2) {
      throw c.rankError(0, "2");
    }
    int nodes = ints(c, "nodes_featureids").length;
    int leaves = ints(c, "leaf_targetids").length;
    elementTypes(c);
    lengths(c, nodes, leaves);
    Demand.within("aggregate_function", 0, 3).check(c);
    Demand.within("post_transform", 0, 4).check(c);
    Demand.within("n_targets", 1, Integer.MAX_VALUE).check(c);
    Demand.each("nodes_featureids", 0, Integer.MAX_VALUE).check(c);
    numbers(c, "leaf_targetids", Math.max(1, c.intAttribute("n_targets", 1)));
    numbers(c, "tree_roots", Math.max(nodes, 1));
    long[] yes = ints(c, "nodes_truenodeids");
    long[] no = ints(c, "nodes_falsenodeids");
    long[] yesLeaf = ints(c, "nodes_trueleafs");
    long[] noLeaf = ints(c, "nodes_falseleafs");
    if (yes.length != nodes
        || no.length != nodes
        || yesLeaf.length != nodes
        || noLeaf.length != nodes) {
      throw Demand.wrong(c, "nodes_truenodeids", nodes + " numbers", yes.length + " numbers");
    }
    targets(c, "nodes_truenodeids", yes, yesLeaf, nodes, leaves);
    targets(c, "nodes_falsenodeids", no, noLeaf, nodes, leaves);
    modes(c);
    members(c);
    acyclic(c, "nodes_truenodeids", children(yes, yesLeaf, no, noLeaf));
  }

  private static void elementTypes(InferenceContext c) {
    ElementType type = c.inputElementType(0);
    for (String numbers : List.of("nodes_splits", "leaf_weights", "membership_values")) {
      Demand.elementType(c, numbers, type, "the input's element type");
    }
    // Whatever the input's is.
    Demand.elementType(c, "nodes_hitrates", ElementType.FLOAT, "element type");
    Demand.elementType(c, "nodes_modes", ElementType.UINT8, "element type");
  }

  private static void lengths(InferenceContext c, int nodes, int leaves) {
    for (String each :
        List.of(
            "nodes_modes",
            "nodes_splits",
            "nodes_truenodeids",
            "nodes_falsenodeids",
            "nodes_trueleafs",
            "nodes_falseleafs",
            "nodes_hitrates",
            "nodes_missing_value_tracks_true")) {
      Demand.length(c, each, nodes, "one for each node");
    }
    Demand.length(c, "leaf_weights", leaves, "one for each leaf");
  }

  /** The nodes that each node leads to. */
  private static int[][] children(long[] yes, long[] yesLeaf, long[] no, long[] noLeaf) {
    int[][] children = new int[yes.length][];
    for (int i = 0; i < children.length; i++) {
      List<Integer> each = new ArrayList<>();
      // A tree of one leaf is a node both of whose branches lead to it.
      if (yesLeaf[i] == 0) {
        each.add((int) yes[i]);
      }
      if (noLeaf[i] == 0) {
        each.add((int) no[i]);
      }
      children[i] = each.stream().mapToInt(Integer::intValue).toArray();
    }
    return children;
  }

  private static void targets(
      InferenceContext c, String attribute, long[] to, long[] isLeaf, int nodes, int leaves) {
    for (int i = 0; i < to.length; i++) {
      long count = isLeaf[i] == 0 ? nodes : leaves;
      if (to[i] < 0 || to[i] >= count) {
        throw Demand.wrong(
            c, attribute, "from 0 to " + (count - 1) + " for node " + i, Long.toString(to[i]));
      }
    }
  }

  /** Each node that asks for a member has a set, which ends in NaN; the last may end with all. */
  private static void members(InferenceContext c) {
    Optional<Tensor> modes = c.tensorAttribute("nodes_modes").filter(Tensor::isReadable);
    Optional<Tensor> members = c.tensorAttribute("membership_values");
    if (members.isPresent() && !members.get().isReadable()) {
      return;
    }
    long asking =
        modes.isEmpty()
            ? 0
            : Arrays.stream(modes.get().toDoubles()).filter(mode -> mode == MEMBER).count();
    double[] values = members.map(Tensor::toDoubles).orElse(new double[0]);
    long sets = 0;
    for (int i = 0; i < values.length; i++) {
      boolean isLast = i + 1 == values.length || Double.isNaN(values[i + 1]);
      sets += isLast && !Double.isNaN(values[i]) ? 1 : 0;
    }
    if (sets != asking) {
      throw Demand.wrong(
          c,
          "membership_values",
          "one set, not empty, for each of %d nodes of mode 6 (BRANCH_MEMBER)".formatted(asking),
          Long.toString(sets));
    }
  }

  private static void modes(InferenceContext c) {
    Tensor modes =
        c.node()
            .attribute("nodes_modes", AttributeValue.Tensor.class)
            .map(AttributeValue.Tensor::value)
            .filter(Tensor::isReadable)
            .orElse(null);
    if (modes != null && Arrays.stream(modes.toLongs()).anyMatch(m -> m < 0 || m > 6)) {
      throw Demand.wrong(c, "nodes_modes", "numbers from 0 to 6", Arrays.toString(modes.toLongs()));
    }
  }
}
