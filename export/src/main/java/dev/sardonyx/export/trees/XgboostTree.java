package dev.sardonyx.export.trees;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tree of an XGBoost file: a list for each property of its nodes. */
final class XgboostTree implements DecisionTree {
  private final String name;
  private final int[] left;
  private final int[] right;
  private final int[] features;
  private final double[] conditions;
  private final double[] defaultLeft;
  private final Map<Integer, Cuts> categories;
  private final int target;
  private final float scale;

  /** One for each leaf and target, or null if leaves have a number each. */
  private final double @Nullable [] vectors;

  private final boolean numbered;
  private final int width;

  /**
   * @param target what its leaves add to, if they have a number each
   * @param scale what they are multiplied by
   */
  XgboostTree(Fields tree, int target, int targets, float scale, XgboostVersion version) {
    this.name = tree.place();
    this.target = target;
    this.scale = scale;
    left = tree.ints("left_children");
    int size = left.length;
    if (size == 0) {
      throw new TreeFault(name + " has no nodes");
    }
    right = tree.ints("right_children", size);
    features = tree.ints("split_indices", size);
    conditions = tree.numbers("split_conditions", size);
    defaultLeft = tree.numbers("default_left", size);
    width = Math.max(1, tree.object("tree_param").count("size_leaf_vector", 1));
    if (width > 1 && width != targets) {
      throw new TreeFault(
          "%s has leaves of %d numbers, but there are %d targets".formatted(name, width, targets));
    }
    numbered = tree.has("leaf_weights");
    vectors =
        width == 1
            ? null
            : numbered
                ? tree.numbers("leaf_weights")
                : tree.numbers("base_weights", (long) size * width);
    categories = categories(tree, size, version.sendsUnseenWithMissing());
  }

  private Map<Integer, Cuts> categories(Fields tree, int size, boolean unseenWithMissing) {
    double[] types = tree.numbers("split_type");
    Map<Integer, Cuts> all = new HashMap<>();
    if (types.length == 0) { // before 1.3
      return all;
    }
    tree.numbers("split_type", size);
    int[] nodes = tree.ints("categories_nodes");
    int[] starts = tree.ints("categories_segments", nodes.length);
    int[] sizes = tree.ints("categories_sizes", nodes.length);
    int[] members = tree.ints("categories");
    requireApart(sizes, members.length);
    for (int i = 0; i < nodes.length; i++) {
      String place = name + ", node " + nodes[i];
      if (nodes[i] < 0 || nodes[i] >= size) {
        throw new TreeFault(place + ": has categories, but there are " + size + " nodes");
      }
      if (starts[i] < 0 || sizes[i] < 0 || starts[i] > members.length - sizes[i]) {
        throw new TreeFault(
            "%s: has categories from %d on, %d of them, but there are %d"
                .formatted(place, starts[i], sizes[i], members.length));
      }
      long[] set =
          Arrays.stream(members, starts[i], starts[i] + sizes[i])
              .asLongStream()
              .sorted()
              .distinct()
              .toArray();
      if (set.length > 0 && set[0] < 0) {
        throw new TreeFault(place + ": has the category " + set[0]);
      }
      all.put(
          nodes[i],
          unseenWithMissing
              ? Cuts.among(set, 0f, false, endOf(set), sendsMissingLeft(nodes[i]))
              : Cuts.among(set, 0f, false));
    }
    for (int i = 0; i < size; i++) {
      if (types[i] != 0 && left[i] != -1 && !all.containsKey(i)) {
        throw new TreeFault(name + ", node " + i + ": is a split by categories, but has none");
      }
      if (types[i] == 0) {
        all.remove(i);
      }
    }
    return all;
  }

  /** Else a small file could ask for many large sets. */
  private void requireApart(int[] sizes, int members) {
    long all = Arrays.stream(sizes).asLongStream().sum();
    if (all > members) {
      throw new TreeFault(
          "%s: its sets have %d categories in all, but it lists %d".formatted(name, all, members));
    }
  }

  /** XGBoost 1.6 knows as many categories as its words of 32 bits have bits. */
  private static long endOf(long[] set) {
    return set.length == 0 ? 0 : set[set.length - 1] / 32 * 32 + 32;
  }

  @Override
  public int size() {
    return left.length;
  }

  @Override
  public boolean isLeaf(int node) {
    return left[node] == -1;
  }

  @Override
  public int left(int node) {
    return left[node];
  }

  @Override
  public int right(int node) {
    return right[node];
  }

  @Override
  public int feature(int node) {
    return features[node];
  }

  @Override
  public Cuts cuts(int node) {
    @Nullable Cuts set = categories.get(node);
    return set != null ? set : Cuts.below(number(node, conditions[node]));
  }

  private float number(int node, double value) {
    if (Double.isNaN(value)) {
      throw new TreeFault(name + ", node " + node + ": has NaN where a number is wanted");
    }
    return (float) value;
  }

  private float weight(int leaf, double value) {
    float weight = (float) value * scale;
    if (!Float.isFinite(weight)) {
      throw new TreeFault(name + ", node " + leaf + ": its value " + value + " is no float");
    }
    return weight;
  }

  @Override
  public boolean sendsMissingLeft(int node) {
    return defaultLeft[node] != 0;
  }

  @Override
  public void vote(int leaf, Votes votes) {
    if (vectors == null) {
      votes.add(target, weight(leaf, conditions[leaf]));
      return;
    }
    long first = (long) (numbered ? right[leaf] : leaf) * width;
    if (first < 0 || first > vectors.length - width) {
      throw new TreeFault(
          "%s, node %d: is leaf %d, but there are weights for %d"
              .formatted(name, leaf, right[leaf], vectors.length / width));
    }
    for (int t = 0; t < width; t++) {
      votes.add(t, weight(leaf, vectors[(int) first + t]));
    }
  }
}
