package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import java.util.List;

/**
 * What a pass gives back.
 *
 * @param model the very same model if nothing was changed
 * @param changes what was changed, in order
 */
public record PassResult(Model model, List<Change> changes) {
  public PassResult {
    changes = List.copyOf(changes);
  }

  public static PassResult unchanged(Model model) {
    return new PassResult(model, List.of());
  }

  public boolean isChanged() {
    return !changes.isEmpty();
  }
}
