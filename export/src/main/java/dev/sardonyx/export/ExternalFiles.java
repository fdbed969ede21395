package dev.sardonyx.export;

import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.ir.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files beside a model that hold its tensors' bytes. They must be regular files in the model's
 * folder or below it: absolute paths, paths with {@code ..}, symbolic links and hard links are
 * refused, since a model may come from an untrusted source.
 */
final class ExternalFiles {
  private final String model;
  private final @Nullable Path folder;
  private final boolean opened;
  private final Map<String, MappedFile> files = new HashMap<>();

  /**
   * @param model how messages name the model
   * @param folder the model's folder; null if the model was not read from a file, so that no other
   *     file can be read
   */
  ExternalFiles(String model, @Nullable Path folder) {
    this(model, folder, true);
  }

  private ExternalFiles(String model, @Nullable Path folder, boolean opened) {
    this.model = model;
    this.folder = folder;
    this.opened = opened;
  }

  /** Files that are never opened: their tensors have no elements. */
  static ExternalFiles unopened(String model) {
    return new ExternalFiles(model, null, false);
  }

  /** Bytes of a model that was read without its weights. */
  private record NotRead(String label, String location, long byteSize) implements TensorSource {
    @Override
    public boolean isReadable() {
      return false;
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
      throw new IllegalStateException(
          "The model was read without its weights: " + label + " lies in '" + location + "'");
    }
  }

  /** The bytes that a tensor refers to. They are read only when they are used. */
  TensorSource open(TensorProto tensor, long expected, String label) throws OnnxFormatException {
    Map<String, String> reference = Entries.read(tensor.getExternalDataList());
    String location = reference.get("location");
    if (location == null || location.isEmpty()) {
      throw problem(label + " lies in another file, but does not say which");
    }
    if (!opened) {
      return new NotRead(label, location, expected);
    }
    MappedFile file = file(location, label);
    long offset = number(reference.get("offset"), 0, label, "offset");
    long length = number(reference.get("length"), expected, label, "length");
    if (length != expected) {
      throw problem(label + " takes " + expected + " bytes, but its external data has " + length);
    }
    if (offset > file.size() || length > file.size() - offset) {
      throw problem(
          label
              + " takes bytes "
              + offset
              + " to "
              + Long.toUnsignedString(offset + length)
              + " of '"
              + location
              + "', which has "
              + file.size()
              + " bytes");
    }
    String checksum = reference.get("checksum");
    if (checksum != null && !checksum.equalsIgnoreCase(file.sha1())) {
      throw problem(
          label
              + " expects '"
              + location
              + "' to have the SHA-1 "
              + checksum
              + ", but it has "
              + file.sha1());
    }
    return file.slice(offset, length);
  }

  private long number(@Nullable String text, long otherwise, String label, String key)
      throws OnnxFormatException {
    if (text == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // Reported below.
    }
    throw problem(label + " has the " + key + " '" + text + "' in its external data");
  }

  MappedFile file(String location, String label) throws OnnxFormatException {
    MappedFile known = files.get(location);
    if (known != null) {
      return known;
    }
    Path path = resolve(location, label);
    try {
      MappedFile file = MappedFile.open(path);
      files.put(location, file);
      return file;
    } catch (IOException e) {
      throw new OnnxFormatException(
          model, label + " lies in '" + location + "', which cannot be read: " + e.getMessage(), e);
    }
  }

  private Path resolve(String location, String label) throws OnnxFormatException {
    if (folder == null) {
      throw problem(
          label
              + " lies in the file '"
              + location
              + "', but the model was read as a stream or bytes; name its file or its folder");
    }
    Path relative;
    try {
      relative = folder.getFileSystem().getPath(location);
    } catch (InvalidPathException e) {
      throw new OnnxFormatException(
          model, label + " lies in '" + location + "', which is no path: " + e.getReason(), e);
    }
    if (relative.isAbsolute() || relative.getRoot() != null) {
      throw refused(label, location, "is not relative to the model's folder");
    }
    try {
      Path top = folder.toRealPath();
      Path path = top;
      for (Path step : relative) {
        if (!step.toString().equals("..")) {
          path = path.resolve(step).normalize();
        } else if (path.equals(top)) {
          throw refused(label, location, "leads out of the model's folder");
        } else {
          path = Objects.requireNonNull(path.getParent());
        }
        if (Files.isSymbolicLink(path)) {
          throw refused(label, location, "goes through the symbolic link '" + step + "'");
        }
      }
      if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
        throw problem(label + " lies in '" + location + "', which does not exist");
      }
      // This throws if the file cannot be accessed, for example because its name is too long.
      if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isRegularFile()) {
        throw refused(label, location, "is not a regular file");
      }
      if (hardLinks(path) > 1) {
        throw refused(label, location, "is a hard link; make it a file of its own by copying it");
      }
      return path;
    } catch (OnnxFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new OnnxFormatException(
          model, label + " lies in '" + location + "', which cannot be read: " + e.getMessage(), e);
    }
  }

  private static int hardLinks(Path path) throws IOException {
    try {
      return (Integer) Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
    } catch (UnsupportedOperationException | IllegalArgumentException notUnix) {
      return 1;
    }
  }

  private OnnxFormatException refused(String label, String location, String reason) {
    return problem(label + " lies in '" + location + "', which is refused: it " + reason);
  }

  private OnnxFormatException problem(String text) {
    return new OnnxFormatException(model, text);
  }
}
