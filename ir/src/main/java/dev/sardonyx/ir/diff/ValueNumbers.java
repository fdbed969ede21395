package dev.sardonyx.ir.diff;

import dev.sardonyx.ir.OperatorName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers for what values are: two values have one number if they are computed by the same
 * operators from the same constants and inputs. Keys are compared in full, so that nothing depends
 * on hashes being different; as each key holds the numbers of what it is made of, that takes linear
 * work.
 */
final class ValueNumbers {
  private final Map<Object, Integer> numbers = new HashMap<>();

  int of(Object key) {
    return numbers.computeIfAbsent(key, k -> numbers.size());
  }

  /** An input of a graph, by the place of that graph and which it is there. */
  record InputKey(String place, int index) {}

  /** A name that nothing defines. */
  record UnknownKey(String name) {}

  /**
   * A node.
   *
   * @param attributes those that do not have their default, subgraphs as their {@link SubgraphKey}
   */
  record NodeKey(
      OperatorName operator, Map<String, Object> attributes, List<Integer> inputs, int outputs) {}

  /** One of a node's results. */
  record ResultKey(int node, int index) {}

  /** A subgraph by how many inputs it takes and the values it gives. */
  record SubgraphKey(int inputs, List<Integer> outputs) {}
}
