package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ControlFlowOps.ScanStep;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.RecurrentOptions;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.params.SimpleRnnParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A plain recurrent cell, {@code h' = f(x W + h R + b)}; with layer normalisation, which has gains
 * only, both products are normalised.
 *
 * @param layer its settings
 */
record SimpleCell(SimpleRnn layer, Site site) {
  /** DL4J adds nothing to the variance; this decides only where there is none. */
  private static final float EPSILON = 1e-24f;

  static SimpleCell of(SimpleRnn layer, Site site) {
    return new SimpleCell(layer, site);
  }

  /**
   * The hidden state after each step.
   *
   * @param steps {@code [T,N,I]}
   * @param mask {@code [T,N,1]}, 0 where the state becomes zero; null for none
   * @return {@code [T,N,H]}
   */
  Value over(Value steps, @Nullable Value mask) {
    Optional<String> named = OnnxActivations.name(layer.getActivationFn());
    return mask == null && !layer.hasLayerNorm() && named.isPresent()
        ? operator(steps, named.get())
        : scan(steps, mask);
  }

  private INDArray array(String key) {
    return site.array(key);
  }

  private INDArray bias() {
    INDArray bias = array(SimpleRnnParamInitializer.BIAS_KEY);
    return bias.reshape(bias.length());
  }

  private Value operator(Value steps, String activation) {
    INDArray bias = bias();
    INDArray both = Nd4j.concat(0, bias.dup(), Nd4j.zeros(bias.dataType(), bias.length()));
    RecurrentOptions options =
        RecurrentOptions.DEFAULT
            .withBias(
                site.constant(
                    site.prefix() + SimpleRnnParamInitializer.BIAS_KEY,
                    both.reshape(1, both.length())))
            .withActivations(activation);
    Value y =
        site.b()
            .rnn(
                steps,
                transposed(SimpleRnnParamInitializer.WEIGHT_KEY),
                transposed(SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY),
                options)
            .steps();
    return site.b().squeeze(y, 1);
  }

  private Value transposed(String key) {
    return site.weights(
        key,
        array -> {
          INDArray rows = array.transpose().dup('c');
          return rows.reshape(1, rows.size(0), rows.size(1));
        });
  }

  private Value scan(Value steps, @Nullable Value mask) {
    GraphBuilder b = site.b();
    INDArray recurrence = array(SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY);
    Value product = b.matMul(steps, site.weights(SimpleRnnParamInitializer.WEIGHT_KEY));
    Value normal = layer.hasLayerNorm() ? normalized(b, product, gain(0, recurrence)) : product;
    Value pre = b.add(normal, site.vector(SimpleRnnParamInitializer.BIAS_KEY));
    Value r = site.weights(SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY);
    Value gain = layer.hasLayerNorm() ? gain(1, recurrence) : null;
    List<Value> scanned = mask == null ? List.of(pre) : List.of(pre, mask);
    return b.scan(
            List.of(Sequences.zeros(b, steps, recurrence.size(0))),
            scanned,
            (body, state, slices) -> step(body, state.get(0), slices, r, gain))
        .get(1);
  }

  /** Of the input, or of the state. */
  private Value gain(int which, INDArray recurrence) {
    long size = recurrence.size(0);
    INDArray all = array(SimpleRnnParamInitializer.GAIN_KEY);
    INDArray flat = all.reshape(all.length());
    return site.constant(
        site.prefix() + SimpleRnnParamInitializer.GAIN_KEY + which,
        flat.get(NDArrayIndex.interval(which * size, (which + 1) * size)).dup());
  }

  private static Value normalized(GraphBuilder b, Value x, Value gain) {
    return b.layerNormalization(x, gain, null, -1, EPSILON);
  }

  private ScanStep step(
      GraphBuilder b, Value hidden, List<Value> slices, Value r, @Nullable Value gain) {
    Site inside = new Site(site.name(), site.type(), b, site.layer(), site.prefix());
    Value recurrent = b.matMul(hidden, r);
    Value normal = gain == null ? recurrent : normalized(b, recurrent, gain);
    Value next =
        ActivationReadings.apply(layer.getActivationFn(), inside, b.add(slices.get(0), normal));
    if (slices.size() > 1) {
      next = b.mul(next, slices.get(1));
    }
    return new ScanStep(List.of(next), List.of(next));
  }
}
