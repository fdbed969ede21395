package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Model;
import java.util.ArrayList;
import java.util.List;

/** Streams a whole model through a transform: the functions first, then the main graph. */
final class Streaming {
  private Streaming() {}

  static PassResult apply(String pass, Model model, NodeTransform transform) {
    if (!model.training().isEmpty()) {
      return PassResult.unchanged(model);
    }
    List<Change> changes = new ArrayList<>();
    List<Function> functions = new ArrayList<>(model.functions().size());
    for (Function function : model.functions()) {
      functions.add(Rewriting.function(pass, function, transform, changes));
    }
    Model result =
        model.withGraph(
            Rewriting.graph(pass, model.graph(), model.opsetImports(), transform, changes));
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(result.withFunctions(functions), changes);
  }
}
