package dev.sardonyx.export.trees;

/** A tree as its file has it. Nodes are numbered from 0, the root, to {@code size() - 1}. */
interface DecisionTree {
  int size();

  boolean isLeaf(int node);

  /** The number of a child; what the file says, which may be no node. */
  int left(int node);

  int right(int node);

  /** The column that a node asks about; what the file says, which may be none. */
  int feature(int node);

  /** Where a node sends the numbers. */
  Cuts cuts(int node);

  /** Where a node sends NaN. */
  boolean sendsMissingLeft(int node);

  /** Tells what a leaf adds. */
  void vote(int leaf, Votes votes);

  /** Takes what leaves add. */
  @FunctionalInterface
  interface Votes {
    void add(int target, float weight);
  }
}
