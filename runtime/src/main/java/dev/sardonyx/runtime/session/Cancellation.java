package dev.sardonyx.runtime.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends runs from another thread: those under way that were started with it, and any that are
 * started later. One object may be used for many runs.
 */
public final class Cancellation {
  private final Set<NativeRun> runs = ConcurrentHashMap.newKeySet();
  private volatile boolean cancelled;

  /** Ends the runs. Does not wait for them. */
  public void cancel() {
    cancelled = true;
    runs.forEach(run -> run.end(NativeRun.End.CANCELLED));
  }

  public boolean isCancelled() {
    return cancelled;
  }

  /** Registers a run to be ended on cancellation. */
  void add(NativeRun run) {
    runs.add(run);
    if (cancelled) {
      run.end(NativeRun.End.CANCELLED);
    }
  }

  void remove(NativeRun run) {
    runs.remove(run);
  }
}
