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
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Several processes with the same backend, so that as many models are run at once: each prepared
 * model has a process to itself until it is closed, and who prepares one more waits for that.
 */
public final class IsolatedPool implements Backend, AutoCloseable {
  private final List<IsolatedBackend> all = new ArrayList<>();
  private final BlockingQueue<IsolatedBackend> free;

  /**
   * Processes that start when first used.
   *
   * @param size how many
   */
  public IsolatedPool(int size, Supplier<IsolatedBackend> backends) {
    this.free = new ArrayBlockingQueue<>(size);
    for (int i = 0; i < size; i++) {
      all.add(backends.get());
    }
    free.addAll(all);
  }

  private IsolatedBackend take() {
    try {
      return free.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while all processes were in use", e);
    }
  }

  private <T> T ask(Function<IsolatedBackend, T> question) {
    IsolatedBackend backend = take();
    try {
      return question.apply(backend);
    } finally {
      free.add(backend);
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
    IsolatedBackend backend = take();
    try {
      return new Lent(backend, backend.prepare(model, options));
    } catch (RuntimeException | Error e) {
      free.add(backend);
      throw e;
    }
  }

  /** A model that gives its process back. */
  private final class Lent implements PreparedModel {
    private final IsolatedBackend backend;
    private final PreparedModel model;
    private final AtomicBoolean closed = new AtomicBoolean();

    Lent(IsolatedBackend backend, PreparedModel model) {
      this.backend = backend;
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
          free.add(backend);
        }
      }
    }
  }

  /** Ends the processes. */
  @Override
  public void close() {
    all.forEach(IsolatedBackend::close);
  }
}
