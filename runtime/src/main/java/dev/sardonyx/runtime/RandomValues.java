package dev.sardonyx.runtime;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import java.util.HashSet;
import java.util.Set;

/** Values that are random, or computed from random ones, and so differ from run to run. */
public final class RandomValues {
  private RandomValues() {}

  /** The names of the main graph's random values. The shapes of random values are not random. */
  public static Set<String> of(Model model) {
    return of(model, NodeFacts.of(model));
  }

  static Set<String> of(Model model, NodeFacts facts) {
    Set<String> random = new HashSet<>();
    for (Node node : model.graph().nodes()) {
      boolean follows =
          !node.is("Shape")
              && !node.is("Size")
              && node.dependencies().stream().anyMatch(random::contains);
      if (follows || facts.of(node).contains(NodeFacts.Trait.RANDOM)) {
        node.outputs().stream().map(Result::name).forEach(random::add);
      }
    }
    random.remove(Node.ABSENT);
    return random;
  }
}
