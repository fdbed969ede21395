package dev.sardonyx.training.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.jspecify.annotations.Nullable;

/** Batch normalisation with the statistics of the batch, over [N,C,H,W] or [N,C]. */
final class OneDnnNormalization {
  private OneDnnNormalization() {}

  /**
   * Records a batch normalisation.
   *
   * @param relu whether a ReLU behind it is part of it
   */
  static RecordedValue batch(RecordingSite site, BatchNormalization layer, boolean relu) {
    site.requirePlain(layer);
    if (layer.isLockGammaBeta()) {
      throw site.refuse("its gamma and beta are fixed");
    }
    if (layer.isUseLogStd()) {
      throw site.refuse("it keeps logarithms of deviations");
    }
    if (site.input().rank() != 2 && site.input().rank() != 4) {
      throw site.refuse("its input has %d axes".formatted(site.input().rank()));
    }
    if (layer.getCnn2DFormat() != CNN2DFormat.NCHW && site.input().rank() == 4) {
      throw site.refuse("its images are " + layer.getCnn2DFormat());
    }
    return new Batch(site, layer, relu).record();
  }

  /** One batch normalisation. */
  private static final class Batch {
    private final RecordingSite site;
    private final Tape tape;
    private final BatchNormalization layer;
    private final RecordedValue x;
    private final int flags;
    private final batch_normalization_forward.primitive_desc forward;
    private final memory mean;
    private final memory variance;
    private final memory scale;

    /** Where the ReLU lets through; null without one. */
    private final @Nullable memory mask;

    Batch(RecordingSite site, BatchNormalization layer, boolean relu) {
      this.site = site;
      this.tape = site.tape();
      this.layer = layer;
      this.x = site.input();
      this.flags =
          normalization_flags.use_scale.value
              | normalization_flags.use_shift.value
              | (relu ? normalization_flags.fuse_norm_relu.value : 0);
      this.forward =
          new batch_normalization_forward.primitive_desc(
              tape.cpu(),
              prop_kind.forward_training.value,
              x.order(),
              x.order(),
              (float) layer.getEps(),
              flags,
              tape.attributes(),
              false);
      this.mean = tape.allocate(forward.mean_desc());
      this.variance = tape.allocate(forward.variance_desc());
      this.scale = site.parameters().vector(site.name(), "gamma");
      this.mask = relu ? tape.allocate(forward.workspace_desc()) : null;
    }

    RecordedValue record() {
      memory y = tape.allocate(forward.dst_desc());
      tape.call(
          forward,
          new batch_normalization_forward(forward),
          new PrimitiveArguments()
              .with(DNNL_ARG_SRC, x.data())
              .with(DNNL_ARG_DST, y)
              .with(DNNL_ARG_MEAN, mean)
              .with(DNNL_ARG_VARIANCE, variance)
              .with(DNNL_ARG_SCALE, scale)
              .with(DNNL_ARG_SHIFT, site.parameters().vector(site.name(), "beta"))
              .withOptional(DNNL_ARG_WORKSPACE, mask));
      RecordedValue result = RecordedValue.of(x.dims(), y, true);
      tape.onTheWayBack(
          () -> {
            ValueGradient gradient = tape.take(result);
            if (gradient != null) {
              back(gradient);
              follow("mean", mean);
              follow("var", variance);
            }
          });
      return result;
    }

    private void back(ValueGradient gradient) {
      memory.desc order = gradient.data().get_desc();
      batch_normalization_backward.primitive_desc description =
          new batch_normalization_backward.primitive_desc(
              tape.cpu(),
              prop_kind.backward.value,
              order,
              order,
              x.order(),
              (float) layer.getEps(),
              flags,
              forward,
              tape.attributes(),
              false);
      ValueGradient before = tape.replacing(gradient);
      tape.call(
          description,
          new batch_normalization_backward(description),
          new PrimitiveArguments()
              .with(DNNL_ARG_SRC, x.data())
              .with(DNNL_ARG_MEAN, mean)
              .with(DNNL_ARG_VARIANCE, variance)
              .with(DNNL_ARG_SCALE, scale)
              .withOptional(DNNL_ARG_WORKSPACE, mask)
              .with(DNNL_ARG_DIFF_DST, gradient.data())
              .with(DNNL_ARG_DIFF_SRC, before.data())
              .with(DNNL_ARG_DIFF_SCALE, site.parameters().vectorGradient(site.name(), "gamma"))
              .with(DNNL_ARG_DIFF_SHIFT, site.parameters().vectorGradient(site.name(), "beta")));
      tape.releaseUnlessReused(gradient, before);
      tape.give(x, before);
    }

    /**
     * DL4J moves its running statistics as if by a gradient, {@code (1 - decay) (running - batch)}.
     */
    private void follow(String running, memory batch) {
      memory target = site.parameters().vectorGradient(site.name(), running);
      memory.desc order = target.get_desc();
      post_ops after = new post_ops();
      after.append_eltwise(algorithm.eltwise_linear, (float) (1 - layer.getDecay()), 0);
      primitive_attr attributes = tape.attributes();
      attributes.set_post_ops(after);
      binary.primitive_desc description =
          new binary.primitive_desc(
              tape.cpu(), algorithm.binary_sub, order, order, order, attributes, false);
      tape.call(
          description,
          new binary(description),
          new PrimitiveArguments()
              .with(DNNL_ARG_SRC_0, site.parameters().vector(site.name(), running))
              .with(DNNL_ARG_SRC_1, batch)
              .with(DNNL_ARG_DST, target));
    }
  }
}
