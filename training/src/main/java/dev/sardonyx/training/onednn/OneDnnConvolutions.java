package dev.sardonyx.training.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;

/** Convolutions over images, plain and depthwise. */
final class OneDnnConvolutions {
  private static final String W = "W";
  private static final String B = "b";

  private OneDnnConvolutions() {}

  static RecordedValue plain(RecordingSite site, ConvolutionLayer layer) {
    return add(site, layer, 0, 1, 2, 3);
  }

  /** DL4J's weights are [kH,kW,C,m], oneDNN's [C,m,1,kH,kW]. */
  static RecordedValue depthwise(RecordingSite site, DepthwiseConvolution2D layer) {
    return add(site, layer, 2, 3, -1, 0, 1);
  }

  private static RecordedValue add(RecordingSite site, ConvolutionLayer layer, int... axes) {
    site.requirePlain(layer);
    site.requireRank(4);
    if (layer.getCnn2dDataFormat() != CNN2DFormat.NCHW) {
      throw site.refuse("its images are " + layer.getCnn2dDataFormat());
    }
    boolean relu = OneDnnActivations.isRelu(layer.getActivationFn());
    Convolution convolution =
        new Convolution(site, layer, SlidingWindow.of(layer, site), relu, axes);
    RecordedValue result = convolution.record();
    return relu ? result : OneDnnActivations.add(site.with(result), layer.getActivationFn());
  }

  /** One convolution, with the ReLU behind it if there is one. */
  private static final class Convolution {
    private final RecordingSite site;
    private final Tape tape;
    private final SlidingWindow window;
    private final boolean relu;
    private final int[] axes;
    private final boolean hasBias;
    private final memory weights;
    private final memory.desc bias;
    private final memory.desc anyWeights;

    Convolution(
        RecordingSite site,
        ConvolutionLayer layer,
        SlidingWindow window,
        boolean relu,
        int... axes) {
      this.site = site;
      this.tape = site.tape();
      this.window = window;
      this.relu = relu;
      this.axes = axes;
      this.hasBias = layer.hasBias();
      this.weights = site.parameters().value(site.name(), W, axes);
      this.bias = hasBias ? Tape.plain(channels()) : Tape.none();
      this.anyWeights = Tape.any(dims(weights));
    }

    private static long[] dims(memory array) {
      memory.desc order = array.get_desc();
      long[] dims = new long[order.get_ndims()];
      order.get_dims().get(dims);
      return dims;
    }

    RecordedValue record() {
      RecordedValue x = site.input();
      convolution_forward.primitive_desc forward = forward(x);
      memory input = tape.arranged(x.data(), forward.src_desc());
      memory output = tape.allocate(forward.dst_desc());
      memory arrangedWeights = tape.arranged(weights, forward.weights_desc());
      tape.call(
          forward,
          new convolution_forward(forward),
          new PrimitiveArguments()
              .with(DNNL_ARG_SRC, input)
              .with(DNNL_ARG_WEIGHTS, arrangedWeights)
              .withOptional(
                  DNNL_ARG_BIAS, hasBias ? site.parameters().vector(site.name(), B) : null)
              .with(DNNL_ARG_DST, output));
      RecordedValue result = RecordedValue.of(resultDims(x), output, true);
      tape.onTheWayBack(
          () -> {
            ValueGradient gradient = tape.take(result);
            if (gradient != null) {
              back(
                  x,
                  input,
                  relu ? OneDnnActivations.throughRelu(site, result, gradient) : gradient,
                  forward);
            }
          });
      return result;
    }

    private long[] resultDims(RecordedValue x) {
      return new long[] {x.dims()[0], channels(), window.result()[0], window.result()[1]};
    }

    private long channels() {
      long[] dims = dims(weights);
      return dims.length == 5 ? dims[0] * dims[1] : dims[0];
    }

    private convolution_forward.primitive_desc forward(RecordedValue x) {
      primitive_attr attributes = tape.attributes();
      if (relu) {
        post_ops after = new post_ops();
        after.append_eltwise(algorithm.eltwise_relu, 0, 0);
        attributes.set_post_ops(after);
      }
      memory.desc from = Tape.any(x.dims());
      memory.desc to = Tape.any(resultDims(x));
      prop_kind training = prop_kind.forward_training;
      algorithm direct = algorithm.convolution_direct;
      return new convolution_forward.primitive_desc(
          tape.cpu(),
          training,
          direct,
          from,
          anyWeights,
          bias,
          to,
          window.strides(),
          window.gaps(),
          window.begin(),
          window.end(),
          attributes,
          false);
    }

    private void back(
        RecordedValue x,
        memory input,
        ValueGradient gradient,
        convolution_forward.primitive_desc forward) {
      backToWeights(input, gradient.data(), forward);
      if (x.learns()) {
        backToInput(x, input.get_desc(), gradient.data(), forward);
      }
      tape.release(gradient);
    }

    private void backToWeights(
        memory input, memory gradient, convolution_forward.primitive_desc forward) {
      convolution_backward_weights.primitive_desc description =
          toWeights(input.get_desc(), gradient.get_desc(), forward);
      if (isReference(description)) {
        description = toWeights(anyOrder(input), anyOrder(gradient), forward);
      }
      ValueGradient arranged = tape.fresh(description.diff_weights_desc());
      tape.call(
          description,
          new convolution_backward_weights(description),
          new PrimitiveArguments()
              .with(DNNL_ARG_SRC, tape.arranged(input, description.src_desc()))
              .with(DNNL_ARG_DIFF_DST, tape.arranged(gradient, description.diff_dst_desc()))
              .with(DNNL_ARG_DIFF_WEIGHTS, arranged.data())
              .withOptional(
                  DNNL_ARG_DIFF_BIAS,
                  hasBias ? site.parameters().vectorGradient(site.name(), B) : null));
      tape.copy(arranged.data(), site.parameters().gradient(site.name(), W, axes));
      tape.release(arranged);
    }

    private convolution_backward_weights.primitive_desc toWeights(
        memory.desc from, memory.desc to, convolution_forward.primitive_desc forward) {
      algorithm direct = algorithm.convolution_direct;
      return new convolution_backward_weights.primitive_desc(
          tape.cpu(),
          direct,
          from,
          anyWeights,
          bias,
          to,
          window.strides(),
          window.gaps(),
          window.begin(),
          window.end(),
          forward,
          tape.attributes(),
          false);
    }

    private void backToInput(
        RecordedValue x,
        memory.desc from,
        memory gradient,
        convolution_forward.primitive_desc forward) {
      convolution_backward_data.primitive_desc description =
          toInput(from, gradient.get_desc(), forward);
      if (isReference(description)) {
        description = toInput(Tape.any(x.dims()), anyOrder(gradient), forward);
      }
      ValueGradient before = tape.fresh(description.diff_src_desc());
      tape.call(
          description,
          new convolution_backward_data(description),
          new PrimitiveArguments()
              .with(DNNL_ARG_DIFF_DST, tape.arranged(gradient, description.diff_dst_desc()))
              .with(DNNL_ARG_WEIGHTS, tape.arranged(weights, description.weights_desc()))
              .with(DNNL_ARG_DIFF_SRC, before.data()));
      tape.give(x, before);
    }

    private convolution_backward_data.primitive_desc toInput(
        memory.desc from, memory.desc to, convolution_forward.primitive_desc forward) {
      return new convolution_backward_data.primitive_desc(
          tape.cpu(),
          algorithm.convolution_direct,
          from,
          anyWeights,
          to,
          window.strides(),
          window.gaps(),
          window.begin(),
          window.end(),
          forward,
          tape.attributes(),
          false);
    }

    /** Whether oneDNN has only its slow reference implementation for this layout. */
    private static boolean isReference(primitive_desc_base description) {
      return description.impl_info_str().getString().startsWith("ref");
    }

    private static memory.desc anyOrder(memory array) {
      return Tape.any(dims(array));
    }
  }
}
