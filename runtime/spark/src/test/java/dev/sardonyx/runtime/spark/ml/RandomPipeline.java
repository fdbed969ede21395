package dev.sardonyx.runtime.spark.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.ElementwiseProduct;
import org.apache.spark.ml.feature.IDFModel;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.MaxAbsScalerModel;
import org.apache.spark.ml.feature.MinMaxScalerModel;
import org.apache.spark.ml.feature.Normalizer;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.feature.StandardScalerModel;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * A pipeline of stages with random parameters, as fitting might have left them, and random rows for
 * it, with values that are missing, never seen before, zero, huge and tiny.
 */
final class RandomPipeline {
  private static final StructType COLUMNS =
      StructType.fromDDL(
          "id int, d double, f float, i int, l bigint, b boolean, t string, u string");

  private static final int ROWS = 8;
  private static final String[] WORDS = {"red", "green", "blue", "Grün", "a b", "never", ""};

  private static final double[] EXTREMES = {
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    1e300,
    -1e300,
    -0.0,
    Double.MIN_VALUE,
    1e-310
  };
  private static final String[] INVALID = {"error", "keep", "skip"};

  private final Random random;
  private final int vectorSize;
  private final List<PipelineStage> stages = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();

  /** The columns of numbers and vectors that later stages can use, and the vectors' sizes. */
  private final List<String> numbers = new ArrayList<>(List.of("d", "f", "i", "l", "b"));

  RandomPipeline(long seed) {
    random = new Random(seed * 7919 + 17);
    vectorSize = 1 + random.nextInt(4);
    for (int row = 0; row < ROWS; row++) {
      rows.add(row(row));
    }
    List<String> parts = new ArrayList<>();
    parts.add("v");
    int size = vectorSize;
    if (random.nextBoolean()) {
      size += categories(parts);
    }
    if (random.nextBoolean()) {
      impute();
    }
    if (random.nextInt(3) == 0) {
      bucketize();
    }
    if (random.nextInt(3) == 0) {
      binarize();
    }
    for (String each : numbers) {
      if (random.nextInt(3) == 0) {
        parts.add(each);
        size++;
      }
    }
    add(
        new VectorAssembler()
            .setInputCols(parts.toArray(String[]::new))
            .setOutputCol("x0")
            .setHandleInvalid(pick(INVALID)));
    String features = "x0";
    int steps = random.nextInt(3);
    for (int step = 1; step <= steps; step++) {
      size = vectorStep(features, "x" + step, size);
      features = "x" + step;
    }
    new RandomModels(random, size).addTo(stages, features);
  }

  /** The rows' columns. */
  StructType schema() {
    return COLUMNS.add(new AttributeGroup("v", vectorSize).toStructField());
  }

  List<Transformer> stages() {
    return stages.stream().map(Transformer.class::cast).toList();
  }

  List<Row> rows() {
    return rows;
  }

  private void add(PipelineStage stage) {
    stages.add(stage);
  }

  private <T> T pick(T[] from) {
    return from[random.nextInt(from.length)];
  }

  private Row row(int id) {
    double[] vector = DoubleStream.generate(this::number).limit(vectorSize).toArray();
    Vector made = Vectors.dense(vector);
    return RowFactory.create(
        id,
        number(),
        (float) number(),
        random.nextInt(9) == 0 ? random.nextInt() : random.nextInt(20) - 5,
        random.nextInt(9) == 0 ? random.nextLong() : (long) random.nextInt(1000) - 50,
        random.nextBoolean(),
        pick(WORDS),
        pick(WORDS),
        random.nextBoolean() ? made.toSparse() : made);
  }

  private double number() {
    return switch (random.nextInt(16)) {
      case 0 -> 0;
      case 1 -> Double.NaN;
      case 2 -> 1e6 * random.nextGaussian();
      case 3 -> 1e-9 * random.nextGaussian();
      case 4 -> EXTREMES[random.nextInt(EXTREMES.length)];
      case 5, 6, 7 -> random.nextInt(7) - 2;
      default -> random.nextGaussian() * 2;
    };
  }

  private double[] array(int length, DoubleSupplier each) {
    return DoubleStream.generate(each).limit(length).toArray();
  }

  // Columns

  private int categories(List<String> parts) {
    String[][] labels = {labels(), labels()};
    String invalid = pick(INVALID);
    add(
        new StringIndexerModel("indexer", labels)
            .setInputCols(new String[] {"t", "u"})
            .setOutputCols(new String[] {"ti", "ui"})
            .setHandleInvalid(invalid));
    numbers.add("ti");
    int known = labels[1].length + (invalid.equals("keep") ? 1 : 0);
    if (random.nextInt(4) == 0) {
      String[] names = IntStream.range(0, known).mapToObj(i -> "name" + i).toArray(String[]::new);
      add(new IndexToString().setInputCol("ui").setOutputCol("un").setLabels(names));
    }
    boolean keeps = random.nextBoolean();
    boolean drops = random.nextBoolean();
    OneHotEncoderModel encoder = new OneHotEncoderModel("encoder", new int[] {known});
    encoder.set(encoder.inputCols(), new String[] {"ui"});
    encoder.set(encoder.outputCols(), new String[] {"uv"});
    add(encoder.setDropLast(drops).setHandleInvalid(keeps ? "keep" : "error"));
    parts.add("uv");
    return known + (keeps ? 1 : 0) - (drops ? 1 : 0);
  }

  private String[] labels() {
    return Arrays.copyOf(WORDS, 2 + random.nextInt(WORDS.length - 3));
  }

  private void impute() {
    String[] in = {"d", "f", "i"};
    ImputerModel imputer =
        new ImputerModel(
            "imputer", in, new double[] {random.nextGaussian(), 0.1, random.nextGaussian() * 9});
    imputer.set(imputer.inputCols(), in);
    imputer.set(imputer.outputCols(), new String[] {"dd", "ff", "ii"});
    imputer.set(imputer.missingValue(), pick(new Double[] {Double.NaN, 0.0, 1.0}));
    add(imputer);
    numbers.addAll(List.of("dd", "ff", "ii"));
  }

  private void bucketize() {
    double[] splits =
        IntStream.range(0, 3 + random.nextInt(3)).asDoubleStream().map(i -> i * 1.5 - 2).toArray();
    if (random.nextBoolean()) {
      splits[0] = Double.NEGATIVE_INFINITY;
      splits[splits.length - 1] = Double.POSITIVE_INFINITY;
    }
    add(
        new Bucketizer()
            .setInputCol(pick(new String[] {"d", "f", "i"}))
            .setOutputCol("bucket")
            .setSplits(splits)
            .setHandleInvalid(pick(INVALID)));
    numbers.add("bucket");
  }

  private void binarize() {
    add(
        random.nextBoolean()
            ? new Binarizer()
                .setInputCols(new String[] {"d", "v"})
                .setOutputCols(new String[] {"bd", "bv"})
                .setThresholds(new double[] {0.5, random.nextGaussian()})
            : new Binarizer().setInputCol("d").setOutputCol("bd").setThreshold(0));
    numbers.add("bd");
  }

  // Vectors

  private int vectorStep(String in, String out, int size) {
    Transformer stage =
        switch (random.nextInt(8)) {
          case 0 -> {
            StandardScalerModel scaler =
                new StandardScalerModel(
                    "standard", Vectors.dense(array(size, this::positive)), vector(size));
            scaler.set(scaler.withMean(), random.nextBoolean());
            scaler.set(scaler.withStd(), random.nextBoolean());
            yield scaler;
          }
          case 1 -> {
            double[] low = array(size, random::nextGaussian);
            double[] high = Arrays.stream(low).map(each -> each + positive()).toArray();
            MinMaxScalerModel scaler =
                new MinMaxScalerModel("minmax", Vectors.dense(low), Vectors.dense(high));
            scaler.set(scaler.min(), -1.0);
            scaler.set(scaler.max(), 1 + random.nextDouble());
            yield scaler;
          }
          case 2 -> new MaxAbsScalerModel("maxabs", Vectors.dense(array(size, this::positive)));
          case 3 ->
              new Normalizer()
                  .setP(pick(new Double[] {1.0, 2.0, 3.0, 1.5, Double.POSITIVE_INFINITY}));
          case 4 -> new ElementwiseProduct().setScalingVec(vector(size));
          case 5 ->
              new IDFModel(
                  "idf",
                  new org.apache.spark.mllib.feature.IDFModel(
                      org.apache.spark.mllib.linalg.Vectors.dense(array(size, this::positive)),
                      new long[size],
                      9));
          case 6 ->
              new PCAModel(
                  "pca",
                  new DenseMatrix(size, size, array(size * size, random::nextGaussian)),
                  new DenseVector(new double[size]));
          default -> new VectorSlicer().setIndices(new int[] {size - 1}).setNames(new String[0]);
        };
    stage.set(stage.getParam("inputCol"), in);
    stage.set(stage.getParam("outputCol"), out);
    if (stage instanceof PCAModel pca) {
      pca.set(pca.k(), size);
    }
    add(stage);
    return stage instanceof VectorSlicer ? 1 : size;
  }

  private Vector vector(int size) {
    return Vectors.dense(array(size, random::nextGaussian));
  }

  /** Also 0, which scalers treat apart. */
  private double positive() {
    return random.nextInt(5) == 0 ? 0 : random.nextDouble() * 3;
  }
}
