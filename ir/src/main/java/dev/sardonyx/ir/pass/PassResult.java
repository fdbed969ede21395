package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import java.util.ArrayList;
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

  /** What another pass makes of the model, with the changes of both. */
  PassResult then(Pass next) {
    PassResult second = next.apply(model);
    if (!second.isChanged() || !isChanged()) {
      return isChanged() ? this : second;
    }
    List<Change> all = new ArrayList<>(changes);
    all.addAll(second.changes);
    return new PassResult(second.model, all);
  }

  public boolean isChanged() {
    return !changes.isEmpty();
  }
}
