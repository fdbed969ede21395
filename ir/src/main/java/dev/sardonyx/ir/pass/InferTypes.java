package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the types that shape inference finds into the model; each new or sharper type is a change.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
public record InferTypes() implements Pass {
  @Override
  public PassResult apply(Model model) {
    Model inferred = ShapeInference.infer(model).model();
    List<Change> changes = new ArrayList<>();
    compare(model.graph(), inferred.graph(), model.graph().name(), changes);
    return changes.isEmpty() ? PassResult.unchanged(model) : new PassResult(inferred, changes);
  }

  private static void compare(Graph before, Graph after, String path, List<Change> changes) {
    for (int i = 0; i < before.inputs().size(); i++) {
      String name = before.inputs().get(i).name();
      report(name, before.inputs().get(i).type(), after.inputs().get(i).type(), path, changes);
    }
    for (int i = 0; i < before.nodes().size(); i++) {
      compare(before.nodes().get(i), after.nodes().get(i), path, changes);
    }
    for (int i = 0; i < before.outputs().size(); i++) {
      String name = before.outputs().get(i).name();
      report(name, before.outputs().get(i).type(), after.outputs().get(i).type(), path, changes);
    }
  }

  private static void compare(Node before, Node after, String path, List<Change> changes) {
    if (before == after) {
      return;
    }
    for (int i = 0; i < before.outputs().size(); i++) {
      Result result = before.outputs().get(i);
      report(result.name(), result.type(), after.outputs().get(i).type(), path, changes);
    }
    List<Graph> bodies = before.subgraphs();
    List<Graph> typed = after.subgraphs();
    for (int i = 0; i < bodies.size(); i++) {
      compare(bodies.get(i), typed.get(i), before.pathInside(path), changes);
    }
  }

  private static void report(
      String value, ValueType before, ValueType after, String path, List<Change> changes) {
    if (!before.equals(after)) {
      changes.add(
          Change.of("infer-types", path, () -> "typed " + value + ": " + before + " is " + after));
    }
  }
}
