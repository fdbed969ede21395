package dev.sardonyx.training.onednn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.memory;

/**
 * What a vertex of the network computes.
 *
 * @param dims [N,C,H,W] or [N,features], however the memory arranges them
 * @param learns whether anything it is computed from has parameters, so that its gradient is wanted
 * @param gradients what its users have added to its gradient so far
 */
record RecordedValue(long[] dims, memory data, boolean learns, List<ValueGradient> gradients) {
  static RecordedValue of(long[] dims, memory data, boolean learns) {
    return new RecordedValue(dims, data, learns, new ArrayList<>());
  }

  int rank() {
    return dims.length;
  }

  memory.desc order() {
    return data.get_desc();
  }
}
