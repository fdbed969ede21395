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
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts quantised weights into the nodes that have weights. */
final class WeightOnlyTransform {
  private final WeightOnlyQuantization wanted;
  private final WeightReport.Draft report;
  private final WeightStore store;

  WeightOnlyTransform(WeightOnlyQuantization wanted, WeightReport.Draft report) {
    this.wanted = wanted;
    this.report = report;
    this.store = new WeightStore(report);
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

  /** How quantised weights are stored: codes, scales and zero points. */
  private interface Layout {
    List<Tensor> of(QuantizedBlocks blocks, ElementType type);
  }

  private WeightStore.Form form(
      float[] elements, int rows, int columns, ElementType type, Layout layout) {
    QuantizedBlocks blocks =
        new BlockQuantizer(
                wanted.bits(),
                wanted.blockSize(),
                wanted.symmetric(),
                isContrib(),
                wanted.search(),
                type)
            .quantize(elements, rows, columns);
    List<Tensor> tensors = layout.of(blocks, type);
    return new WeightStore.Form(
        wanted.symmetric() ? tensors.subList(0, 2) : tensors,
        WeightReport.signalToNoise(elements, blocks.dequantized()));
  }

  private WeightStore.Form form(WeightedProduct product, float factor, Layout layout) {
    ElementType type = product.weights().elementType();
    return form(product.rows(factor), product.width(), product.depth(), type, layout);
  }

  private static @Nullable Value zeroPoints(List<Value> weights) {
    return weights.size() > 2 ? weights.get(2) : null;
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
    List<Value> weights =
        store.values(
            node,
            to,
            List.of(product.name(), product.transposed(), isWide),
            product.name(),
            product.weights(),
            () -> form(product, 1, (b, type) -> standard(b, type, !isWide)));
    if (weights != null) {
      to.changeInput(1, dequantized(weights, isWide ? 1 : 0, to));
    }
  }

  private void matMulNBits(Node node, WeightedProduct product, Rewriter to) {
    Layout packed = (b, type) -> List.of(b.packedBlocks(), b.scales(type), b.packedZeroPoints());
    List<Value> weights =
        store.values(
            node,
            to,
            List.of(product.name(), product.transposed(), product.alpha()),
            product.name(),
            product.weights(),
            () -> form(product, product.alpha(), packed));
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
                product.a(), weights.get(0), weights.get(1), zeroPoints(weights), null, bias),
            attributes);
    Value other = bias == null ? product.bias() : null;
    to.replace(other == null ? y : to.add(y, other));
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
    List<Value> weights =
        store.values(
            node,
            to,
            List.of(name),
            name,
            table,
            () ->
                form(
                    table.toFloats(),
                    (int) table.dim(0),
                    (int) table.dim(1),
                    table.elementType(),
                    layout));
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

  private Value gathered(List<Value> weights, Value indices, Rewriter to) {
    return to.node(
        "com.microsoft.GatherBlockQuantized",
        OperatorBuilder.inputs(weights.get(0), indices, weights.get(1), zeroPoints(weights)),
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

  private Value dequantized(List<Value> weights, long axis, Rewriter to) {
    return to.node(
        "DequantizeLinear",
        OperatorBuilder.inputs(weights.get(0), weights.get(1), zeroPoints(weights)),
        Attribute.ofInt("axis", axis),
        Attribute.ofInt("block_size", wanted.blockSize()));
  }
}
