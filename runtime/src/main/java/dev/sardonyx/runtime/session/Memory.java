package dev.sardonyx.runtime.session;

/**
 * How a session allocates native memory.
 *
 * @param arena whether memory is kept for the next run; without, it is freed after each run, and
 *     runs are slower
 * @param patterns whether all memory of a run is allocated at once, as laid out by an earlier run
 *     with inputs of the same shapes; each thread and shape costs a block of its own
 */
public record Memory(boolean arena, boolean patterns) {
  /** The fastest. */
  public static final Memory DEFAULT = new Memory(true, true);

  /** For many threads, or inputs of many shapes: no blocks by pattern. */
  public static final Memory WITHOUT_PATTERNS = new Memory(true, false);

  /**
   * Nothing is kept between runs. Under Linux, glibc keeps what is freed, and more of it than an
   * arena would, unless the process was started with {@code MALLOC_TRIM_THRESHOLD_=131072} in its
   * environment.
   */
  public static final Memory LEAN = new Memory(false, false);
}
