package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The calls into ONNX Runtime that take long: sessions are made on a large stack, for deeply nested
 * models; an interrupt ends a run; and the JVM's exit waits for them, since it would crash if the
 * native libraries were unloaded during a call.
 */
final class NativeCalls {
  /** In bytes; the operating system provides only the part that is used. */
  private static final long LARGE_STACK = 256L << 20;

  /** How long an exit waits for calls that cannot be ended. */
  private static final long LONGEST_EXIT_SECONDS = 60;

  /** Held for reading by each call, and for writing from exit on. */
  private static final ReadWriteLock EXIT = new ReentrantReadWriteLock();

  private static final Set<NativeRun> RUNS = ConcurrentHashMap.newKeySet();

  private NativeCalls() {}

  /** Something that ONNX Runtime does. */
  interface NativeCall<T> {
    T get() throws OrtException;
  }

  /** Makes the JVM's exit end the runs under way and wait for all calls. */
  static void holdExit() {
    Runtime.getRuntime().addShutdownHook(new Thread(NativeCalls::waitForCalls, "onnxruntime-exit"));
  }

  private static void waitForCalls() {
    OrderlyExit.runAll();
    try {
      // Repeated, since a run may just be beginning. The lock is kept for good: nothing is to begin
      // while the JVM exits.
      boolean alone = false;
      for (long waited = 0; !alone && waited < LONGEST_EXIT_SECONDS * 10; waited++) {
        RUNS.forEach(run -> run.end(NativeRun.End.EXIT));
        alone = EXIT.writeLock().tryLock(100, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Makes a session, which cannot be interrupted.
   *
   * @param shallow whether the model has no graphs within nodes and need not have a large stack, so
   *     that the calling thread makes it
   */
  static OrtSession create(boolean shallow, NativeCall<OrtSession> call) throws OrtException {
    NativeCall<OrtSession> held =
        () -> {
          EXIT.readLock().lock();
          try {
            return call.get();
          } finally {
            EXIT.readLock().unlock();
          }
        };
    return shallow ? held.get() : onLargeStack(held);
  }

  /**
   * Makes a call that may recurse as deeply as a model is nested; an interrupt is kept for later.
   */
  static <T> T onLargeStack(NativeCall<T> call) throws OrtException {
    FutureTask<T> task = new FutureTask<>(call::get);
    Thread thread = new Thread(null, task, "onnxruntime-session", LARGE_STACK);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static OrtException rethrown(@Nullable Throwable cause) {
    if (cause instanceof OrtException failure) {
      return failure;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    throw cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  /**
   * Runs a session.
   *
   * @param options those that the call runs with; not to be used again after a failure
   * @throws ModelRunException if it ends early, saying why; the interrupt status of a thread that
   *     was interrupted before or while it runs stays set
   * @throws IllegalStateException if its session is closed meanwhile
   */
  static <T> T run(RunScope scope, OrtSession.RunOptions options, NativeCall<T> call)
      throws OrtException {
    EXIT.readLock().lock();
    NativeRun run = new NativeRun(scope, options);
    RUNS.add(run);
    try {
      return run.during(call);
    } finally {
      try {
        RUNS.remove(run);
        run.finish();
      } finally {
        EXIT.readLock().unlock();
      }
    }
  }

  /** Ends the runs of a session that are under way. */
  static void endRuns(Object session) {
    for (NativeRun run : RUNS) {
      if (run.scope().session() == session) {
        run.end(NativeRun.End.CLOSED);
      }
    }
  }
}
