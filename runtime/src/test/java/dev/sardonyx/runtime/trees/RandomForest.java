package dev.sardonyx.runtime.trees;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A few random trees as files, and rows whose values are where trees decide. */
final class RandomForest {
  /** Columns, of which the last ones are of categories. */
  static final int FEATURES = 5;

  static final int NUMBERS = 3;

  private static final float[] ODD = {
    Float.NaN,
    0,
    -0f,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MAX_VALUE,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    1e-35f,
    -1e-35f,
    2e-35f,
    -2e-35f,
    0.5f,
    7.99f,
    31.5f,
    32,
    96,
    127,
    1e7f,
    16777216f,
    0x1p31f,
    3e9f,
    -0.5f,
    -1,
    -7
  };

  private final Random random;
  private final List<RandomTree> trees = new ArrayList<>();

  RandomForest(int seed) {
    random = new Random(seed);
    for (int i = 1 + random.nextInt(3); i >= 0; i--) {
      trees.add(new RandomTree(random));
    }
  }

  List<RandomTree> trees() {
    return trees;
  }

  /** Odd ones, floats, and doubles between floats. */
  static double threshold(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new double[] {0, -0.0, 1e-35f, -1e-35f, 1e300, -1e300}[random.nextInt(6)];
      case 1 -> (float) random.nextGaussian();
      case 2 -> Double.POSITIVE_INFINITY;
      default -> random.nextGaussian() * Math.pow(10, random.nextInt(9) - 4);
    };
  }

  List<float[]> rows() {
    List<Float> values = new ArrayList<>();
    for (float each : ODD) {
      values.add(each);
    }
    for (RandomTree tree : trees) {
      for (RandomTree.Node node : tree.nodes()) {
        float near = (float) node.value();
        values.addAll(List.of(near, Math.nextUp(near), Math.nextDown(near)));
      }
    }
    List<float[]> rows = new ArrayList<>();
    for (int r = 0; r < 100; r++) {
      float[] row = new float[FEATURES];
      for (int f = 0; f < FEATURES; f++) {
        row[f] =
            f >= NUMBERS && random.nextBoolean()
                ? random.nextInt(101)
                : values.get(random.nextInt(values.size()));
      }
      rows.add(row);
    }
    return rows;
  }

  // LightGBM's text

  String lightGbm() {
    StringBuilder text =
        new StringBuilder(
            "tree\nversion=v4\nnum_tree_per_iteration=1\nmax_feature_idx=4\nobjective=regression\n\n");
    for (int t = 0; t < trees.size(); t++) {
      text.append("Tree=").append(t).append('\n').append(lightGbm(trees.get(t))).append("\n\n");
    }
    return text + "end of trees\n";
  }

  /** Splits and leaves are numbered apart; a leaf's number is complemented where it is a child. */
  private static String lightGbm(RandomTree tree) {
    List<RandomTree.Node> splits = tree.nodes().stream().filter(n -> !n.isLeaf()).toList();
    List<RandomTree.Node> leaves = tree.nodes().stream().filter(RandomTree.Node::isLeaf).toList();
    int[] numbers = new int[tree.nodes().size()];
    int split = 0;
    int leaf = 0;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = tree.nodes().get(i).isLeaf() ? ~leaf++ : split++;
    }
    List<Long> starts = new ArrayList<>(List.of(0L));
    List<Long> bits = new ArrayList<>();
    List<String> thresholds = new ArrayList<>();
    for (RandomTree.Node node : splits) {
      thresholds.add(
          node.categories() == null
              ? Double.toString(node.value()).replace("Infinity", "inf")
              : Integer.toString(starts.size() - 1));
      if (node.categories() != null) {
        long[] words = new long[node.categories().last() / 32 + 1];
        node.categories().forEach(c -> words[c / 32] |= 1L << c % 32);
        for (long word : words) {
          bits.add(word);
        }
        starts.add((long) bits.size());
      }
    }
    return "num_leaves=%d\nnum_cat=%d\nsplit_feature=%s\nthreshold=%s\ndecision_type=%s\nleft_child=%s\nright_child=%s\nleaf_value=%s\ncat_boundaries=%s\ncat_threshold=%s"
        .formatted(
            leaves.size(),
            starts.size() - 1,
            words(splits, RandomTree.Node::feature),
            String.join(" ", thresholds),
            words(splits, RandomTree::decisionType),
            words(splits, n -> numbers[n.left()]),
            words(splits, n -> numbers[n.right()]),
            words(leaves, n -> (int) n.value()),
            words(starts, start -> start),
            words(bits, word -> word));
  }

  private static <T> String words(List<T> all, Function<T, Object> word) {
    return all.stream().map(each -> word.apply(each).toString()).collect(Collectors.joining(" "));
  }

  // XGBoost's JSON

  /** A file of version 1.{@code minor}. */
  Map<String, Object> xgboost(int minor) {
    Map<String, Object> model =
        Map.of(
            "gbtree_model_param", Map.of("num_trees", "" + trees.size()),
            "tree_info", new double[trees.size()],
            "trees", trees.stream().map(RandomForest::xgboost).toList());
    Map<String, Object> learner =
        Map.of(
            "learner_model_param",
                Map.of("base_score", "0", "num_class", "0", "num_feature", "" + FEATURES),
            "objective", Map.of("name", "reg:squarederror"),
            "gradient_booster", Map.of("name", "gbtree", "model", model));
    return Map.of("learner", learner, "version", new double[] {1, minor, 0});
  }

  private static Map<String, Object> xgboost(RandomTree tree) {
    List<RandomTree.Node> nodes = tree.nodes();
    Map<String, Object> all = new TreeMap<>();
    all.put("tree_param", Map.of("size_leaf_vector", "0"));
    all.put("left_children", list(nodes, RandomTree.Node::left));
    all.put("right_children", list(nodes, RandomTree.Node::right));
    all.put("split_indices", list(nodes, RandomTree.Node::feature));
    // JSON of Gson has no infinity; a float beyond the greatest is one, too
    all.put("split_conditions", list(nodes, n -> Math.min(n.value(), 1e300)));
    all.put("default_left", list(nodes, n -> n.defaultLeft() ? 1 : 0));
    all.put("split_type", list(nodes, n -> n.categories() == null ? 0 : 1));
    int[] chosen =
        IntStream.range(0, nodes.size()).filter(i -> nodes.get(i).categories() != null).toArray();
    double[] starts = new double[chosen.length];
    double[] sizes = new double[chosen.length];
    List<Integer> members = new ArrayList<>();
    for (int i = 0; i < chosen.length; i++) {
      starts[i] = members.size();
      members.addAll(nodes.get(chosen[i]).categories());
      sizes[i] = members.size() - starts[i];
    }
    all.put("categories_nodes", IntStream.of(chosen).asDoubleStream().toArray());
    all.put("categories_segments", starts);
    all.put("categories_sizes", sizes);
    all.put("categories", list(members, Integer::doubleValue));
    return all;
  }

  private static <T> double[] list(List<T> all, ToDoubleFunction<T> number) {
    return all.stream().mapToDouble(number).toArray();
  }
}
