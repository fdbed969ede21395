package dev.sardonyx.training;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.training.compile.CompiledNetwork;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.compile.OutputLoss;
import dev.sardonyx.training.compile.TrainingMethod;
import dev.sardonyx.training.data.Examples;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * A training of a model with DL4J, to be described and then run:
 *
 * <pre>{@code
 * TrainingResult result =
 *     Training.of(model).epochs(3).seed(42).validationShare(0.1).run(IdxFolder.of(folder).train());
 * }</pre>
 *
 * <p>It starts from the weights the model has; {@link Weights#glorotUniform} gives it fresh ones.
 * The same model, options and data give the same weights, bit by bit, on the same machine with the
 * same number of threads.
 */
public final class Training {
  /** The file that {@link #checkpoint} writes into its folder. */
  public static final String CHECKPOINT_FILE = "checkpoint.zip";

  private final Model model;
  private int epochs = 1;
  private int batchSize = 64;
  private double learningRate = 1e-3;
  private @Nullable IUpdater updater;
  private final ChosenLosses losses;
  private final DataShapes shapes;
  private long seed = 42;
  private double validationShare;
  private int patience;
  private double l1;
  private double l2;
  private double weightDecay;
  private GradientNormalization gradientNormalization = GradientNormalization.None;
  private double gradientThreshold = 1;
  private Set<String> frozenUntil = Set.of();
  private @Nullable Augmentation augmentation;
  private @Nullable Path checkpointFolder;
  private int checkpointSteps;
  private Duration checkpointInterval = Duration.ZERO;
  private boolean resume;
  private TrainingProgress progress = TrainingProgress.NONE;
  private List<TrainingListener> listeners = List.of();

  private Training(Model model) {
    this.model = model;
    this.losses = new ChosenLosses(model);
    this.shapes = new DataShapes(model);
  }

  /**
   * A training of a model, such as one read from a file.
   *
   * @param model its outputs are what the losses are of: usually the probabilities of a Softmax
   */
  public static Training of(Model model) {
    return new Training(model);
  }

  /** How often to go through the data, 1 or more; 1 by default. */
  public Training epochs(int number) {
    epochs = positive("epochs", number);
    return this;
  }

  /** Examples a step, 64 by default. Iterators decide for themselves. */
  public Training batchSize(int number) {
    batchSize = positive("batch size", number);
    return this;
  }

  /** The step width of the default updater, Adam, a positive float; 0.001 by default. */
  public Training learningRate(double rate) {
    // DL4J computes in floats, where 1e39 is infinite and 1e-50 nothing.
    if (!((float) rate > 0) || (float) rate == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("The learning rate must be a positive float, not " + rate);
    }
    learningRate = rate;
    return this;
  }

  /** Any updater of DL4J's in place of Adam; the learning rate is then its own. */
  public Training updater(IUpdater chosen) {
    updater = chosen;
    return this;
  }

  /**
   * What to minimise. By default cross entropy behind a Softmax, for labels that are class numbers
   * [n,1] or one-hot [n,classes], and binary cross entropy behind a Sigmoid.
   */
  public Training loss(ILossFunction chosen) {
    return loss(Loss.of(chosen));
  }

  /** What to minimise, of each output that has no loss of its own. */
  public Training loss(Loss chosen) {
    losses.ofAll(chosen);
    return this;
  }

  /**
   * What to minimise of one output; training minimises the sum over all.
   *
   * @param output the name of a graph output
   */
  public Training loss(String output, Loss chosen) {
    losses.of(output, chosen);
    return this;
  }

  /** The model to be trained. */
  public Model model() {
    return model;
  }

  /**
   * How much each class counts in the default loss behind a Softmax, one positive number a class; 1
   * changes nothing. Examples are weighted by the label masks [n,1] of a {@link DataSet}.
   */
  public Training classWeights(double... weights) {
    losses.weigh(weights);
    return this;
  }

  /** Adds the sum of absolute weights, times a factor, to the loss; biases do not count. */
  public Training l1(double factor) {
    l1 = notNegative("factor", factor);
    return this;
  }

  /** Adds half the sum of squared weights, times a factor, to the loss; biases do not count. */
  public Training l2(double factor) {
    l2 = notNegative("factor", factor);
    return this;
  }

  /**
   * Subtracts a share of each weight, times the learning rate, in every step, apart from what the
   * updater does (decoupled weight decay, as in AdamW); biases do not decay.
   */
  public Training weightDecay(double share) {
    weightDecay = notNegative("share", share);
    return this;
  }

  /** Cuts each element of a gradient to {@code -limit..limit}. */
  public Training clipByValue(double limit) {
    return gradientNormalization(GradientNormalization.ClipElementWiseAbsoluteValue, limit);
  }

  /** Shortens the gradient of each weight tensor to a length of at most the limit. */
  public Training clipByNorm(double limit) {
    return gradientNormalization(GradientNormalization.ClipL2PerParamType, limit);
  }

  /** Any other of DL4J's ways to bound gradients. */
  public Training gradientNormalization(GradientNormalization way, double threshold) {
    if (!(threshold > 0)) {
      throw new IllegalArgumentException("A gradient's limit must be positive, not " + threshold);
    }
    gradientNormalization = way;
    gradientThreshold = threshold;
    return this;
  }

  /**
   * Leaves values of the model, and all they are computed from, as they are: their weights do not
   * learn, batch normalisation there uses its running statistics, and dropout is off. For the head
   * of a network on features that were learnt before.
   */
  public Training freezeUntil(String... values) {
    frozenUntil = Set.of(values);
    return this;
  }

  /** Changes images at random before they are learnt from; data in iterators are left alone. */
  public Training augmentation(Augmentation chosen) {
    augmentation = chosen;
    return this;
  }

  /** Decides the order of the examples, augmentation and dropout; 42 by default. */
  public Training seed(long number) {
    seed = number;
    return this;
  }

  /** The share of the examples, at their end, to hold out for validation; 0 by default. */
  public Training validationShare(double share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("The validation share must be in 0..1, not " + share);
    }
    validationShare = share;
    return this;
  }

  /**
   * Ends the training after so many epochs without a smaller validation loss, and goes back to the
   * weights of the best epoch.
   */
  public Training earlyStopping(int epochsOfPatience) {
    patience = positive("patience", epochsOfPatience);
    return this;
  }

  /**
   * Writes {@link #CHECKPOINT_FILE} into a folder after each epoch, in the place of one that is
   * there.
   */
  public Training checkpoint(Path folder) {
    checkpointFolder = folder;
    return this;
  }

  /** Writes the checkpoint after so many steps of an epoch, too. */
  public Training checkpointEvery(int steps) {
    checkpointSteps = positive("number of steps", steps);
    return this;
  }

  /** Writes the checkpoint after so much time, too, at the end of a step. */
  public Training checkpointEvery(Duration time) {
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("The time must be positive, not " + time);
    }
    checkpointInterval = time;
    return this;
  }

  /**
   * Goes on from the checkpoint in the folder, if there is one; the result is then the same as if
   * the training had never been interrupted. A checkpoint of another network, or of a training with
   * other settings or data, is refused; only the number of epochs may differ. Of the data in a
   * {@link DataSetIterator} no more is compared than the dimensions of the first batch.
   */
  public Training resume(Path folder) {
    resume = true;
    return checkpoint(folder);
  }

  public Training progress(TrainingProgress listener) {
    progress = listener;
    return this;
  }

  /** DL4J's own listeners, called after each step. */
  public Training listeners(TrainingListener... dl4jListeners) {
    listeners = List.of(dl4jListeners);
    return this;
  }

  private static double notNegative(String what, double number) {
    if (!(number >= 0 && number < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("The " + what + " must be 0 or more, not " + number);
    }
    return number;
  }

  private static int positive(String what, int number) {
    if (number < 1) {
      throw new IllegalArgumentException("The " + what + " must be at least 1, not " + number);
    }
    return number;
  }

  /**
   * Trains on images or rows of a table, shuffled anew each epoch.
   *
   * @throws IllegalArgumentException if the features or labels do not fit the model
   * @throws dev.sardonyx.ir.backend.UnsupportedModelException if DL4J cannot express the model
   * @throws TrainingException if the loss is no longer a number
   * @throws IOException if a checkpoint cannot be written or read
   */
  public TrainingResult run(Examples examples) throws IOException {
    String what = examples instanceof LabelledImages ? "images" : "rows";
    shapes.requireOneOfEach(what);
    shapes.requireFeatures(0, examples.features(), "the " + what);
    int heldOut = (int) Math.round(examples.size() * validationShare);
    Examples learnt = examples.range(0, examples.size() - heldOut);
    Examples validation = examples.range(learnt.size(), examples.size());
    if (learnt.size() == 0) {
      throw new IllegalArgumentException("There are no " + what + " to learn from: " + examples);
    }
    OutputLoss loss = losses.forLabels(0, examples.labels().dim(1).value());
    Losses.classes(model).ifPresent(examples::requireClasses);
    shapes.requireLabels(0, loss.function(), examples.labels());
    List<OutputLoss> chosen = List.of(loss);
    return train(
        chosen,
        settings(chosen, batchSize, examples.fingerprint()),
        epoch -> Batches.of(augmented(learnt.shuffledBatches(batchSize, mix(seed, epoch)), epoch)),
        learnt.size(),
        heldOut == 0 ? null : () -> Batches.of(validation.batches(batchSize)));
  }

  /** Trains on whatever an iterator gives, without validation. */
  public TrainingResult run(DataSetIterator data) throws IOException {
    return run(data, null);
  }

  /**
   * Trains on whatever an iterator gives. It is reset before each epoch; the order is its own, and
   * so is how well a run can be repeated.
   *
   * @param data one that cannot be reset does for one epoch
   * @param validation data to evaluate after each epoch
   * @throws IllegalArgumentException if the data do not fit the model, or cannot be repeated as
   *     often as there are epochs
   */
  public TrainingResult run(DataSetIterator data, @Nullable DataSetIterator validation)
      throws IOException {
    Batches.requireRepeatable(data, epochs);
    if (validation != null) {
      Batches.requireRepeatable(validation, epochs);
    }
    DataSet first = Batches.rewound(data).next();
    shapes.requireOneOfEach("a DataSetIterator");
    List<OutputLoss> chosen = fitting(first.toMultiDataSet());
    return train(
        chosen,
        settings(chosen, first.numExamples(), DataShapes.kind(first.toMultiDataSet())),
        epoch ->
            Batches.of(
                data.resetSupported() ? Batches.rewound(data) : new PeekedIterator(first, data)),
        0,
        validation == null ? null : () -> Batches.of(Batches.rewound(validation)));
  }

  /** Trains on several inputs and outputs, in the order of the model's, without validation. */
  public TrainingResult run(MultiDataSetIterator data) throws IOException {
    return run(data, null);
  }

  /**
   * Trains on several inputs and outputs, in the order of the model's. The iterator is reset before
   * each epoch; the order is its own.
   *
   * @param validation data to evaluate after each epoch
   * @throws IllegalArgumentException if the data do not fit the model, or an iterator cannot be
   *     reset
   */
  public TrainingResult run(MultiDataSetIterator data, @Nullable MultiDataSetIterator validation)
      throws IOException {
    MultiDataSet first = Batches.rewound(data).next();
    List<OutputLoss> chosen = fitting(first);
    return train(
        chosen,
        settings(chosen, Math.toIntExact(first.getFeatures(0).size(0)), DataShapes.kind(first)),
        epoch -> Batches.of(Batches.rewound(data)),
        0,
        validation == null ? null : () -> Batches.of(Batches.rewound(validation)));
  }

  /** The losses for a batch, which must fit the model. */
  private List<OutputLoss> fitting(MultiDataSet batch) {
    shapes.requireFeatures(batch);
    List<OutputLoss> chosen = new ArrayList<>();
    for (int i = 0; i < batch.numLabelsArrays(); i++) {
      Shape labels = Shape.of(batch.getLabels(i).shape());
      chosen.add(losses.forLabels(i, labels.rank() < 2 ? 1 : labels.dim(1).value()));
      shapes.requireLabels(i, chosen.get(i).function(), labels);
    }
    return chosen;
  }

  /** What decides about the course of this training. */
  private TrainingSettings settings(List<OutputLoss> chosen, int batch, String data) {
    Map<String, String> values = new TreeMap<>();
    values.put("seed", String.valueOf(seed));
    values.put("batch size", String.valueOf(batch));
    values.put("updater", chosenUpdater().toString());
    values.put("loss", chosen.stream().map(OutputLoss::toString).collect(Collectors.joining(", ")));
    values.put("class weights", losses.classWeights());
    values.put("L1", String.valueOf(l1));
    values.put("L2", String.valueOf(l2));
    values.put("weight decay", String.valueOf(weightDecay));
    values.put("gradient normalization", gradientNormalization + " " + gradientThreshold);
    values.put("frozen part", new TreeSet<>(frozenUntil).toString());
    values.put("augmentation", augmentation == null ? "none" : name(augmentation));
    values.put("validation share", String.valueOf(validationShare));
    values.put("patience", String.valueOf(patience));
    values.put(TrainingSettings.DATA, data);
    return new TrainingSettings(values);
  }

  /**
   * A name that is the same in every process. The class name of a lambda is not, so for one it is
   * the class that contains it.
   */
  private static String name(Augmentation augmentation) {
    if (augmentation instanceof ImageAugmentation images) {
      return images.toString();
    }
    String name = augmentation.getClass().getName();
    return augmentation.getClass().isHidden() ? name.replaceFirst("\\$\\$Lambda.*", "") : name;
  }

  private DataSetIterator augmented(DataSetIterator batches, int epoch) {
    if (augmentation != null) {
      batches.setPreProcessor(augmentation.of(mix(mix(seed, epoch), -1)));
    }
    return batches;
  }

  private IUpdater chosenUpdater() {
    return updater != null ? updater : new Adam(learningRate);
  }

  private TrainingResult train(
      List<OutputLoss> chosen,
      TrainingSettings settings,
      IntFunction<Batches> batches,
      long imagesPerEpoch,
      TrainingLoop.@Nullable Validation validation)
      throws IOException {
    if (patience > 0 && validation == null) {
      throw new IllegalArgumentException("Early stopping needs data to validate on");
    }
    Dl4jRuntime.prepare();
    Dl4jRuntime.advice().ifPresent(progress::note);
    CompiledNetwork compiled =
        NetworkCompiler.forTraining(
            model,
            new TrainingMethod(
                chosen,
                chosenUpdater(),
                seed,
                l1,
                l2,
                weightDecay,
                gradientNormalization,
                gradientThreshold,
                frozenUntil));
    if (!compiled.fixed().isEmpty()) {
      progress.note(
          "Not trained, for DL4J has no layer that trains a single number: "
              + String.join(", ", compiled.fixed()));
    }
    TrainingLoop loop =
        new TrainingLoop(
            compiled,
            chosen.stream().map(OutputLoss::function).toList(),
            epochs,
            seed,
            patience,
            settings,
            Optional.ofNullable(checkpointFolder)
                .map(f -> new CheckpointPlan(f, checkpointSteps, checkpointInterval)),
            progress,
            listeners);
    Path folder = checkpointFolder;
    if (folder == null) {
      return loop.run(batches, imagesPerEpoch, validation);
    }
    try (CheckpointLock lock = CheckpointLock.of(folder)) {
      if (resume) {
        loop.resume(folder);
      }
      return loop.run(batches, imagesPerEpoch, validation);
    }
  }

  /** A seed for one part, such as an epoch, of what a seed decides. */
  static long mix(long seed, int epoch) {
    return (seed * 0x9E3779B97F4A7C15L + epoch) * 0xBF58476D1CE4E5B9L;
  }
}
