package dev.sardonyx.export;

import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.TensorSource;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Leaves tensors in the data files that they were read from, if the references in their messages
 * still lead to the same bytes from the folder that the model is written to.
 */
final class KeptReferences implements TensorWriter.Placement {
  /** Keeps no reference: all tensors go into the model. */
  static final TensorWriter.Placement NONE = (source, initializer, message) -> false;

  private final @Nullable Path folder;
  private boolean any;

  /**
   * @param folder the folder that the model is written to; null if it is not written into a folder
   */
  KeptReferences(@Nullable Path folder) {
    this.folder = folder;
  }

  /** Whether any reference was kept. */
  boolean isAny() {
    return any;
  }

  @Override
  public boolean place(TensorSource source, boolean initializer, TensorProto.Builder message) {
    boolean kept =
        folder != null
            && source instanceof MappedFile.Slice slice
            && message.getDataLocation() == TensorProto.DataLocation.EXTERNAL
            && leadsTo(slice, Entries.read(message.getExternalDataList()), folder);
    any |= kept;
    return kept;
  }

  private static boolean leadsTo(
      MappedFile.Slice slice, Map<String, String> reference, Path folder) {
    String length = Long.toString(slice.byteSize());
    try {
      // Paths with links do not count, since the reader would refuse them.
      Path file = folder.toRealPath().resolve(reference.getOrDefault("location", ""));
      return reference.getOrDefault("offset", "0").equals(Long.toString(slice.offset()))
          && reference.getOrDefault("length", length).equals(length)
          && file.toRealPath().equals(file.normalize())
          && slice.file().identity().equals(FileIdentity.of(file));
    } catch (IOException | InvalidPathException elsewhere) {
      return false;
    }
  }
}
