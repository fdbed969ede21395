package dev.sardonyx.export;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.file.AtomicFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a model's file and the data file that belongs to it.
 *
 * <p>A data file's name has a token that is unique to its export, so that no other export ever
 * writes into it. It is complete before the model that refers to it appears; if the export fails,
 * it is removed with the unfinished model. When a model is replaced, the data files of its earlier
 * exports are removed, unless a file in the folder still refers to them.
 */
final class ModelFile {
  /** The names of data files that exports of Sardonyx made; no other files are ever removed. */
  private static final Pattern OURS =
      Pattern.compile("[^/\\\\]+\\.([0-9a-f]{32})(\\.\\d+)?" + DataFiles.SUFFIX);

  private ModelFile() {}

  /**
   * Writes a model completely or not at all; it replaces an older file.
   *
   * @throws UnsupportedModelException if a tensor of the model lies in that file
   */
  static void write(Model model, Path file, ExternalData options) throws IOException {
    try (AtomicFile out = AtomicFile.create(file)) {
      switch (options.mode()) {
        case EMBEDDED ->
            write(ModelBytes.of(model, new OtherFile(KeptReferences.NONE, out.path())), out);
        case AS_READ -> writeAsRead(model, out);
        case BESIDE -> writeBeside(model, out, options);
      }
    }
  }

  private static void write(ModelBytes message, AtomicFile out) throws IOException {
    message.writeTo(out);
    if (out.isStream()) {
      out.commit();
      return;
    }
    try (FolderLock lock = FolderLock.of(folder(out))) {
      replace(out);
    }
  }

  /**
   * While references to data files are kept, no other export may remove those files before the new
   * model is in place.
   */
  private static void writeAsRead(Model model, AtomicFile out) throws IOException {
    KeptReferences kept = new KeptReferences(out.isStream() ? null : folder(out));
    TensorWriter.Placement placement = new OtherFile(kept, out.path());
    ModelBytes message = ModelBytes.of(model, placement);
    if (!kept.isAny()) {
      write(message, out);
      return;
    }
    try (FolderLock lock = FolderLock.of(folder(out))) {
      // Checked again, now that the folder is locked.
      ModelBytes.of(model, placement).writeTo(out);
      replace(out);
    }
  }

  private static void writeBeside(Model model, AtomicFile out, ExternalData options)
      throws IOException {
    String base = out.nameBeside("");
    DataFiles data = new DataFiles(base, options);
    ModelBytes message = ModelBytes.of(model, new OtherFile(data, out.path()));
    for (DataFile each : data.files()) {
      String name = each.name();
      if (!name.startsWith(base)) {
        writeNamed(message, out, each);
        return;
      }
      try (AtomicFile file = out.beside(name.substring(base.length()))) {
        each.writeTo(file);
        file.commit();
      }
    }
    write(message, out);
  }

  /** Writes a data file of a chosen name, which is removed again if the model cannot be written. */
  private static void writeNamed(ModelBytes message, AtomicFile out, DataFile data)
      throws IOException {
    Path file = folder(out).resolve(data.name());
    // The file may not exist yet, so names are compared; some file systems ignore case.
    if (data.name().equalsIgnoreCase(String.valueOf(out.path().getFileName()))) {
      throw new FileSystemException(
          file.toString(), null, "is the model itself; choose another name for its data");
    }
    requireAbsent(file);
    try (AtomicFile elements = AtomicFile.create(file)) {
      data.writeTo(elements);
      try (FolderLock lock = FolderLock.of(folder(out))) {
        requireAbsent(file); // again, so that only one of two exports takes the name
        elements.commit();
      }
    }
    try {
      write(message, out);
    } catch (IOException | RuntimeException e) {
      removeUnneeded(folder(out), Set.of(data.name()));
      throw e;
    }
  }

  private static void requireAbsent(Path file) throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          file.toString(),
          null,
          "exists, and a model may have its weights there; choose another name for the data, or"
              + " remove it");
    }
  }

  private static Path folder(AtomicFile out) {
    return out.path().resolveSibling(".").normalize();
  }

  /** Puts the model in its place and removes data files that only the older one needed. */
  private static void replace(AtomicFile out) throws IOException {
    Set<String> unneeded = ours(out.path());
    List<Closeable> marks = new ArrayList<>();
    try {
      Set<String> tokens = new HashSet<>();
      for (String name : unneeded) {
        if (tokens.add(token(name))) {
          marks.add(out.removing(name));
        }
      }
      out.commit();
      if (!unneeded.isEmpty()) {
        removeUnneeded(folder(out), unneeded);
      }
    } finally {
      for (Closeable mark : marks) {
        mark.close();
      }
    }
  }

  private static String token(String ours) {
    Matcher name = OURS.matcher(ours);
    return name.matches() ? name.group(1) : ours;
  }

  /** The data files that exports of Sardonyx made for a model. */
  private static Set<String> ours(Path model) {
    if (!Files.isRegularFile(model)) {
      return Set.of();
    }
    try {
      Set<String> locations = DataReferences.of(model);
      locations.removeIf(location -> !OURS.matcher(location).matches());
      return locations;
    } catch (IOException e) {
      return Set.of();
    }
  }

  @SuppressWarnings("EmptyCatch")
  private static void removeUnneeded(Path folder, Set<String> names) {
    Set<String> unneeded = new HashSet<>(names);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ModelFile::mayBeModel)) {
      for (Path file : files) {
        unneeded.removeAll(DataReferences.of(file));
      }
      for (String name : unneeded) {
        Path data = folder.resolve(name);
        if (Files.isRegularFile(data, LinkOption.NOFOLLOW_LINKS) && Files.isWritable(data)) {
          Files.delete(data);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // The new model is in place; data files that could not be removed only cost space.
    }
  }

  /** Models are smaller than 2 GiB; hidden files of Sardonyx are unfinished. */
  private static boolean mayBeModel(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    return !name.startsWith(".sardonyx")
        && !OURS.matcher(name).matches()
        && Files.isRegularFile(file)
        && Files.size(file) < Integer.MAX_VALUE;
  }
}
