package dev.sardonyx.ir.eval.program;

import dev.sardonyx.ir.Datum;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of one run of a graph; those of the graphs around it show through. */
public final class Scope {
  private final @Nullable Scope outer;
  private final Map<String, Datum> constants;
  private final Map<String, Datum> values = new HashMap<>();

  public Scope(@Nullable Scope outer, Map<String, Datum> constants) {
    this.outer = outer;
    this.constants = constants;
  }

  @Nullable Datum find(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Datum value = scope.values.get(name);
      value = value == null ? scope.constants.get(name) : value;
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  public void define(String name, Datum value) {
    values.put(name, value);
  }

  void release(String name) {
    values.remove(name);
  }
}
