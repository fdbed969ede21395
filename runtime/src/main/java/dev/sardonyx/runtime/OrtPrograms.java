package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Options;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one model: one for each form its inputs were given in, which is a single one
 * unless it takes sequences, optionals or inputs with defaults. The least recently used are closed.
 */
final class OrtPrograms implements AutoCloseable {
  /** Sessions kept at most; each holds a copy of the weights. */
  private static final int KEPT = 8;

  private final OrtBackend backend;
  private final Model model;
  private final Options options;
  private final Map<Map<String, Form>, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /** A session and how many runs it is in. */
  private static final class Entry {
    final OrtProgram program;
    int runs;
    boolean evicted;

    Entry(OrtProgram program) {
      this.program = program;
    }
  }

  OrtPrograms(OrtBackend backend, Model model, Options options) {
    this.backend = backend;
    this.model = model;
    this.options = options;
  }

  /** Makes the session for inputs of the given forms, so that errors show before the first run. */
  void prepare(Map<String, Form> forms) {
    release(acquire(forms));
  }

  /** Runs the model on inputs that have the given forms. */
  Map<String, Datum> run(Map<String, Form> forms, Map<String, ? extends Datum> inputs) {
    Entry entry = acquire(forms);
    try {
      return entry.program.run(inputs);
    } finally {
      release(entry);
    }
  }

  private synchronized Entry acquire(Map<String, Form> forms) {
    if (closed) {
      throw new IllegalStateException("The model has been closed");
    }
    @Nullable Entry entry = entries.get(forms);
    if (entry == null) {
      entry = new Entry(OrtProgram.compile(backend, model, options, forms));
      entries.put(Map.copyOf(forms), entry);
    }
    entry.runs++;
    evict();
    return entry;
  }

  private void evict() {
    Iterator<Entry> oldest = entries.values().iterator();
    while (entries.size() > KEPT && oldest.hasNext()) {
      Entry entry = oldest.next();
      oldest.remove();
      entry.evicted = true;
      closeIfIdle(entry);
    }
  }

  private synchronized void release(Entry entry) {
    entry.runs--;
    closeIfIdle(entry);
  }

  private static void closeIfIdle(Entry entry) {
    if (entry.evicted && entry.runs == 0) {
      entry.program.close();
    }
  }

  /** Closes all sessions; those in use are closed when their runs end. */
  @Override
  public synchronized void close() {
    closed = true;
    List<Entry> all = new ArrayList<>(entries.values());
    entries.clear();
    for (Entry entry : all) {
      entry.evicted = true;
      closeIfIdle(entry);
    }
  }
}
