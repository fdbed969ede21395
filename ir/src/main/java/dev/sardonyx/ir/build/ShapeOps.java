package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Operators that change shapes, sizes and element types. Negative axes count from the end (opset 11
 * on).
 */
public interface ShapeOps extends OperatorBuilder {
  /**
   * The same elements in another shape (ONNX {@code Reshape}).
   *
   * @param shape 0 keeps the size of that axis, one -1 takes what remains
   */
  default Value reshape(Value x, long... shape) {
    return reshape(x, longs("shape", shape));
  }

  /** The same elements in a shape that the graph computes, int64 {@code [rank]}. */
  default Value reshape(Value x, Value shape) {
    return node("Reshape", x, shape);
  }

  /** Everything but the batch in one axis: {@code [N,...]} to {@code [N,M]}. */
  default Value flatten(Value x) {
    return flatten(x, 1);
  }

  /** A matrix: axes before the given one, and those from it on (ONNX {@code Flatten}). */
  default Value flatten(Value x, long axis) {
    return node("Flatten", OperatorBuilder.operands(x), Attribute.ofInt("axis", axis));
  }

  /** Axes in another order; without {@code perm} reversed (ONNX {@code Transpose}). */
  default Value transpose(Value x, long... perm) {
    return perm.length == 0
        ? node("Transpose", x)
        : node("Transpose", OperatorBuilder.operands(x), Attribute.ofInts("perm", perm));
  }

  /** Without axes of size 1; no axes given means all of them (ONNX {@code Squeeze}). */
  default Value squeeze(Value x, long... axes) {
    return axes.length == 0 ? node("Squeeze", x) : withAxes("Squeeze", x, axes);
  }

  /** With axes of size 1 put in; axes are those of the result (ONNX {@code Unsqueeze}). */
  default Value unsqueeze(Value x, long... axes) {
    return withAxes("Unsqueeze", x, axes);
  }

  private Value withAxes(String operator, Value x, long[] axes) {
    return opset() >= 13
        ? node(operator, x, longs("axes", axes))
        : node(operator, OperatorBuilder.operands(x), Attribute.ofInts("axes", axes));
  }

  /** Tensors one after another along an axis (ONNX {@code Concat}). */
  default Value concat(long axis, Value... values) {
    return concat(axis, OperatorBuilder.operands(values));
  }

  /** Tensors one after another along an axis (ONNX {@code Concat}). */
  default Value concat(long axis, List<? extends Value> values) {
    return node("Concat", values, Attribute.ofInt("axis", axis));
  }

  /** Cut into pieces of the given sizes along an axis (ONNX {@code Split}). */
  default List<Value> split(Value x, long axis, long... sizes) {
    Attribute along = Attribute.ofInt("axis", axis);
    return opset() >= 13
        ? nodes("Split", sizes.length, OperatorBuilder.operands(x, longs("sizes", sizes)), along)
        : nodes(
            "Split",
            sizes.length,
            OperatorBuilder.operands(x),
            along,
            Attribute.ofInts("split", sizes));
  }

  /** Cut into equal pieces along an axis; the last may be smaller from opset 18 on. */
  default List<Value> splitEvenly(Value x, long axis, int pieces) {
    Attribute along = Attribute.ofInt("axis", axis);
    return opset() >= 18
        ? nodes(
            "Split",
            pieces,
            OperatorBuilder.operands(x),
            along,
            Attribute.ofInt("num_outputs", pieces))
        : nodes("Split", pieces, OperatorBuilder.operands(x), along);
  }

  /**
   * Elements {@code start} (inclusive) to {@code end} (exclusive) of one axis; negative numbers
   * count from the end.
   */
  default Value slice(Value x, long axis, long start, long end) {
    return slice(x, new long[] {axis}, new long[] {start}, new long[] {end}, new long[] {1});
  }

  /**
   * A part of a tensor (ONNX {@code Slice}); the arrays have one entry for each axis named.
   *
   * @param steps other than 1 from opset 10 on; negative steps go backwards
   */
  default Value slice(Value x, long[] axes, long[] starts, long[] ends, long[] steps) {
    if (opset() < 10) {
      if (LongStream.of(steps).anyMatch(s -> s != 1)) {
        throw GraphBuildException.here("Slice takes steps from opset 10 on; this is " + opset());
      }
      return node(
          "Slice",
          OperatorBuilder.operands(x),
          Attribute.ofInts("axes", axes),
          Attribute.ofInts("starts", starts),
          Attribute.ofInts("ends", ends));
    }
    List<Value> inputs =
        new ArrayList<>(
            List.of(x, longs("starts", starts), longs("ends", ends), longs("axes", axes)));
    if (LongStream.of(steps).anyMatch(s -> s != 1)) {
      inputs.add(longs("steps", steps));
    }
    return node("Slice", inputs);
  }

  /**
   * Zeros around a tensor (ONNX {@code Pad}).
   *
   * @param pads for all axes what goes before, then for all axes what goes after
   */
  default Value pad(Value x, long... pads) {
    return pad(x, "constant", 0, pads);
  }

  /**
   * Elements around a tensor (ONNX {@code Pad}).
   *
   * @param mode {@code constant}, {@code reflect}, {@code edge} or (opset 19 on) {@code wrap}
   * @param value what to fill with if the mode is {@code constant}
   * @param pads for all axes what goes before, then for all axes what goes after
   */
  default Value pad(Value x, String mode, double value, long... pads) {
    Attribute how = Attribute.ofString("mode", mode);
    if (opset() < 11) {
      return node(
          "Pad",
          OperatorBuilder.operands(x),
          how,
          Attribute.ofInts("pads", pads),
          Attribute.ofFloat("value", (float) value));
    }
    return value == 0 || !mode.equals("constant")
        ? node("Pad", OperatorBuilder.operands(x, longs("pads", pads)), how)
        : node("Pad", OperatorBuilder.operands(x, longs("pads", pads), scalarLike(x, value)), how);
  }

  /** Repeated along each axis (ONNX {@code Tile}). */
  default Value tile(Value x, long... repeats) {
    return node("Tile", x, longs("repeats", repeats));
  }

  /** Broadcast together with a shape (ONNX {@code Expand}, opset 8 on). */
  default Value expand(Value x, long... shape) {
    return expand(x, longs("shape", shape));
  }

  /** Broadcast together with a shape that the graph computes, int64 {@code [rank]}. */
  default Value expand(Value x, Value shape) {
    return node("Expand", x, shape);
  }

  /** The shape as an int64 vector (ONNX {@code Shape}). */
  default Value shape(Value x) {
    return node("Shape", x);
  }

  /** The sizes of axes {@code start} to {@code end} (exclusive) as an int64 vector. */
  default Value shape(Value x, long start, long end) {
    return opset() >= 15
        ? node(
            "Shape",
            OperatorBuilder.operands(x),
            Attribute.ofInt("start", start),
            Attribute.ofInt("end", end))
        : slice(inside().node("Shape", x), 0, start, end);
  }

  /** The number of elements, an int64 scalar (ONNX {@code Size}). */
  default Value size(Value x) {
    return node("Size", x);
  }

  /** The value itself (ONNX {@code Identity}). */
  default Value identity(Value x) {
    return node("Identity", x);
  }

  /** In another element type (ONNX {@code Cast}). */
  default Value cast(Value x, ElementType to) {
    return node("Cast", OperatorBuilder.operands(x), Attribute.ofInt("to", to.code()));
  }

  /** In the element type of another value (ONNX {@code CastLike}; a Cast before opset 15). */
  default Value castLike(Value x, Value like) {
    return opset() >= 15 ? node("CastLike", x, like) : cast(x, OperatorBuilder.elementType(like));
  }

  /**
   * A tensor of one repeated element (ONNX {@code ConstantOfShape}, opset 9 on).
   *
   * @param shape int64 {@code [rank]}
   * @param element a tensor of one element
   */
  default Value constantOfShape(Value shape, Tensor element) {
    return node(
        "ConstantOfShape",
        OperatorBuilder.operands(shape),
        Attribute.ofTensor("value", element.reshape(1)));
  }

  /** Numbers from start (inclusive) to limit (exclusive); all scalars (ONNX {@code Range}). */
  default Value range(Value start, Value limit, Value delta) {
    return node("Range", start, limit, delta);
  }

  /** The part of matrices on and above (else below) the diagonal (ONNX {@code Trilu}, opset 14). */
  default Value trilu(Value x, boolean upper) {
    return node("Trilu", OperatorBuilder.operands(x), Attribute.ofInt("upper", upper ? 1 : 0));
  }

  /**
   * An image in other sizes (ONNX {@code Resize}, opset 11 on).
   *
   * @param sizes of all axes
   */
  default Value resizeTo(Value x, ResizeOptions options, long... sizes) {
    if (opset() < 11) {
      throw GraphBuildException.here("Resize takes sizes from opset 11 on; use resizeBy");
    }
    Value none =
        opset() >= 13 ? ABSENT : numberedConstant("none", Tensor.ofFloats(new float[0], 0));
    return node(
        "Resize",
        OperatorBuilder.operands(x, none, none, longs("sizes", sizes)),
        options.attributes(opset()));
  }

  /**
   * An image scaled (ONNX {@code Resize}, opset 10 on).
   *
   * @param scales of all axes; an axis gets {@code floor(size * scale)}
   */
  default Value resizeBy(Value x, ResizeOptions options, float... scales) {
    Value factors = numberedConstant("scales", Tensor.ofFloats(scales, scales.length));
    if (opset() == 10) {
      return node("Resize", OperatorBuilder.operands(x, factors), options.attributes(10));
    }
    Value none =
        opset() >= 13 ? ABSENT : numberedConstant("none", Tensor.ofFloats(new float[0], 0));
    return node("Resize", OperatorBuilder.operands(x, none, factors), options.attributes(opset()));
  }
}
