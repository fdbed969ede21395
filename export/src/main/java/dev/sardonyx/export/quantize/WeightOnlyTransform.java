package dev.sardonyx.export.quantize;

import dev.sardonyx.export.quantize.WeightOnlyQuantization.Format;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.pass.NodeTransform;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts quantised weights into the nodes that have weights. */
final class WeightOnlyTransform {
  private final WeightOnlyQuantization wanted;
  private final WeightReport.Draft report;

  WeightOnlyTransform(WeightOnlyQuantization wanted, WeightReport.Draft report) {
    this.wanted = wanted;
    this.report = report;
  }

  NodeTransform transform() {
    return NodeTransform.on(
        Set.of("MatMul", "Gemm", "Gather"),
        (node, to) -> {
          if (!wanted.nodes().has(node) || to.isOpen(node) || !has(to)) {
            return;
          }
          if (node.is("Gather")) {
            table(node, to);
          } else {
            product(node, to);
          }
        });
  }

  /**
   * Whether the graph can have the operators; a function that was not inlined may not import them.
   */
  private boolean has(Rewriter to) {
    return isContrib()
        ? to.opset(WeightOnlyQuantization.CONTRIB_DOMAIN) > 0
        : to.opset() >= WeightOnlyQuantization.BLOCKS;
  }

  private boolean isContrib() {
    return wanted.format() == Format.CONTRIB;
  }

  // Weights

  /**
   * Quantised weights as constants of a graph.
   *
   * @param values codes, scales and, unless they are symmetric, zero points; none if they would not
   *     be smaller
   */
  private record Weights(List<Value> values, long bytes, double signalToNoise) {
    Value codes() {
      return values.get(0);
    }

    Value scales() {
      return values.get(1);
    }

    @Nullable Value zeroPoints() {
      return values.size() > 2 ? values.get(2) : null;
    }
  }

  /** The weights of a graph that are quantised already. */
  private static final class Known extends HashMap<Object, Weights> {
    private static final long serialVersionUID = 1L;
  }

  /**
   * The weights of a node, or null if they stay as they are.
   *
   * @param key tells weights that are the same
   * @param rows the elements, blocks along rows
   */
  private @Nullable Weights weights(
      Node node, Rewriter to, Object key, String name, Tensor tensor, Supplier<Matrix> rows) {
    Known known = to.memory(Known.class, Known::new);
    Weights weights = known.get(key);
    boolean first = weights == null;
    if (weights == null) {
      weights = quantized(to, name, tensor, rows.get());
      known.put(key, weights);
    }
    String called = NodeSelection.name(node);
    if (weights.values().isEmpty()) {
      report.kept(called, node.opType(), "its weights would not be smaller");
      return null;
    }
    report.quantized(
        new WeightReport.Quantized(
            called,
            node.opType(),
            name,
            tensor.size(),
            tensor.byteSize(),
            first ? weights.bytes() : 0,
            weights.signalToNoise()));
    return weights;
  }

  /**
   * What is to be quantised.
   *
   * @param elements row by row
   * @param layout the tensors that are stored
   */
  private record Matrix(float[] elements, int rows, int columns, Layout layout) {}

  /** How quantised weights are stored: codes, scales and zero points. */
  private interface Layout {
    List<Tensor> of(QuantizedBlocks blocks, ElementType type);
  }

  private Weights quantized(Rewriter to, String name, Tensor tensor, Matrix matrix) {
    QuantizedBlocks blocks =
        new BlockQuantizer(
                wanted.bits(),
                wanted.blockSize(),
                wanted.symmetric(),
                isContrib(),
                wanted.search(),
                tensor.elementType())
            .quantize(matrix.elements(), matrix.rows(), matrix.columns());
    List<Tensor> tensors = matrix.layout().of(blocks, tensor.elementType());
    List<Tensor> stored = wanted.symmetric() ? tensors.subList(0, 2) : tensors;
    long bytes = stored.stream().mapToLong(Tensor::byteSize).sum();
    if (bytes >= tensor.byteSize()) {
      return new Weights(List.of(), bytes, 0);
    }
    List<Value> values = new ArrayList<>();
    String[] roles = {"_q" + wanted.bits(), "_scales", "_zero_points"};
    for (int i = 0; i < stored.size(); i++) {
      values.add(to.constant(name + roles[i], stored.get(i)));
    }
    double ratio = WeightReport.signalToNoise(matrix.elements(), blocks.dequantized());
    return new Weights(values, bytes, ratio);
  }

  // Products

  private void product(Node node, Rewriter to) {
    WeightedProduct product = WeightedProduct.of(node, to, report);
    if (product == null) {
      return;
    }
    if (isContrib()) {
      matMulNBits(node, product, to);
      return;
    }
    boolean isWide = node.intAttribute("transB", 0) != 0; // [N,K], as the rows are
    Weights weights =
        weights(
            node,
            to,
            List.of(product.name(), product.transposed(), isWide),
            product.name(),
            product.weights(),
            () -> matrix(product, 1, (b, type) -> standard(b, type, !isWide)));
    if (weights != null) {
      to.changeInput(1, dequantized(weights, isWide ? 1 : 0, to));
    }
  }

  private static Matrix matrix(WeightedProduct product, float factor, Layout layout) {
    return new Matrix(product.rows(factor), product.width(), product.depth(), layout);
  }

  private void matMulNBits(Node node, WeightedProduct product, Rewriter to) {
    Layout packed = (b, type) -> List.of(b.packedBlocks(), b.scales(type), b.packedZeroPoints());
    Weights weights =
        weights(
            node,
            to,
            List.of(product.name(), product.transposed(), product.alpha()),
            product.name(),
            product.weights(),
            () -> matrix(product, product.alpha(), packed));
    if (weights == null) {
      return;
    }
    Value bias = product.hasVectorBias() ? product.bias() : null;
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.ofInt("K", product.depth()));
    attributes.add(Attribute.ofInt("N", product.width()));
    attributes.add(Attribute.ofInt("bits", wanted.bits()));
    attributes.add(Attribute.ofInt("block_size", wanted.blockSize()));
    if (wanted.accuracyLevel() != 0) {
      attributes.add(Attribute.ofInt("accuracy_level", wanted.accuracyLevel()));
    }
    Value y =
        to.node(
            "com.microsoft.MatMulNBits",
            OperatorBuilder.inputs(
                product.a(), weights.codes(), weights.scales(), weights.zeroPoints(), null, bias),
            attributes);
    Value other = bias == null ? product.bias() : null;
    to.replace(other == null ? y : to.add(y, other));
  }

  // Tables

  private void table(Node node, Rewriter to) {
    Tensor table = to.tensor(node.input(0));
    if (table == null || table.rank() != 2 || !table.elementType().isFloat()) {
      return; // no table of vectors
    }
    String reason = whyNotTable(node, table);
    if (!reason.isEmpty()) {
      report.kept(NodeSelection.name(node), node.opType(), reason);
      return;
    }
    Layout layout =
        (b, type) ->
            isContrib()
                ? List.of(b.packedRows(), b.scales(type), b.packedZeroPoints())
                : standard(b, type, false);
    String name = node.input(0);
    Weights weights =
        weights(
            node,
            to,
            List.of(name),
            name,
            table,
            () -> new Matrix(table.toFloats(), (int) table.dim(0), (int) table.dim(1), layout));
    if (weights == null) {
      return;
    }
    if (isContrib()) {
      to.replace(gathered(weights, to.input(node, 1), to));
    } else {
      to.changeInput(0, dequantized(weights, 1, to));
    }
  }

  private String whyNotTable(Node node, Tensor table) {
    long axis = node.intAttribute("axis", 0);
    if (axis != 0 && axis != -2) {
      return "it gathers along its blocks";
    }
    if (isContrib() && table.dim(1) % wanted.blockSize() != 0) {
      return "its rows of "
          + table.dim(1)
          + " are no whole number of blocks of "
          + wanted.blockSize();
    }
    return WeightedProduct.whyNotNumbers(table);
  }

  private Value gathered(Weights weights, Value indices, Rewriter to) {
    return to.node(
        "com.microsoft.GatherBlockQuantized",
        OperatorBuilder.inputs(weights.codes(), indices, weights.scales(), weights.zeroPoints()),
        Attribute.ofInt("bits", wanted.bits()),
        Attribute.ofInt("block_size", wanted.blockSize()),
        Attribute.ofInt("gather_axis", 0),
        Attribute.ofInt("quantize_axis", 1));
  }

  // DequantizeLinear

  private List<Tensor> standard(QuantizedBlocks blocks, ElementType type, boolean across) {
    boolean signed = wanted.symmetric();
    return List.of(
        blocks.integerCodes(signed, across),
        across ? blocks.scalesAcross(type) : blocks.scales(type),
        blocks.integerZeroPoints(signed, across));
  }

  private Value dequantized(Weights weights, long axis, Rewriter to) {
    return to.node(
        "DequantizeLinear",
        OperatorBuilder.inputs(weights.codes(), weights.scales(), weights.zeroPoints()),
        Attribute.ofInt("axis", axis),
        Attribute.ofInt("block_size", wanted.blockSize()));
  }
}
