package dev.sardonyx.training.read;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.AbstractLSTM;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.params.BidirectionalParamInitializer;
import org.deeplearning4j.nn.params.GravesBidirectionalLSTMParamInitializer;
import org.deeplearning4j.util.TimeSeriesUtils;
import org.jspecify.annotations.Nullable;

/** Recurrent layers and what wraps them, over {@code [N,C,T]} or {@code [N,T,C]}. */
@SuppressWarnings("deprecation") // saved networks still have GravesBidirectionalLSTM
final class Recurrent {
  private Recurrent() {}

  /**
   * What a layer gives for a sequence.
   *
   * @param value in the layer's layout
   * @param mask {@code [T,N,1]}, 0 for the steps that do not count; null if all do
   */
  private record Masked(Value value, @Nullable Value mask) {}

  static Value recurrent(BaseRecurrentLayer layer, Site site, Value x) {
    return recurrent(layer, site, x, Masks.steps(site));
  }

  /** The layer over a sequence of which some steps may not count. */
  private static Value recurrent(
      BaseRecurrentLayer layer, Site site, Value x, @Nullable Value mask) {
    Value steps = Sequences.toSteps(site, x, layer.getRnnDataFormat());
    Value y =
        layer instanceof AbstractLSTM lstm
            ? LstmCell.of(lstm, site).over(steps, mask)
            : SimpleCell.of((SimpleRnn) layer, site).over(steps, mask);
    return Sequences.fromSteps(site, y, layer.getRnnDataFormat());
  }

  /** Forwards and backwards, added. */
  static Value gravesBidirectional(GravesBidirectionalLSTM layer, Site site, Value x) {
    Value steps = Sequences.toSteps(site, x, layer.getRnnDataFormat());
    Value mask = Masks.steps(site);
    Value forwards =
        LstmCell.of(
                layer,
                site,
                GravesBidirectionalLSTMParamInitializer.INPUT_WEIGHT_KEY_FORWARDS,
                GravesBidirectionalLSTMParamInitializer.RECURRENT_WEIGHT_KEY_FORWARDS,
                GravesBidirectionalLSTMParamInitializer.BIAS_KEY_FORWARDS)
            .over(steps, mask);
    Value backwards =
        LstmCell.of(
                layer,
                site,
                GravesBidirectionalLSTMParamInitializer.INPUT_WEIGHT_KEY_BACKWARDS,
                GravesBidirectionalLSTMParamInitializer.RECURRENT_WEIGHT_KEY_BACKWARDS,
                GravesBidirectionalLSTMParamInitializer.BIAS_KEY_BACKWARDS)
            .over(
                Sequences.reversed(site, steps, 0),
                mask == null ? null : Sequences.reversed(site, mask, 0));
    Value sum = site.b().add(forwards, Sequences.reversed(site, backwards, 0));
    return Sequences.fromSteps(site, sum, layer.getRnnDataFormat());
  }

  /** A layer over the sequence and another one over it backwards, merged step by step. */
  static Value bidirectional(Bidirectional layer, Site site, Value x) {
    return bidirectional(layer, site, x, false);
  }

  /**
   * What one of two directions knows of a mask: its own rule, or all if it is told from outside.
   */
  private static @Nullable Value inner(Layer layer, @Nullable Value mask, boolean isTold) {
    return isTold ? mask : Masks.held(layer, mask);
  }

  private static Value bidirectional(Bidirectional layer, Site site, Value x, boolean isTold) {
    GraphBuilder b = site.b();
    Value mask = site.mask();
    Value backwardsMask = mask == null ? null : Sequences.reversed(site, mask, 1);
    int time = Sequences.timeAxis(layer.getRNNDataFormat());
    Layer fwd = layer.getFwd();
    Layer bwd = layer.getBwd();
    Value forwards =
        Readings.read(
            fwd,
            site.of(fwd.getClass(), BidirectionalParamInitializer.FORWARD_PREFIX)
                .masked(inner(fwd, site.mask(), isTold)),
            List.of(x));
    Value backwards =
        Readings.read(
            bwd,
            site.of(bwd.getClass(), BidirectionalParamInitializer.BACKWARD_PREFIX)
                .masked(inner(bwd, backwardsMask, isTold)),
            List.of(Sequences.reversed(site, x, time)));
    if (site.rank(backwards) == 3) {
      backwards = Sequences.reversed(site, backwards, time);
    }
    int features = site.rank(backwards) == 3 && time == 1 ? 2 : 1;
    return switch (layer.getMode()) {
      case ADD -> b.add(forwards, backwards);
      case MUL -> b.mul(forwards, backwards);
      case AVERAGE -> b.mul(b.add(forwards, backwards), b.scalarLike(forwards, 0.5));
      case CONCAT -> b.concat(features, forwards, backwards);
    };
  }

  static @Nullable String whyNotBidirectional(Bidirectional layer) {
    return Readings.whyNot(layer.getFwd()).orElse(null);
  }

  /** The last step that counts, {@code [N,C]}. */
  static Value lastStep(LastTimeStep layer, Site site, Value x) {
    Layer inner = layer.getUnderlying();
    Site within = site.of(inner.getClass());
    Masked all = underlying(inner, within, x);
    RNNFormat format = TimeSeriesUtils.getFormatFromRnnLayer(inner);
    return Sequences.last(site.b(), Sequences.toSteps(site, all.value(), format), all.mask());
  }

  private static Masked underlying(Layer inner, Site within, Value x) {
    if (inner instanceof MaskZeroLayer zeros) {
      return maskedZeros(zeros, within.masked(null), x);
    }
    Value y =
        inner instanceof Bidirectional both
            ? bidirectional(both, within, x, true)
            : Readings.read(inner, within, List.of(x));
    return new Masked(y, Masks.steps(within));
  }

  static @Nullable String whyNotLastStep(LastTimeStep layer) {
    return Readings.whyNot(layer.getUnderlying()).orElse(null);
  }

  /**
   * Steps whose features all equal the masking value do not count: they are zeros, and so is the
   * state.
   */
  static Value maskZero(MaskZeroLayer layer, Site site, Value x) {
    return maskedZeros(layer, site, x).value();
  }

  static @Nullable String whyNotMaskZero(MaskZeroLayer layer) {
    Layer inner = layer.getUnderlying();
    return inner instanceof AbstractLSTM || inner instanceof SimpleRnn
        ? Readings.whyNot(inner).orElse(null)
        : "what it masks is a %s, not a recurrent layer"
            .formatted(inner.getClass().getSimpleName());
  }

  private static Masked maskedZeros(MaskZeroLayer layer, Site site, Value x) {
    GraphBuilder b = site.b();
    Layer inner = layer.getUnderlying();
    RNNFormat format = TimeSeriesUtils.getFormatFromRnnLayer(inner);
    Value steps = Sequences.toSteps(site, x, format);
    Value isMask = b.equal(steps, b.scalarLike(steps, layer.getMaskingValue()));
    Value differs = b.sub(b.scalarLike(steps, 1), b.cast(isMask, ElementType.FLOAT));
    Value mask = b.reduceMax(differs, true, 2);
    return new Masked(
        recurrent((BaseRecurrentLayer) inner, site.of(inner.getClass()), x, mask), mask);
  }

  /** A mask is multiplied by where it is known; without one there is nothing to do. */
  static Value mask(MaskLayer layer, Site site, Value x) {
    return x;
  }

  /** The same layer at every step: time becomes a part of the batch. */
  static Value timeDistributed(TimeDistributed layer, Site site, Value x) {
    GraphBuilder b = site.b();
    int rank = site.rank(x);
    if (rank < 3) {
      throw site.refuse("its input is %s, which has no steps".formatted(site.shape(x)));
    }
    int time = Sequences.timeAxis(layer.getRnnDataFormat());
    Value steps = time == 1 ? x : b.transpose(x, moved(rank, time, 1));
    Shape shape = site.shape(steps);
    long[] flat = new long[rank - 1];
    flat[0] = -1;
    for (int i = 1; i < flat.length; i++) {
      flat[i] = shape.dim(i + 1).isFixed() ? shape.dim(i + 1).value() : site.size(steps, i + 1);
    }
    Layer inner = layer.getUnderlying();
    Value y = Readings.read(inner, site.of(inner.getClass()), List.of(b.reshape(steps, flat)));
    Value sizes = b.concat(0, b.shape(steps, 0, 2), b.shape(y, 1, site.rank(y)));
    Value sequence = b.reshape(y, sizes);
    return time == 1 ? sequence : b.transpose(sequence, moved(site.rank(y) + 1, 1, time));
  }

  static @Nullable String whyNotTimeDistributed(TimeDistributed layer) {
    return Readings.whyNot(layer.getUnderlying()).orElse(null);
  }

  /** The order of axes in which one of them goes to another place. */
  private static long[] moved(int rank, int from, int to) {
    List<Long> axes = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
    axes.add(to, axes.remove(from));
    return axes.stream().mapToLong(Long::longValue).toArray();
  }

  static @Nullable String whyNotSimple(SimpleRnn layer) {
    return layer.hasLayerNorm()
        ? "DL4J itself fails on its layer normalisation, so nothing can say what it should give"
        : null;
  }

  /** Why a gate's activation cannot be read. */
  static @Nullable String whyNotGates(BaseLayer layer) {
    if (layer instanceof AbstractLSTM lstm) {
      return ActivationReadings.whyNot(lstm.getGateActivationFn()).orElse(null);
    }
    return layer instanceof GravesBidirectionalLSTM both
        ? ActivationReadings.whyNot(both.getGateActivationFn()).orElse(null)
        : null;
  }
}
