package dev.sardonyx.runtime.spark.ml;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.DecisionTreeClassificationModel;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.classification.MultilayerPerceptronClassificationModel;
import org.apache.spark.ml.classification.NaiveBayesModel;
import org.apache.spark.ml.classification.RandomForestClassificationModel;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.regression.DecisionTreeRegressionModel;
import org.apache.spark.ml.regression.GBTRegressionModel;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.ml.regression.RandomForestRegressionModel;
import org.apache.spark.ml.tree.CategoricalSplit;
import org.apache.spark.ml.tree.ContinuousSplit;
import org.apache.spark.ml.tree.InternalNode;
import org.apache.spark.ml.tree.LeafNode;
import org.apache.spark.ml.tree.Node;
import org.apache.spark.ml.tree.Split;
import org.apache.spark.mllib.tree.impurity.GiniCalculator;

/** A model with random parameters on vectors of some size, as a pipeline's last stage. */
final class RandomModels {
  private final Random random;
  private final int features;

  RandomModels(Random random, int features) {
    this.random = random;
    this.features = features;
  }

  void addTo(List<PipelineStage> stages, String featuresCol) {
    List<Supplier<PipelineStage>> kinds =
        List.of(
            this::binary,
            this::multinomial,
            this::linear,
            this::generalized,
            this::supportVectors,
            this::bayes,
            this::perceptron,
            this::clusters,
            () -> thresholds(tree(classes()), true),
            () -> thresholds(forest(classes()), true),
            () -> new DecisionTreeRegressionModel("t", node(0, 0), features),
            this::meanOfTrees,
            () -> new GBTRegressionModel("g", trees(), weights(3), features),
            () ->
                thresholds(
                    new GBTClassificationModel("g", trees(), weights(3), features, 2), false));
    PipelineStage made = kinds.get(random.nextInt(kinds.size())).get();
    String from = featuresCol;
    if (made instanceof NaiveBayesModel && !made.uid().equals("gaussian")) {
      from = "counts"; // of which it takes only such
      stages.add(
          new Binarizer()
              .setInputCol(featuresCol)
              .setOutputCol(from)
              .setThreshold(random.nextInt(2) - 0.5));
    }
    made.set(made.getParam("featuresCol"), from);
    stages.add(made);
  }

  private PipelineStage meanOfTrees() {
    RandomForestRegressionModel model = new RandomForestRegressionModel("f", trees(), features);
    model.set(model.getParam("numTrees"), 3);
    return model;
  }

  private int classes() {
    return 2 + random.nextInt(3);
  }

  private double[] array(int length, DoubleSupplier each) {
    return DoubleStream.generate(each).limit(length).toArray();
  }

  private double[] weights(int length) {
    return array(length, random::nextGaussian);
  }

  private Vector vector(int size) {
    Vector made =
        Vectors.dense(array(size, () -> random.nextInt(3) == 0 ? 0 : random.nextGaussian()));
    return random.nextBoolean() ? made.toSparse() : made;
  }

  private Matrix matrix(int rows, DoubleSupplier each) {
    return new DenseMatrix(rows, features, array(rows * features, each));
  }

  private double intercept() {
    return random.nextBoolean() ? 0 : random.nextGaussian();
  }

  /** Thresholds of a classifier, if any; one of them may be 0. */
  private PipelineStage thresholds(PipelineStage model, boolean many) {
    if (random.nextInt(3) == 0) {
      int count =
          many
              ? ((org.apache.spark.ml.classification.ClassificationModel<?, ?>) model).numClasses()
              : 2;
      double[] each = array(count, () -> 0.1 + random.nextDouble());
      if (random.nextInt(3) == 0) {
        each[random.nextInt(count)] = 0;
      }
      model.set(model.getParam("thresholds"), each);
    }
    return model;
  }

  private PipelineStage binary() {
    LogisticRegressionModel model = new LogisticRegressionModel("l", vector(features), intercept());
    switch (random.nextInt(4)) {
      case 0 -> model.setThreshold(random.nextInt(3) / 2.0);
      case 1 -> model.setThreshold(random.nextDouble());
      case 2 -> model.setThresholds(new double[] {0.2 + random.nextDouble(), 0.7});
      default -> {}
    }
    return model;
  }

  private PipelineStage multinomial() {
    int classes = classes();
    Matrix weights = matrix(classes, random::nextGaussian);
    return thresholds(
        new LogisticRegressionModel(
            "m",
            random.nextBoolean() ? weights : weights.toSparse(),
            vector(classes),
            classes,
            true),
        true);
  }

  private PipelineStage linear() {
    return new LinearRegressionModel("l", vector(features), intercept());
  }

  private PipelineStage generalized() {
    GeneralizedLinearRegressionModel model =
        new GeneralizedLinearRegressionModel("g", vector(features), intercept());
    String family =
        List.of("gaussian", "binomial", "poisson", "gamma", "tweedie").get(random.nextInt(5));
    model.set(model.family(), family);
    if (family.equals("tweedie")) {
      model.set(model.variancePower(), List.of(0.0, 1.0, 1.5, 2.0, 2.5).get(random.nextInt(5)));
      if (random.nextBoolean()) {
        model.set(model.linkPower(), List.of(-1.0, 0.0, 0.5, 1.0, 2.0, 3.0).get(random.nextInt(6)));
      }
    } else if (random.nextInt(3) > 0) {
      List<String> fit =
          switch (family) {
            case "gaussian" -> List.of("identity", "log", "inverse");
            case "binomial" -> List.of("logit", "probit", "cloglog");
            case "poisson" -> List.of("log", "identity", "sqrt");
            default -> List.of("inverse", "identity", "log");
          };
      model.set(model.link(), fit.get(random.nextInt(3)));
    }
    if (random.nextBoolean()) {
      model.setLinkPredictionCol("eta");
    }
    if (random.nextInt(4) == 0) {
      model.set(model.offsetCol(), "i");
    }
    return model;
  }

  private PipelineStage supportVectors() {
    LinearSVCModel model = new LinearSVCModel("s", vector(features), intercept());
    return random.nextBoolean() ? model : model.setThreshold(random.nextGaussian());
  }

  private PipelineStage bayes() {
    int classes = classes();
    String type =
        List.of("gaussian", "multinomial", "complement", "bernoulli").get(random.nextInt(4));
    boolean isGaussian = type.equals("gaussian");
    NaiveBayesModel model =
        new NaiveBayesModel(
            type,
            vector(classes),
            matrix(classes, () -> isGaussian ? 1000 + random.nextGaussian() : -random.nextDouble()),
            isGaussian ? matrix(classes, () -> 0.01 + random.nextDouble()) : matrix(0, () -> 0));
    model.set(model.modelType(), type);
    return thresholds(model, true);
  }

  private PipelineStage perceptron() {
    int classes = classes();
    int[] layers = {features, 3, classes};
    MultilayerPerceptronClassificationModel model =
        new MultilayerPerceptronClassificationModel(
            "p", Vectors.dense(weights(3 * features + 3 + 3 * classes + classes)));
    model.set(model.layers(), layers);
    return thresholds(model, true);
  }

  private PipelineStage clusters() {
    double far = random.nextBoolean() ? 0 : 1e7;
    org.apache.spark.mllib.linalg.Vector[] centers =
        IntStream.range(0, 2 + random.nextInt(3))
            .mapToObj(
                k ->
                    org.apache.spark.mllib.linalg.Vectors.dense(
                        array(features, () -> far + random.nextGaussian())))
            .toArray(org.apache.spark.mllib.linalg.Vector[]::new);
    String measure = random.nextBoolean() ? "euclidean" : "cosine";
    KMeansModel model =
        new KMeansModel(
            "k", new org.apache.spark.mllib.clustering.KMeansModel(centers, measure, 0, 1));
    model.set(model.distanceMeasure(), measure);
    return model;
  }

  // Trees

  private DecisionTreeClassificationModel tree(int classes) {
    return new DecisionTreeClassificationModel("t", node(0, classes), features, classes);
  }

  private RandomForestClassificationModel forest(int classes) {
    return new RandomForestClassificationModel(
        "f",
        Stream.generate(() -> tree(classes))
            .limit(1 + random.nextInt(4))
            .toArray(DecisionTreeClassificationModel[]::new),
        features,
        classes);
  }

  private DecisionTreeRegressionModel[] trees() {
    return Stream.generate(() -> new DecisionTreeRegressionModel("t", node(0, 0), features))
        .limit(3)
        .toArray(DecisionTreeRegressionModel[]::new);
  }

  /**
   * @param classes 0 for a tree of numbers
   */
  private Node node(int depth, int classes) {
    double[] counts = array(Math.max(classes, 2), () -> 1 + random.nextInt(9));
    GiniCalculator stats = new GiniCalculator(counts, 10);
    if (depth == 4 || random.nextInt(4) == 0) {
      return new LeafNode(classes == 0 ? random.nextGaussian() * 3 : 0, 0, stats);
    }
    return new InternalNode(
        0, 0, 0, node(depth + 1, classes), node(depth + 1, classes), split(), stats);
  }

  private Split split() {
    int feature = random.nextInt(features);
    if (random.nextInt(3) > 0) {
      return new ContinuousSplit(
          feature, random.nextBoolean() ? random.nextInt(5) - 1 : random.nextGaussian());
    }
    int categories = 2 + random.nextInt(40);
    double[] left =
        IntStream.range(0, categories)
            .filter(each -> random.nextBoolean())
            .asDoubleStream()
            .toArray();
    return new CategoricalSplit(
        feature,
        left.length == 0
            ? new double[] {0}
            : Arrays.copyOf(left, Math.min(left.length, categories - 1)),
        categories);
  }
}
