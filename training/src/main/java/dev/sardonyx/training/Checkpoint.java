package dev.sardonyx.training;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Properties;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A training between two steps, in a file: DL4J's own zip of the network with its updater's state,
 * which stock DL4J reads, and beside them what the training has seen so far. A checksum guards all
 * of it.
 *
 * @param settings what a training that goes on from here must have in common with this one
 * @param history the epochs done
 * @param bestEpoch the epoch with the least validation loss, 0 if there was none yet
 * @param best the network after that epoch, if the training wants it back
 * @param partial how far the epoch after those has come
 */
record Checkpoint(
    ComputationGraph network,
    TrainingSettings settings,
    List<EpochResult> history,
    int bestEpoch,
    @Nullable Snapshot best,
    PartialEpoch partial) {
  static final String FILE_NAME = Training.CHECKPOINT_FILE;
  private static final String STATE = "sardonyx-training.properties";
  private static final String BEST = "sardonyx-best.bin";

  /** Writes the file whole or not at all. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Map<String, NetworkZip.Content> more = new LinkedHashMap<>();
    more.put(STATE, out -> state().store(out, null));
    if (best != null) {
      more.put(BEST, best::write);
    }
    NetworkZip.write(folder.resolve(FILE_NAME), network, more);
  }

  /**
   * Reads a folder's checkpoint; null if it has none.
   *
   * @throws IOException if the file is there but damaged
   */
  static @Nullable Checkpoint read(Path folder) throws IOException {
    Path file = folder.resolve(FILE_NAME);
    if (Files.notExists(file)) {
      return null;
    }
    if (!Seal.isWhole(file)) {
      throw new IOException(
          file + " is damaged, or not a checkpoint of a training: its checksum is wrong");
    }
    Properties state = new Properties();
    Snapshot best = null;
    try (FileSystem zip = FileSystems.newFileSystem(file, Map.of("create", "false"))) {
      if (!Files.exists(zip.getPath(STATE))) {
        throw new IOException(
            file + " is a saved network, not a checkpoint of a training that could go on");
      }
      try (InputStream in = Files.newInputStream(zip.getPath(STATE))) {
        state.load(in);
      }
      if (Files.exists(zip.getPath(BEST))) {
        try (InputStream in = Files.newInputStream(zip.getPath(BEST))) {
          best = Snapshot.read(in);
        }
      }
    }
    ComputationGraph network = ModelSerializer.restoreComputationGraph(file.toFile(), true);
    return new Checkpoint(
        network,
        TrainingSettings.load(state),
        history(state),
        Integer.parseInt(state.getProperty("bestEpoch")),
        best,
        PartialEpoch.load(state));
  }

  private Properties state() {
    Properties state = new Properties();
    settings.store(state);
    partial.store(state);
    state.setProperty("epochs", Integer.toString(history.size()));
    state.setProperty("bestEpoch", Integer.toString(bestEpoch));
    for (EpochResult epoch : history) {
      String prefix = epoch.epoch() + ".";
      state.setProperty(prefix + "images", Long.toString(epoch.images()));
      state.setProperty(prefix + "loss", Double.toString(epoch.loss()));
      state.setProperty(prefix + "nanos", Long.toString(epoch.duration().toNanos()));
      epoch
          .validationLoss()
          .ifPresent(x -> state.setProperty(prefix + "validationLoss", Double.toString(x)));
      epoch
          .validationAccuracy()
          .ifPresent(x -> state.setProperty(prefix + "validationAccuracy", Double.toString(x)));
    }
    return state;
  }

  private static List<EpochResult> history(Properties state) {
    List<EpochResult> history = new ArrayList<>();
    int epochs = Integer.parseInt(state.getProperty("epochs"));
    for (int epoch = 1; epoch <= epochs; epoch++) {
      String prefix = epoch + ".";
      history.add(
          new EpochResult(
              epoch,
              Long.parseLong(state.getProperty(prefix + "images")),
              Double.parseDouble(state.getProperty(prefix + "loss")),
              optional(state.getProperty(prefix + "validationLoss")),
              optional(state.getProperty(prefix + "validationAccuracy")),
              Duration.ofNanos(Long.parseLong(state.getProperty(prefix + "nanos")))));
    }
    return history;
  }

  private static OptionalDouble optional(@Nullable String number) {
    return number == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(number));
  }
}
