package dev.sardonyx.training.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A data set in IDX files under MNIST's names, gzipped or not, in a folder or on the class path:
 * {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte}, {@code t10k-images-idx3-ubyte}
 * and {@code t10k-labels-idx1-ubyte}, each with or without {@code .gz} (a dot in the place of the
 * dash before {@code idx} is understood as well).
 *
 * <p>Images are unsigned bytes of shape [N,H,W], or [N,C,H,W] in an {@code idx4} file; labels are
 * unsigned bytes of shape [N].
 */
public final class IdxFolder {
  private final String name;
  private final Opener opener;

  private IdxFolder(String name, Opener opener) {
    this.name = name;
    this.opener = opener;
  }

  /** Opens a file by its name; null if there is none. */
  private interface Opener {
    @Nullable InputStream open(String fileName) throws IOException;
  }

  /** The files of a folder. */
  public static IdxFolder of(Path folder) {
    return new IdxFolder(folder.toString(), fileName -> open(folder, folder.resolve(fileName)));
  }

  /** Only a file that is not there is none: what cannot be read says so itself. */
  private static @Nullable InputStream open(Path folder, Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IdxException(file + " is a folder where a file of a data set belongs");
    }
    try {
      return Files.newInputStream(file);
    } catch (NoSuchFileException e) {
      if (Files.notExists(folder)) {
        throw new IdxException("The folder " + folder + " does not exist", e);
      }
      return null;
    }
  }

  /**
   * Files on the class path.
   *
   * @param owner a class whose loader and package find them
   * @param folder as for {@link Class#getResource}, such as {@code "/mnist"}
   */
  public static IdxFolder ofResources(Class<?> owner, String folder) {
    return new IdxFolder(
        "class path " + folder, fileName -> owner.getResourceAsStream(folder + "/" + fileName));
  }

  /** The training images, {@code train-*}. */
  public LabelledImages train() throws IOException {
    return read("train");
  }

  /** The test images, {@code t10k-*}. */
  public LabelledImages test() throws IOException {
    return read("t10k");
  }

  private LabelledImages read(String prefix) throws IOException {
    IdxArray images = find(prefix + "-images", 3, 4);
    IdxArray labels = find(prefix + "-labels", 1, 1);
    int[] dims = images.dims();
    if (dims[0] != labels.dims()[0]) {
      throw new IdxException(
          "%s has %d images, but %s has %d labels"
              .formatted(images.source(), dims[0], labels.source(), labels.dims()[0]));
    }
    int channels = dims.length == 4 ? dims[1] : 1;
    int height = dims[dims.length - 2];
    int width = dims[dims.length - 1];
    return LabelledImages.of(
        labels.source(), images.bytes(), labels.bytes(), channels, height, width);
  }

  private IdxArray find(String stem, int minRank, int maxRank) throws IOException {
    for (int rank = minRank; rank <= maxRank; rank++) {
      for (String pattern : List.of("%s-idx%d-ubyte", "%s.idx%d-ubyte")) {
        for (String suffix : List.of("", ".gz")) {
          String fileName = pattern.formatted(stem, rank) + suffix;
          InputStream stream = opener.open(fileName);
          if (stream != null) {
            return IdxArray.read(name + "/" + fileName, stream, minRank, maxRank);
          }
        }
      }
    }
    throw new IdxException(
        "%s/%s-idx%d-ubyte (or .gz) does not exist; the folder of an IDX data set holds "
                .formatted(name, stem, minRank)
            + "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
            + "t10k-labels-idx1-ubyte");
  }

  @Override
  public String toString() {
    return name;
  }
}
