package dev.sardonyx.ir.infer.constraint;

import static dev.sardonyx.ir.infer.constraint.Constraints.ML;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

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

  /** Finds the places of nodes in their list by tree and number, which may be any. */
  private static final class Places {
    private static final int NONE = -1;

    private final long[] trees;
    private final long[] numbers;

    /** The places by tree, then number. */
    private final int[] sorted;

    /** Where the last one was found: the next is mostly near it, as far as its number is. */
    private int last;

    Places(long[] trees, long[] numbers) {
      this.trees = trees;
      this.numbers = numbers;
      boolean ascends = true;
      for (int i = 1; i < trees.length; i++) {
        ascends &= compare(i - 1, trees[i], numbers[i]) < 0;
      }
      IntStream places = IntStream.range(0, trees.length);
      sorted =
          ascends
              ? places.toArray()
              : places
                  .boxed()
                  .sorted((a, b) -> compare(a, trees[b], numbers[b]))
                  .mapToInt(Integer::intValue)
                  .toArray();
    }

    private int compare(int place, long tree, long number) {
      int byTree = Long.compare(trees[place], tree);
      return byTree != 0 ? byTree : Long.compare(numbers[place], number);
    }

    /** A node of the same tree and number as another one, or {@link #NONE}. */
    int second() {
      for (int i = 1; i < sorted.length; i++) {
        if (compare(sorted[i - 1], trees[sorted[i]], numbers[sorted[i]]) == 0) {
          return sorted[i];
        }
      }
      return NONE;
    }

    /** The place of a node, or {@link #NONE}. */
    int of(long tree, long number) {
      int from = 0;
      int to = sorted.length - 1;
      long guess = last + (number - numbers[sorted[last]]);
      int middle = guess >= 0 && guess <= to ? (int) guess : to / 2;
      while (from <= to) {
        int order = compare(sorted[middle], tree, number);
        if (order == 0) {
          last = middle;
          return sorted[middle];
        }
        from = order < 0 ? middle + 1 : from;
        to = order > 0 ? middle - 1 : to;
        middle = (from + to) >>> 1;
      }
      return NONE;
    }
  }

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
    Places nodes = new Places(trees, numbers);
    int second = nodes.second();
    if (second != Places.NONE) {
      throw Demand.wrong(
          c,
          "nodes_nodeids",
          "different numbers in tree " + trees[second],
          "twice " + numbers[second]);
    }
    for (String mode : modes) {
      if (!MODES.contains(mode)) {
        throw Demand.wrong(c, "nodes_modes", "one of " + MODES, "'" + mode + "'");
      }
    }
    if (Arrays.stream(features).anyMatch(f -> f < 0 || f > Integer.MAX_VALUE)) {
      throw Demand.wrong(c, "nodes_featureids", "numbers of features", Arrays.toString(features));
    }
    branches(c, nodes, trees, modes);
    leaves(c, nodes, leaves);
  }

  private static void branches(InferenceContext c, Places nodes, long[] trees, List<String> modes) {
    long[] yes = ints(c, "nodes_truenodeids");
    long[] no = ints(c, "nodes_falsenodeids");
    int[] left = new int[trees.length];
    int[] right = new int[trees.length];
    for (int i = 0; i < trees.length; i++) {
      boolean isLeaf = modes.get(i).equals("LEAF");
      left[i] = isLeaf || i >= yes.length ? Places.NONE : nodes.of(trees[i], yes[i]);
      right[i] = isLeaf || i >= no.length ? Places.NONE : nodes.of(trees[i], no[i]);
      if (!isLeaf && (left[i] == Places.NONE || right[i] == Places.NONE)) {
        throw Demand.wrong(
            c,
            left[i] == Places.NONE ? "nodes_truenodeids" : "nodes_falsenodeids",
            "numbers of nodes in tree " + trees[i],
            "what node " + i + " of the list has");
      }
    }
    acyclic(c, "nodes_truenodeids", left, right);
  }

  private static void leaves(InferenceContext c, Places nodes, String prefix) {
    long[] trees = ints(c, prefix + "_treeids");
    long[] numbers = ints(c, prefix + "_nodeids");
    for (int i = 0; i < Math.min(trees.length, numbers.length); i++) {
      if (nodes.of(trees[i], numbers[i]) == Places.NONE) {
        throw Demand.wrong(
            c,
            prefix + "_nodeids",
            "numbers of nodes",
            numbers[i] + " in tree " + trees[i] + ", which has no such node");
      }
    }
  }

  /**
   * No branch leads back to a node above it, or evaluating would not end.
   *
   * @param left a child of each node, or {@link Places#NONE}
   * @param right the other one, likewise
   */
  private static void acyclic(InferenceContext c, String attribute, int[] left, int[] right) {
    int[] uses = new int[left.length];
    int[][] sides = {left, right};
    for (int[] side : sides) {
      for (int child : side) {
        if (child != Places.NONE) {
          uses[child]++;
        }
      }
    }
    int[] free = new int[left.length];
    int waiting = 0;
    for (int i = 0; i < uses.length; i++) {
      if (uses[i] == 0) {
        free[waiting++] = i;
      }
    }
    int seen = 0;
    while (waiting > 0) {
      int node = free[--waiting];
      seen++;
      for (int[] side : sides) {
        if (side[node] != Places.NONE && --uses[side[node]] == 0) {
          free[waiting++] = side[node];
        }
      }
    }
    if (seen < left.length) {
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
    acyclic(c, "nodes_truenodeids", children(yes, yesLeaf), children(no, noLeaf));
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

  /** A tree of one leaf is a node both of whose branches lead to it. */
  private static int[] children(long[] to, long[] isLeaf) {
    return IntStream.range(0, to.length)
        .map(i -> isLeaf[i] == 0 ? (int) to[i] : Places.NONE)
        .toArray();
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
