package dev.sardonyx.runtime.trees;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** A random tree; nodes without a left child are leaves. */
final class RandomTree {
  /** What counts as missing, in LightGBM's numbers. */
  private static final int NOTHING = 0;

  private static final int ZERO = 1;
  private static final int NAN = 2;

  /**
   * A node.
   *
   * @param categories what a split is by, or null if it is by a threshold
   * @param missing 0 to 2: what is missing is nothing, zero, NaN
   * @param left its number, or -1 for a leaf
   * @param value the threshold or the leaf's value
   */
  record Node(
      int feature,
      TreeSet<Integer> categories,
      int missing,
      boolean defaultLeft,
      int left,
      int right,
      double value) {
    boolean isLeaf() {
      return left < 0;
    }
  }

  private final List<Node> nodes = new ArrayList<>();

  RandomTree(Random random) {
    grow(random, 0);
  }

  private int grow(Random random, int depth) {
    int place = nodes.size();
    nodes.add(null);
    if (depth == 5 || depth > 0 && random.nextInt(4) == 0) {
      nodes.set(place, new Node(0, null, 0, false, -1, -1, random.nextInt(200) - 100));
      return place;
    }
    int feature = random.nextInt(RandomForest.FEATURES);
    TreeSet<Integer> categories = null;
    if (feature >= RandomForest.NUMBERS) {
      categories = new TreeSet<>();
      for (int i = random.nextInt(12); i >= 0; i--) {
        categories.add(random.nextInt(random.nextBoolean() ? 8 : 100));
      }
    }
    double threshold = RandomForest.threshold(random);
    int missing = random.nextInt(3);
    boolean defaultLeft = random.nextBoolean();
    int left = grow(random, depth + 1);
    int right = grow(random, depth + 1);
    nodes.set(place, new Node(feature, categories, missing, defaultLeft, left, right, threshold));
    return place;
  }

  List<Node> nodes() {
    return nodes;
  }

  /** LightGBM: doubles, where numbers within 1e-35f of 0 are 0, and NaN is 0 if not missing. */
  float lightGbm(float[] row) {
    Node node = nodes.get(0);
    while (!node.isLeaf()) {
      double x = Math.abs(row[node.feature()]) <= 1e-35f ? 0 : row[node.feature()];
      boolean left;
      if (node.categories() != null) {
        left = !Double.isNaN(x) && (int) x >= 0 && node.categories().contains((int) x);
      } else if (node.missing() == NAN && Double.isNaN(x)) {
        left = node.defaultLeft();
      } else {
        double seen = Double.isNaN(x) ? 0 : x;
        left = node.missing() == ZERO && seen == 0 ? node.defaultLeft() : seen <= node.value();
      }
      node = nodes.get(left ? node.left() : node.right());
    }
    return (float) node.value();
  }

  /** XGBoost: floats; categories of a split go right. */
  float xgboost(float[] row, boolean unseenIsMissing) {
    Node node = nodes.get(0);
    while (!node.isLeaf()) {
      float x = row[node.feature()];
      boolean left;
      if (Float.isNaN(x)) {
        left = node.defaultLeft();
      } else if (node.categories() == null) {
        left = x < (float) node.value();
      } else {
        int words = node.categories().last() / 32 + 1;
        boolean isUnseen = x < 0 || x >= (unseenIsMissing ? 32 * words : 1 << 24);
        left =
            isUnseen
                ? !unseenIsMissing || node.defaultLeft()
                : !node.categories().contains((int) x);
      }
      node = nodes.get(left ? node.left() : node.right());
    }
    return (float) node.value();
  }

  /** The bits of LightGBM's {@code decision_type}. */
  static int decisionType(Node node) {
    return (node.categories() != null ? 1 : 0)
        + (node.defaultLeft() ? 2 : 0)
        + ((node.categories() != null ? NOTHING : node.missing()) << 2);
  }
}
