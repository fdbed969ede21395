package dev.sardonyx.samples;

import dev.sardonyx.ir.file.AtomicFile;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the state of a training that has not been, or could not be, exported.
 *
 * @param folder for the state of the training after each epoch; null for none
 * @param resume whether to go on from what is in that folder
 * @param how what to do to go on from a folder, which stands for %s
 */
record KeptTraining(@Nullable Path folder, boolean resume, String how) {
  /**
   * Makes sure that the folder can be used as asked.
   *
   * @throws IOException naming the folder if there is nothing to resume, or if what is there would
   *     be overwritten
   */
  void require() throws IOException {
    if (folder == null) {
      return;
    }
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new FileSystemException(
          folder.toString(), null, "is a file, but --checkpoint names a folder");
    }
    Path file = folder.resolve(Training.CHECKPOINT_FILE);
    if (resume && Files.notExists(file)) {
      throw new IOException(file + " does not exist: there is no training to resume");
    }
    if (!resume && Files.exists(file)) {
      throw new IOException(
          file + " keeps a training already; go on with it by --resume, or name another folder");
    }
    Files.createDirectories(folder);
    AtomicFile.requireWritable(file);
  }

  /**
   * The exception for a model that could not be written; it says where its training is kept.
   * Without a folder it is kept in a new folder among the temporary files or, if these have no room
   * either, in the user's home.
   */
  IOException after(Exception failure, TrainingResult trained) {
    String message = Failures.message(failure);
    Path kept = folder == null ? keep(trained) : folder;
    String end =
        kept == null
            ? "; and there is no room to keep the training"
            : "; the training is kept: " + how.formatted(kept);
    return new IOException(message + end, failure);
  }

  private static @Nullable Path keep(TrainingResult trained) {
    List<Path> places = new ArrayList<>();
    places.add(Path.of(System.getProperty("java.io.tmpdir")));
    places.add(Path.of(System.getProperty("user.home")));
    for (Path place : places) {
      Path folder = null;
      try {
        folder = Files.createTempDirectory(place, "sardonyx-training-");
        trained.checkpoint(folder);
        return folder;
      } catch (IOException e) {
        delete(folder);
      }
    }
    return null;
  }

  /** Removes the folder of an attempt that left nothing in it. */
  private static void delete(@Nullable Path folder) {
    try {
      if (folder != null) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      // The empty folder stays.
    }
  }
}
