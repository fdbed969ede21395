package dev.sardonyx.runtime.spark;

import dev.sardonyx.runtime.session.Cancellation;
import java.util.Iterator;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;

/**
 * Ends the runs of tasks that Spark has killed. Spark tells a killed task by a flag, which a task
 * that waits for a model does not see, so one thread of the process looks at the flags.
 */
final class KilledTasks {
  private static final long MILLISECONDS_BETWEEN_LOOKS = 200;

  private static final Map<TaskContext, Cancellation> RUNNING = new ConcurrentHashMap<>();

  static {
    TimerTask looking =
        new TimerTask() {
          @Override
          public void run() {
            look();
          }
        };
    new Timer("sardonyx-spark-killed-tasks", true)
        .schedule(looking, MILLISECONDS_BETWEEN_LOOKS, MILLISECONDS_BETWEEN_LOOKS);
  }

  private KilledTasks() {}

  /** What ends when the task is killed; forgotten when it completes. */
  static Cancellation cancellation(TaskContext task) {
    return RUNNING.computeIfAbsent(task, started -> new Cancellation());
  }

  private static void look() {
    for (Iterator<Map.Entry<TaskContext, Cancellation>> all = RUNNING.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<TaskContext, Cancellation> each = all.next();
      if (each.getKey().isInterrupted()) {
        each.getValue().cancel();
      }
      if (each.getKey().isCompleted()) {
        all.remove();
      }
    }
  }
}
