package dev.sardonyx.export.trees;

import dev.sardonyx.ir.backend.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/** A tree of a LightGBM file; its leaves are numbered after its splits. */
final class LightGbmTree implements DecisionTree {
  private static final int CATEGORICAL = 1;
  private static final int DEFAULT_LEFT = 2;
  private static final int MISSING_SHIFT = 2;
  private static final int MISSING_ZERO = 1;
  private static final int MISSING_NAN = 2;

  /** Numbers up to so far from 0 are taken for 0 before anything is asked. */
  private static final double ZERO = 1e-35f;

  /** The lowest float whose integer part is 0. */
  private static final float LOWEST_ZERO = Math.nextUp(-1f);

  private final String name;
  private final int target;
  private final double scale;
  private final int[] left;
  private final int[] right;
  private final int[] features;
  private final double[] thresholds;
  private final int[] types;
  private final double[] leaves;
  private final int[] boundaries;
  private final long[] bits;

  /** What is made of each set, when it is asked for. */
  private final @Nullable Cuts[] sets;

  /**
   * @param target what its leaves add to
   * @param scale what they are multiplied by
   */
  LightGbmTree(Section tree, int target, double scale) {
    this.name = tree.name();
    this.target = target;
    this.scale = scale;
    int count = tree.count("num_leaves");
    if (count < 1) {
      throw new TreeFault(name + " has " + count + " leaves");
    }
    if (tree.has("is_linear") && tree.count("is_linear") != 0) {
      throw new UnsupportedModelException(
          name + " has linear models in its leaves (linear_tree=true); ONNX's trees have numbers");
    }
    int splits = count - 1;
    left = tree.ints("left_child", splits);
    right = tree.ints("right_child", splits);
    features = tree.ints("split_feature", splits);
    thresholds = tree.numbers("threshold", splits);
    types = tree.has("decision_type") ? tree.ints("decision_type", splits) : new int[splits];
    leaves = tree.numbers("leaf_value", count);
    int setCount = tree.has("num_cat") ? tree.count("num_cat") : 0;
    boundaries = setCount == 0 ? new int[1] : tree.ints("cat_boundaries", setCount + 1L);
    bits = setCount == 0 ? new long[0] : tree.bits("cat_threshold");
    sets = new @Nullable Cuts[boundaries.length - 1];
    requireAscending(boundaries, bits.length);
  }

  private void requireAscending(int[] starts, int end) {
    for (int i = 0; i < starts.length; i++) {
      if (starts[i] < (i == 0 ? 0 : starts[i - 1]) || starts[i] > end) {
        throw new TreeFault(
            "%s: set %d of its categories starts at %d, which does not fit"
                .formatted(name, i, starts[i]));
      }
    }
  }

  @Override
  public int size() {
    return left.length + leaves.length;
  }

  @Override
  public boolean isLeaf(int node) {
    return node >= left.length;
  }

  @Override
  public int left(int node) {
    return child(left[node]);
  }

  @Override
  public int right(int node) {
    return child(right[node]);
  }

  /** Leaves are negative in the file. */
  private int child(int number) {
    return number >= 0 ? (number < left.length ? number : size()) : left.length + ~number;
  }

  @Override
  public int feature(int node) {
    return features[node];
  }

  private int missing(int node) {
    return types[node] >> MISSING_SHIFT & 3;
  }

  @Override
  public Cuts cuts(int node) {
    if ((types[node] & CATEGORICAL) != 0) {
      return setOf(node);
    }
    double threshold = thresholds[node];
    if (Double.isNaN(threshold)) {
      throw new TreeFault(name + ", node " + node + ": its threshold is NaN");
    }
    return Cuts.upTo(threshold, -ZERO, ZERO, sendsZeroLeft(node));
  }

  private boolean sendsZeroLeft(int node) {
    return missing(node) == MISSING_ZERO ? isDefaultLeft(node) : thresholds[node] >= 0;
  }

  private boolean isDefaultLeft(int node) {
    return (types[node] & DEFAULT_LEFT) != 0;
  }

  /** NaN is 0 unless it is what missing values are. */
  @Override
  public boolean sendsMissingLeft(int node) {
    if ((types[node] & CATEGORICAL) != 0) {
      return false;
    }
    return missing(node) == MISSING_NAN ? isDefaultLeft(node) : sendsZeroLeft(node);
  }

  private Cuts setOf(int node) {
    double number = thresholds[node];
    int set = (int) number;
    if (set != number || set < 0 || set >= sets.length) {
      throw new TreeFault(
          "%s, node %d: has the set of categories %s, but there are %d"
              .formatted(name, node, number, sets.length));
    }
    @Nullable Cuts known = sets[set];
    if (known == null) {
      known = Cuts.among(members(boundaries[set], boundaries[set + 1]), LOWEST_ZERO, true);
      sets[set] = known;
    }
    return known;
  }

  /** The categories whose bits are set in some words. */
  private long[] members(int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      count += Long.bitCount(bits[i]);
    }
    long[] members = new long[count];
    int next = 0;
    for (int i = from; i < to; i++) {
      for (long word = bits[i]; word != 0; word &= word - 1) {
        members[next++] = 32L * (i - from) + Long.numberOfTrailingZeros(word);
      }
    }
    return members;
  }

  @Override
  public void vote(int leaf, Votes votes) {
    int number = leaf - left.length;
    float weight = (float) (leaves[number] * scale);
    if (!Float.isFinite(weight)) {
      throw new TreeFault(
          "%s, leaf %d: its value %s is no float".formatted(name, number, leaves[number]));
    }
    votes.add(target, weight);
  }
}
