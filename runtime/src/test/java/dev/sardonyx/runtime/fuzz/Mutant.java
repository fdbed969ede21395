package dev.sardonyx.runtime.fuzz;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import java.util.Map;

/**
 * A model of the suite with something changed, which may or may not be a fault.
 *
 * @param change what was done to it
 * @param inputs for its inputs, as their types are now
 */
record Mutant(String change, Model model, Map<String, Datum> inputs) {
  Mutant with(String alsoChanged, Model changed) {
    return new Mutant(change + (change.isEmpty() ? "" : ", ") + alsoChanged, changed, inputs);
  }
}
