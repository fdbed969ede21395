package dev.sardonyx.samples;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Inputs for a model that nobody has data for. */
final class MadeUpInputs {
  private MadeUpInputs() {}

  /**
   * A tensor for each input that has no default: floats in -1..1, integers and truth values 0 or 1,
   * so that indices are in range.
   *
   * @param dims sizes of symbolic dimensions; 1 for others
   * @throws UnsupportedModelException if an input is no tensor, of unknown rank, or of strings
   */
  static Map<String, Tensor> of(Model model, Map<String, Long> dims, long seed) {
    Set<String> defaults =
        model.graph().constants().stream().map(Constant::name).collect(Collectors.toSet());
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Input input : model.graph().inputs()) {
      if (!defaults.contains(input.name())) {
        inputs.put(input.name(), tensor(input, dims, random.split()));
      }
    }
    return inputs;
  }

  private static Tensor tensor(Input input, Map<String, Long> dims, SplittableRandom random) {
    if (!(input.type() instanceof TensorType type)
        || !type.shape().isRanked()
        || type.elementType() == ElementType.STRING) {
      throw new UnsupportedModelException(
          "Input '%s' is %s; only tensors of numbers and of known rank can be made up"
              .formatted(input.name(), input.type()));
    }
    long[] shape = type.shape().dims().stream().mapToLong(dim -> size(dim, dims)).toArray();
    int length = Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact));
    double[] elements = new double[length];
    for (int i = 0; i < length; i++) {
      elements[i] = type.elementType().isFloat() ? random.nextDouble() * 2 - 1 : random.nextInt(2);
    }
    return Tensor.ofNumbers(type.elementType(), elements, shape);
  }

  private static long size(Dim dim, Map<String, Long> dims) {
    return dim.isFixed() ? dim.value() : dims.getOrDefault(dim.toString(), 1L);
  }
}
