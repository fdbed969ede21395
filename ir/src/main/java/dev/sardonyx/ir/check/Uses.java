package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import java.util.LinkedHashSet;
import java.util.Set;

/** The names a node uses, those its subgraphs take from around them included. */
final class Uses {
  private Uses() {}

  static Set<String> of(Node node) {
    Set<String> names = new LinkedHashSet<>(node.inputs());
    node.subgraphs().forEach(body -> names.addAll(captured(body)));
    names.remove(Node.ABSENT);
    return names;
  }

  private static Set<String> captured(Graph body) {
    Set<String> used = new LinkedHashSet<>();
    Set<String> own = new LinkedHashSet<>();
    body.inputs().forEach(i -> own.add(i.name()));
    body.constants().forEach(c -> own.add(c.name()));
    for (Node node : body.nodes()) {
      used.addAll(of(node));
      node.outputs().forEach(o -> own.add(o.name()));
    }
    body.outputs().forEach(o -> used.add(o.name()));
    used.removeAll(own);
    return used;
  }
}
