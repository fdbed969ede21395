package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.PassResult;
import java.util.List;

/**
 * A model whose weights were quantised.
 *
 * @param model the very same model if nothing was quantised
 * @param changes what was done to nodes and initializers
 * @param report what became of the weights
 */
public record QuantizedModel(Model model, List<Change> changes, WeightReport report) {
  public QuantizedModel {
    changes = List.copyOf(changes);
  }

  /** The given model if a pass changed nothing, otherwise what the pass made of it. */
  static QuantizedModel of(Model given, PassResult result, WeightReport.Draft report) {
    Model model = result.isChanged() ? result.model() : given;
    return new QuantizedModel(model, result.changes(), report.report());
  }

  PassResult result() {
    return new PassResult(model, changes);
  }
}
