package dev.sardonyx.runtime.reduce;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Tensor;
import java.util.function.DoubleUnaryOperator;

/** Makes real numbers plainer, tensor by tensor: ones, whole numbers, or quarters. */
final class NumberReduction {
  private final Search search;

  NumberReduction(Search search) {
    this.search = search;
  }

  void run() {
    search.smallest().values().forEach(this::simplify);
  }

  private void simplify(String name, Datum value) {
    if (!(value instanceof Tensor tensor) || !tensor.elementType().isFloat()) {
      return;
    }
    for (DoubleUnaryOperator plainer :
        new DoubleUnaryOperator[] {x -> 1, Math::rint, x -> Math.rint(4 * x) / 4}) {
      double[] numbers = tensor.toDoubles();
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = plainer.applyAsDouble(numbers[i]);
      }
      Tensor changed = Tensor.ofNumbers(tensor.elementType(), numbers, tensor.dims());
      if (changed.equals(tensor)) {
        return;
      }
      Specimen simpler =
          search
              .smallest()
              .withTensors(
                  values -> {
                    values.put(name, changed);
                    return values;
                  });
      if (search.keep(simpler)) {
        return;
      }
    }
  }
}
