package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.training.NdArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.BaseIndexAccumulation;
import org.nd4j.linalg.api.ops.BaseOp;
import org.nd4j.linalg.api.ops.BaseReduceOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.ScalarOp;

/**
 * An operator of a SameDiff graph and the place to which it is read. Its settings are the numbers
 * that libnd4j gets, since what they are called in Java is lost when a graph is saved.
 *
 * @param b the graph
 * @param op the operator
 * @param inputs what it is applied to
 * @param types of its outputs
 * @param computed what it gives, for one that depends on nothing
 */
record OperatorSite(
    GraphBuilder b,
    DifferentialFunction op,
    List<Value> inputs,
    List<ElementType> types,
    Supplier<INDArray> computed) {
  /** Stands for all axes in the settings of reductions. */
  private static final int ALL = Integer.MAX_VALUE;

  UnsupportedModelException refuse(String reason) {
    return new UnsupportedModelException(reason);
  }

  // Inputs

  Value in(int index) {
    if (index >= inputs.size()) {
      throw refuse("it has %d inputs where %d are expected".formatted(inputs.size(), index + 1));
    }
    return inputs.get(index);
  }

  boolean has(int index) {
    return index < inputs.size();
  }

  Value x() {
    return in(0);
  }

  ElementType type(Value value) {
    return OperatorBuilder.elementType(value);
  }

  Shape shape(Value value) {
    return OperatorBuilder.shapeOf(value);
  }

  /** How many axes a value has. */
  int rank(Value value) {
    Shape shape = shape(value);
    if (!shape.isRanked()) {
      throw refuse("the number of axes of its input must be known; give the placeholders' shapes");
    }
    return shape.rank();
  }

  /** The size of an axis, which must be a number. */
  long size(Value value, int axis) {
    Shape shape = shape(value);
    if (!shape.isRanked() || !shape.dim(axis).isFixed()) {
      throw refuse(
          "axis %d of its input %s must be a number; give the placeholders' shapes"
              .formatted(axis, shape));
    }
    return shape.dim(axis).value();
  }

  /** An axis counted from the front. */
  int axis(Value value, long axis) {
    int rank = rank(value);
    return Math.toIntExact(axis < 0 ? axis + rank : axis);
  }

  /** The input as numbers of the output's type. */
  Value converted(int index) {
    return cast(in(index), types.get(0));
  }

  Value cast(Value value, ElementType to) {
    return type(value) == to ? value : b.cast(value, to);
  }

  /** The elements of an input that is a constant. */
  Tensor constant(int index, String what) {
    if (in(index) instanceof Constant of && of.data() instanceof Tensor tensor) {
      return tensor;
    }
    throw refuse(what + " are computed, where ONNX or this importer needs constants");
  }

  /** The whole numbers of an input that is a constant. */
  long[] longs(int index, String what) {
    Tensor tensor = constant(index, what);
    return tensor.elementType().isFloat()
        ? Arrays.stream(tensor.toDoubles()).mapToLong(d -> (long) d).toArray()
        : tensor.toLongs();
  }

  // Settings

  private DynamicCustomOp custom() {
    if (op instanceof DynamicCustomOp custom) {
      return custom;
    }
    throw refuse("its class %s is not one of DL4J's own".formatted(op.getClass().getName()));
  }

  long[] integers() {
    return custom().iArgs();
  }

  boolean hasInteger(int index) {
    return integers().length > index;
  }

  long integer(int index) {
    if (!hasInteger(index)) {
      throw refuse("its setting %d of whole numbers is missing".formatted(index));
    }
    return integers()[index];
  }

  boolean hasNumber(int index) {
    return custom().tArgs().length > index;
  }

  double number(int index) {
    if (!hasNumber(index)) {
      throw refuse("its setting %d of real numbers is missing".formatted(index));
    }
    return custom().tArgs()[index];
  }

  /** A setting that is true or false; false if it is not given. */
  boolean flag(int index) {
    boolean[] all = custom().bArgs();
    return all.length > index && all[index];
  }

  /** The number of an operator with a number. */
  double scalar() {
    if (op instanceof ScalarOp scalar && scalar.scalar() != null) {
      return scalar.scalar().getDouble(0);
    }
    throw refuse("it has no number");
  }

  /** The number of an operator with a number, of the type of another value. */
  Value scalarLike(Value other) {
    return b.scalarLike(other, scalar());
  }

  /** A further number of an older operator. */
  double extra(int index) {
    Object[] all = op instanceof BaseOp base ? base.extraArgs() : null;
    if (all == null || all.length <= index) {
      throw refuse("its further number %d is missing".formatted(index));
    }
    return ((Number) all[index]).doubleValue();
  }

  /** The axes of a reduction: from its settings, or from a constant behind the first inputs. */
  long[] axes(int operands) {
    if (has(operands)) {
      return all(longs(operands, "its axes"));
    }
    int[] given =
        op instanceof BaseOp base && base.dimensions() != null
            ? base.dimensions().toIntVector()
            : op.getDimensions();
    return given == null ? new long[0] : all(Arrays.stream(given).asLongStream().toArray());
  }

  private static long[] all(long[] axes) {
    return LongStream.of(axes).anyMatch(axis -> axis == ALL) ? new long[0] : axes;
  }

  /** Whether a reduction keeps the axes. */
  boolean keeps() {
    return op instanceof BaseReduceOp reduction
        ? reduction.isKeepDims()
        : op instanceof BaseIndexAccumulation index && index.isKeepDims();
  }

  /** What an operator without inputs gives, as a constant. */
  Value made() {
    if (!inputs.stream().allMatch(Constant.class::isInstance)) {
      throw refuse("its inputs are computed, where this importer needs constants");
    }
    return b.constant(NdArrays.sameType(Objects.requireNonNull(computed.get())));
  }

  // Pieces of formulas

  /** A number of the same type. */
  Value like(Value other, double number) {
    return b.scalarLike(other, number);
  }

  /** The numbers from 0 to below the size of an axis, int64. */
  Value positions(Value value, int axis) {
    Value size = b.squeeze(b.shape(value, axis, axis + 1L), 0);
    return b.range(b.constant(0L), size, b.constant(1L));
  }

  /** A vector along one axis of something else: with axes of size 1 behind. */
  Value along(Value vector, int axis, int rank) {
    long[] behind = LongStream.range(1, rank - axis).toArray();
    return behind.length == 0 ? vector : b.unsqueeze(vector, behind);
  }
}
