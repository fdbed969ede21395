package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.Padding;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The cell of convolutional LSTMs (Shi et al. 2015, without peepholes). Inside the cell, states and
 * steps are channels-first; the gates are in the order input, forget, cell, output.
 */
final class ConvLstmCell implements Cell {
  private final KerasLayer layer;
  private final int axes;
  private final boolean last;
  private final long filters;
  private final Value kernel;
  private final Value recurrent;
  private final @Nullable Value bias;

  private ConvLstmCell(KerasLayer outer, int axes, long channels) {
    this.layer = outer.part("cell");
    this.axes = axes;
    this.last = Layout.channelsLast(layer);
    this.filters = layer.config().whole("filters");
    long[] size = layer.config().wholes("kernel_size", axes, 1);
    this.kernel = weights("kernel", size, channels);
    this.recurrent = weights("recurrent_kernel", size, filters);
    this.bias = layer.config().truth("use_bias", true) ? layer.variable("bias", 4 * filters) : null;
  }

  static ConvLstmCell of(KerasLayer layer, Value sequence) {
    int axes = KerasLayer.rank(sequence) - 3;
    if (!layer.className().equals("ConvLSTM" + axes + "D")) {
      throw layer.broken("is given " + sequence.type());
    }
    boolean last = Layout.channelsLast(layer);
    return new ConvLstmCell(layer, axes, KerasLayer.dim(sequence, last ? -1 : 2));
  }

  private Value weights(String role, long[] size, long in) {
    long[] shape = LongStream.concat(LongStream.of(size), LongStream.of(in, 4 * filters)).toArray();
    int[] perm = IntStream.concat(IntStream.of(axes + 1, axes), IntStream.range(0, axes)).toArray();
    return layer.constant(role, Permuted.of(layer.variableData(role, shape), perm));
  }

  @Override
  public int states() {
    return 2;
  }

  @Override
  public Value in(GraphBuilder b, Value x) {
    Value steps = Layout.move(b, x, 1, 0);
    return last ? Layout.move(b, steps, axes + 2, 2) : steps;
  }

  @Override
  public Value out(GraphBuilder b, Value y) {
    Value steps = Layout.move(b, y, 0, 1);
    return last ? Layout.move(b, steps, 2, axes + 2) : steps;
  }

  @Override
  public Value outState(GraphBuilder b, Value state) {
    return last ? Layout.channelsLast(b, state) : state;
  }

  @Override
  public Value inState(GraphBuilder b, Value state) {
    return last ? Layout.channelsFirst(b, state) : state;
  }

  /** The convolution of the inputs, for all steps at once. */
  @Override
  public Value prepare(GraphBuilder b, Value x) {
    long[] inner = new long[axes + 1];
    for (int i = 0; i < inner.length; i++) {
      inner[i] = KerasLayer.dim(x, i + 2);
    }
    Value flat = b.reshape(x, LongStream.concat(LongStream.of(-1), LongStream.of(inner)).toArray());
    LayerConfig config = layer.config();
    Padding padding = config.text("padding", "valid").equals("same") ? Padding.SAME : Padding.NONE;
    Value y =
        b.conv(
            flat,
            kernel,
            bias,
            ConvOptions.DEFAULT
                .withStrides(config.wholes("strides", axes, 1))
                .withDilations(config.wholes("dilation_rate", axes, 1))
                .withPadding(padding));
    List<Shapes.Part> shape = new ArrayList<>(List.of(Shapes.Part.axis(0), Shapes.Part.axis(1)));
    for (int i = 1; i < axes + 2; i++) {
      shape.add(Shapes.Part.size(KerasLayer.dim(y, i)));
    }
    return b.reshape(y, Shapes.of(b, x, shape));
  }

  @Override
  public List<Value> zeros(GraphBuilder b, Value x) {
    List<Value> shape = new ArrayList<>(List.of(b.shape(x, 1, 2), b.longs("filters", filters)));
    for (int i = 0; i < axes; i++) {
      shape.add(b.longs("size", KerasLayer.dim(x, i + 3)));
    }
    Value zero =
        b.constantOfShape(
            b.concat(0, shape), Tensor.ofNumbers(layer.computeType(), new double[1], 1));
    return List.of(zero, zero);
  }

  private Value act(GraphBuilder b, JsonElement activation, Value x) {
    return ActivationReaders.apply(layer.within(b), activation, x);
  }

  @Override
  public List<Value> step(GraphBuilder b, Value x, List<Value> states) {
    JsonElement own = layer.config().element("activation");
    JsonElement gates = layer.config().element("recurrent_activation");
    Value h = states.get(0);
    Value sum = b.add(x, b.conv(h, recurrent, ConvOptions.same()));
    List<Value> z = b.split(sum, 1, filters, filters, filters, filters);
    Value i = act(b, gates, z.get(0));
    Value f = act(b, gates, z.get(1));
    Value c = b.add(b.mul(f, states.get(1)), b.mul(i, act(b, own, z.get(2))));
    Value o = act(b, gates, z.get(3));
    Value y = b.mul(o, act(b, own, c));
    return List.of(y, y, c);
  }
}
