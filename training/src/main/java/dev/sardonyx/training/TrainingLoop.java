package dev.sardonyx.training;

import dev.sardonyx.training.compile.CompiledNetwork;
import dev.sardonyx.training.onednn.OneDnnGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** The epochs of one training: learn, validate, save, and stop when nothing gets better. */
final class TrainingLoop {
  private final CompiledNetwork compiled;
  private final ComputationGraph network;
  private final List<ILossFunction> losses;
  private final int epochs;
  private final long seed;
  private final int patience;
  private final TrainingSettings settings;
  private final Optional<CheckpointPlan> checkpoints;
  private final TrainingProgress progress;
  private final List<TrainingListener> listeners;

  private final List<EpochResult> history = new ArrayList<>();
  private int bestEpoch;
  private @Nullable Snapshot best;
  private PartialEpoch partial = PartialEpoch.NONE;
  private boolean slowPartsNoted;
  private long lastCheckpoint = System.nanoTime();

  /** Gives held-out data from their beginning. */
  interface Validation {
    Batches data();
  }

  TrainingLoop(
      CompiledNetwork compiled,
      List<ILossFunction> losses,
      int epochs,
      long seed,
      int patience,
      TrainingSettings settings,
      Optional<CheckpointPlan> checkpoints,
      TrainingProgress progress,
      List<TrainingListener> listeners) {
    this.compiled = compiled;
    this.network = compiled.network();
    this.losses = List.copyOf(losses);
    this.epochs = epochs;
    this.seed = seed;
    this.patience = patience;
    this.settings = settings;
    this.checkpoints = checkpoints;
    this.progress = progress;
    this.listeners = listeners;
  }

  /**
   * Takes over the state of a checkpoint, if the folder has one.
   *
   * @throws IOException if it is damaged or of a training that would have gone on otherwise
   */
  void resume(Path folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.read(folder);
    if (checkpoint == null) {
      return;
    }
    Path file = folder.resolve(Checkpoint.FILE_NAME);
    List<String> differences = checkpoint.settings().differences(settings);
    if (!differences.isEmpty()) {
      throw new IOException(
          "%s is of another training: %s".formatted(file, String.join(", ", differences)));
    }
    requireEnoughEpochs(file, checkpoint);
    Snapshot saved = Snapshot.of(checkpoint.network());
    if (!configuration(checkpoint.network()).equals(configuration(network))) {
      throw new IOException(file + " is of another network");
    }
    saved.restore(network);
    history.addAll(checkpoint.history());
    bestEpoch = checkpoint.bestEpoch();
    best = checkpoint.best();
    partial = checkpoint.partial();
    progress.note(
        "Resumed after epoch "
            + history.size()
            + (partial.batches() == 0 ? "." : " and " + partial.batches() + " batches."));
  }

  /** What has been learnt cannot be taken back. */
  private void requireEnoughEpochs(Path file, Checkpoint checkpoint) throws IOException {
    int done = checkpoint.history().size();
    int batches = checkpoint.partial().batches();
    int begun = batches == 0 ? done : done + 1;
    if (epochs < begun) {
      throw new IOException(
          "%s is already beyond %s: it was written after epoch %d%s; resume for at least %s"
              .formatted(
                  file,
                  count(epochs),
                  done,
                  batches == 0 ? "" : " and %d batches of the next".formatted(batches),
                  count(begun)));
    }
  }

  private static String count(int epochs) {
    return epochs == 1 ? "1 epoch" : epochs + " epochs";
  }

  /** The network's configuration as JSON, without its counters of iterations and epochs. */
  private static String configuration(ComputationGraph network) {
    var configuration = network.getConfiguration().clone();
    configuration.setIterationCount(0);
    configuration.setEpochCount(0);
    return configuration.toJson();
  }

  TrainingResult run(
      IntFunction<Batches> batches, long imagesPerEpoch, @Nullable Validation validation)
      throws IOException {
    try {
      return epochs(batches, imagesPerEpoch, validation);
    } finally {
      if (network instanceof OneDnnGraph graph) {
        graph.release();
      }
    }
  }

  private TrainingResult epochs(
      IntFunction<Batches> batches, long imagesPerEpoch, @Nullable Validation validation)
      throws IOException {
    long expected = imagesPerEpoch;
    boolean stopped = isStale();
    while (history.size() < epochs && !stopped) {
      int epoch = history.size() + 1;
      progress.epochStarted(epoch, epochs);
      EpochResult result = epoch(epoch, batches.apply(epoch), expected, validation);
      expected = result.images();
      history.add(result);
      partial = PartialEpoch.NONE;
      keepBest(result);
      if (checkpoints.isPresent()) {
        checkpoint().write(checkpoints.get().folder());
        lastCheckpoint = System.nanoTime();
      }
      progress.epochDone(result);
      stopped = isStale();
    }
    int epoch = history.size();
    Snapshot last = null;
    if (best != null && bestEpoch != epoch) {
      last = Snapshot.of(network);
      best.restore(network);
      epoch = bestEpoch;
    }
    return new TrainingResult(
        compiled, checkpoint(), last, losses, epoch, stopped && history.size() < epochs);
  }

  private Checkpoint checkpoint() {
    return new Checkpoint(network, settings, List.copyOf(history), bestEpoch, best, partial);
  }

  private EpochResult epoch(
      int epoch, Batches batches, long expected, @Nullable Validation validation)
      throws IOException {
    ProgressListener follower =
        new ProgressListener(
            progress, epoch, epochs, expected, partial, now -> stepDone(epoch, now));
    List<TrainingListener> all = new ArrayList<>(listeners);
    all.add(follower);
    network.setListeners(all);
    skipLearnt(epoch, batches);
    seedStep(epoch, partial.batches());
    if (batches.hasNext()) {
      try {
        batches.fit(network);
      } catch (UncheckedIOException e) { // such as of a checkpoint
        throw e.getCause();
      }
    }
    network.setListeners(listeners);
    requireNumbers(epoch);
    var duration = follower.elapsed();
    OptionalDouble validationLoss = OptionalDouble.empty();
    OptionalDouble accuracy = OptionalDouble.empty();
    if (validation != null) {
      Score score = Evaluator.evaluate(network, losses, validation.data());
      validationLoss = OptionalDouble.of(score.loss());
      accuracy = score.accuracy();
    }
    return new EpochResult(
        epoch, follower.images(), follower.meanLoss(), validationLoss, accuracy, duration);
  }

  /** Goes past the batches that an interrupted training has learnt from. */
  private void skipLearnt(int epoch, Batches batches) {
    for (int i = 0; i < partial.batches(); i++) {
      if (!batches.hasNext()) {
        throw new TrainingException(
            "Epoch %d ends after %d batches, but the checkpoint was written after %d"
                .formatted(epoch, i, partial.batches()));
      }
      batches.next();
    }
  }

  /** Dropout of a step depends on nothing before it, so that a resumed run goes on alike. */
  private void seedStep(int epoch, int batches) {
    Nd4j.getRandom().setSeed(Training.mix(Training.mix(seed, epoch), batches));
  }

  private void stepDone(int epoch, PartialEpoch now) {
    if (!slowPartsNoted) {
      slowPartsNoted = true;
      SlowParts.of(network).forEach(progress::note);
    }
    seedStep(epoch, now.batches());
    if (checkpoints.isEmpty()
        || !checkpoints
            .get()
            .isDue(now.batches(), Duration.ofNanos(System.nanoTime() - lastCheckpoint))) {
      return;
    }
    // DL4J counts the step only after its listeners have heard of it.
    var configuration = network.getConfiguration();
    int iterations = configuration.getIterationCount();
    PartialEpoch before = partial;
    configuration.setIterationCount(iterations + 1);
    partial = now;
    try {
      checkpoint().write(checkpoints.get().folder());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      partial = before;
      configuration.setIterationCount(iterations);
    }
    lastCheckpoint = System.nanoTime();
  }

  /** The last step of an epoch has no loss after it that would tell. */
  private void requireNumbers(int epoch) {
    if (!Double.isFinite(network.params().norm1Number().doubleValue())) {
      throw new TrainingException(
          "The weights are no longer numbers after epoch " + epoch + "; try a lower learning rate");
    }
  }

  private void keepBest(EpochResult result) {
    if (result.validationLoss().isEmpty()) {
      return;
    }
    double least =
        bestEpoch == 0
            ? Double.POSITIVE_INFINITY
            : history.get(bestEpoch - 1).validationLoss().orElse(Double.POSITIVE_INFINITY);
    if (result.validationLoss().getAsDouble() < least) {
      bestEpoch = result.epoch();
      best = patience > 0 ? Snapshot.of(network) : null;
    }
  }

  private boolean isStale() {
    return patience > 0 && bestEpoch > 0 && history.size() - bestEpoch >= patience;
  }
}
