package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An order of axes as Transpose has it: axis {@code i} of the result is axis {@code perm[i]} of the
 * input.
 */
record Permutation(List<Integer> perm) {
  Permutation {
    perm = List.copyOf(perm);
  }

  /** What a Transpose does, or null if that is not known. */
  static @Nullable Permutation of(Node transpose, Shape input) {
    long[] perm = transpose.intsAttribute("perm").orElse(null);
    if (perm != null) {
      List<Integer> axes = Arrays.stream(perm).mapToObj(axis -> (int) axis).toList();
      List<Integer> sorted = axes.stream().sorted().toList();
      return sorted.equals(identity(axes.size()).perm()) ? new Permutation(axes) : null;
    }
    if (transpose.attribute("perm").isPresent() || !input.isRanked()) {
      return null;
    }
    int rank = input.rank();
    return new Permutation(IntStream.range(0, rank).mapToObj(i -> rank - 1 - i).toList());
  }

  static Permutation identity(int rank) {
    return new Permutation(IntStream.range(0, rank).boxed().toList());
  }

  int rank() {
    return perm.size();
  }

  /** Which axis of the input an axis of the result is; negative ones count from the end. */
  int source(long axis) {
    return perm.get((int) (axis < 0 ? axis + rank() : axis));
  }

  boolean isAxis(long axis) {
    return -rank() <= axis && axis < rank();
  }

  boolean isIdentity() {
    return perm.equals(identity(rank()).perm());
  }

  /** The one that takes this one back. */
  Permutation inverse() {
    Integer[] inverse = new Integer[rank()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[perm.get(i)] = i;
    }
    return new Permutation(List.of(inverse));
  }

  /** This one, and then another on its result. */
  Permutation then(Permutation next) {
    return new Permutation(next.perm.stream().map(perm::get).toList());
  }

  /** What is left of the order when some axes of the result are taken away. */
  Permutation without(List<Integer> resultAxes) {
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < rank(); i++) {
      if (!resultAxes.contains(i)) {
        kept.add(perm.get(i));
      }
    }
    List<Integer> sorted = kept.stream().sorted().toList();
    return new Permutation(kept.stream().map(sorted::indexOf).toList());
  }

  /**
   * What belongs to the axes of the result, one entry each, as it belongs to those of the input.
   */
  long[] toSource(long[] ofResult) {
    long[] ofSource = new long[rank()];
    for (int i = 0; i < ofSource.length; i++) {
      ofSource[perm.get(i)] = ofResult[i];
    }
    return ofSource;
  }

  long[] toLongs() {
    return perm.stream().mapToLong(Integer::longValue).toArray();
  }
}
