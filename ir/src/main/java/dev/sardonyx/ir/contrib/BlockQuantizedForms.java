package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Weights of a few bits, quantised block by block. From opset 21 on they are dequantised by
 * DequantizeLinear, which leaves them as small as they are; before, by arithmetic.
 */
final class BlockQuantizedForms {
  private BlockQuantizedForms() {}

  static void addTo(ContribOperators operators) {
    operators.one("MatMulNBits", BlockQuantizedForms::matMul);
    operators.one("GatherBlockQuantized", BlockQuantizedForms::gather);
  }

  private static Value matMul(ContribNode n) {
    StandardOps to = n.to();
    n.refuseInput(4, "g_idx");
    if (n.flag("weight_prepacked")) {
      throw new NoStandardFormException("its weights are packed for a device");
    }
    Value weights = weights(n);
    Value product = to.matMul(n.in(0), to.transpose(weights, 1, 0));
    return n.has(5) ? to.add(product, n.in(5)) : product;
  }

  /** {@code [N,K]}. */
  private static Value weights(ContribNode n) {
    StandardOps to = n.to();
    long rows = n.integer("N", 0);
    long columns = n.integer("K", 0);
    long size = n.integer("block_size", 1);
    long blocks = (columns + size - 1) / size;
    Value constant = dequantized(n, rows, blocks, size);
    Value all = constant == null ? computed(n, rows, blocks, size) : constant;
    return blocks * size == columns ? all : to.slice(all, 1, 0, columns);
  }

  /** Weights that are the same in every run, in ONNX's own packed types; null if they have none. */
  private static @Nullable Value dequantized(ContribNode n, long rows, long blocks, long size) {
    StandardOps to = n.to();
    ElementType type = packed(n.integer("bits", 4));
    Tensor weights = n.constant(1);
    if (to.opset() < 21 || type == null || weights == null) {
      return null;
    }
    Tensor zeroPoints = zeroPoints(n, type, rows, blocks);
    if (zeroPoints == null) {
      return null;
    }
    Value q = to.numberedConstant("weights", bits(weights, type, rows, blocks * size));
    Value scales = to.reshape(n.in(2), rows, blocks);
    return to.node(
        "DequantizeLinear",
        OperatorBuilder.operands(q, scales, to.numberedConstant("zero_points", zeroPoints)),
        Attribute.ofInt("axis", 1),
        Attribute.ofInt("block_size", size));
  }

  /** The very bytes of a tensor as elements of another type. */
  private static Tensor bits(Tensor bytes, ElementType type, long... dims) {
    return Tensor.of(type, dims, bytes.bytes());
  }

  private static @Nullable ElementType packed(long bits) {
    return bits == 4 ? ElementType.UINT4 : bits == 8 ? ElementType.UINT8 : null;
  }

  private static @Nullable Tensor zeroPoints(
      ContribNode n, ElementType type, long rows, long blocks) {
    int bits = (int) n.integer("bits", 4);
    double[] all = new double[Math.toIntExact(rows * blocks)];
    if (!n.has(3)) {
      Arrays.fill(all, 1 << (bits - 1));
      return Tensor.ofNumbers(type, all, rows, blocks);
    }
    Tensor given = n.constant(3);
    if (given == null || given.elementType() != ElementType.UINT8) {
      return null;
    }
    long[] bytes = given.toLongs();
    int each = 8 / bits;
    int width = (int) (bytes.length / rows);
    for (int i = 0; i < all.length; i++) {
      int row = (int) (i / blocks);
      int block = (int) (i % blocks);
      long packed = bytes[row * width + block / each];
      all[i] = packed >> bits * (block % each) & (1 << bits) - 1;
    }
    return Tensor.ofNumbers(type, all, rows, blocks);
  }

  // Embeddings

  /** Rows of a matrix whose columns are quantised block by block. */
  private static Value gather(ContribNode n) {
    StandardOps to = n.to();
    int rank = n.rank(0);
    long axis = n.integer("quantize_axis", 1);
    if (n.integer("gather_axis", 0) != 0 || rank != 2 || axis != 1 && axis != -1) {
      throw new NoStandardFormException("it gathers other than rows quantised along themselves");
    }
    long size = n.integer("block_size", 128);
    if (n.type(0) != ElementType.UINT8) {
      Value all =
          to.node(
              "DequantizeLinear",
              OperatorBuilder.inputs(n.in(0), n.in(2), n.optional(3)),
              Attribute.ofInt("axis", 1),
              Attribute.ofInt("block_size", size));
      return to.gather(all, n.in(1), 0);
    }
    int bits = (int) n.integer("bits", 4);
    long blocks = n.fixed(2, 1);
    Value rows = to.reshape(n.in(1), -1);
    Value q = to.reshape(unpacked(n, to.gather(n.in(0), rows, 0), bits), 0, blocks, size);
    Value scale = to.unsqueeze(to.gather(n.in(2), rows, 0), 2);
    Value zero =
        n.has(3)
            ? firstOf(to, to.flatten(unpacked(n, to.gather(n.in(3), rows, 0), bits)), blocks)
            : to.scalarLike(scale, 1 << (bits - 1));
    Value y = to.mul(to.sub(q, zero), scale);
    Value shape = to.concat(0, to.shape(n.in(1)), to.longs("columns", blocks * size));
    return to.reshape(y, shape);
  }

  private static Value firstOf(StandardOps to, Value rows, long blocks) {
    return to.unsqueeze(to.slice(rows, 1, 0, blocks), 2);
  }

  // By arithmetic

  private static Value computed(ContribNode n, long rows, long blocks, long size) {
    StandardOps to = n.to();
    int bits = (int) n.integer("bits", 4);
    Value q = to.reshape(unpacked(n, n.in(1), bits), rows, blocks, size);
    Value scale = to.reshape(n.in(2), rows, blocks, 1);
    Value zero;
    if (!n.has(3)) {
      zero = to.scalarLike(scale, 1 << (bits - 1));
    } else if (n.type(3) == ElementType.UINT8) {
      Value all = to.reshape(unpacked(n, n.in(3), bits), rows, -1);
      zero = to.unsqueeze(to.slice(all, 1, 0, blocks), 2);
    } else {
      zero = to.reshape(n.in(3), rows, blocks, 1);
    }
    return to.reshape(to.mul(to.sub(q, zero), scale), rows, blocks * size);
  }

  /** Each part of each byte, the lowest bits first, along one more axis. */
  private static Value unpacked(ContribNode n, Value bytes, int bits) {
    StandardOps to = n.to();
    Value whole = to.unsqueeze(to.cast(bytes, ElementType.INT32), ContribNode.rank(bytes));
    List<Value> parts = new ArrayList<>();
    Value base = to.scalarLike(whole, 1 << bits);
    for (int shift = 0; shift < 8; shift += bits) {
      Value rest = shift == 0 ? whole : to.div(whole, to.scalarLike(whole, 1 << shift));
      parts.add(to.mod(rest, base));
    }
    Value all = parts.size() == 1 ? parts.get(0) : to.concat(-1, parts);
    return to.cast(all, n.type(2));
  }
}
