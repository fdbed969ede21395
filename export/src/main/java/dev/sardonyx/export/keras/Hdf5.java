package dev.sardonyx.export.keras;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Tensor;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An HDF5 file, as far as Keras needs it: groups, strings and tensors. Whatever the HDF5 library
 * throws at a broken file becomes a {@link BrokenFile}.
 */
final class Hdf5 implements AutoCloseable {
  private final HdfFile file;
  private final Limits limits;

  private Hdf5(HdfFile file, Limits limits) {
    this.file = file;
    this.limits = limits;
  }

  static Hdf5 open(Path path, Limits limits) {
    return new Hdf5(guarded("", () -> new HdfFile(path)), limits);
  }

  static Hdf5 open(ByteBuffer bytes, Limits limits) {
    return new Hdf5(guarded("", () -> HdfFile.fromByteBuffer(bytes)), limits);
  }

  Entry root() {
    return new Entry(file);
  }

  @Override
  public void close() {
    file.close();
  }

  /** A group or data set of the file. */
  final class Entry {
    private final Group group;

    private Entry(Group group) {
      this.group = group;
    }

    /** The names of what is inside. */
    List<String> names() {
      return guarded(path(), () -> List.copyOf(group.getChildren().keySet()));
    }

    /** A group inside, if it is there. */
    Optional<Entry> child(String name) {
      return guarded(
          path(),
          () ->
              group.getChildren().get(name) instanceof Group inner
                  ? Optional.of(new Entry(inner))
                  : Optional.empty());
    }

    /** A tensor inside by a path with slashes, if it is there. */
    Optional<Tensor> tensor(String path) {
      return guarded(path(), () -> Optional.ofNullable(find(path)))
          .filter(Dataset.class::isInstance)
          .map(node -> read((Dataset) node));
    }

    private @Nullable Node find(String path) {
      @Nullable Node node = group;
      for (String part : path.split("/", -1)) {
        node = node instanceof Group inner ? inner.getChildren().get(part) : null;
      }
      return node;
    }

    /**
     * The strings of an attribute, which may be split into several attributes with numbered names.
     */
    Optional<List<String>> texts(String name) {
      return guarded(
          path(),
          () -> {
            Attribute whole = group.getAttributes().get(name);
            if (whole != null) {
              return Optional.of(read(whole));
            }
            List<String> all = new ArrayList<>();
            Attribute part = group.getAttributes().get(name + 0);
            for (int i = 1; part != null; i++) {
              all.addAll(read(part));
              part = group.getAttributes().get(name + i);
            }
            return all.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(all));
          });
    }

    String path() {
      return group.getPath();
    }
  }

  private static List<String> read(Attribute attribute) {
    Object data = attribute.getData();
    if (data == null || attribute.isEmpty() || attribute.getSize() == 0) {
      return List.of();
    }
    if (data instanceof String text) {
      return List.of(text);
    }
    if (data instanceof String[] several) {
      return List.of(several);
    }
    throw new BrokenFile("its attribute " + attribute.getName() + " is no text");
  }

  private Tensor read(Dataset dataset) {
    String path = dataset.getPath();
    return guarded(
        path,
        () -> {
          int[] dims = dataset.getDimensions();
          long[] shape = Arrays.stream(dims).asLongStream().toArray();
          long size = 1;
          for (long dim : shape) {
            size = Math.multiplyExact(size, dim);
          }
          limits.requireBytes(Math.multiplyExact(size, 8), "Weights " + path);
          if (size == 0) {
            return Tensor.ofFloats(new float[0], shape);
          }
          return tensor(dataset, shape);
        });
  }

  private static Tensor tensor(Dataset dataset, long[] shape) {
    Object data = dataset.getDataFlat();
    if (data instanceof float[] floats) {
      return Tensor.ofFloats(floats, shape);
    }
    if (data instanceof double[] doubles) {
      return Tensor.ofDoubles(doubles, shape);
    }
    if (data instanceof int[] ints) {
      return Tensor.ofInts(ints, shape);
    }
    if (data instanceof long[] longs) {
      return Tensor.ofLongs(longs, shape);
    }
    if (data instanceof byte[] bytes) {
      double[] numbers = new double[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        numbers[i] = bytes[i];
      }
      return Tensor.ofNumbers(ElementType.INT8, numbers, shape);
    }
    throw new BrokenFile(
        "weights "
            + dataset.getPath()
            + " have elements of "
            + dataset.getJavaType().getSimpleName()
            + " that cannot be read; save the model in float32");
  }

  /** Runs an action. For broken files the library throws exceptions of many kinds. */
  private static <T> T guarded(String place, Supplier<T> action) {
    try {
      return action.get();
    } catch (BrokenFile | LimitExceededException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | NoClassDefFoundError e) {
      throw new BrokenFile(
          (place.isEmpty() ? "is not a readable HDF5 file" : "its HDF5 is broken at " + place)
              + (e.getMessage() == null ? "" : ": " + firstLine(e.getMessage())),
          e);
    }
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
