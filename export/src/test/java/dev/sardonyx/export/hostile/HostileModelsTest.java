package dev.sardonyx.export.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What small models can do to Sardonyx that ask for exponential time, unbounded stack or all
 * memory. Each has so many levels that what is not linear does not end.
 */
class HostileModelsTest {
  /** A quarter of what threads usually have. */
  private static final long STACK = 256 << 10;

  private static final int LEVELS = 120;
  private static final int WIDTH = 1_000;

  /** Nothing takes a hundredth of this; only what would not end comes to it. */
  private static final long HANGS_SECONDS = 60;

  @Test
  void everyEntryEndsAsDocumented() throws Exception {
    List<String> failures = new ArrayList<>();
    for (Map.Entry<String, Model> model : HostileModels.all(LEVELS, WIDTH).entrySet()) {
      for (Map.Entry<String, Consumer<Model>> entry : Entries.all().entrySet()) {
        String outcome = outcome(() -> entry.getValue().accept(model.getValue()), false);
        if (!outcome.isEmpty()) {
          failures.add(entry.getKey() + " of " + model.getKey() + ": " + outcome);
        }
      }
    }
    assertEquals("", String.join("\n", failures));
  }

  @Test
  void everyRunEndsAsDocumentedOrWhenItIsInterrupted() throws Exception {
    List<String> failures = new ArrayList<>();
    for (Map.Entry<String, Model> model : HostileModels.all(LEVELS, WIDTH).entrySet()) {
      String outcome = outcome(() -> Entries.run(model.getValue()), true);
      if (!outcome.isEmpty()) {
        failures.add("run of " + model.getKey() + ": " + outcome);
      }
    }
    assertEquals("", String.join("\n", failures));
  }

  /** Empty if the task ends well or as documented. */
  private static String outcome(Runnable task, boolean interrupt) throws Exception {
    FutureTask<String> result =
        new FutureTask<>(
            () -> {
              try {
                task.run();
                return "";
              } catch (Exception e) {
                return Entries.isDocumented(e) ? "" : described(e);
              } catch (StackOverflowError | OutOfMemoryError e) {
                return described(e);
              }
            });
    Thread thread = new Thread(null, result, "hostile", STACK);
    thread.setDaemon(true);
    thread.start();
    if (interrupt) {
      thread.join(200);
      thread.interrupt();
    }
    try {
      return result.get(HANGS_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return "does not end: " + List.of(thread.getStackTrace()).subList(0, 12);
    }
  }

  private static String described(Throwable e) {
    StackTraceElement[] trace = e.getStackTrace();
    return e + " at " + List.of(trace).subList(0, Math.min(trace.length, 6));
  }
}
