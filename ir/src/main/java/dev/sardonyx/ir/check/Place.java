package dev.sardonyx.ir.check;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.OpsetImport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where rules look at nodes: a graph, a subgraph or a function's body.
 *
 * @param path how problems name it
 * @param imports of the model or the function
 * @param function whose body it is, or null
 */
record Place(String path, List<OpsetImport> imports, @Nullable Function function) {
  static Place of(Function function) {
    return new Place(FunctionRules.label(function), function.opsetImports(), function);
  }

  /** A graph inside this one. */
  Place inside(String inner) {
    return new Place(inner, imports, function);
  }
}
