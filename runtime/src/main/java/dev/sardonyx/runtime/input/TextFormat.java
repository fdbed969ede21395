package dev.sardonyx.runtime.input;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.file.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Strings, one a line. */
final class TextFormat implements InputFormat {
  @Override
  public List<String> endings() {
    return List.of(".txt");
  }

  @Override
  public Datum read(Path file, String entry, Input input) throws IOException {
    TensorType type = Fitting.tensorType(file.toString(), input);
    if (type.elementType() != ElementType.STRING && type.elementType() != ElementType.UNDEFINED) {
      throw new IOException(
          "%s: holds strings, but input '%s' takes %s; give numbers as .json or .npy"
              .formatted(file, input.name(), input.type()));
    }
    List<String> lines = TextFile.read(file).lines().toList();
    return Tensor.ofStrings(lines, dims(type.shape(), lines.size()));
  }

  /** One axis for the lines, the first that has no fixed size; all others of size 1. */
  private static long[] dims(Shape shape, int lines) {
    if (!shape.isRanked() || shape.rank() == 0 && lines != 1) {
      return new long[] {lines};
    }
    long[] dims = new long[shape.rank()];
    Arrays.fill(dims, 1);
    for (int axis = 0; axis < dims.length; axis++) {
      if (!shape.dim(axis).isFixed() || shape.dim(axis).value() != 1) {
        dims[axis] = lines;
        return dims;
      }
    }
    if (dims.length > 0) {
      dims[0] = lines;
    }
    return dims;
  }
}
