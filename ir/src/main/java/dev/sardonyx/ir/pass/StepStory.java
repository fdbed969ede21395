package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the list of changes says of a step.
 *
 * @param original the node as it came, null before the first node of a graph
 * @param left what is left of it, null if nothing is
 * @param swept nodes that nothing uses any more
 * @param otherNodes what gives the old values that stand for results of the node
 * @param otherValues such values that no node gives
 */
record StepStory(
    @Nullable Node original,
    @Nullable Node left,
    List<Node> swept,
    List<Node> made,
    List<Node> otherNodes,
    List<String> otherValues,
    List<String> sweptConstants,
    List<String> constants)
    implements Change.Story {
  /** More nodes than this are only counted. */
  private static final int LISTED = 4;

  @Override
  public List<String> from() {
    return with(nodesFrom(), sweptConstants);
  }

  @Override
  public List<String> to() {
    return with(nodesTo(), constants);
  }

  private List<String> nodesFrom() {
    List<String> from = new ArrayList<>();
    if (original != null && left == null) {
      from.add(original.described());
    }
    swept.forEach(n -> from.add(n.described()));
    return from;
  }

  private List<String> nodesTo() {
    List<String> to = new ArrayList<>();
    for (Node node : made) {
      if (otherNodes.isEmpty() && otherValues.isEmpty()
          || !node.is("Identity")) { // which only keeps a name
        to.add(node.described());
      }
    }
    otherNodes.forEach(n -> to.add(n.described()));
    to.addAll(otherValues);
    return to;
  }

  private static List<String> with(List<String> nodes, List<String> constants) {
    List<String> all = new ArrayList<>(nodes);
    constants.forEach(c -> all.add("initializer " + c));
    return all;
  }

  @Override
  public String what() {
    if (original != null && left != null && !left.equals(original)) {
      return left.withName(original.name()).equals(original)
          ? "named " + original.label() + " " + left.name()
          : "changed " + left.described();
    }
    List<String> from = nodesFrom();
    List<String> to = nodesTo().isEmpty() ? to() : nodesTo();
    if (from.isEmpty()) {
      return "added " + String.join(", ", to);
    }
    String gone = String.join(", ", from);
    return to.isEmpty()
        ? "removed " + gone
        : "replaced "
            + gone
            + " by "
            + (to.size() > LISTED ? to.size() + " nodes" : String.join(", ", to));
  }
}
