package dev.sardonyx.export;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a model's tensor data is put when the model is written.
 *
 * @param threshold tensors of fewer bytes stay in the model
 * @param alignment tensors of 1 MiB and more start at multiples of this number of bytes, so that
 *     runtimes can map them; a power of two
 * @param fileName the data file's name; null for a generated, unique name
 * @param filePerTensor whether each tensor has a data file of its own
 * @param attributes whether tensors of attributes, such as those of Constant nodes, go into the
 *     data file too
 */
public record ExternalData(
    Mode mode,
    long threshold,
    int alignment,
    @Nullable String fileName,
    boolean filePerTensor,
    boolean attributes) {
  /** The ways to place tensor data. */
  public enum Mode {
    /**
     * Tensors that were read from a data file stay there if the model is written into the same
     * folder and the file has not changed since; all others go into the model.
     */
    AS_READ,
    /** All tensors go into the model file, which must then be smaller than 2 GiB. */
    EMBEDDED,
    /**
     * The initializers go into one file beside the model, or into one file each, with unique names:
     * {@code MODEL.TOKEN.data}, or {@code MODEL.TOKEN.NUMBER.data}.
     */
    BESIDE
  }

  /** The granularity of file mappings on Windows, and a multiple of the page size elsewhere. */
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
    if (fileName != null && filePerTensor) {
      throw new IllegalArgumentException(
          "The name '" + fileName + "' is for one file, not for one of each tensor");
    }
    if (fileName != null && !fileName.matches("[^/\\\\:\\p{Cntrl}]*[^/\\\\:.\\p{Cntrl}]")) {
      throw new IllegalArgumentException(
          "External data lies beside the model, in a file with a plain name, not '"
              + fileName
              + "'");
    }
  }

  private static ExternalData of(Mode mode, long threshold) {
    return new ExternalData(mode, threshold, EVERY_SYSTEM, null, false, false);
  }

  public static ExternalData asRead() {
    return of(Mode.AS_READ, 0);
  }

  public static ExternalData embedded() {
    return of(Mode.EMBEDDED, 0);
  }

  /**
   * Initializers of 1 KiB and more in a file beside the model, the large ones aligned to 64 KiB.
   */
  public static ExternalData beside() {
    return of(Mode.BESIDE, 1024);
  }

  /**
   * The files that a model's tensors lie in by what its own file says, whether or not they are
   * there. Of a file that is damaged, or no model, those that were found before the damage.
   *
   * @throws IOException if the file cannot be read
   */
  @SuppressWarnings("EmptyCatch")
  public static Set<Path> filesOf(Path model) throws IOException {
    Path absolute = model.toAbsolutePath();
    Set<Path> files = new LinkedHashSet<>();
    for (String location : DataReferences.of(absolute)) {
      try {
        files.add(absolute.resolveSibling(location));
      } catch (InvalidPathException e) {
        // Readers refuse it.
      }
    }
    return files;
  }

  /**
   * Smaller tensors stay in the model. With 0 all go into the data file, which ONNX Runtime refuses
   * for operands that its shape inference reads, such as the axes, sizes or pads of Slice, Reshape,
   * Pad and Tile: keep at least 1 KiB for models that go there.
   */
  public ExternalData withThreshold(long bytes) {
    return new ExternalData(mode, bytes, alignment, fileName, filePerTensor, attributes);
  }

  public ExternalData withAlignment(int bytes) {
    return new ExternalData(mode, threshold, bytes, fileName, filePerTensor, attributes);
  }

  /**
   * A data file of a chosen name, in the model's folder. The file must not exist yet, since a model
   * that refers to it would lose its weights. Later exports never remove it.
   *
   * @throws IllegalArgumentException if the name has a folder in it
   */
  public ExternalData withFileName(String name) {
    return new ExternalData(mode, threshold, alignment, name, filePerTensor, attributes);
  }

  public ExternalData withFilePerTensor() {
    return new ExternalData(mode, threshold, alignment, fileName, true, attributes);
  }

  /**
   * Puts tensors of attributes, and the values and indices of sparse tensors, into the data file
   * too.
   */
  public ExternalData withAttributes() {
    return new ExternalData(mode, threshold, alignment, fileName, filePerTensor, true);
  }
}
