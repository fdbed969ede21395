package dev.sardonyx.training.read;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.jspecify.annotations.Nullable;

/**
 * Sequences in DL4J's layouts, {@code [N,C,T]} (NCW) or {@code [N,T,C]} (NWC), as steps {@code
 * [T,N,C]}, which is what ONNX's recurrent operators take.
 */
final class Sequences {
  private Sequences() {}

  static boolean isChannelsLast(@Nullable RNNFormat format) {
    return format == RNNFormat.NWC;
  }

  /** The axis of time in DL4J's layout. */
  static int timeAxis(@Nullable RNNFormat format) {
    return isChannelsLast(format) ? 1 : 2;
  }

  static Value toSteps(Site site, Value x, @Nullable RNNFormat format) {
    site.require(x, 3, isChannelsLast(format) ? "[N,T,C]" : "[N,C,T]");
    return isChannelsLast(format) ? site.b().transpose(x, 1, 0, 2) : site.b().transpose(x, 2, 0, 1);
  }

  static Value fromSteps(Site site, Value steps, @Nullable RNNFormat format) {
    return isChannelsLast(format)
        ? site.b().transpose(steps, 1, 0, 2)
        : site.b().transpose(steps, 1, 2, 0);
  }

  /** The last step first. */
  static Value reversed(Site site, Value x, int axis) {
    return site.b()
        .slice(
            x, new long[] {axis}, new long[] {-1}, new long[] {-Long.MAX_VALUE}, new long[] {-1});
  }

  /** Zeros {@code [N,size]} for steps {@code [T,N,C]}. */
  static Value zeros(GraphBuilder b, Value steps, long size) {
    Value batch = b.shape(steps, 1, 2);
    Value shape = b.concat(0, batch, b.constant(Tensor.ofLongs(new long[] {size}, 1)));
    return b.constantOfShape(shape, Tensor.ofFloats(new float[] {0}, 1));
  }

  /**
   * The last step of each sequence.
   *
   * @param steps {@code [T,N,C]}
   * @param mask {@code [T,N,1]}, 0 for steps that do not count; null if all do
   * @return {@code [N,C]}; zeros for a sequence without any step that counts
   */
  static Value last(GraphBuilder b, Value steps, @Nullable Value mask) {
    if (mask == null) {
      return b.gather(steps, b.constant(-1L), 0);
    }
    Value counts = b.greater(mask, b.scalarLike(mask, 0));
    Value counted = b.mul(mask, numbers(b, mask));
    Value isLast = b.and(counts, b.equal(counted, b.reduceMax(counted, true, 0)));
    return b.reduceSum(b.where(isLast, steps, b.scalarLike(steps, 0)), false, 0);
  }

  /** For each of {@code [T,N,1]} the number of its step, from 1. */
  static Value numbers(GraphBuilder b, Value steps) {
    Tensor one = Tensor.ofFloats(new float[] {1}, 1);
    return b.cumSum(b.constantOfShape(b.shape(steps), one), 0);
  }
}
