package dev.sardonyx.export;

import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.TensorSource;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Places tensors as another placement does, but refuses a model with tensors in the very file that
 * it would replace: that is a data file or a file of weights, which other models may need.
 */
final class OtherFile implements TensorWriter.Placement {
  private final TensorWriter.Placement placement;
  private final Path file;
  private final @Nullable FileIdentity replaced;

  /**
   * @param file the file that the model is written to
   */
  OtherFile(TensorWriter.Placement placement, Path file) throws IOException {
    this.placement = placement;
    this.file = file;
    this.replaced = Files.isRegularFile(file) ? FileIdentity.of(file) : null;
  }

  @Override
  public boolean place(TensorSource source, boolean initializer, TensorProto.Builder message) {
    if (source instanceof MappedFile.Slice slice && slice.file().identity().equals(replaced)) {
      throw new UnsupportedModelException(
          file + ": holds tensors of this model; write the model into another file");
    }
    return placement.place(source, initializer, message);
  }
}
