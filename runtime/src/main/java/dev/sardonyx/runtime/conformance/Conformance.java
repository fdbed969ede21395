package dev.sardonyx.runtime.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Runs every case of some test suites through stages. A case that throws, overflows the stack,
 * lacks a class or takes too long fails by itself and does not disturb the others.
 *
 * @param stages in order; if a model cannot be read, all but the first are skipped
 * @param filter which cases to take, by name
 * @param timeLimit for one case in one stage
 * @param threads how many cases are run at once
 * @param progress told after each case
 */
public record Conformance(
    List<Stage> stages,
    Predicate<String> filter,
    Duration timeLimit,
    int threads,
    Progress progress) {
  /** Hears how far a run has come. */
  public interface Progress {
    /**
     * A case is finished.
     *
     * @param done cases that are finished, this one included
     * @param total cases in all
     */
    void onCase(String name, long done, long total);
  }

  public Conformance {
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("A conformance run needs a stage");
    }
    if (threads < 1) {
      throw new IllegalArgumentException("A conformance run needs a thread, not " + threads);
    }
  }

  /** All cases, one at a time, a minute for each in each stage, without a progress listener. */
  public static Conformance of(List<Stage> stages) {
    return new Conformance(
        stages, name -> true, Duration.ofMinutes(1), 1, (name, done, total) -> {});
  }

  /** Only cases whose names contain the text, whatever its case; empty for all. */
  public Conformance withFilter(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return withFilter((Predicate<String>) name -> name.toLowerCase(Locale.ROOT).contains(lower));
  }

  public Conformance withFilter(Predicate<String> changed) {
    return new Conformance(stages, changed, timeLimit, threads, progress);
  }

  public Conformance withTimeLimit(Duration changed) {
    return new Conformance(stages, filter, changed, threads, progress);
  }

  public Conformance withProgress(Progress changed) {
    return new Conformance(stages, filter, timeLimit, threads, changed);
  }

  /** Several cases at once; the report does not depend on it. */
  public Conformance withThreads(int changed) {
    return new Conformance(stages, filter, timeLimit, changed, progress);
  }

  /**
   * The stages of the given names only, in the order they had.
   *
   * @throws IllegalArgumentException if there is no such stage
   */
  public Conformance withStages(List<String> names) {
    List<String> known = stages.stream().map(Stage::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException("There is no stage '" + name + "'; there are " + known);
      }
    }
    return new Conformance(
        stages.stream().filter(stage -> names.contains(stage.name())).toList(),
        filter,
        timeLimit,
        threads,
        progress);
  }

  /**
   * Runs the ONNX backend suite that comes with Sardonyx.
   *
   * @throws IOException if Sardonyx's own files cannot be read
   */
  public ConformanceReport run() throws IOException {
    try (Suite suite = Suite.onnx()) {
      return runSuites(List.of(suite));
    }
  }

  /**
   * Runs suites, each a folder or a zip file.
   *
   * @throws IOException if one of them is not there or holds no case, naming it; cases that cannot
   *     be read count as failed
   */
  public ConformanceReport run(List<Path> sources) throws IOException {
    List<Suite> suites = new ArrayList<>();
    try {
      for (Path source : sources) {
        suites.add(Suite.open(source));
      }
      return runSuites(suites);
    } finally {
      for (Suite suite : suites) {
        suite.close();
      }
    }
  }

  private ConformanceReport runSuites(List<Suite> suites) {
    List<SuiteCase> cases =
        suites.stream()
            .flatMap(suite -> suite.cases().stream())
            .filter(suiteCase -> filter.test(suiteCase.name()))
            .toList();
    CaseResult[] results = new CaseResult[cases.size()];
    AtomicInteger next = new AtomicInteger();
    AtomicLong done = new AtomicLong();
    Runnable worker =
        () -> {
          try (Deadline deadline = new Deadline(timeLimit)) {
            for (int i = next.getAndIncrement(); i < results.length; i = next.getAndIncrement()) {
              results[i] = runCase(cases.get(i), deadline);
              synchronized (progress) {
                progress.onCase(cases.get(i).name(), done.incrementAndGet(), results.length);
              }
            }
          }
        };
    inParallel(worker);
    return ConformanceReport.of(stages.stream().map(Stage::name).toList(), List.of(results));
  }

  private void inParallel(Runnable worker) {
    List<CompletableFuture<Void>> others = new ArrayList<>();
    ExecutorService pool = Executors.newCachedThreadPool(Conformance::daemon);
    try {
      for (int i = 1; i < threads; i++) {
        others.add(CompletableFuture.runAsync(worker, pool));
      }
      worker.run();
      others.forEach(CompletableFuture::join);
    } finally {
      pool.shutdownNow();
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "conformance");
    thread.setDaemon(true);
    return thread;
  }

  private CaseResult runCase(SuiteCase suiteCase, Deadline deadline) {
    CaseResult result = CaseResult.of(suiteCase);
    boolean readable = result.opset() > 0 || !result.operators().isEmpty();
    List<CaseResult.StageResult> outcomes = new ArrayList<>();
    for (Stage stage : stages) {
      long start = System.nanoTime();
      // The first stage fails with the reason why a model cannot be read.
      Outcome outcome =
          readable || outcomes.isEmpty()
              ? outcome(stage, suiteCase, deadline)
              : Outcome.skipped("the model cannot be read");
      outcomes.add(
          new CaseResult.StageResult(stage.name(), outcome, (System.nanoTime() - start) / 1000));
    }
    suiteCase.release();
    return result.withStages(outcomes);
  }

  private static Outcome outcome(Stage stage, SuiteCase suiteCase, Deadline deadline) {
    try {
      return deadline.call(() -> stage.check().apply(suiteCase));
    } catch (TimeoutException e) {
      return Outcome.timedOut("takes longer than " + deadline.limit().toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("The conformance run was interrupted", e);
    } catch (Throwable e) {
      // Whatever a backend throws, an Error included, makes only this case fail.
      return Outcome.of(e);
    }
  }
}
