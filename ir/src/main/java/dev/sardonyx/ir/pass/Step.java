package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one transform does with one node, until it is done and said as a {@link Change}. */
final class Step {
  /** Whose step it is, and how many others see a node before. */
  final Sequence.Stage stage;

  final int index;

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
  final List<String> replaced = new ArrayList<>(2);

  /** What made values become: the results they stand for. */
  final Map<String, Result> successors = new HashMap<>();

  /** What else stands for results of the node, nodes and what no node gives. */
  final List<Node> otherNodes = new ArrayList<>(2);

  final List<String> otherValues = new ArrayList<>(2);

  /** Nodes that went because nothing uses them any more. */
  final List<Node> swept = new ArrayList<>();

  final List<String> sweptConstants = new ArrayList<>();

  /** The names that made constants would have if they were free. */
  final Map<String, String> wanted = new HashMap<>();

  Step(Sequence.Stage stage, int index) {
    this.stage = stage;
    this.index = index;
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
      otherNodes.clear();
      otherValues.clear();
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

  @SuppressWarnings("ReferenceEquality") // the very same object means: not changed
  boolean hasChanged(boolean gone) {
    return gone
        || node != original
        || !made.isEmpty()
        || !constants.isEmpty()
        || !swept.isEmpty()
        || !sweptConstants.isEmpty();
  }

  /** What has been done, for the list of changes. */
  Change change(String graph, boolean gone) {
    return Change.told(
        stage.pass(),
        graph,
        new StepStory(
            original,
            gone ? null : node,
            List.copyOf(swept),
            List.copyOf(made),
            List.copyOf(otherNodes),
            List.copyOf(otherValues),
            List.copyOf(sweptConstants),
            List.copyOf(constants.keySet())));
  }
}
