package dev.sardonyx.samples.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keys and values of a plan.
 *
 * @param values by key
 * @param keys the keys, with their places
 */
record PlanMap(PlanNode whole, Map<String, PlanNode> values, Map<String, PlanNode> keys) {
  void requireKeys(List<String> right) throws PlanException {
    for (String key : values.keySet()) {
      if (!right.contains(key)) {
        throw key(key).wrong("has no key '" + key + "'" + PlanNode.instead(key, right));
      }
    }
  }

  /** The place of a key that is there. */
  PlanNode key(String key) {
    return Optional.ofNullable(keys.get(key)).orElse(whole);
  }

  Set<String> names() {
    return values.keySet();
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  Optional<PlanNode> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  PlanNode need(String key) throws PlanException {
    return get(key).orElseThrow(() -> whole.wrong("has no '" + key + "', which it needs"));
  }

  /** The one of some keys that is there. */
  String oneOf(String... keys) throws PlanException {
    List<String> all = List.of(keys);
    List<String> there = all.stream().filter(this::has).toList();
    if (there.size() != 1) {
      throw whole.wrong(
          (there.isEmpty() ? "has none of " : "has " + String.join(" and ", there) + " of ")
              + String.join(", ", all)
              + "; it takes one of them");
    }
    return there.get(0);
  }

  int count(String key, int least, int otherwise) throws PlanException {
    return has(key) ? need(key).count(least) : otherwise;
  }

  double number(String key, PlanNode.Bounds range, double otherwise) throws PlanException {
    return has(key) ? need(key).number(range) : otherwise;
  }

  boolean flag(String key, boolean otherwise) throws PlanException {
    return has(key) ? need(key).flag() : otherwise;
  }

  List<String> texts(String key) throws PlanException {
    return has(key) ? need(key).texts() : List.of();
  }

  /** For a key that goes with another only. */
  void requireWith(String key, boolean fits, String where) throws PlanException {
    if (has(key) && !fits) {
      throw key(key).wrong("has the key '" + key + "', which is for " + where);
    }
  }
}
