package dev.sardonyx.export.passes;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Values for the inputs of a graph, the same for the same seed. */
final class RandomInputs {
  private final Random random;
  private final Map<Dim, Integer> symbols = new HashMap<>();

  private RandomInputs(long seed) {
    this.random = new Random(seed);
  }

  /**
   * Floats are normally distributed, integers 0 to 3; a symbol is the same number from 1 to 3
   * wherever it occurs. Inputs with a default are given a value by odd seeds only.
   */
  static Map<String, Tensor> of(Graph graph, long seed) {
    RandomInputs values = new RandomInputs(seed);
    Set<String> defaults = new HashSet<>();
    graph.constants().stream().map(Constant::name).forEach(defaults::add);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Input input : graph.inputs()) {
      if (seed % 2 == 1 || !defaults.contains(input.name())) {
        inputs.put(input.name(), values.tensor((TensorType) input.type()));
      }
    }
    return inputs;
  }

  private Tensor tensor(TensorType type) {
    long[] dims = type.shape().dims().stream().mapToLong(this::dim).toArray();
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    double[] elements = new double[size];
    for (int i = 0; i < size; i++) {
      elements[i] = element(type.elementType());
    }
    return Tensor.ofNumbers(type.elementType(), elements, dims);
  }

  private long dim(Dim dim) {
    return dim instanceof Dim.Fixed fixed
        ? fixed.size()
        : symbols.computeIfAbsent(dim, d -> 1 + random.nextInt(3));
  }

  private double element(ElementType type) {
    return type.isFloat()
        ? random.nextGaussian()
        : random.nextInt(type == ElementType.BOOL ? 2 : 4);
  }
}
