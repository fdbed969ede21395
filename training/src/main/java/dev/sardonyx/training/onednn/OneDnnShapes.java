package dev.sardonyx.training.onednn;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/** What moves numbers about: reshaping, padding, joining, cutting. */
final class OneDnnShapes {
  private static final int CHANNELS = 1;

  private OneDnnShapes() {}

  /** Records other dimensions for the same numbers in plain order. */
  static RecordedValue reshape(RecordingSite site, long... dims) {
    Tape tape = site.tape();
    RecordedValue x = site.input();
    if (Arrays.equals(x.dims(), dims)) {
      return x;
    }
    if (size(dims) != size(x.dims())) {
      throw site.refuse(
          "%s is no shape for %s".formatted(Arrays.toString(dims), Arrays.toString(x.dims())));
    }
    memory.desc before = Tape.plain(x.dims());
    memory.desc after = Tape.plain(dims);
    memory ordered = tape.arranged(x.data(), before);
    memory view = tape.at(ordered.get_data_handle(), after);
    // The network's input lies somewhere else in every step.
    tape.run(() -> view.set_data_handle(ordered.get_data_handle()));
    RecordedValue result = RecordedValue.of(dims, view, x.learns());
    tape.onTheWayBack(
        () -> {
          ValueGradient gradient = tape.take(result);
          if (gradient != null) {
            tape.give(
                x,
                new ValueGradient(
                    tape.at(gradient.data().get_data_handle(), before), gradient.buffer()));
          }
        });
    return result;
  }

  private static long size(long[] dims) {
    return LongStream.of(dims).reduce(1, Math::multiplyExact);
  }

  /** [N,C,H,W] as [N,C*H*W]. */
  static RecordedValue flatten(RecordingSite site) {
    long batch = site.input().dims()[0];
    return reshape(site, batch, size(site.input().dims()) / batch);
  }

  static RecordedValue reshape(RecordingSite site, ReshapeVertex vertex) {
    if (vertex.getReshapeOrder() != 'c') {
      throw site.refuse("it reshapes in the order " + vertex.getReshapeOrder());
    }
    long[] dims = Arrays.stream(vertex.getNewShape()).asLongStream().toArray();
    long known = -size(dims);
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == -1) {
        dims[i] = size(site.input().dims()) / known;
      }
    }
    return reshape(site, dims);
  }

  static RecordedValue pad(RecordingSite site, ZeroPaddingLayer layer) {
    site.requirePlain(layer);
    site.requireRank(4);
    RecordedValue x = site.input();
    long[] dims = x.dims().clone();
    int[] pads = layer.getPadding(); // top, bottom, left, right
    dims[2] += pads[0] + pads[1];
    dims[3] += pads[2] + pads[3];
    return join(site, dims, new long[][] {{0, 0, pads[0], pads[2]}});
  }

  /** Joins channels. */
  static RecordedValue concat(RecordingSite site, MergeVertex vertex) {
    if (vertex.getMergeAxis() != CHANNELS) {
      throw site.refuse("it joins along axis " + vertex.getMergeAxis());
    }
    long[] dims = site.input().dims().clone();
    long[][] offsets = new long[site.inputs().size()][dims.length];
    dims[CHANNELS] = 0;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i][CHANNELS] = dims[CHANNELS];
      dims[CHANNELS] += site.inputs().get(i).dims()[CHANNELS];
    }
    return join(site, dims, offsets);
  }

  /** Puts all inputs into one array, each at its offset; what none of them covers is 0. */
  private static RecordedValue join(RecordingSite site, long[] dims, long[][] offsets) {
    Tape tape = site.tape();
    memory.desc whole = Tape.plain(dims);
    memory y = tape.allocate(whole);
    Pointer.memset(y.get_data_handle(), 0, whole.get_size());
    for (int i = 0; i < offsets.length; i++) {
      RecordedValue x = site.inputs().get(i);
      tape.copy(x.data(), tape.at(y.get_data_handle(), whole.submemory_desc(x.dims(), offsets[i])));
    }
    boolean learns = site.inputs().stream().anyMatch(RecordedValue::learns);
    RecordedValue result = RecordedValue.of(dims, y, learns);
    tape.onTheWayBack(
        () -> {
          ValueGradient gradient = tape.take(result);
          if (gradient == null) {
            return;
          }
          Pointer address = gradient.data().get_data_handle();
          for (int i = 0; i < offsets.length; i++) {
            RecordedValue x = site.inputs().get(i);
            if (x.learns()) {
              ValueGradient part = tape.fresh(x.order());
              tape.copy(tape.at(address, whole.submemory_desc(x.dims(), offsets[i])), part.data());
              tape.give(x, part);
            }
          }
          tape.release(gradient);
        });
    return result;
  }
}
