package dev.sardonyx.runtime.isolated;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.session.ModelRunException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A backend in a process of its own. What it computes, and the exceptions it throws, are those of
 * the backend; when the process crashes, takes too long, or runs out of memory, the call fails with
 * an {@link IsolationException}, and the next one has a new process, in which models that are still
 * in use are prepared again.
 *
 * <pre>{@code
 * try (IsolatedBackend isolated =
 *     IsolatedBackend.onnxRuntime().withTimeout(Duration.ofSeconds(10))) {
 *   try (PreparedModel model = isolated.prepare(OnnxReader.read(file))) {
 *     model.run(inputs);
 *   }
 * }
 * }</pre>
 *
 * <p>One process serves all models of the backend, one call after the other. Values travel through
 * a local socket. An interrupt ends a call, as {@link #close} does, and the process with it.
 */
public final class IsolatedBackend implements Backend, AutoCloseable {
  /** How soon an interrupt is seen. */
  private static final int LISTENING_MILLIS = 20;

  private final Supplied supplied;
  private final List<Path> classPath;
  private final Duration timeout;
  private final String heap;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Child child;
  private int generation;
  private int lastNumber;
  private volatile boolean closed;

  /**
   * What is made in the process.
   *
   * @param className a backend, or what supplies one
   * @param argument what its constructor takes, or null if it takes nothing
   */
  record Supplied(String className, @Nullable String argument) {}

  private IsolatedBackend(Supplied supplied, List<Path> classPath, Duration timeout, String heap) {
    this.supplied = supplied;
    this.classPath = List.copyOf(classPath);
    this.timeout = timeout;
    this.heap = heap;
  }

  /**
   * The backend that a class supplies.
   *
   * @param supplier a class with a public constructor without parameters, on the class path; an
   *     object of it is made in the process
   */
  public static IsolatedBackend of(Class<? extends Supplier<? extends Backend>> supplier) {
    return of(supplier.getName(), List.of());
  }

  /**
   * A backend by the name of its class.
   *
   * @param className a backend, or what supplies one, with a public constructor without parameters
   * @param classPath where the class and what it needs are, before the class path of this process
   */
  public static IsolatedBackend of(String className, List<Path> classPath) {
    return new IsolatedBackend(
        new Supplied(className, null), classPath, Duration.ofMinutes(1), "1g");
  }

  /** ONNX Runtime on the CPU. Models are checked there first. */
  public static IsolatedBackend onnxRuntime() {
    return of(OnnxRuntime.class);
  }

  /**
   * ONNX Runtime on an accelerator.
   *
   * @param accelerator a name that {@link Accelerator#of} takes, such as {@code cuda:1}; if it is
   *     not available in the process, the first call says why
   */
  public static IsolatedBackend onnxRuntime(String accelerator) {
    return onnxRuntime().withArgument(accelerator);
  }

  /** Supplies ONNX Runtime on an accelerator. */
  public static final class OnnxRuntime implements Supplier<Backend> {
    private final String accelerator;

    /** On the CPU. */
    public OnnxRuntime() {
      this("cpu");
    }

    public OnnxRuntime(String accelerator) {
      this.accelerator = accelerator;
    }

    @Override
    public Backend get() {
      return OrtBackend.of(Accelerator.of(accelerator));
    }
  }

  /** Has the backend, or what supplies it, made by its constructor that takes a text. */
  public IsolatedBackend withArgument(String argument) {
    return new IsolatedBackend(
        new Supplied(supplied.className(), argument), classPath, timeout, heap);
  }

  /** How long one call may take. */
  public IsolatedBackend withTimeout(Duration changed) {
    return new IsolatedBackend(supplied, classPath, changed, heap);
  }

  /** The maximum heap size of the process, as in {@code -Xmx}, such as {@code 512m}. */
  public IsolatedBackend withHeap(String changed) {
    return new IsolatedBackend(supplied, classPath, timeout, changed);
  }

  /** Writes a request to the process. */
  interface Question {
    void write(DataOutputStream out) throws IOException;
  }

  /** Reads the answer of the process. */
  interface Reply<T> {
    T read(DataInputStream in) throws IOException;
  }

  /**
   * Asks the process.
   *
   * @param model the model's name in error messages
   */
  <T> T ask(String model, Question question, Reply<T> answer) {
    lock.lock();
    try {
      Child running = running();
      RuntimeException failure;
      try {
        question.write(running.out());
        running.out().flush();
        if (Message.of(awaited(running, model)) == Message.DONE) {
          return answer.read(running.in());
        }
        failure = Failure.read(running.in(), model);
      } catch (SocketTimeoutException e) {
        stop();
        throw late(model);
      } catch (IOException e) {
        if (closed) {
          throw hasBeenClosed();
        }
        IsolationException crash = running.crash(model);
        stop();
        throw crash;
      } catch (RuntimeException | Error e) {
        // Something was said or heard by half, and what follows would be misunderstood.
        stop();
        throw e;
      }
      if (failure instanceof IsolationException) {
        stop();
      }
      throw failure;
    } finally {
      lock.unlock();
    }
  }

  /** The first byte of an answer, for which it listens to interrupts and the end of its time. */
  private byte awaited(Child running, String model) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis(timeout));
    running.patience(Math.min(LISTENING_MILLIS, millis(timeout)));
    while (true) {
      try {
        byte first = running.in().readByte();
        running.patience(millis(timeout));
        return first;
      } catch (SocketTimeoutException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw new ModelRunException(
              ModelRunException.Reason.INTERRUPTED,
              "The run of model '" + model + "' was interrupted and its process ended");
        }
        if (System.nanoTime() - end >= 0) {
          throw e;
        }
      }
    }
  }

  private IsolationException late(String model) {
    return new IsolationException(
        IsolationException.Kind.TIMEOUT,
        model,
        "",
        "Model '" + model + "' took longer than " + timeout + " and its process was ended");
  }

  private static IllegalStateException hasBeenClosed() {
    return new IllegalStateException("The backend has been closed");
  }

  private Child running() {
    if (closed) {
      throw hasBeenClosed();
    }
    Child running = child;
    if (running == null || !running.isAlive()) {
      stop();
      try {
        running = new Child(supplied, classPath, heap);
      } catch (IOException e) {
        throw new IllegalStateException(
            "The process of " + supplied.className() + " does not start: " + e.getMessage(), e);
      }
      child = running;
      generation++;
      if (closed) {
        // By another thread, which has not seen this process.
        stop();
        throw hasBeenClosed();
      }
    }
    return running;
  }

  /** At least 1, for 0 would be no limit. */
  static int millis(Duration duration) {
    return duration.compareTo(Duration.ofMillis(Integer.MAX_VALUE)) > 0
        ? Integer.MAX_VALUE
        : (int) Math.max(1, duration.toMillis());
  }

  private void stop() {
    Child running = child;
    if (running != null) {
      running.close();
      child = null;
    }
  }

  @Override
  public String name() {
    return "isolated " + ask("", out -> out.writeByte(Message.NAME.number()), DatumCodec::readText);
  }

  @Override
  public PreparedModel prepare(Model model, Options options) {
    IsolatedModel prepared = new IsolatedModel(this, model, options);
    lock.lock();
    try {
      prepared.prepare();
    } finally {
      lock.unlock();
    }
    return prepared;
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    byte[] bytes = OnnxWriter.toBytes(model);
    String reason =
        ask(
            model.graph().name(),
            out -> {
              out.writeByte(Message.WHY_UNSUPPORTED.number());
              DatumCodec.writeBytes(out, bytes);
            },
            DatumCodec::readText);
    return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
  }

  @Override
  public List<String> observableValues(Model model) {
    byte[] bytes = OnnxWriter.toBytes(model);
    return ask(
        model.graph().name(),
        out -> {
          out.writeByte(Message.OBSERVABLE.number());
          DatumCodec.writeBytes(out, bytes);
        },
        DatumCodec::readTexts);
  }

  /** To be held during several requests that belong together. */
  ReentrantLock lock() {
    return lock;
  }

  /** Which process it is, counted from 1; models of earlier ones are gone. */
  int generation() {
    running();
    return generation;
  }

  /** Whether a process is still there. */
  boolean isRunning(int ofGeneration) {
    Child running = child;
    return !closed && running != null && running.isAlive() && generation == ofGeneration;
  }

  int nextNumber() {
    return ++lastNumber;
  }

  boolean isClosed() {
    return closed;
  }

  /** Ends the process, and with it the call that is under way in another thread. */
  @Override
  public void close() {
    closed = true;
    Child running = child;
    if (running != null) {
      running.close();
    }
  }
}
