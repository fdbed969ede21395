package dev.sardonyx.runtime.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Work that is finished when the JVM exits, before the runs under way are ended.
 *
 * <p>Without it, the exit ends the runs at once: the JVM runs all shutdown hooks at the same time,
 * so that one that waits for a server's last requests would see them fail.
 */
public final class OrderlyExit {
  private static final Set<Runnable> TASKS = ConcurrentHashMap.newKeySet();

  private OrderlyExit() {}

  /**
   * Has a task run at exit, while sessions still work, one task after the other. The JVM waits for
   * it, so that it must end by itself.
   */
  public static void add(Runnable task) {
    TASKS.add(task);
  }

  /** Forgets a task that was added. */
  public static void remove(Runnable task) {
    TASKS.remove(task);
  }

  static void runAll() {
    for (Runnable task : TASKS) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      }
    }
  }
}
