package dev.sardonyx.runtime.spark;

import dev.sardonyx.runtime.session.InferenceSession;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one process, each shared by all tasks of the same model. One that no task uses is
 * kept for the next tasks, until too many others have been used since.
 */
final class SharedSessions {
  /** Unused sessions that are kept. */
  private static final int KEPT = 2;

  /** Those of this process. */
  static final SharedSessions OF_PROCESS = new SharedSessions(KEPT);

  private final int kept;

  /** In the order of their last use. */
  private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  SharedSessions(int kept) {
    this.kept = kept;
  }

  /** What tasks that share a session have in common. */
  record Key(String model, String accelerator, int threads) {}

  private static final class Entry {
    private int users;
    private @Nullable InferenceSession session;

    synchronized InferenceSession session(Key key, Function<Key, InferenceSession> loading) {
      InferenceSession loaded = session;
      if (loaded == null) {
        loaded = loading.apply(key);
        session = loaded;
      }
      return loaded;
    }

    synchronized void close() {
      InferenceSession loaded = session;
      if (loaded != null) {
        loaded.close();
      }
    }
  }

  /** A use of a session, to be closed when it is over. */
  final class Lease implements AutoCloseable {
    private final Entry entry;
    private final InferenceSession session;
    private boolean closed;

    private Lease(Entry entry, InferenceSession session) {
      this.entry = entry;
      this.session = session;
    }

    InferenceSession session() {
      return session;
    }

    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      release(entry);
    }
  }

  /**
   * A session, which is loaded if there is none yet.
   *
   * @param loading makes it; called by one thread at a time
   */
  Lease lease(Key key, Function<Key, InferenceSession> loading) {
    Entry entry;
    synchronized (this) {
      entry = entries.computeIfAbsent(key, missing -> new Entry());
      entry.users++;
    }
    boolean isLoaded = false;
    try {
      Lease lease = new Lease(entry, entry.session(key, loading));
      isLoaded = true;
      return lease;
    } finally {
      if (!isLoaded) {
        release(entry);
      }
    }
  }

  private void release(Entry entry) {
    List<Entry> old = new ArrayList<>();
    synchronized (this) {
      entry.users--;
      // One that could not be loaded is none that is kept.
      entries.values().removeIf(each -> each.users == 0 && each.session == null);
      long unused = entries.values().stream().filter(each -> each.users == 0).count();
      for (Iterator<Entry> i = entries.values().iterator(); unused > kept; ) {
        Entry eldest = i.next();
        if (eldest.users == 0) {
          i.remove();
          old.add(eldest);
          unused--;
        }
      }
    }
    old.forEach(Entry::close);
  }
}
