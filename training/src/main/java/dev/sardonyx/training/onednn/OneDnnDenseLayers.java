package dev.sardonyx.training.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;

/** Fully connected layers, from [N,features] to [N,units]. */
final class OneDnnDenseLayers {
  private static final String W = "W";
  private static final String B = "b";

  private OneDnnDenseLayers() {}

  static RecordedValue dense(RecordingSite site, DenseLayer layer) {
    site.requirePlain(layer);
    if (layer.hasLayerNorm()) {
      throw site.refuse("it normalises its results");
    }
    RecordedValue result = add(site, layer, layer.hasBias());
    return OneDnnActivations.add(site.with(result), layer.getActivationFn());
  }

  /**
   * The products and the bias alone, before the activation. DL4J's weights are [features,units].
   */
  static RecordedValue add(RecordingSite site, FeedForwardLayer layer, boolean hasBias) {
    site.requireRank(2);
    Tape tape = site.tape();
    Parameters parameters = site.parameters();
    String name = site.name();
    RecordedValue x = site.input();
    memory weights = parameters.value(name, W, 1, 0);
    long[] dims = {layer.getNOut(), layer.getNIn()};
    long[] resultDims = {x.dims()[0], layer.getNOut()};
    memory.desc anyWeights = Tape.any(dims);
    memory.desc bias = hasBias ? Tape.plain(layer.getNOut()) : Tape.none();
    inner_product_forward.primitive_desc forward =
        forward(tape, x.order(), anyWeights, bias, Tape.plain(resultDims));
    memory output = tape.allocate(forward.dst_desc());
    tape.call(
        forward,
        new inner_product_forward(forward),
        new PrimitiveArguments()
            .with(DNNL_ARG_SRC, x.data())
            .with(DNNL_ARG_WEIGHTS, tape.arranged(weights, forward.weights_desc()))
            .withOptional(DNNL_ARG_BIAS, hasBias ? parameters.vector(name, B) : null)
            .with(DNNL_ARG_DST, output));
    RecordedValue result = RecordedValue.of(resultDims, output, true);
    tape.onTheWayBack(
        () -> {
          ValueGradient gradient = tape.take(result);
          if (gradient == null) {
            return;
          }
          memory.desc to = gradient.data().get_desc();
          inner_product_backward_weights.primitive_desc toWeights =
              backToWeights(tape, x.order(), anyWeights, bias, to, forward);
          ValueGradient arranged = tape.fresh(toWeights.diff_weights_desc());
          tape.call(
              toWeights,
              new inner_product_backward_weights(toWeights),
              new PrimitiveArguments()
                  .with(DNNL_ARG_SRC, x.data())
                  .with(DNNL_ARG_DIFF_DST, gradient.data())
                  .with(DNNL_ARG_DIFF_WEIGHTS, arranged.data())
                  .withOptional(
                      DNNL_ARG_DIFF_BIAS, hasBias ? parameters.vectorGradient(name, B) : null));
          tape.copy(arranged.data(), parameters.gradient(name, W, 1, 0));
          tape.release(arranged);
          if (x.learns()) {
            inner_product_backward_data.primitive_desc toInput =
                new inner_product_backward_data.primitive_desc(
                    tape.cpu(), x.order(), anyWeights, to, forward, tape.attributes(), false);
            ValueGradient before = tape.fresh(toInput.diff_src_desc());
            tape.call(
                toInput,
                new inner_product_backward_data(toInput),
                new PrimitiveArguments()
                    .with(DNNL_ARG_DIFF_DST, gradient.data())
                    .with(DNNL_ARG_WEIGHTS, tape.arranged(weights, toInput.weights_desc()))
                    .with(DNNL_ARG_DIFF_SRC, before.data()));
            tape.give(x, before);
          }
          tape.release(gradient);
        });
    return result;
  }

  private static inner_product_forward.primitive_desc forward(
      Tape tape, memory.desc from, memory.desc weights, memory.desc bias, memory.desc to) {
    prop_kind training = prop_kind.forward_training;
    return new inner_product_forward.primitive_desc(
        tape.cpu(), training, from, weights, bias, to, tape.attributes(), false);
  }

  private static inner_product_backward_weights.primitive_desc backToWeights(
      Tape tape,
      memory.desc from,
      memory.desc weights,
      memory.desc bias,
      memory.desc to,
      inner_product_forward.primitive_desc forward) {
    return new inner_product_backward_weights.primitive_desc(
        tape.cpu(), from, weights, bias, to, forward, tape.attributes(), false);
  }
}
