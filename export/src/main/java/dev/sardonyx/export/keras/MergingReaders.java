package dev.sardonyx.export.keras;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** Layers that combine several tensors into one. */
final class MergingReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    merge("Add", (b, all) -> fold(all, b::add));
    merge("Subtract", (b, all) -> fold(all, b::sub));
    LAYERS.put("Multiply", MergingReaders::multiply);
    LAYERS.put("Maximum", layer -> extreme(layer, (x, y) -> layer.builder().max(x, y)));
    LAYERS.put("Minimum", layer -> extreme(layer, (x, y) -> layer.builder().min(x, y)));
    merge(
        "Average",
        (b, all) -> {
          Value sum = fold(all, b::add);
          return b.div(sum, b.scalarLike(sum, all.size()));
        });
    LAYERS.put("CustomScaleLayer", LayerReader.of(MergingReaders::scaledSum));
    LAYERS.put("Concatenate", MergingReaders::concatenate);
    LAYERS.put("Dot", LayerReader.of(MergingReaders::dot));
  }

  private MergingReaders() {}

  private static void merge(String name, BiFunction<GraphBuilder, List<Value>, Value> merge) {
    LAYERS.put(
        name,
        layer -> {
          List<Value> all = sameRank(layer);
          return List.of(new KerasTensor(merge.apply(layer.builder(), all), anyMask(layer)));
        });
  }

  private static Value fold(List<Value> all, BinaryOperator<Value> merge) {
    return all.stream().reduce(merge).orElseThrow(() -> new BrokenFile("merges nothing"));
  }

  /**
   * The inputs with the same rank: as in Keras, those of a lower rank get axes of size 1 after the
   * batch.
   */
  private static List<Value> sameRank(KerasLayer layer) {
    List<Value> inputs = layer.inputs();
    int rank = inputs.stream().mapToInt(KerasLayer::rank).max().orElse(0);
    List<Value> same = new ArrayList<>();
    for (Value input : inputs) {
      int missing = rank - KerasLayer.rank(input);
      long[] axes = new long[missing];
      for (int i = 0; i < missing; i++) {
        axes[i] = i + 1L;
      }
      same.add(missing == 0 ? input : layer.builder().unsqueeze(input, axes));
    }
    return same;
  }

  /**
   * The mask of the result: a step counts if it counts in any input; null unless all inputs have
   * masks.
   */
  private static @Nullable Value anyMask(KerasLayer layer) {
    Value mask = null;
    for (KerasTensor input : layer.inputTensors()) {
      if (input.mask() == null) {
        return null;
      }
      mask = mask == null ? input.mask() : layer.builder().or(mask, input.mask());
    }
    return mask;
  }

  /** The sum of the first tensor and the scaled second one, in keras.applications' Inception. */
  private static Value scaledSum(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    Value[] pair = layer.inputs().toArray(Value[]::new);
    if (pair.length != 2) {
      throw layer.broken("takes two tensors, but is called with " + pair.length);
    }
    double scale = layer.config().number("scale", 1);
    return b.add(pair[0], b.mul(pair[1], b.scalarLike(pair[1], scale)));
  }

  /** A tensor with its mask as wide as it is; a tensor that had to be widened has none. */
  private static List<KerasTensor> wideMasks(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    List<Value> values = sameRank(layer);
    List<KerasTensor> all = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      KerasTensor given = layer.inputTensors().get(i);
      Value mask = given.value().equals(values.get(i)) ? given.mask() : null;
      all.add(new KerasTensor(values.get(i), mask == null ? null : b.unsqueeze(mask, -1)));
    }
    return all;
  }

  /** The product, in which masked elements count as 1; it is 0 where all are masked. */
  private static List<KerasTensor> multiply(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    List<KerasTensor> all = wideMasks(layer);
    Value any = null;
    List<Value> factors = new ArrayList<>();
    for (KerasTensor x : all) {
      Value mask = x.mask();
      factors.add(mask == null ? x.value() : b.where(mask, x.value(), b.scalarLike(x.value(), 1)));
      any = any == null || mask == null ? mask : b.or(any, mask);
    }
    Value product = fold(factors, b::mul);
    boolean masked = all.stream().allMatch(x -> x.mask() != null);
    return List.of(
        new KerasTensor(
            masked && any != null ? b.where(any, product, b.scalarLike(product, 0)) : product,
            anyMask(layer)));
  }

  /**
   * The greatest or least element: a masked one is replaced by that of the tensors before it, and
   * they by it where they are all masked.
   */
  private static List<KerasTensor> extreme(KerasLayer layer, BinaryOperator<Value> merge) {
    GraphBuilder b = layer.builder();
    List<KerasTensor> all = wideMasks(layer);
    if (all.isEmpty()) {
      throw layer.broken("merges nothing");
    }
    Value y = all.get(0).value();
    Value before = all.get(0).mask();
    for (KerasTensor next : all.subList(1, all.size())) {
      Value mask = next.mask();
      Value x = mask == null ? next.value() : b.where(mask, next.value(), y);
      y = merge.apply(before == null ? y : b.where(before, y, x), x);
      before = before == null || mask == null ? null : b.or(before, mask);
    }
    return List.of(new KerasTensor(y, anyMask(layer)));
  }

  private static List<KerasTensor> concatenate(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    List<KerasTensor> inputs = layer.inputTensors();
    int rank = KerasLayer.rank(inputs.get(0).value());
    int axis = KerasLayer.axis(layer.config().whole("axis", -1), rank);
    Value y = inputs.size() == 1 ? inputs.get(0).value() : b.concat(axis, layer.inputs());
    return List.of(new KerasTensor(y, concatenatedMask(layer, axis, rank)));
  }

  /**
   * The mask of the concatenation: in an input without a mask all steps count; a step of the result
   * counts if any of its elements counts.
   */
  private static @Nullable Value concatenatedMask(KerasLayer layer, int axis, int rank) {
    List<KerasTensor> inputs = layer.inputTensors();
    if (inputs.stream().allMatch(i -> i.mask() == null)) {
      return null;
    }
    GraphBuilder b = layer.builder();
    List<Value> masks = new ArrayList<>();
    for (KerasTensor input : inputs) {
      Value shape = b.shape(input.value());
      Value mask = input.mask();
      if (mask == null) {
        masks.add(b.constantOfShape(shape, Tensor.scalar(true)));
      } else if (KerasLayer.rank(mask) + 1 < rank) {
        throw layer.refusal("its inputs have masks of a rank that Keras does not broadcast");
      } else {
        masks.add(b.expand(KerasLayer.rank(mask) < rank ? b.unsqueeze(mask, -1) : mask, shape));
      }
    }
    Value all = b.cast(b.concat(axis, masks), ElementType.INT32);
    return b.cast(b.reduceMax(all, false, rank - 1), ElementType.BOOL);
  }

  private static Value dot(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    List<Value> inputs = layer.inputs();
    if (inputs.size() != 2) {
      throw layer.broken("takes two tensors, but is called with " + inputs.size());
    }
    Value left = inputs.get(0);
    Value right = inputs.get(1);
    long[] axes = layer.config().wholes("axes", 2, -1);
    int a = KerasLayer.axis(axes[0], KerasLayer.rank(left));
    int c = KerasLayer.axis(axes[1], KerasLayer.rank(right));
    if (layer.config().truth("normalize", false)) {
      left = NormalizationReaders.unit(b, left, 1e-12, a);
      right = NormalizationReaders.unit(b, right, 1e-12, c);
    }
    return batchDot(layer, left, right, a, c);
  }

  /**
   * Multiplies two tensors and sums over one axis of each, sample by sample; the result has the
   * other axes of both, in order.
   */
  private static Value batchDot(KerasLayer layer, Value left, Value right, int a, int c) {
    GraphBuilder b = layer.builder();
    int leftRank = KerasLayer.rank(left);
    int rightRank = KerasLayer.rank(right);
    if (a == 0 || c == 0) {
      throw layer.refusal("its axes hold the batch");
    }
    StringBuilder first = new StringBuilder("a");
    StringBuilder second = new StringBuilder("a");
    StringBuilder result = new StringBuilder("a");
    char next = 'c';
    for (int i = 1; i < leftRank; i++) {
      char letter = i == a ? 'b' : next++;
      first.append(letter);
      result.append(i == a ? "" : letter);
    }
    for (int i = 1; i < rightRank; i++) {
      char letter = i == c ? 'b' : next++;
      second.append(letter);
      result.append(i == c ? "" : letter);
    }
    Value y = b.einsum(first + "," + second + "->" + result, left, right);
    // For two vectors Keras keeps a last axis of size 1.
    return leftRank == 2 && rightRank == 2 ? b.unsqueeze(y, 1) : y;
  }
}
