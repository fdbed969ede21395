package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.QuantizationOps.Quantized;
import dev.sardonyx.ir.pass.NodeTransform;
import dev.sardonyx.ir.pass.Rewriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets the nodes that have weights compute in integers, with ranges found in every run. */
final class DynamicTransform {
  private final DynamicQuantization wanted;
  private final WeightReport.Draft report;
  private final WeightStore store;

  DynamicTransform(DynamicQuantization wanted, WeightReport.Draft report) {
    this.wanted = wanted;
    this.report = report;
    this.store = new WeightStore(report);
  }

  NodeTransform transform() {
    return NodeTransform.on(
        wanted.operators(),
        (node, to) -> {
          if (!wanted.nodes().has(node) || to.isOpen(node) || to.opset() < 11) {
            return; // a function that was not inlined may be older
          }
          switch (node.opType()) {
            case "Conv" -> convolution(node, to);
            case "Gather" -> table(node, to);
            case "LSTM" -> recurrent(node, to);
            default -> product(node, to);
          }
        });
  }

  /** What was quantised already, by the value's name. */
  private static final class Activations extends HashMap<String, Quantized> {
    private static final long serialVersionUID = 1L;
  }

  private static Quantized activation(Value x, Rewriter to) {
    return to.memory(Activations.class, Activations::new)
        .computeIfAbsent(x.name(), name -> to.dynamicQuantizeLinear(x));
  }

  // Weights

  private @Nullable List<Value> weights(
      Node node,
      Rewriter to,
      Object key,
      String name,
      Tensor given,
      Supplier<Tensor> form,
      int axis) {
    return store.values(node, to, key, name, given, () -> form(name, form.get(), axis));
  }

  private WeightStore.Form form(String name, Tensor tensor, int axis) {
    QuantizedWeights quantized = quantized(name, tensor, axis);
    List<Tensor> tensors = new ArrayList<>(List.of(quantized.elements(), quantized.scale()));
    if (hasZeroPoint() && !wanted.perChannel()) {
      tensors.add(quantized.zeroPoint());
    }
    return new WeightStore.Form(tensors, ratio(tensor, quantized));
  }

  private QuantizedWeights quantized(String name, Tensor tensor, int axis) {
    int channels = wanted.perChannel() ? axis : QuantizedWeights.PER_TENSOR;
    return QuantizedWeights.of(name, tensor, channels, wanted.weights());
  }

  private static double ratio(Tensor tensor, QuantizedWeights quantized) {
    return WeightReport.signalToNoise(tensor.toFloats(), quantized.dequantized());
  }

  /** Whether 0 is stored as another number. */
  private boolean hasZeroPoint() {
    return !wanted.weights().symmetric() || wanted.weights().type() == ElementType.UINT8;
  }

  /**
   * What 0 is stored as: a scalar, for channels are symmetric, and ONNX Runtime's ConvInteger takes
   * no other.
   */
  private @Nullable Value zeroPoint(List<Value> weights, Rewriter to) {
    if (!hasZeroPoint()) {
      return null;
    }
    return wanted.perChannel()
        ? to.constant(weights.get(0).name() + "_zero_point", middle())
        : weights.get(2);
  }

  private Tensor middle() {
    return wanted.weights().parameters(new Range(0, 0)).zeroPointTensor();
  }

  private boolean isKept(Node node, Tensor weights) {
    String reason =
        weights.elementType() == ElementType.FLOAT16
            ? "its weights are float16"
            : WeightedProduct.whyNotNumbers(weights);
    if (!reason.isEmpty()) {
      report.kept(NodeSelection.name(node), node.opType(), reason);
    }
    return !reason.isEmpty();
  }

  // Products

  private void product(Node node, Rewriter to) {
    WeightedProduct product = WeightedProduct.of(node, to, report);
    if (product == null || isKept(node, product.weights())) {
      return;
    }
    List<Value> weights =
        weights(
            node,
            to,
            List.of(product.name(), product.transposed(), product.alpha()),
            product.name(),
            product.weights(),
            () -> product.matrix(product.alpha()),
            1);
    if (weights == null) {
      return;
    }
    Quantized a = activation(product.a(), to);
    Value sums = to.matMulInteger(a.y(), weights.get(0), a.zeroPoint(), zeroPoint(weights, to));
    Value y = scaled(sums, a.scale(), weights.get(1), to);
    Value bias = product.bias();
    to.replace(bias == null ? y : to.add(y, bias));
  }

  private static Value scaled(Value sums, Value scale, Value weightScale, Rewriter to) {
    return to.mul(to.cast(sums, ElementType.FLOAT), to.mul(scale, weightScale));
  }

  private void convolution(Node node, Rewriter to) {
    Tensor weights = to.tensor(node.input(1));
    if (weights == null) {
      report.keptIfReplaceable(node, node.input(1), 3);
      return;
    }
    if (isKept(node, weights)) {
      return;
    }
    String name = node.input(1);
    List<Value> stored = weights(node, to, List.of(name, "Conv"), name, weights, () -> weights, 0);
    if (stored == null) {
      return;
    }
    Quantized x = activation(to.input(node, 0), to);
    Value sums =
        to.node(
            "ConvInteger",
            OperatorBuilder.inputs(x.y(), stored.get(0), x.zeroPoint(), zeroPoint(stored, to)),
            node.attributes());
    long[] axes = new long[weights.rank() - 2];
    Arrays.setAll(axes, i -> i + 1L);
    Value scale = wanted.perChannel() ? to.unsqueeze(stored.get(1), axes) : stored.get(1);
    Value y = scaled(sums, x.scale(), scale, to);
    to.replace(node.hasInput(2) ? to.add(y, to.unsqueeze(to.input(node, 2), axes)) : y);
  }

  // Tables

  private void table(Node node, Rewriter to) {
    Tensor table = to.tensor(node.input(0));
    if (table == null) {
      report.keptIfReplaceable(node, node.input(0), 2);
      return;
    }
    if (table.rank() != 2 || !table.elementType().isFloat()) {
      return; // no table of vectors
    }
    long axis = node.intAttribute("axis", 0);
    if (axis != 0 && axis != -2) {
      report.kept(NodeSelection.name(node), node.opType(), "it does not gather rows");
      return;
    }
    if (isKept(node, table)) {
      return;
    }
    String name = node.input(0);
    List<Value> stored = weights(node, to, List.of(name, "Gather"), name, table, () -> table, 0);
    if (stored == null) {
      return;
    }
    Value indices = to.input(node, 1);
    if (wanted.perChannel()) {
      to.replace(
          new TableRows(stored.get(0), stored.get(1), zeroPoint(stored, to), name).at(indices, to));
      return;
    }
    Value rows = to.gather(stored.get(0), indices, 0);
    to.replace(to.dequantizeLinear(rows, stored.get(1), zeroPoint(stored, to)));
  }

  // LSTM

  private void recurrent(Node node, Rewriter to) {
    Tensor w = to.tensor(node.input(1));
    Tensor r = to.tensor(node.input(2));
    if (!wanted.contrib() || to.opset(WeightOnlyQuantization.CONTRIB_DOMAIN) < 0) {
      report.kept(NodeSelection.name(node), "LSTM", "the target has no DynamicQuantizeLSTM");
      return;
    }
    if (w == null || r == null) {
      report.keptIfReplaceable(node, node.input(w == null ? 1 : 2), 3);
      return;
    }
    if (isKept(node, w) || isKept(node, r)) {
      return;
    }
    if (node.intAttribute("layout", 0) != 0) {
      report.kept(NodeSelection.name(node), "LSTM", "its layout has the batch first");
      return;
    }
    List<Value> input = gates(node, 1, w, to);
    List<Value> recurrence = gates(node, 2, r, to);
    if (input == null || recurrence == null) {
      return;
    }
    List<Value> operands = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      operands.add(node.hasInput(i) ? to.input(node, i) : OperatorBuilder.ABSENT);
    }
    operands.set(1, input.get(0));
    operands.set(2, recurrence.get(0));
    operands.addAll(input.subList(1, 3));
    operands.addAll(recurrence.subList(1, 3));
    List<Attribute> attributes = new ArrayList<>(node.attributes());
    attributes.removeIf(attribute -> attribute.name().equals("layout"));
    to.replace(
        to.nodes(
            "com.microsoft.DynamicQuantizeLSTM",
            3,
            operands,
            attributes.toArray(Attribute[]::new)));
  }

  private @Nullable List<Value> gates(Node node, int i, Tensor weights, Rewriter to) {
    String name = node.input(i);
    return store.values(node, to, List.of(name, "LSTM"), name, weights, () -> gates(name, weights));
  }

  /**
   * Weights {@code [directions,4*hidden,size]} as {@code [directions,size,4*hidden]}, with a scale
   * for each direction or each of its gates.
   */
  private WeightStore.Form gates(String name, Tensor weights) {
    int directions = (int) weights.dim(0);
    int gates = (int) weights.dim(1);
    int size = (int) weights.dim(2);
    Tensor rows =
        wanted.perChannel()
            ? weights.reshape((long) directions * gates, size)
            : weights.reshape(directions, (long) gates * size);
    QuantizedWeights quantized = QuantizedWeights.of(name, rows, 0, wanted.weights());
    long[] each = wanted.perChannel() ? new long[] {directions, gates} : new long[] {directions};
    return new WeightStore.Form(
        List.of(
            transposed(quantized.elements(), directions, gates, size),
            quantized.scale().reshape(each),
            quantized.zeroPoint().reshape(each)),
        ratio(rows, quantized));
  }

  private static Tensor transposed(Tensor bytes, int directions, int rows, int columns) {
    ByteBuffer from = bytes.bytes();
    ByteBuffer to = Tensor.allocate(bytes.elementType(), bytes.size());
    for (int i = 0; i < bytes.length(); i++) {
      int direction = i / (rows * columns);
      int row = i / columns % rows;
      to.put((direction * columns + i % columns) * rows + row, from.get(i));
    }
    return Tensor.of(bytes.elementType(), new long[] {directions, columns, rows}, to);
  }
}
