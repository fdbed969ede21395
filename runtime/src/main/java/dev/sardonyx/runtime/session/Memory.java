package dev.sardonyx.runtime.session;

/**
 * How a session allocates native memory.
 *
 * @param arena whether memory is kept for the next run; without, runs are slower, and resident
 *     memory is what the runs under way need
 * @param patterns whether all memory of a run is allocated at once, as laid out by an earlier run
 *     with inputs of the same shapes; each thread and shape costs a block of its own
 */
public record Memory(boolean arena, boolean patterns) {
  /** The fastest. */
  public static final Memory DEFAULT = new Memory(true, true);

  /** For many threads, or inputs of many shapes: no blocks by pattern. */
  public static final Memory WITHOUT_PATTERNS = new Memory(true, false);

  /** As little resident memory as can be. */
  public static final Memory LEAN = new Memory(false, false);
}
