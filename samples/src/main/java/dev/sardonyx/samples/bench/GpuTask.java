package dev.sardonyx.samples.bench;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;

/** A model of one input, what it is run on, and its first output as the CPU computes it. */
record GpuTask(Model model, Tensor input, Tensor expected) {
  GpuTask with(Model changed) {
    return new GpuTask(changed, input, expected);
  }

  String inputName() {
    return model.graph().inputs().get(0).name();
  }

  String outputName() {
    return model.graph().outputs().get(0).name();
  }
}
