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

/**
 * A plain recurrent cell, {@code h' = f(x W + h R + b)}.
 *
 * @param layer its settings
 */
record SimpleCell(SimpleRnn layer, Site site) {
  static SimpleCell of(SimpleRnn layer, Site site) {
    return new SimpleCell(layer, site);
  }

  /**
   * The hidden state after each step. ONNX Runtime's RNN, unlike its LSTM, takes 0 for the settings
   * of HardSigmoid that are not given.
   *
   * @param steps {@code [T,N,I]}
   * @param mask {@code [T,N,1]}, 0 where the state becomes zero; null for none
   * @return {@code [T,N,H]}
   */
  Value over(Value steps, @Nullable Value mask) {
    Optional<String> named =
        OnnxActivations.name(layer.getActivationFn()).filter(name -> !name.equals("HardSigmoid"));
    return mask == null && named.isPresent() ? operator(steps, named.get()) : scan(steps, mask);
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
    Value pre = b.add(product, site.vector(SimpleRnnParamInitializer.BIAS_KEY));
    Value r = site.weights(SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY);
    List<Value> scanned = mask == null ? List.of(pre) : List.of(pre, mask);
    return b.scan(
            List.of(Sequences.zeros(b, steps, recurrence.size(0))),
            scanned,
            (body, state, slices) -> step(body, state.get(0), slices, r))
        .get(1);
  }

  private ScanStep step(GraphBuilder b, Value hidden, List<Value> slices, Value r) {
    Site inside = site.in(b);
    Value sum = b.add(slices.get(0), b.matMul(hidden, r));
    Value next = ActivationReadings.apply(layer.getActivationFn(), inside, sum);
    if (slices.size() > 1) {
      next = b.mul(next, slices.get(1));
    }
    return new ScanStep(List.of(next), List.of(next));
  }
}
