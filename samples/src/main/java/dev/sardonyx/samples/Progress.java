package dev.sardonyx.samples;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a task has come: a bar with rate and time left on a terminal, a line at each tenth
 * (and every ten seconds) in a pipe, nothing when quiet.
 */
final class Progress implements AutoCloseable {
  private static final int LINES = 10;
  private static final long SILENCE = 10_000_000_000L;

  private final Console console;
  private final String task;
  private final long total;
  private final String unit;
  private final long start;
  private final @Nullable ProgressBar bar;
  private volatile Duration left = Duration.ZERO;
  private long done;
  private long lastLine;

  /**
   * A task that begins now.
   *
   * @param task what is being done, such as {@code Training}
   * @param total how many units there are
   * @param unit what is counted, such as {@code images}
   */
  Progress(Console console, String task, long total, String unit) {
    this(console, task, total, unit, System.nanoTime());
  }

  /** A task that began at a time of {@link System#nanoTime}. */
  Progress(Console console, String task, long total, String unit, long start) {
    this.start = start;
    this.lastLine = start;
    this.console = console;
    this.task = task;
    this.total = total;
    this.unit = unit;
    this.bar = console.terminal() && !console.quiet() ? bar() : null;
  }

  private ProgressBar bar() {
    PrintStream terminal = System.err;
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .setUnit(" " + unit, 1)
        .showSpeed()
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(250)
        .setEtaFunction(state -> left.isZero() ? Optional.empty() : Optional.of(left))
        .setConsumer(new ConsoleProgressBarConsumer(terminal))
        .build();
  }

  /** So many units are done. */
  void to(long count) {
    to(count, "");
  }

  /**
   * So many units are done.
   *
   * @param note something more to show, such as the loss
   */
  void to(long count, String note) {
    double rate = rate(count);
    to(
        count,
        note,
        rate,
        Duration.ofMillis((long) ((total - count) / Math.max(rate, 1e-9) * 1000)));
  }

  /**
   * So many units are done, for callers that measure the rate themselves.
   *
   * @param rate units a second
   * @param timeLeft for all that is still to be done
   */
  void to(long count, String note, double rate, Duration timeLeft) {
    left = timeLeft;
    if (bar != null) {
      bar.setExtraMessage(note.isEmpty() ? "" : " " + note);
      bar.stepTo(count);
    } else if (tenths(count) > tenths(done) || System.nanoTime() - lastLine > SILENCE) {
      lastLine = System.nanoTime();
      console.detail(
          "%s  %,d/%,d %s  %s %s/s%s  %s left",
          task,
          count,
          total,
          unit,
          number(rate),
          unit,
          note.isEmpty() ? "" : "  " + note,
          clock(timeLeft));
    }
    done = count;
  }

  private long tenths(long count) {
    return count * LINES / Math.max(total, 1);
  }

  private double rate(long count) {
    return count / Math.max(1e-9, (System.nanoTime() - start) / 1e9);
  }

  /** Three digits are enough for a rate. */
  static String number(double rate) {
    return String.format(Locale.ROOT, rate < 10 ? "%.1f" : "%,.0f", rate);
  }

  /** Such as {@code 1:05}. */
  static String clock(Duration time) {
    long seconds = Math.round(time.toMillis() / 1000.0);
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
