package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.Model;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes weights out of the inputs of models in old files. Before IR version 4 every initializer had
 * to be an input, too, and runtimes take it as fixed; the model gets version 4, which tells the two
 * apart. In newer models an input with a default is one that callers may give, and stays.
 */
public record FixedDefaults() implements Pass {
  private static final String NAME = "fixed-defaults";

  @Override
  public PassResult apply(Model model) {
    Graph graph = model.graph();
    if (model.irVersion() >= IrVersion.SEPARATE_INITIALIZERS || !model.training().isEmpty()) {
      return PassResult.unchanged(model);
    }
    Set<String> fixed = new HashSet<>();
    graph.constants().stream().map(Constant::name).forEach(fixed::add);
    List<Input> inputs = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (Input input : graph.inputs()) {
      if (fixed.contains(input.name())) {
        changes.add(Change.of(NAME, graph.name(), "removed input " + input.name()));
      } else {
        inputs.add(input);
      }
    }
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(
            model
                .withGraph(graph.withInputs(inputs))
                .withVersions(IrVersion.SEPARATE_INITIALIZERS, model.opsetImports()),
            changes);
  }
}
