package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;

/** ONNX Runtime's levels of graph optimisation. */
public enum Optimization {
  /** The graph as it is, each node computed by itself. */
  NONE(OptLevel.NO_OPT),
  /** Constants folded, redundant nodes removed. */
  BASIC(OptLevel.BASIC_OPT),
  /** Nodes fused as well. */
  EXTENDED(OptLevel.EXTENDED_OPT),
  /** Layouts changed as well. */
  ALL(OptLevel.ALL_OPT);

  private final OptLevel level;

  Optimization(OptLevel level) {
    this.level = level;
  }

  OptLevel level() {
    return level;
  }
}
