package dev.sardonyx.ir;

/**
 * How much one model may cost. A model is hostile until shown otherwise: a file of a few kilobytes
 * can ask for more memory and time than any machine has. What goes beyond a limit is refused with a
 * message that names the limit, the place, and how to raise it.
 *
 * @param bytes the size of a file that is read, or of one value that is computed
 * @param objects parts of a file (nodes, attributes, tensors, types, dimensions and so on)
 * @param expansions nodes of functions, counted anew for each call, calls within calls included:
 *     what inlining makes of them, and what one evaluation runs through; inference takes each call
 *     for itself up to a twentieth of it
 * @param depth levels of graphs within nodes, function calls within functions, and types within
 *     types
 */
public record Limits(long bytes, long objects, long expansions, int depth) {
  private static final long BYTES_AN_OBJECT = 512;

  /**
   * @throws IllegalArgumentException if a limit is below 1
   */
  public Limits {
    positive("bytes", bytes);
    positive("objects", objects);
    positive("expansions", expansions);
    positive("depth", depth);
  }

  private static void positive(String name, long limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("The limit " + name + " is " + limit + ", not at least 1");
    }
  }

  /**
   * What holds where nothing else is said: as many bytes as the Java heap has, an object for every
   * 512 of them, 1,000,000 expansions, a depth of 2,000.
   */
  public static Limits standard() {
    long heap = Runtime.getRuntime().maxMemory();
    return new Limits(heap, Math.max(1, heap / BYTES_AN_OBJECT), 1_000_000, 2_000);
  }

  public Limits withBytes(long changed) {
    return new Limits(changed, objects, expansions, depth);
  }

  public Limits withObjects(long changed) {
    return new Limits(bytes, changed, expansions, depth);
  }

  public Limits withExpansions(long changed) {
    return new Limits(bytes, objects, changed, depth);
  }

  public Limits withDepth(int changed) {
    return new Limits(bytes, objects, expansions, changed);
  }

  /**
   * @throws LimitExceededException if a value or file of so many bytes is too large
   */
  public void requireBytes(long wanted, String place) {
    if (wanted > bytes || wanted < 0) {
      throw new LimitExceededException("bytes", bytes, place, count(wanted, "bytes"));
    }
  }

  /**
   * @throws LimitExceededException if a file has too many parts
   */
  public void requireObjects(long wanted, String place) {
    if (wanted > objects) {
      throw new LimitExceededException("objects", objects, place, "more parts");
    }
  }

  /**
   * @throws LimitExceededException if functions come to too many nodes
   */
  public void requireExpansions(long wanted, String place) {
    if (wanted > expansions) {
      throw new LimitExceededException("expansions", expansions, place, count(wanted, "nodes"));
    }
  }

  /**
   * @throws LimitExceededException if something nests too deep
   */
  public void requireDepth(long wanted, String place) {
    if (wanted > depth) {
      throw new LimitExceededException("depth", depth, place, count(wanted, "levels"));
    }
  }

  private static String count(long number, String unit) {
    return number < 0 || number == Long.MAX_VALUE
        ? "more " + unit + " than any memory has room for"
        : number + " " + unit;
  }
}
