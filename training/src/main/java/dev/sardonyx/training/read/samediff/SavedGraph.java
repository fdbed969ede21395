package dev.sardonyx.training.read.samediff;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.graph.FlatArray;
import org.nd4j.graph.FlatGraph;
import org.nd4j.graph.FlatNode;
import org.nd4j.graph.FlatProperties;

/** SameDiff graphs as {@code SameDiff.save} writes them. */
public final class SavedGraph {
  /** What stands around the dimensions and strides in the description of an array's shape. */
  private static final int SHAPE_EXTRAS = 4;

  private static final int MAX_RANK = 32;

  private SavedGraph() {}

  /**
   * Reads a file, without the state of the updater.
   *
   * @throws IOException if the file cannot be read or is no such graph
   */
  public static SameDiff read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    if (!Files.isRegularFile(file)) {
      throw new FileSystemException(file.toString(), null, "is no file, but a folder or a device");
    }
    byte[] bytes = Files.readAllBytes(file);
    try {
      requireArrays(FlatGraph.getRootAsFlatGraph(ByteBuffer.wrap(bytes)));
      return SameDiff.fromFlatBuffers(ByteBuffer.wrap(bytes), false);
    } catch (IOException | RuntimeException e) {
      String reason = e.getMessage() == null ? "" : e.getMessage().lines().findFirst().orElse("");
      throw new IOException(
          "%s: SameDiff cannot restore this graph%s"
              .formatted(file, reason.isEmpty() ? "" : ": " + reason),
          e);
    }
  }

  /** An array whose shape reaches beyond its elements would take native code with it. */
  private static void requireArrays(FlatGraph graph) throws IOException {
    for (int i = 0; i < graph.variablesLength(); i++) {
      require(graph.variables(i).ndarray(), "variable '" + graph.variables(i).name() + "'");
    }
    for (int i = 0; i < graph.nodesLength(); i++) {
      FlatNode node = graph.nodes(i);
      require(node.scalar(), "operator '" + node.name() + "'");
      for (int j = 0; j < node.propertiesLength(); j++) {
        FlatProperties properties = node.properties(j);
        for (int k = 0; k < properties.aLength(); k++) {
          require(properties.a(k), "operator '" + node.name() + "'");
        }
      }
    }
  }

  private static void require(@Nullable FlatArray array, String of) throws IOException {
    if (array != null && !isSound(array)) {
      throw new IOException("the shape of an array of " + of + " does not fit its elements");
    }
  }

  private static boolean isSound(FlatArray array) {
    long rank = array.shapeLength() == 0 ? -1 : array.shape(0);
    if (rank < 0 || rank > MAX_RANK || array.shapeLength() != 2 * rank + SHAPE_EXTRAS) {
      return false;
    }
    long size = 1;
    long last = 0;
    for (int axis = 1; axis <= rank; axis++) {
      long dim = array.shape(axis);
      long stride = array.shape(axis + (int) rank);
      if (dim < 0 || dim > Integer.MAX_VALUE || stride < 0 || stride > Integer.MAX_VALUE) {
        return false;
      }
      size = Math.multiplyExact(size, dim);
      last = Math.addExact(last, Math.max(0, dim - 1) * stride);
    }
    return size == 0 || (last < size && size <= array.bufferLength());
  }
}
