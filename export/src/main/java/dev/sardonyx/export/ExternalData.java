package dev.sardonyx.export;

/**
 * Where a model's tensor data goes when it is written.
 *
 * @param threshold initializers of fewer bytes stay in the model
 * @param alignment initializers of 1 MiB and more start at multiples of so many bytes, so that
 *     runtimes can map them; a power of two
 */
public record ExternalData(Mode mode, long threshold, int alignment) {
  /** The ways to place tensor data. */
  public enum Mode {
    /**
     * Tensors read from a data file stay there if the model is written into the same folder and the
     * file is the very same still; all others go into the model.
     */
    AS_READ,
    /** All tensors go into the model, which must not exceed 2 GiB then. */
    EMBEDDED,
    /**
     * The initializers go into one file beside the model, of a name that no other file has: {@code
     * MODEL.TOKEN.data}.
     */
    BESIDE
  }

  /**
   * Allocation granularity for mapped files on Windows, and a multiple of the page size elsewhere.
   */
  private static final int EVERY_SYSTEM = 1 << 16;

  public ExternalData {
    if (threshold < 0 || Integer.bitCount(alignment) != 1 || alignment < 0) {
      throw new IllegalArgumentException(
          "External data needs a threshold of at least 0 and an alignment that is a power of two,"
              + " not "
              + threshold
              + " and "
              + alignment);
    }
  }

  public static ExternalData asRead() {
    return new ExternalData(Mode.AS_READ, 0, EVERY_SYSTEM);
  }

  public static ExternalData embedded() {
    return new ExternalData(Mode.EMBEDDED, 0, EVERY_SYSTEM);
  }

  /**
   * Initializers of 1 KiB and more in a file beside the model, the large ones aligned to 64 KiB.
   */
  public static ExternalData beside() {
    return new ExternalData(Mode.BESIDE, 1024, EVERY_SYSTEM);
  }

  public ExternalData withThreshold(long bytes) {
    return new ExternalData(mode, bytes, alignment);
  }

  public ExternalData withAlignment(int bytes) {
    return new ExternalData(mode, threshold, bytes);
  }
}
