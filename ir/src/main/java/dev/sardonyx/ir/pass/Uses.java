package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.GraphIndex;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How often the values of a graph are used now that it has been rewritten so far, and which of them
 * others stand for. The index of its source tells what was; values it does not number are new.
 */
final class Uses {
  private final GraphIndex index;

  /** How much more often than in the source, which may be less; by number. */
  private final int[] more;

  private final @Nullable String[] standing;
  private final BitSet replaced = new BitSet();
  private final Map<String, Integer> moreOfNew = new HashMap<>(0);
  private final Map<String, String> standingForNew = new HashMap<>(0);

  Uses(GraphIndex index) {
    this.index = index;
    this.more = new int[index.valueCount()];
    this.standing = new String[more.length];
  }

  int of(String value) {
    int number = index.number(value);
    return number == GraphIndex.NONE
        ? index.uses(value) + moreOfNew.getOrDefault(value, 0)
        : index.uses(number) + more[number];
  }

  /** Uses a value so many times more, or less; how often it then is. */
  int add(String value, int count) {
    int number = index.number(value);
    if (number == GraphIndex.NONE) {
      return index.uses(value) + moreOfNew.merge(value, count, Integer::sum);
    }
    more[number] += count;
    return index.uses(number) + more[number];
  }

  /** How much more often than in the source. */
  int more(String value) {
    int number = index.number(value);
    return number == GraphIndex.NONE ? moreOfNew.getOrDefault(value, 0) : more[number];
  }

  /** Lets another value stand for one; how often that was used, which it is no more. */
  int replace(String value, String by) {
    int number = index.number(value);
    if (number == GraphIndex.NONE) {
      standingForNew.put(value, by);
      int uses = of(value);
      moreOfNew.merge(value, -uses, Integer::sum);
      return uses;
    }
    standing[number] = by;
    replaced.set(number);
    int uses = index.uses(number) + more[number];
    more[number] -= uses;
    return uses;
  }

  /** What stands for a value, or null. */
  @Nullable String standing(String value) {
    int number = index.number(value);
    return number == GraphIndex.NONE ? standingForNew.get(value) : standing[number];
  }

  /** Whether the source's node of a position uses a value that another one stands for. */
  boolean usesReplaced(int position) {
    return index.usesAny(position, replaced);
  }
}
