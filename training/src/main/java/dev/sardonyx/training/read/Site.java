package dev.sardonyx.training.read;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.training.NdArrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Trainable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a layer or vertex is read to: the graph in the making, and what is known of the place.
 * Names that readings give are in the scope of the layer's.
 *
 * @param name the layer's or vertex's name in its network
 * @param type its class, for messages
 * @param b the graph
 * @param networkInputs the inputs of the network, all of one batch
 * @param parameters what holds the parameters
 * @param prefix what the names of parameters begin with, inside of wrappers
 * @param mask what the layer knows of steps that do not count; null if all do
 */
record Site(
    String name,
    Class<?> type,
    GraphBuilder b,
    List<Value> networkInputs,
    Trainable parameters,
    String prefix,
    @Nullable Value mask) {

  /** The same place, for something that is wrapped by what is there. */
  Site of(Class<?> inner) {
    return new Site(name, inner, b, networkInputs, parameters, prefix, mask);
  }

  /** The same place, for something wrapped whose parameters have longer names here. */
  Site of(Class<?> inner, String longer) {
    return new Site(name, inner, b, networkInputs, parameters, prefix + longer, mask);
  }

  /** The same place in a subgraph. */
  Site in(GraphBuilder body) {
    return new Site(name, type, body, networkInputs, parameters, prefix, mask);
  }

  /** The same place with another mask. */
  Site masked(@Nullable Value other) {
    return new Site(name, type, b, networkInputs, parameters, prefix, other);
  }

  UnsupportedModelException refuse(String reason) {
    return new UnsupportedModelException(
        "DL4J's %s cannot be exported: %s".formatted(RefusedPart.label(name, type), reason));
  }

  // Parameters

  /** A parameter as the layer holds it. */
  INDArray array(String key) {
    Map<String, INDArray> all = parameters.paramTable(false);
    INDArray array = all == null ? null : all.get(prefix + key);
    if (array == null) {
      throw refuse("it has no parameter '" + prefix + key + "'");
    }
    return array;
  }

  /** A parameter as a constant under its own name. */
  Value weights(String key) {
    return weights(key, UnaryOperator.identity());
  }

  /**
   * A parameter as a constant under its own name.
   *
   * @param change to the shape that ONNX wants
   */
  Value weights(String key, UnaryOperator<INDArray> change) {
    return constant(prefix + key, change.apply(array(key)));
  }

  /** A parameter as a constant of one axis. */
  Value vector(String key) {
    return weights(key, array -> array.reshape(array.length()));
  }

  /** A constant that is computed from parameters. */
  Value constant(String role, INDArray array) {
    return b.constant(role, NdArrays.tensor(array));
  }

  // Shapes

  Shape shape(Value x) {
    return x.type() instanceof TensorType type ? type.shape() : Shape.UNKNOWN;
  }

  ElementType type(Value x) {
    return OperatorBuilder.elementType(x);
  }

  int rank(Value x) {
    return shape(x).rank();
  }

  /** The value, if it is of this rank. */
  Value require(Value x, int rank, String layout) {
    if (rank(x) != rank) {
      throw refuse("its input is %s where it takes %s".formatted(shape(x), layout));
    }
    return x;
  }

  /**
   * The size of an axis.
   *
   * @throws UnsupportedModelException if it is not a number, asking for the shape of the input
   */
  long size(Value x, int axis) {
    Dim dim = shape(x).dim(axis);
    if (!dim.isFixed()) {
      throw refuse(
          "axis %d of its input %s must be a number; give the network's input types"
              .formatted(axis, shape(x)));
    }
    return dim.value();
  }

  /** How many examples the network is given, an int64 vector of one. */
  Value batch() {
    return b.shape(networkInputs.get(0), 0, 1);
  }

  // Layouts

  /** From {@code [N,...,C]} to {@code [N,C,...]}. */
  Value channelsFirst(Value x) {
    int last = rank(x) - 1;
    return b.transpose(x, order(last + 1, i -> i == 0 ? 0 : i == 1 ? last : i - 1));
  }

  /** From {@code [N,C,...]} to {@code [N,...,C]}. */
  Value channelsLast(Value x) {
    int last = rank(x) - 1;
    return b.transpose(x, order(last + 1, i -> i == 0 ? 0 : i == last ? 1 : i + 1));
  }

  private static long[] order(int rank, IntUnaryOperator from) {
    return IntStream.range(0, rank).map(from).asLongStream().toArray();
  }

  /** Does something to {@code [N,C,...]}, whatever the layout of what comes in and goes out. */
  Value inChannelsFirst(Value x, boolean isChannelsLast, UnaryOperator<Value> body) {
    return isChannelsLast ? channelsLast(body.apply(channelsFirst(x))) : body.apply(x);
  }
}
