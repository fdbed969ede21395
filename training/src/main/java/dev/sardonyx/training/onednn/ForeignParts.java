package dev.sardonyx.training.onednn;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.gradient.Gradient;

/**
 * What of a step DL4J computes itself.
 *
 * @param names the vertices, each with its kind
 * @param gradients what its vertices with parameters gave in the last step, by their names
 */
record ForeignParts(Set<String> names, Map<String, Gradient> gradients) {
  static ForeignParts none() {
    return new ForeignParts(new LinkedHashSet<>(), new HashMap<>());
  }
}
