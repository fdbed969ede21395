package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one transform does with one node, until it is done and said as a {@link Change}. */
final class Step {
  /** More nodes than this are only counted. */
  private static final int LISTED = 4;

  final int stage;

  /** The node as it came, and as it now is; null before the first node of a graph. */
  @Nullable Node original;

  @Nullable Node node;

  /** How many of the made nodes come before the node; -1 for all. */
  int before = -1;

  boolean isDirty;
  boolean isRemoved;

  final List<Node> made = new ArrayList<>();
  final Map<String, Constant> constants = new LinkedHashMap<>();

  /** Results of the node that something else stands for. */
  final Set<String> replaced = new HashSet<>();

  /** What made values become: the results they stand for. */
  final Map<String, Result> successors = new HashMap<>();

  /** What else stands for results of the node, as messages name it. */
  final Set<String> others = new LinkedHashSet<>();

  /** Nodes that went because nothing uses them any more. */
  final List<Node> swept = new ArrayList<>();

  final List<String> sweptConstants = new ArrayList<>();

  /** The names that made constants would have if they were free. */
  final Map<String, String> wanted = new HashMap<>();

  Step(int stage) {
    this.stage = stage;
  }

  void begin(@Nullable Node next) {
    original = next;
    node = next;
    if (isDirty) {
      before = -1;
      isDirty = false;
      isRemoved = false;
      made.clear();
      constants.clear();
      replaced.clear();
      successors.clear();
      others.clear();
      swept.clear();
      sweptConstants.clear();
      wanted.clear();
    }
  }

  /** Lets made constants have the names of those they take the place of. */
  void inheritNames() {
    if (wanted.isEmpty() || swept.isEmpty() && sweptConstants.isEmpty()) {
      return;
    }
    Set<String> free = new HashSet<>(sweptConstants);
    swept.stream()
        .filter(n -> n.is("Constant"))
        .forEach(n -> n.outputs().forEach(r -> free.add(r.name())));
    wanted.forEach(
        (name, base) -> {
          Node maker = maker(name);
          Constant constant = constants.get(name);
          ValueType type =
              maker != null ? maker.output(0).type() : constant == null ? null : constant.type();
          if (type != null && !successors.containsKey(name) && free.remove(base)) {
            successors.put(name, Result.of(base, type));
          }
        });
  }

  /** The made node that gives a value, or null. */
  @Nullable Node maker(String value) {
    for (int i = made.size() - 1; i >= 0; i--) {
      for (Result result : made.get(i).outputs()) {
        if (result.name().equals(value)) {
          return made.get(i);
        }
      }
    }
    return null;
  }

  /** Nodes made and removed, and constants, for the list of changes. */
  Change change(String pass, String graph, boolean gone) {
    List<String> from = new ArrayList<>();
    Node first = original;
    if (gone && first != null) {
      from.add(first.described());
    }
    swept.forEach(n -> from.add(n.described()));
    List<String> to = new ArrayList<>();
    for (Node node : made) {
      if (others.isEmpty() || !node.is("Identity")) { // which only keeps a name
        to.add(node.described());
      }
    }
    to.addAll(others);
    String what = what(first, gone, from, to);
    sweptConstants.forEach(c -> from.add("constant " + c));
    constants.keySet().forEach(c -> to.add("constant " + c));
    return new Change(pass, graph, what, from, to);
  }

  private String what(
      @Nullable Node first, boolean gone, List<String> nodesFrom, List<String> nodesTo) {
    List<String> to = new ArrayList<>(nodesTo);
    if (to.isEmpty()) {
      constants.keySet().forEach(c -> to.add("constant " + c));
    }
    Node changed = node;
    if (!gone && first != null && changed != null && !changed.equals(first)) {
      if (changed.withName(first.name()).equals(first)) {
        return "named " + first.label() + " " + changed.name();
      }
      return "changed " + changed.described();
    }
    if (nodesFrom.isEmpty()) {
      return "added " + String.join(", ", to);
    }
    String before = "replaced " + String.join(", ", nodesFrom) + " by ";
    return to.isEmpty()
        ? "removed " + String.join(", ", nodesFrom)
        : before + (to.size() > LISTED ? to.size() + " nodes" : String.join(", ", to));
  }
}
