package dev.sardonyx.training;

import dev.sardonyx.training.compile.CompiledNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** The epochs of one training: learn, validate, save, and stop when nothing gets better. */
final class TrainingLoop {
  private final CompiledNetwork compiled;
  private final ComputationGraph network;
  private final ILossFunction loss;
  private final int epochs;
  private final long seed;
  private final int patience;
  private final Optional<Path> checkpoints;
  private final TrainingProgress progress;
  private final List<TrainingListener> listeners;

  private final List<EpochResult> history = new ArrayList<>();
  private int bestEpoch;
  private @Nullable INDArray best;

  /** Gives held-out data from their beginning. */
  interface Validation {
    DataSetIterator data();
  }

  TrainingLoop(
      CompiledNetwork compiled,
      ILossFunction loss,
      int epochs,
      long seed,
      int patience,
      Optional<Path> checkpoints,
      TrainingProgress progress,
      List<TrainingListener> listeners) {
    this.compiled = compiled;
    this.network = compiled.network();
    this.loss = loss;
    this.epochs = epochs;
    this.seed = seed;
    this.patience = patience;
    this.checkpoints = checkpoints;
    this.progress = progress;
    this.listeners = listeners;
  }

  /** Takes over the state of a checkpoint, if the folder has one. */
  void resume(Path folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.read(folder);
    if (checkpoint == null) {
      return;
    }
    ComputationGraph saved = checkpoint.network();
    INDArray state = saved.getUpdater().getStateViewArray();
    INDArray ownState = network.getUpdater().getStateViewArray();
    if (!saved
            .getConfiguration()
            .getVertices()
            .keySet()
            .equals(network.getConfiguration().getVertices().keySet())
        || saved.numParams() != network.numParams()
        || (state == null ? 0 : state.length()) != (ownState == null ? 0 : ownState.length())) {
      throw new IOException(
          folder.resolve(Checkpoint.FILE_NAME) + " is of another network or updater");
    }
    network.setParams(saved.params());
    if (ownState != null && state != null) {
      ownState.assign(state);
    }
    network.getConfiguration().setIterationCount(saved.getConfiguration().getIterationCount());
    network.getConfiguration().setEpochCount(saved.getConfiguration().getEpochCount());
    history.addAll(checkpoint.history());
    bestEpoch = checkpoint.bestEpoch();
    best = checkpoint.best();
    progress.note("Resumed after epoch " + history.size() + ".");
  }

  TrainingResult run(
      IntFunction<DataSetIterator> batches, long imagesPerEpoch, @Nullable Validation validation)
      throws IOException {
    long expected = imagesPerEpoch;
    boolean stopped = isStale();
    while (history.size() < epochs && !stopped) {
      int epoch = history.size() + 1;
      progress.epochStarted(epoch, epochs);
      EpochResult result = epoch(epoch, batches.apply(epoch), expected, validation);
      expected = result.images();
      history.add(result);
      keepBest(result);
      if (checkpoints.isPresent()) {
        new Checkpoint(network, history, bestEpoch, best).write(checkpoints.get());
      }
      progress.epochDone(result);
      stopped = isStale();
    }
    int epoch = history.size();
    if (best != null && bestEpoch != epoch) {
      network.setParams(best);
      epoch = bestEpoch;
    }
    return new TrainingResult(
        compiled.trainedModel(), network, loss, history, epoch, stopped && history.size() < epochs);
  }

  private EpochResult epoch(
      int epoch, DataSetIterator batches, long expected, @Nullable Validation validation) {
    ProgressListener follower = new ProgressListener(progress, epoch, epochs, expected);
    List<TrainingListener> all = new ArrayList<>(listeners);
    all.add(follower);
    network.setListeners(all);
    // Dropout of an epoch depends on nothing before it, so that a resumed run goes on alike.
    Nd4j.getRandom().setSeed(Training.mix(seed, epoch));
    network.fit(batches);
    network.setListeners(listeners);
    var duration = follower.elapsed();
    OptionalDouble validationLoss = OptionalDouble.empty();
    OptionalDouble accuracy = OptionalDouble.empty();
    if (validation != null) {
      Score score = Evaluator.evaluate(network, loss, validation.data());
      validationLoss = OptionalDouble.of(score.loss());
      accuracy = score.accuracy();
    }
    return new EpochResult(
        epoch, follower.images(), follower.meanLoss(), validationLoss, accuracy, duration);
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
      best = patience > 0 ? network.params().dup() : null;
    }
  }

  private boolean isStale() {
    return patience > 0 && bestEpoch > 0 && history.size() - bestEpoch >= patience;
  }
}
