package dev.sardonyx.runtime.session;

import java.lang.ref.Cleaner;
import java.net.URL;
import java.security.CodeSource;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an object has that must be given back, such as native memory, until its user closes it. If
 * the user forgets to, it is given back once the object has been garbage-collected.
 *
 * <p>{@code -Dsardonyx.leaks=true} makes each object remember where it was made, and logs a warning
 * with that place for each one that was forgotten, by a {@link System.Logger} of the name {@code
 * dev.sardonyx.runtime}.
 */
public final class Lifetime {
  private static final String TRACKED = "sardonyx.leaks";
  private static final Cleaner CLEANER = Cleaner.create();
  private static final StackWalker STACK =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private final Possession possession;
  private final Cleaner.Cleanable cleanable;

  private Lifetime(Object owner, Possession possession) {
    this.possession = possession;
    this.cleanable = CLEANER.register(owner, possession);
  }

  /**
   * Begins now.
   *
   * @param owner whose end it is
   * @param name what warnings call the owner
   * @param end gives back what the owner has; must not refer to the owner, which could then never
   *     be garbage-collected
   */
  public static Lifetime of(Object owner, String name, Runnable end) {
    return new Lifetime(owner, new Possession(name, end, Made.here()));
  }

  /** Gives back what the owner has, unless that was done before. */
  public void end() {
    possession.closed = true;
    cleanable.clean();
  }

  /** Run once, by {@link #end} or after the garbage collection. */
  private static final class Possession implements Runnable {
    private final String name;
    private final Runnable end;
    private final @Nullable Made made;
    private volatile boolean closed;

    Possession(String name, Runnable end, @Nullable Made made) {
      this.name = name;
      this.end = end;
      this.made = made;
    }

    @Override
    public void run() {
      try {
        end.run();
      } finally {
        if (!closed && made != null) {
          made.warn(name);
        }
      }
    }
  }

  /**
   * Where an object was made.
   *
   * @param line the innermost line of code that is neither Sardonyx's nor the JDK's
   */
  private record Made(String line, Throwable stack) {
    static @Nullable Made here() {
      if (!Boolean.getBoolean(TRACKED)) {
        return null;
      }
      Optional<StackWalker.StackFrame> user =
          STACK.walk(frames -> frames.filter(Made::isOfUser).findFirst());
      return new Made(
          user.map(frame -> frame.toStackTraceElement().toString()).orElse("an unknown place"),
          new Throwable("It was made here"));
    }

    private static boolean isOfUser(StackWalker.StackFrame frame) {
      URL code = code(frame.getDeclaringClass());
      return code != null && !Objects.equals(code.toString(), String.valueOf(code(Made.class)));
    }

    private static @Nullable URL code(Class<?> type) {
      CodeSource source = type.getProtectionDomain().getCodeSource();
      return source == null ? null : source.getLocation();
    }

    void warn(String name) {
      System.getLogger("dev.sardonyx.runtime")
          .log(
              System.Logger.Level.WARNING,
              name + " was never closed; it was made at " + line,
              stack);
    }
  }
}
