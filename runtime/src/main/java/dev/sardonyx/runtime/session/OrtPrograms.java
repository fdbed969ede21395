package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.BorrowedOutputs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one model: one for each form its inputs were given in, which is a single one
 * unless it takes sequences, optionals or inputs with defaults. While one is being made, only runs
 * that need it wait.
 */
final class OrtPrograms implements AutoCloseable {
  /** The most bytes of weights in all sessions that are kept; each session has a copy. */
  private static final long KEPT_BYTES = 256L << 20;

  private static final int FEWEST_KEPT = 8;
  private static final int MOST_KEPT = 256;

  private final Function<Map<String, Form>, OrtProgram> compiler;
  private final int kept;
  private final Map<Map<String, Form>, Entry> entries = new HashMap<>();
  private final Random random = new Random(0);
  private boolean closed;

  /** A session, made when the first run wants it, and how many runs use it. */
  private static final class Entry {
    final Supplier<OrtProgram> compiler;
    final Lock making = new ReentrantLock();
    volatile @Nullable OrtProgram program;
    int runs;
    boolean evicted;

    Entry(Supplier<OrtProgram> compiler) {
      this.compiler = compiler;
    }

    OrtProgram program() {
      OrtProgram made = program;
      if (made != null) {
        return made;
      }
      // Not synchronized, which would pin a virtual thread to its carrier while it waits.
      making.lock();
      try {
        made = program;
        if (made == null) {
          made = compiler.get();
          program = made;
        }
        return made;
      } finally {
        making.unlock();
      }
    }

    void close() {
      OrtProgram made = program;
      if (made != null) {
        made.close();
      }
    }
  }

  /**
   * @param compiler makes the session for inputs of the given forms
   * @param kept sessions that are kept at most
   */
  OrtPrograms(Function<Map<String, Form>, OrtProgram> compiler, int kept) {
    this.compiler = compiler;
    this.kept = kept;
  }

  static OrtPrograms of(Model model, SessionOptions options) {
    long weights = Math.max(1, SessionLoader.constantBytes(model));
    int kept = (int) Math.max(FEWEST_KEPT, Math.min(MOST_KEPT, KEPT_BYTES / weights));
    return new OrtPrograms(forms -> OrtProgram.compile(model, options, forms), kept);
  }

  /** The only session, which has been made. */
  static OrtPrograms of(OrtProgram program) {
    return new OrtPrograms(forms -> program, 1);
  }

  /** Makes the session for inputs of the given forms, so that errors show before the first run. */
  void prepare(Map<String, Form> forms) {
    within(forms, program -> program);
  }

  /** Runs the model on inputs that have the given forms. */
  Map<String, Datum> run(
      Map<String, Form> forms, Map<String, ? extends Datum> inputs, RunScope scope) {
    return within(forms, program -> program.run(inputs, scope));
  }

  /** The same, with outputs that lie in the session's buffers until they are given back. */
  BorrowedOutputs borrow(
      Map<String, Form> forms, Map<String, ? extends Datum> inputs, RunScope scope) {
    return within(forms, program -> program.borrow(inputs, scope));
  }

  /** Uses the session for inputs of the given forms, which stays open meanwhile. */
  <T> T within(Map<String, Form> forms, Function<OrtProgram, T> use) {
    Entry entry = acquire(Map.copyOf(forms));
    try {
      return use.apply(entry.program());
    } finally {
      release(entry);
    }
  }

  private synchronized Entry acquire(Map<String, Form> forms) {
    if (closed) {
      throw new IllegalStateException("The model has been closed");
    }
    Entry entry = entries.get(forms);
    if (entry == null) {
      makeRoom();
      entry = new Entry(() -> compiler.apply(forms));
      entries.put(forms, entry);
    }
    entry.runs++;
    return entry;
  }

  /**
   * Drops a session, whichever it is. If forms of inputs alternate in a cycle, the least recently
   * used session would be the one needed next.
   */
  private void makeRoom() {
    if (entries.size() >= kept) {
      List<Map<String, Form>> all = new ArrayList<>(entries.keySet());
      Entry entry = entries.remove(all.get(random.nextInt(all.size())));
      if (entry != null) {
        evict(entry);
      }
    }
  }

  private synchronized void release(Entry entry) {
    entry.runs--;
    closeIfIdle(entry);
  }

  private static void evict(Entry entry) {
    entry.evicted = true;
    closeIfIdle(entry);
  }

  private static void closeIfIdle(Entry entry) {
    if (entry.evicted && entry.runs == 0) {
      entry.close();
    }
  }

  /** Closes all sessions; those in use are closed when their runs end. */
  @Override
  public synchronized void close() {
    closed = true;
    entries.values().forEach(OrtPrograms::evict);
    entries.clear();
  }
}
