package dev.sardonyx.runtime.isolated;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Several processes with the same backend, so that as many models are run at once. A model is
 * prepared in the process that has the fewest. Where there are more models than processes, some
 * share one, and their calls follow one another; nobody waits for a model to be closed.
 */
public final class IsolatedPool implements Backend, AutoCloseable {
  private final List<IsolatedBackend> processes = new ArrayList<>();

  /** How many models and questions each process has at the moment, guarded by this object. */
  private final int[] uses;

  /**
   * Processes that start when first used.
   *
   * @param size how many, at least 1
   */
  public IsolatedPool(int size, Supplier<IsolatedBackend> backends) {
    if (size < 1) {
      throw new IllegalArgumentException("A pool of " + size + " processes runs nothing");
    }
    this.uses = new int[size];
    for (int i = 0; i < size; i++) {
      processes.add(backends.get());
    }
  }

  /** The number of the process that has the fewest uses, which has one more now. */
  private synchronized int take() {
    int least = 0;
    for (int i = 1; i < uses.length; i++) {
      least = uses[i] < uses[least] ? i : least;
    }
    uses[least]++;
    return least;
  }

  private synchronized void give(int process) {
    uses[process]--;
  }

  private <T> T ask(Function<IsolatedBackend, T> question) {
    int process = take();
    try {
      return question.apply(processes.get(process));
    } finally {
      give(process);
    }
  }

  @Override
  public String name() {
    return ask(IsolatedBackend::name);
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    return ask(backend -> backend.whyUnsupported(model));
  }

  @Override
  public List<String> observableValues(Model model) {
    return ask(backend -> backend.observableValues(model));
  }

  @Override
  public PreparedModel prepare(Model model, Options options) {
    int process = take();
    try {
      return new Lodger(process, processes.get(process).prepare(model, options));
    } catch (RuntimeException | Error e) {
      give(process);
      throw e;
    }
  }

  /** A model in one of the processes, which counts there until it is closed. */
  private final class Lodger implements PreparedModel {
    private final int process;
    private final PreparedModel model;
    private final AtomicBoolean closed = new AtomicBoolean();

    Lodger(int process, PreparedModel model) {
      this.process = process;
      this.model = model;
    }

    @Override
    public Outputs run(Map<String, ? extends Datum> inputs) {
      return model.run(inputs);
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        try {
          model.close();
        } finally {
          give(process);
        }
      }
    }
  }

  /** Ends the processes. */
  @Override
  public void close() {
    processes.forEach(IsolatedBackend::close);
  }
}
