package dev.sardonyx.export.keras;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Dense layers, which multiply by weights, and embeddings. */
final class DenseReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    LAYERS.put("Dense", LayerReader.keepingMask(DenseReaders::dense));
    LAYERS.put("EinsumDense", LayerReader.keepingMask(DenseReaders::einsumDense));
    LAYERS.put("Embedding", DenseReaders::embedding);
    LAYERS.put("ReversibleEmbedding", DenseReaders::reversibleEmbedding);
  }

  private DenseReaders() {}

  private static Value dense(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    Value x = layer.asFloats(layer.input());
    long units = layer.config().whole("units");
    Value kernel = layer.variable("kernel", KerasLayer.dim(x, -1), units);
    Value bias = layer.config().truth("use_bias", true) ? layer.variable("bias", units) : null;
    Value y;
    if (KerasLayer.rank(x) == 2 && bias != null) {
      y = b.gemm(x, kernel, bias);
    } else {
      y = b.matMul(x, kernel);
      y = bias == null ? y : b.add(y, bias);
    }
    return ActivationReaders.activate(layer, y);
  }

  /**
   * A dense layer over the last axes.
   *
   * @param summed how many last axes of x are summed over
   * @param out the axes that replace them, such as heads and their sizes
   */
  static Value project(KerasLayer layer, Value x, boolean bias, int summed, long... out) {
    GraphBuilder b = layer.builder();
    int rank = KerasLayer.rank(x);
    long[] in = new long[summed];
    for (int i = 0; i < summed; i++) {
      in[i] = KerasLayer.dim(x, rank - summed + i);
    }
    long inSize = size(in);
    long outSize = size(out);
    Tensor kernel =
        layer.variableData(
            "kernel", LongStream.concat(LongStream.of(in), LongStream.of(out)).toArray());
    Value flat = summed == 1 ? x : b.reshape(x, Shapes.keeping(b, rank - summed, inSize));
    Value y = b.matMul(flat, layer.constant("kernel", kernel.reshape(inSize, outSize)));
    if (bias) {
      y = b.add(y, layer.constant("bias", layer.variableData("bias", out).reshape(outSize)));
    }
    return out.length == 1 ? y : b.reshape(y, Shapes.keeping(b, rank - summed, out));
  }

  private static long size(long[] dims) {
    return LongStream.of(dims).reduce(1, Math::multiplyExact);
  }

  private static Value einsumDense(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    Value x = layer.asFloats(layer.input());
    String equation = layer.config().text("equation").replaceAll("\\s", "");
    Value kernel = layer.constant("kernel", layer.anyVariable("kernel"));
    Value y = b.einsum(equation, x, kernel);
    if (layer.config().has("bias_axes")) {
      // The bias has a shape that broadcasts.
      y = b.add(y, layer.constant("bias", layer.anyVariable("bias")));
    }
    return ActivationReaders.activate(layer, y);
  }

  private static List<KerasTensor> embedding(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    Value ids = indices(b, layer.input());
    Value table =
        layer.variable(
            "embeddings", layer.config().whole("input_dim"), layer.config().whole("output_dim"));
    Value y = b.gather(table, ids, 0);
    Value mask = layer.config().truth("mask_zero", false) ? nonZero(b, layer.input()) : null;
    return List.of(new KerasTensor(y, mask));
  }

  private static List<KerasTensor> reversibleEmbedding(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    long count = layer.config().whole("input_dim");
    long size = layer.config().whole("output_dim");
    Tensor table = layer.variableData("embeddings", count, size);
    boolean reverse =
        layer.truthArgument("reverse") || layer.arguments().size() > 1 && secondIsTrue(layer);
    if (!reverse) {
      Value y = b.gather(layer.constant("embeddings", table), indices(b, layer.input()), 0);
      Value mask = layer.config().truth("mask_zero", false) ? nonZero(b, layer.input()) : null;
      return List.of(new KerasTensor(y, mask));
    }
    Tensor back =
        layer.config().truth("tie_weights", true)
            ? Permuted.of(table, 1, 0)
            : layer.variableData("reverse_embeddings", size, count);
    Value y = b.matMul(layer.asFloats(layer.input()), layer.constant("reverse_embeddings", back));
    if (layer.config().has("logit_soft_cap")) {
      Value cap = b.scalarLike(y, layer.config().number("logit_soft_cap", 1));
      y = b.mul(b.tanh(b.div(y, cap)), cap);
    }
    return List.of(KerasTensor.of(y));
  }

  private static boolean secondIsTrue(KerasLayer layer) {
    return layer.arguments().get(1) instanceof Argument.Literal literal
        && literal.element().isJsonPrimitive()
        && literal.element().getAsJsonPrimitive().isBoolean()
        && literal.element().getAsBoolean();
  }

  /** Indices as Gather takes them; floats are truncated, as Keras does. */
  static Value indices(GraphBuilder b, Value x) {
    ElementType type = KerasLayer.type(x);
    return type == ElementType.INT32 || type == ElementType.INT64
        ? x
        : b.cast(x, ElementType.INT32);
  }

  private static Value nonZero(GraphBuilder b, Value ids) {
    return b.not(b.equal(ids, b.scalarLike(ids, 0)));
  }
}
