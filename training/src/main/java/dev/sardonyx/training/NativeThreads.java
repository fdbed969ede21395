package dev.sardonyx.training;

import java.util.function.Supplier;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** How many threads of OpenMP work for the thread that calls native code; it knows its own. */
public final class NativeThreads {
  private NativeThreads() {}

  /**
   * Does something with so many threads at most.
   *
   * @param threads 0 for as many as there would be anyway
   */
  public static <T> T during(int threads, Supplier<T> work) {
    if (threads == 0) {
      return work.get();
    }
    NativeOps natives = NativeOpsHolder.getInstance().getDeviceNativeOps();
    int before = natives.ompGetMaxThreads();
    natives.setOmpNumThreads(Math.min(threads, before));
    try {
      return work.get();
    } finally {
      natives.setOmpNumThreads(before);
    }
  }
}
