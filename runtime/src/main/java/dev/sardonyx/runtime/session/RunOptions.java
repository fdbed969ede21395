package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one run goes. A run ends early only between two nodes, those of a loop's body included, with
 * a {@link ModelRunException} that tells why; the kernel of one node is not interrupted.
 *
 * @param timeout how long it may take, null for any time
 * @param cancellation what ends it from another thread, null for nothing
 * @param logLevel what ONNX Runtime prints about it, null for failures of the process only
 * @param shrinkArena whether memory that the CPU's arena has in reserve is given back to the system
 *     at its end
 */
public record RunOptions(
    @Nullable Duration timeout,
    @Nullable Cancellation cancellation,
    @Nullable LogLevel logLevel,
    boolean shrinkArena) {
  /** No time limit and no logging. */
  public static final RunOptions DEFAULT = new RunOptions(null, null, null, false);

  /**
   * @throws IllegalArgumentException if the time is not positive
   */
  public RunOptions {
    if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
      throw new IllegalArgumentException("A run takes some time; not " + timeout);
    }
  }

  public RunOptions withTimeout(Duration changed) {
    return new RunOptions(changed, cancellation, logLevel, shrinkArena);
  }

  public RunOptions withCancellation(Cancellation changed) {
    return new RunOptions(timeout, changed, logLevel, shrinkArena);
  }

  public RunOptions withLogLevel(LogLevel changed) {
    return new RunOptions(timeout, cancellation, changed, shrinkArena);
  }

  public RunOptions withShrunkArena() {
    return new RunOptions(timeout, cancellation, logLevel, true);
  }

  /** Whether the run needs no special ONNX Runtime options. */
  boolean isPlain() {
    return logLevel == null && !shrinkArena;
  }

  OrtSession.RunOptions toNative() throws OrtException {
    OrtSession.RunOptions options = new OrtSession.RunOptions();
    if (logLevel != null) {
      options.setLogLevel(logLevel.level());
    }
    if (shrinkArena) {
      options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
    }
    return options;
  }
}
