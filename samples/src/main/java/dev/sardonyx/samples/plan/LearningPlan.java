package dev.sardonyx.samples.plan;

import dev.sardonyx.training.ImageAugmentation;
import dev.sardonyx.training.Loss;
import dev.sardonyx.training.Training;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.learning.config.IUpdater;

/** How a network learns. */
public final class LearningPlan {
  private static final List<String> KEYS =
      List.of(
          "epochs",
          "batch-size",
          "seed",
          "updater",
          "learning-rate",
          "loss",
          "l1",
          "l2",
          "weight-decay",
          "clip-norm",
          "clip-value",
          "class-weights",
          "augmentation",
          "validation",
          "early-stopping",
          "checkpoint",
          "checkpoint-every");

  private final PlanMap map;
  private final int epochs;
  private final int batchSize;
  private final long seed;
  private final UpdaterPlan updater;
  private final Optional<Loss> loss;
  private final double validation;
  private final Optional<Path> checkpoint;
  private final List<UnaryOperator<Training>> options = new ArrayList<>();
  private final boolean augments;

  private LearningPlan(PlanMap map) throws PlanException {
    this.map = map;
    this.epochs = map.count("epochs", 1, 1);
    this.batchSize = map.count("batch-size", 1, 64);
    this.seed = map.has("seed") ? map.need("seed").whole(Long.MIN_VALUE, Long.MAX_VALUE) : 42;
    this.updater = UpdaterPlan.of(map);
    this.loss = loss(map);
    this.validation = map.number("validation", PlanNode.Bounds.SHARE, 0.1);
    this.checkpoint =
        map.has("checkpoint") ? Optional.of(map.need("checkpoint").path()) : Optional.empty();
    this.augments = map.has("augmentation");
    readOptions();
  }

  /** What a plan says under {@code training}. */
  static LearningPlan of(Optional<PlanNode> node) throws PlanException {
    return new LearningPlan(
        node.isPresent()
            ? node.get().map(KEYS.toArray(String[]::new))
            : new PlanMap(TrainPlan.NOWHERE, Map.of(), Map.of()));
  }

  private void readOptions() throws PlanException {
    if (map.has("l1")) {
      double factor = map.need("l1").number(PlanNode.Bounds.NOT_NEGATIVE);
      options.add(training -> training.l1(factor));
    }
    if (map.has("l2")) {
      double factor = map.need("l2").number(PlanNode.Bounds.NOT_NEGATIVE);
      options.add(training -> training.l2(factor));
    }
    if (map.has("weight-decay")) {
      double share = map.need("weight-decay").number(PlanNode.Bounds.NOT_NEGATIVE);
      options.add(training -> training.weightDecay(share));
    }
    map.requireWith("clip-value", !map.has("clip-norm"), "trainings without 'clip-norm'");
    if (map.has("clip-norm")) {
      double limit = map.need("clip-norm").number(PlanNode.Bounds.POSITIVE);
      options.add(training -> training.clipByNorm(limit));
    }
    if (map.has("clip-value")) {
      double limit = map.need("clip-value").number(PlanNode.Bounds.POSITIVE);
      options.add(training -> training.clipByValue(limit));
    }
    if (augments) {
      ImageAugmentation changes = augmentation(map.need("augmentation"));
      options.add(training -> training.augmentation(changes));
    }
    map.requireWith("early-stopping", validation > 0, "trainings with a share for 'validation'");
    if (map.has("early-stopping")) {
      int patience = map.need("early-stopping").count(1);
      options.add(training -> training.earlyStopping(patience));
    }
    map.requireWith("checkpoint-every", checkpoint.isPresent(), "trainings with a 'checkpoint'");
    if (map.has("checkpoint-every")) {
      options.add(every(map.need("checkpoint-every")));
    }
  }

  private static UnaryOperator<Training> every(PlanNode node) throws PlanException {
    String text = node.text();
    if (node.isNumber()) {
      int steps = node.count(1);
      return training -> training.checkpointEvery(steps);
    }
    if (!text.matches("[1-9]\\d{0,8} ?(s|min|h)")) {
      throw node.wrong("is '" + text + "', not a number of steps or a time such as 5 min");
    }
    long amount = Long.parseLong(text.replaceAll("\\D", ""));
    Duration time =
        text.endsWith("s")
            ? Duration.ofSeconds(amount)
            : text.endsWith("h") ? Duration.ofHours(amount) : Duration.ofMinutes(amount);
    return training -> training.checkpointEvery(time);
  }

  private static ImageAugmentation augmentation(PlanNode node) throws PlanException {
    PlanMap map = node.map("shift", "flip", "brightness");
    ImageAugmentation changes =
        ImageAugmentation.NONE
            .shift(map.has("shift") ? (int) map.need("shift").whole(0, 1 << 20) : 0)
            .brightness(map.number("brightness", PlanNode.Bounds.SHARE, 0));
    return map.flag("flip", false) ? changes.flip() : changes;
  }

  private static Optional<Loss> loss(PlanMap map) throws PlanException {
    if (!map.has("loss")) {
      return Optional.empty();
    }
    PlanNode node = map.need("loss");
    if (node.isMap()) {
      return Optional.of(
          Loss.huber(node.map("huber").need("huber").number(PlanNode.Bounds.POSITIVE)));
    }
    Map<String, Loss> losses = new LinkedHashMap<>();
    losses.put("cross-entropy", Loss.crossEntropy());
    losses.put("cross-entropy-from-logits", Loss.crossEntropyFromLogits());
    losses.put("mean-squared-error", Loss.meanSquaredError());
    losses.put("mean-absolute-error", Loss.meanAbsoluteError());
    losses.put("huber", Loss.huber(1));
    return Optional.ofNullable(losses.get(node.word(List.copyOf(losses.keySet()))));
  }

  public int epochs() {
    return epochs;
  }

  public int batchSize() {
    return batchSize;
  }

  /** Decides first weights, the order of examples, and which are tested on. */
  public long seed() {
    return seed;
  }

  /** The share of the examples to learn from that is held out to validate on. */
  public double validation() {
    return validation;
  }

  /** The folder that the state of the training is kept in. */
  public Optional<Path> checkpoint() {
    return checkpoint;
  }

  /** The updater and its learning rate, such as {@code Adam 0.001}. */
  public String title() {
    return updater.title();
  }

  /** The updater, DL4J's. */
  public IUpdater updater() {
    return updater.updater();
  }

  /**
   * A training with all that the plan says, but for its checkpoint.
   *
   * @param images whether images are learnt from
   * @param classes their names; none if numbers are to be predicted
   * @param counts how many examples there are of each
   * @throws PlanException naming what does not go with the data
   */
  public Training applyTo(Training training, boolean images, List<String> classes, long[] counts)
      throws PlanException {
    map.requireWith("augmentation", images, "images");
    map.requireWith(
        "class-weights", !classes.isEmpty() && loss.isEmpty(), "classes without 'loss'");
    Training all =
        training
            .epochs(epochs)
            .batchSize(batchSize)
            .seed(seed)
            .validationShare(validation)
            .updater(updater.updater());
    for (UnaryOperator<Training> option : options) {
      all = option.apply(all);
    }
    if (map.has("class-weights")) {
      all = all.classWeights(classWeights(map.need("class-weights"), classes, counts));
    }
    if (loss.isPresent()) {
      return all.loss(loss.get());
    }
    return classes.isEmpty() ? all.loss(Loss.meanSquaredError()) : all;
  }

  private static double[] classWeights(PlanNode node, List<String> classes, long[] counts)
      throws PlanException {
    double[] weights = new double[classes.size()];
    Arrays.fill(weights, 1);
    if (node.isMap()) {
      PlanMap given = node.map(classes.toArray(String[]::new));
      for (String name : given.names()) {
        weights[classes.indexOf(name)] = given.need(name).number(PlanNode.Bounds.POSITIVE);
      }
      return weights;
    }
    if (node.isText()) {
      node.word(List.of("balanced"));
      long total = Arrays.stream(counts).sum();
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (double) total / (weights.length * Math.max(1, counts[i]));
      }
      return weights;
    }
    List<Double> numbers = node.numbers(PlanNode.Bounds.POSITIVE);
    if (numbers.size() != weights.length) {
      throw node.wrong(
          "has %d numbers, but there are %d classes".formatted(numbers.size(), weights.length));
    }
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
