package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Quantisation: axes, blocks and the types of results. */
final class QuantizationSteps {
  private QuantizationSteps() {}

  static void addTo(StepTable table) {
    table.down("QuantizeLinear", 13, Effect.DECOMPOSED, QuantizationSteps::quantizeAlongAxis);
    table.down("DequantizeLinear", 13, Effect.DECOMPOSED, QuantizationSteps::dequantizeAlongAxis);
    table.down("QuantizeLinear", 19, Effect.ATTRIBUTES, QuantizationSteps::unsaturated);
    table.down("QuantizeLinear", 21, Effect.DECOMPOSED, QuantizationSteps::quantizeBlocks);
    table.down("DequantizeLinear", 21, Effect.DECOMPOSED, QuantizationSteps::dequantizeBlocks);
    table.down("QuantizeLinear", 23, Effect.REWRITTEN, QuantizationSteps::inOneType);
    table.down("DequantizeLinear", 23, Effect.REWRITTEN, QuantizationSteps::resultType);
  }

  private static boolean isScalar(Node node, int input, Rewriter to) {
    Shape shape = Given.shape(node, input, to);
    if (!shape.isRanked()) {
      throw new RefusedStepException("the rank of its scale is not known");
    }
    return shape.rank() == 0 || shape.equals(Shape.of(1));
  }

  /** A vector as one that goes along an axis of a tensor. */
  private static Value along(Value vector, long axis, int rank, Rewriter to) {
    long[] shape = new long[rank];
    Arrays.fill(shape, 1);
    shape[Given.axis(axis, rank)] = -1;
    return to.reshape(vector, shape);
  }

  /** A scale or zero point as one that goes along the node's axis of its first input. */
  private static Value alongAxis(int input, Node node, Rewriter to) {
    int rank = Given.rank(node, 0, to);
    return along(to.input(node, input), node.intAttribute("axis", 1), rank, to);
  }

  private static @Nullable Value optionalAlongAxis(int input, Node node, Rewriter to) {
    return node.hasInput(input) ? alongAxis(input, node, to) : null;
  }

  private static @Nullable Node dequantizeAlongAxis(Node node, Rewriter to) {
    Node plain = node.withoutAttribute("axis");
    if (isScalar(node, 1, to)) {
      return plain;
    }
    to.replace(
        dequantized(to.input(node, 0), alongAxis(1, node, to), optionalAlongAxis(2, node, to), to));
    return null;
  }

  private static Value dequantized(Value x, Value scale, @Nullable Value zero, Rewriter to) {
    ElementType type = OperatorBuilder.elementType(scale);
    Value wide = to.cast(x, type);
    Value centred = zero == null ? wide : to.sub(wide, to.cast(zero, type));
    return to.mul(centred, scale);
  }

  private static @Nullable Node quantizeAlongAxis(Node node, Rewriter to) {
    Node plain = node.withoutAttribute("axis");
    if (isScalar(node, 1, to)) {
      return plain;
    }
    Value zero = optionalAlongAxis(2, node, to);
    ElementType type = zero == null ? ElementType.UINT8 : Given.type(node, 2, to);
    to.replace(quantized(to.input(node, 0), alongAxis(1, node, to), zero, type, to));
    return null;
  }

  private static Value quantized(
      Value x, Value scale, @Nullable Value zero, ElementType type, Rewriter to) {
    if (!type.isInteger()) {
      throw new RefusedStepException(
          "quantisation to " + type + " by axis or block came with a later opset");
    }
    ElementType wide = OperatorBuilder.elementType(scale);
    Value rounded = to.round(to.div(to.cast(x, wide), scale));
    Value moved = zero == null ? rounded : to.add(rounded, to.cast(zero, wide));
    double range = Math.pow(2, type.bits());
    double least = type.isSigned() ? -range / 2 : 0;
    return to.cast(to.clip(moved, least, least + range - 1), type);
  }

  private static Node unsaturated(Node node, Rewriter to) {
    boolean isFloat8 = node.hasInput(2) && Given.type(node, 2, to).isFloat();
    return isFloat8 ? AttributeSteps.dropDefaults(node, to) : node.withoutAttribute("saturate");
  }

  // Blocks

  /** Whether only opset 21 quantises to a type. */
  private static boolean isWide(ElementType type) {
    return type == ElementType.INT16 || type == ElementType.UINT16;
  }

  /** No operator before opset 21 takes 4 bits or fewer. */
  private static void requireOlder(ElementType type) {
    if (type.isInteger() && type.bits() < 8) {
      throw new RefusedStepException("its type, " + type + ", came with opset 21 or later");
    }
  }

  /** A scale or zero point as one that goes with the elements of the first input. */
  private static Value forEach(int input, Node node, long size, Rewriter to) {
    Value each = to.input(node, input);
    if (size > 0) {
      int rank = Given.rank(node, 0, to);
      if (Given.rank(node, input, to) != rank) {
        throw new RefusedStepException(
            "the scales and zero points of blocks must have the data's rank, " + rank);
      }
      return spread(each, node, size, to);
    }
    return isScalar(node, input, to)
        ? each
        : along(each, node.intAttribute("axis", 1), Given.rank(node, 0, to), to);
  }

  /** A scale for each block as one for each element. */
  private static Value spread(Value blocks, Node node, long size, Rewriter to) {
    long[] dims = Given.dims(node, 0, to);
    int axis = Given.axis(node.intAttribute("axis", 1), dims.length);
    long count = (dims[axis] + size - 1) / size;
    long[] repeated = new long[dims.length + 1];
    Arrays.fill(repeated, 1);
    repeated[axis + 1] = size;
    long[] whole = dims.clone();
    whole[axis] = count * size;
    Value many = to.reshape(to.expand(to.unsqueeze(blocks, axis + 1L), repeated), whole);
    return whole[axis] == dims[axis] ? many : to.slice(many, axis, 0, dims[axis]);
  }

  private static @Nullable Node dequantizeBlocks(Node node, Rewriter to) {
    long size = node.intAttribute("block_size", 0);
    ElementType type = Given.knownType(node, 0, to);
    if (size == 0 && !isWide(type)) {
      return node.withoutAttribute("block_size");
    }
    requireOlder(type);
    Value scale = forEach(1, node, size, to);
    Value zero = node.hasInput(2) ? forEach(2, node, size, to) : null;
    to.replace(dequantized(to.input(node, 0), scale, zero, to));
    return null;
  }

  private static @Nullable Node quantizeBlocks(Node node, Rewriter to) {
    Node typed = withZeroPoint(node, to);
    long size = typed.intAttribute("block_size", 0);
    ElementType type = typed.hasInput(2) ? Given.type(typed, 2, to) : ElementType.UINT8;
    if (size == 0 && !isWide(type)) {
      return typed.withoutAttribute("block_size");
    }
    requireOlder(type);
    Value zero = typed.hasInput(2) ? forEach(2, typed, size, to) : null;
    Value scale = forEach(1, typed, size, to);
    to.replace(quantized(to.input(node, 0), scale, zero, type, to));
    return null;
  }

  /** The type of a result without a zero point is that of one that is zero. */
  private static Node withZeroPoint(Node node, Rewriter to) {
    int type = (int) node.intAttribute("output_dtype", 0);
    Node plain = node.withoutAttribute("output_dtype");
    if (type == 0 || node.hasInput(2)) {
      return plain;
    }
    long[] dims = isScalar(node, 1, to) ? new long[0] : Given.dims(node, 1, to);
    double[] zeros = new double[Math.toIntExact(Shape.of(dims).size().value())];
    Value zero = to.numberedConstant("zero", Tensor.ofNumbers(ElementType.of(type), zeros, dims));
    return plain.withInput(2, zero.name());
  }

  // Types of operands and results

  private static Node inOneType(Node node, Rewriter to) {
    int precision = (int) node.intAttribute("precision", 0);
    Node plain = node.withoutAttribute("precision");
    ElementType scale = Given.knownType(node, 1, to);
    ElementType x = Given.knownType(node, 0, to);
    ElementType in = precision == 0 ? scale : ElementType.of(precision);
    if (in != ElementType.UNDEFINED && scale != in) {
      plain = plain.withInput(1, to.cast(to.input(node, 1), in).name());
    }
    return in != ElementType.UNDEFINED && x != in
        ? plain.withInput(0, to.cast(to.input(node, 0), in).name())
        : plain;
  }

  private static @Nullable Node resultType(Node node, Rewriter to) {
    int type = (int) node.intAttribute("output_dtype", 0);
    Node plain = node.withoutAttribute("output_dtype");
    if (type == 0 || Given.type(node, 1, to).code() == type) {
      return plain;
    }
    Value result = to.node("DequantizeLinear", to.inputs(node), plain.attributes());
    to.replace(to.cast(result, ElementType.of(type)));
    return null;
  }
}
