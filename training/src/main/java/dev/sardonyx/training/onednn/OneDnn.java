package dev.sardonyx.training.onednn;

import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/** The native library oneDNN 3, of which a process has one. */
final class OneDnn {
  private static final @Nullable OneDnn INSTANCE;
  private static final String MISSING;

  static {
    OneDnn loaded = null;
    String missing = "";
    try {
      Loader.load(dnnl.class);
      loaded = new OneDnn();
    } catch (LinkageError | RuntimeException e) {
      missing = "oneDNN cannot be loaded: " + e;
    }
    INSTANCE = loaded;
    MISSING = missing;
  }

  private final engine cpu = new engine(engine.kind.cpu, 0);
  private final stream calls = new stream(cpu);

  private OneDnn() {}

  /**
   * The library.
   *
   * @throws NotTakenException if it is not there, with the reason
   */
  static OneDnn get() {
    if (INSTANCE == null) {
      throw new NotTakenException(MISSING);
    }
    return INSTANCE;
  }

  engine cpu() {
    return cpu;
  }

  /** Where primitives run, one after the other. */
  stream calls() {
    return calls;
  }
}
