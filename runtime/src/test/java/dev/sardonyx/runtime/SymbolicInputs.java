package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model each size of whose inputs is a symbol of its own.
 *
 * @param sizes what the symbols stand for
 */
record SymbolicInputs(Model model, Map<String, Dim> sizes) {
  static SymbolicInputs of(Model given) {
    Map<String, Dim> sizes = new HashMap<>();
    List<Input> symbolic = new ArrayList<>();
    for (Input input : given.graph().inputs()) {
      TensorType type = (TensorType) input.type();
      List<Dim> symbols = new ArrayList<>();
      for (Dim size : type.shape().dims()) {
        String symbol = input.name() + symbols.size();
        symbols.add(Dim.symbol(symbol));
        sizes.put(symbol, size);
      }
      symbolic.add(Input.of(input.name(), type.withShape(Shape.of(symbols))));
    }
    return new SymbolicInputs(given.withGraph(given.graph().withInputs(symbolic)), sizes);
  }

  /** An output whose shape has been inferred has that shape, if it has a rank. */
  void assertShape(Output inferred, Datum value) {
    if (inferred.type() instanceof TensorType type && type.shape().isRanked()) {
      List<Dim> foretold = type.shape().dims().stream().map(dim -> dim.substitute(sizes)).toList();
      TensorType actual = (TensorType) value.type();
      assertTrue(
          Shape.of(foretold).isCompatibleWith(actual.shape()),
          () -> inferred.name() + " is inferred as " + type + ", but is " + actual);
    }
  }
}
