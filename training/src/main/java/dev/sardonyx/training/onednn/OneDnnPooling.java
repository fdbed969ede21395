package dev.sardonyx.training.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import java.util.Arrays;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** Maxima and means over windows of images, and over whole images. */
final class OneDnnPooling {
  private static final int[] IMAGE_AXES = {2, 3};

  private OneDnnPooling() {}

  static RecordedValue windows(RecordingSite site, SubsamplingLayer layer) {
    site.requirePlain(layer);
    site.requireRank(4);
    if (layer.getCnn2dDataFormat() != CNN2DFormat.NCHW) {
      throw site.refuse("its images are " + layer.getCnn2dDataFormat());
    }
    algorithm mean =
        layer.isAvgPoolIncludePadInDivisor()
            ? algorithm.pooling_avg_include_padding
            : algorithm.pooling_avg_exclude_padding;
    return add(site, kind(site, layer.getPoolingType(), mean), SlidingWindow.of(layer, site));
  }

  static RecordedValue global(RecordingSite site, GlobalPoolingLayer layer) {
    site.requirePlain(layer);
    site.requireRank(4);
    int[] axes = layer.getPoolingDimensions();
    if (axes != null && !Arrays.equals(axes, IMAGE_AXES)) {
      throw site.refuse("it pools over the axes " + Arrays.toString(axes));
    }
    long[] dims = site.input().dims();
    algorithm kind = kind(site, layer.getPoolingType(), algorithm.pooling_avg_exclude_padding);
    RecordedValue result = add(site, kind, SlidingWindow.whole(dims[2], dims[3]));
    return layer.isCollapseDimensions()
        ? OneDnnShapes.reshape(site.with(result), dims[0], dims[1])
        : result;
  }

  private static algorithm kind(RecordingSite site, PoolingType type, algorithm mean) {
    return switch (type) {
      case MAX -> algorithm.pooling_max;
      case AVG -> mean;
      default -> throw site.refuse("it pools by " + type);
    };
  }

  private static RecordedValue add(RecordingSite site, algorithm kind, SlidingWindow window) {
    Tape tape = site.tape();
    RecordedValue x = site.input();
    long[] dims = {x.dims()[0], x.dims()[1], window.result()[0], window.result()[1]};
    pooling_forward.primitive_desc forward = forward(tape, kind, x.order(), Tape.any(dims), window);
    memory y = tape.allocate(forward.dst_desc());
    // Which elements were the largest.
    memory places = kind == algorithm.pooling_max ? tape.allocate(forward.workspace_desc()) : null;
    tape.call(
        forward,
        new pooling_forward(forward),
        new PrimitiveArguments()
            .with(DNNL_ARG_SRC, x.data())
            .with(DNNL_ARG_DST, y)
            .withOptional(DNNL_ARG_WORKSPACE, places));
    RecordedValue result = RecordedValue.of(dims, y, x.learns());
    tape.onTheWayBack(
        () -> {
          ValueGradient gradient = tape.take(result);
          if (gradient == null) {
            return;
          }
          pooling_backward.primitive_desc description =
              back(tape, kind, x.order(), gradient.data().get_desc(), window, forward);
          ValueGradient before = tape.fresh(description.diff_src_desc());
          tape.call(
              description,
              new pooling_backward(description),
              new PrimitiveArguments()
                  .with(DNNL_ARG_DIFF_DST, gradient.data())
                  .with(DNNL_ARG_DIFF_SRC, before.data())
                  .withOptional(DNNL_ARG_WORKSPACE, places));
          tape.release(gradient);
          tape.give(x, before);
        });
    return result;
  }

  private static pooling_forward.primitive_desc forward(
      Tape tape, algorithm kind, memory.desc from, memory.desc to, SlidingWindow window) {
    return new pooling_forward.primitive_desc(
        tape.cpu(),
        prop_kind.forward_training,
        kind,
        from,
        to,
        window.strides(),
        window.kernel(),
        window.gaps(),
        window.begin(),
        window.end(),
        tape.attributes(),
        false);
  }

  private static pooling_backward.primitive_desc back(
      Tape tape,
      algorithm kind,
      memory.desc to,
      memory.desc from,
      SlidingWindow window,
      pooling_forward.primitive_desc forward) {
    return new pooling_backward.primitive_desc(
        tape.cpu(),
        kind,
        to,
        from,
        window.strides(),
        window.kernel(),
        window.gaps(),
        window.begin(),
        window.end(),
        forward,
        tape.attributes(),
        false);
  }
}
