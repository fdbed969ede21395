package dev.sardonyx.training.data;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.file.Inks;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Images in folders, one a class: {@code animals/cat/1.png}, {@code animals/dog/a.jpg}. The names
 * of the folders, sorted, are the classes. Images are PNG, JPEG, BMP and GIF files; hidden files
 * and folders are not looked at, and what else lies there is left out and told by {@link #leftOut}.
 *
 * <pre>{@code
 * ImageFolder folder = ImageFolder.of(Path.of("animals"));
 * LabelledImages images = folder.read(preprocessing::apply, 42, count -> {});
 * }</pre>
 */
public final class ImageFolder {
  private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg", ".bmp", ".gif");
  private static final int MOST_CLASSES = 256;

  /** An image larger than this, such as 8192 x 8192, is refused before memory is taken for it. */
  private static final long MOST_PIXELS = 1L << 26;

  private final Path folder;
  private final List<String> classes;
  private final List<Labelled> files;
  private final List<Path> leftOut;

  private record Labelled(Path file, int label) {}

  private ImageFolder(Path folder, List<String> classes, List<Labelled> files, List<Path> leftOut) {
    this.folder = folder;
    this.classes = List.copyOf(classes);
    this.files = List.copyOf(files);
    this.leftOut = List.copyOf(leftOut);
  }

  /**
   * The images of a folder, whose folders are the classes.
   *
   * @throws DataException if there are fewer than two classes or more than 256, or one has no image
   */
  public static ImageFolder of(Path folder) throws IOException {
    List<String> classes =
        entries(folder).stream().filter(Files::isDirectory).map(ImageFolder::name).toList();
    if (classes.size() < 2 || classes.size() > MOST_CLASSES) {
      throw new DataException(
          "%s: has %s; images lie in 2 to %d of them, one a class"
              .formatted(
                  folder,
                  classes.isEmpty()
                      ? "no folder inside"
                      : classes.size() == 1
                          ? "one folder inside, '" + classes.get(0) + "'"
                          : classes.size() + " folders inside",
                  MOST_CLASSES));
    }
    return of(folder, classes);
  }

  /**
   * The images of a folder for classes that are known, such as those to test on.
   *
   * @param classes those to learn; images of some may be missing
   * @throws DataException if a folder is of another class, one is empty, or there is no image at
   *     all
   */
  public static ImageFolder of(Path folder, List<String> classes) throws IOException {
    List<Labelled> files = new ArrayList<>();
    List<Path> leftOut = new ArrayList<>();
    for (Path entry : entries(folder)) {
      if (!Files.isDirectory(entry)) {
        leftOut.add(entry);
        continue;
      }
      int label = classes.indexOf(name(entry));
      if (label < 0) {
        throw new DataException(
            "%s: '%s' is none of the classes to learn, %s"
                .formatted(entry, name(entry), String.join(", ", classes)));
      }
      int before = files.size();
      List<Path> folders = new ArrayList<>();
      for (Path file : entries(entry)) {
        if (Files.isDirectory(file)) {
          folders.add(file);
        } else if (isImage(file)) {
          files.add(new Labelled(file, label));
        } else {
          leftOut.add(file);
        }
      }
      if (files.size() == before) {
        throw new DataException(
            "%s: class '%s' has no image (%s)%s"
                .formatted(
                    entry,
                    name(entry),
                    String.join(", ", ENDINGS),
                    folders.isEmpty()
                        ? ""
                        : ", only folders such as '%s'; the folder of the classes may be %s"
                            .formatted(name(folders.get(0)), entry)));
      }
      leftOut.addAll(folders);
    }
    if (files.isEmpty()) {
      throw new DataException(
          folder + ": has no folder of any class, " + String.join(", ", classes));
    }
    return new ImageFolder(folder, classes, files, leftOut);
  }

  /** What is not hidden, by name, so that the order is the same on every machine. */
  private static List<Path> entries(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          Files.exists(folder)
              ? folder + ": is a file where a folder of images belongs"
              : "The folder " + folder + " does not exist");
    }
    try (Stream<Path> found = Files.list(folder)) {
      return found
          .filter(path -> !name(path).startsWith("."))
          .sorted((a, b) -> name(a).compareTo(name(b)))
          .toList();
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static boolean isImage(Path file) {
    String name = name(file).toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  /** The names of the classes, in the order of their numbers. */
  public List<String> classes() {
    return classes;
  }

  /** The number of images. */
  public int size() {
    return files.size();
  }

  /** Files and folders that are no images. */
  public List<Path> leftOut() {
    return leftOut;
  }

  /**
   * Reads all images, in an order that the seed decides, so that any part of them has all classes.
   *
   * @param preprocessing makes of an image a tensor float[1,C,H,W] of pixels in 0..1, the same size
   *     for all; they are kept as bytes
   * @param progress is told how many are read
   * @throws DataException naming the file that is no image, too large, or comes to another size
   */
  public LabelledImages read(
      Function<BufferedImage, Tensor> preprocessing, long seed, IntConsumer progress)
      throws IOException {
    List<Labelled> order = new ArrayList<>(files);
    Collections.shuffle(order, new Random(seed));
    Pixels pixels = null;
    byte[] labels = new byte[order.size()];
    for (int i = 0; i < labels.length; i++) {
      Labelled next = order.get(i);
      Tensor tensor = preprocessing.apply(image(next.file()));
      if (pixels == null) {
        pixels = Pixels.of(folder, next.file(), tensor.shape(), labels.length);
      }
      pixels.add(next.file(), tensor, i);
      labels[i] = (byte) next.label();
      progress.accept(i + 1);
    }
    Pixels all = Optional.ofNullable(pixels).orElseThrow();
    int[] dims = all.dims();
    return LabelledImages.of(folder.toString(), all.bytes(), labels, dims[1], dims[2], dims[3]);
  }

  /** What all images have in common, and their bytes. */
  private record Pixels(Path first, Shape shape, byte[] bytes) {
    static Pixels of(Path folder, Path file, Shape shape, int images) throws DataException {
      if (shape.rank() != 4 || !shape.dim(0).isFixed(1)) {
        throw new IllegalArgumentException("An image becomes [1,C,H,W], not " + shape);
      }
      double size = 1.0 * images;
      for (int axis = 1; axis < 4; axis++) {
        size *= shape.dim(axis).value();
      }
      if (size > Integer.MAX_VALUE - 8) {
        throw new DataException(
            String.format(
                Locale.ROOT,
                "%s: %,d images of %s take %.1f GB, and there is room for 2.1; make them smaller",
                folder,
                images,
                text(shape),
                size / 1e9));
      }
      return new Pixels(file, shape, new byte[(int) size]);
    }

    void add(Path file, Tensor tensor, int place) throws DataException {
      if (!tensor.shape().equals(shape)) {
        throw new DataException(
            "%s: is %s, but %s is %s; have them resized to one size"
                .formatted(file, text(tensor.shape()), first, text(shape)));
      }
      float[] levels = tensor.toFloats();
      for (int i = 0; i < levels.length; i++) {
        bytes[place * levels.length + i] = (byte) Math.round(255 * levels[i]);
      }
    }

    int[] dims() {
      int[] dims = new int[4];
      for (int axis = 0; axis < 4; axis++) {
        dims[axis] = (int) shape.dim(axis).value();
      }
      return dims;
    }

    private static String text(Shape shape) {
      return shape.dim(2) + "x" + shape.dim(3) + "x" + shape.dim(1);
    }
  }

  private static BufferedImage image(Path file) throws IOException {
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      if (in == null) {
        throw new DataException(file + ": cannot be read");
      }
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new DataException(file + ": is no image");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MOST_PIXELS) {
          throw new DataException(
              "%s: has %d x %d pixels, more than %d"
                  .formatted(file, reader.getWidth(0), reader.getHeight(0), MOST_PIXELS));
        }
        return Inks.toRgb(reader.read(0));
      } finally {
        reader.dispose();
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Readers throw whatever comes of a broken file.
      throw new DataException(file + ": is a broken image: " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return files.size() + " images of " + classes.size() + " classes in " + folder;
  }
}
