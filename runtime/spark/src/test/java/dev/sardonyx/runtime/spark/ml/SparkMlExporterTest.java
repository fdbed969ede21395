package dev.sardonyx.runtime.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.spark.Cluster;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.classification.DecisionTreeClassifier;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.ml.classification.LinearSVC;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.MultilayerPerceptronClassifier;
import org.apache.spark.ml.classification.NaiveBayes;
import org.apache.spark.ml.classification.RandomForestClassifier;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.CountVectorizerModel;
import org.apache.spark.ml.feature.ElementwiseProduct;
import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.IDF;
import org.apache.spark.ml.feature.Imputer;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.MaxAbsScaler;
import org.apache.spark.ml.feature.MinMaxScaler;
import org.apache.spark.ml.feature.NGram;
import org.apache.spark.ml.feature.Normalizer;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.Tokenizer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorIndexer;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.DecisionTreeRegressor;
import org.apache.spark.ml.regression.GBTRegressor;
import org.apache.spark.ml.regression.GeneralizedLinearRegression;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.regression.RandomForestRegressor;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What ONNX Runtime computes of exported pipelines is what Spark puts into the same columns. */
final class SparkMlExporterTest {
  private static final Path MNIST =
      Path.of("../../samples/src/main/resources/dev/sardonyx/samples/mnist");
  private static final int IMAGES = 120;
  private static final int SIDE = 7;

  private static SparkSession spark;
  private static Dataset<Row> digits;
  private static Dataset<Row> mixed;

  @BeforeAll
  static void start() throws IOException {
    spark = Cluster.inProcess().newSession(); // settings of its own in the context of all tests
    spark.conf().set("spark.sql.shuffle.partitions", 1);
    spark.conf().set("spark.sql.codegen.wholeStage", false);
    spark.conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN"); // for so few rows
    spark.conf().set("spark.sql.adaptive.enabled", false);
    digits = digits().cache();
    mixed = mixed().cache();
  }

  @AfterAll
  static void release() {
    digits.unpersist();
    mixed.unpersist();
  }

  /** Images of MNIST, each of 7 by 7 means, and whether the digit is above 4. */
  private static Dataset<Row> digits() throws IOException {
    List<Row> rows = new ArrayList<>();
    try (DataInputStream images = idx("t10k-images-idx3-ubyte.gz", 16);
        DataInputStream labels = idx("t10k-labels-idx1-ubyte.gz", 8)) {
      for (int i = 0; i < IMAGES; i++) {
        double[] means = new double[SIDE * SIDE];
        for (int y = 0; y < 28; y++) {
          for (int x = 0; x < 28; x++) {
            means[y / 4 * SIDE + x / 4] += images.readUnsignedByte() / 16.0;
          }
        }
        double digit = labels.readUnsignedByte();
        rows.add(RowFactory.create(Vectors.dense(means), digit % 3, digit > 4 ? 1.0 : 0.0));
      }
    }
    return spark
        .createDataFrame(
            rows,
            new StructType(
                new StructField[] {
                  new StructField("pixels", SQLDataTypes.VectorType(), false, Metadata.empty()),
                  DataTypes.createStructField("label", DataTypes.DoubleType, false),
                  DataTypes.createStructField("large", DataTypes.DoubleType, false)
                }))
        .coalesce(1);
  }

  private static DataInputStream idx(String name, int header) throws IOException {
    DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(
                new GZIPInputStream(Files.newInputStream(MNIST.resolve(name)))));
    in.skipNBytes(header);
    return in;
  }

  /** Columns of all types, with what is missing. */
  private static Dataset<Row> mixed() {
    Random random = new Random(3);
    String[] colours = {"red", "green", "blue", "grey"};
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 160; i++) {
      String colour = colours[random.nextInt(random.nextInt(4) + 1)];
      double size = i % 9 == 0 ? Double.NaN : random.nextGaussian() * 3;
      float age = i % 11 == 0 ? Float.NaN : random.nextInt(80);
      long visits = random.nextInt(50);
      double amount =
          Math.max(0.1, 3 + visits / 10.0 + colour.length() + random.nextGaussian() / 5);
      rows.add(
          RowFactory.create(
              colour,
              size,
              age,
              visits,
              i % 2 == 0 ? "yes" : "no",
              amount,
              amount > 8 ? 1.0 : 0.0));
    }
    return spark
        .createDataFrame(
            rows,
            new StructType()
                .add("colour", DataTypes.StringType)
                .add("size", DataTypes.DoubleType)
                .add("age", DataTypes.FloatType)
                .add("visits", DataTypes.LongType)
                .add("member", DataTypes.StringType)
                .add("amount", DataTypes.DoubleType)
                .add("good", DataTypes.DoubleType))
        .coalesce(1);
  }

  private static PipelineModel fit(Dataset<Row> frame, PipelineStage... stages) {
    return new Pipeline().setStages(stages).fit(frame);
  }

  /** Fits and exports a pipeline, runs both, and compares every column of the export. */
  private static void assertSame(Dataset<Row> frame, PipelineStage... stages) {
    assertSame(frame, frame, fit(frame, stages));
  }

  private static void assertSame(Dataset<Row> schema, Dataset<Row> frame, PipelineModel pipeline) {
    assertSame(SparkMlExporter.of(pipeline, schema.schema()), frame, pipeline);
  }

  private static void assertSame(
      SparkMlExporter exporter, Dataset<Row> frame, PipelineModel pipeline) {
    Model model = Checker.require(exporter.toModel());
    Map<String, Tensor> inputs = new HashMap<>();
    List<Row> rows = frame.collectAsList();
    for (Input input : model.graph().inputs()) {
      inputs.put(input.name(), tensor(input, rows));
    }
    List<Row> expected = pipeline.transform(frame).collectAsList();
    try (var prepared = OrtBackend.cpu().prepare(model)) {
      var actual = prepared.run(inputs);
      for (Output output : model.graph().outputs()) {
        assertColumn(output.name(), expected, actual.tensor(output.name()));
      }
    }
  }

  private static Tensor tensor(Input input, List<Row> rows) {
    ElementType type = ((TensorType) input.type()).elementType();
    int at = rows.get(0).fieldIndex(input.name());
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(rows.stream().map(r -> r.getString(at)).toList(), rows.size(), 1);
    }
    double[] numbers =
        rows.stream().flatMapToDouble(r -> Arrays.stream(numbers(r.get(at)))).toArray();
    return Tensor.ofNumbers(type, numbers, rows.size(), numbers.length / rows.size());
  }

  private static double[] numbers(Object value) {
    return value instanceof Vector vector
        ? vector.toArray()
        : new double[] {((Number) value).doubleValue()};
  }

  private static void assertColumn(String column, List<Row> expected, Tensor actual) {
    if (actual.elementType() == ElementType.STRING) {
      assertEquals(
          expected.stream().map(r -> r.<String>getAs(column)).toList(), actual.strings(), column);
      return;
    }
    double[] got = actual.toDoubles();
    int at = 0;
    for (int r = 0; r < expected.size(); r++) {
      for (double each : numbers(expected.get(r).getAs(column))) {
        double off = Math.abs(got[at] - each);
        assertTrue(
            off <= 1e-5 * Math.max(1, Math.abs(each))
                || Double.isNaN(each) && Double.isNaN(got[at]),
            column + ", row " + r + ": " + got[at] + ", not " + each);
        at++;
      }
    }
    assertEquals(at, got.length, column);
  }

  // Features

  @Test
  void vectorsAreScaledAndCut() {
    assertSame(
        digits,
        new StandardScaler().setInputCol("pixels").setOutputCol("a").setWithMean(true),
        new MinMaxScaler().setInputCol("a").setOutputCol("b").setMin(-1).setMax(3),
        new MaxAbsScaler().setInputCol("b").setOutputCol("c"),
        new Normalizer().setInputCol("c").setOutputCol("d").setP(2),
        new Normalizer().setInputCol("d").setOutputCol("d1").setP(1),
        new Normalizer().setInputCol("d1").setOutputCol("d3").setP(3),
        new Normalizer().setInputCol("d3").setOutputCol("d0").setP(Double.POSITIVE_INFINITY),
        new IDF().setInputCol("d0").setOutputCol("i"),
        new PCA().setInputCol("i").setOutputCol("e").setK(5),
        new ElementwiseProduct()
            .setInputCol("e")
            .setOutputCol("f")
            .setScalingVec(Vectors.dense(1, 2, -3, 4, 0.5)),
        new VectorSlicer().setInputCol("f").setOutputCol("g").setIndices(new int[] {4, 0, 2}));
  }

  private static PipelineStage[] features(String invalid, PipelineStage last) {
    return new PipelineStage[] {
      new StringIndexer()
          .setInputCols(new String[] {"colour", "member"})
          .setOutputCols(new String[] {"colourIndex", "memberIndex"})
          .setHandleInvalid(invalid),
      new OneHotEncoder()
          .setInputCols(new String[] {"colourIndex", "memberIndex"})
          .setOutputCols(new String[] {"colourVector", "memberVector"})
          .setHandleInvalid(invalid),
      new Imputer()
          .setInputCols(new String[] {"size", "age"})
          .setOutputCols(new String[] {"sizeFilled", "ageFilled"}),
      new Bucketizer()
          .setInputCol("ageFilled")
          .setOutputCol("ageGroup")
          .setSplits(new double[] {0, 18, 40, 65, 80}),
      new Binarizer().setInputCol("sizeFilled").setOutputCol("isLarge").setThreshold(0.5),
      new VectorAssembler()
          .setInputCols(
              new String[] {
                "colourVector", "memberVector", "sizeFilled", "ageGroup", "visits", "isLarge"
              })
          .setOutputCol("features"),
      last
    };
  }

  /** A pipeline as people have it, with columns of all types. */
  @Test
  void columnsBecomePredictions() {
    PipelineModel pipeline =
        fit(
            mixed,
            features(
                "keep",
                new LogisticRegression().setLabelCol("good").setMaxIter(2).setThreshold(0.4)));
    assertSame(mixed, mixed, pipeline);
    Model model = SparkMlExporter.of(pipeline, mixed.schema()).toModel();
    assertEquals(
        "[colour string[N,1], member string[N,1], size double[N,1], age float[N,1], visits int64[N,1]]",
        model.graph().inputs().stream().map(i -> i.name() + " " + i.type()).toList().toString());
    // What was never seen is kept as a category of its own.
    Dataset<Row> strange =
        spark.createDataFrame(
            List.of(RowFactory.create("mauve", 1.0, Float.NaN, 3L, "", 0.0, 0.0)), mixed.schema());
    assertSame(mixed, strange, pipeline);
  }

  @Test
  void whatSparkWouldRefuseIsNaN() {
    PipelineModel pipeline =
        fit(mixed, new StringIndexer().setInputCol("colour").setOutputCol("index"));
    Model model = SparkMlExporter.of(pipeline, mixed.schema()).toModel();
    try (var prepared = OrtBackend.cpu().prepare(model)) {
      Tensor index =
          prepared
              .run(Map.of("colour", Tensor.ofStrings(List.of("red", "mauve"), 2, 1)))
              .tensor("index");
      assertEquals("[0.0, NaN]", Arrays.toString(index.toDoubles()));
    }
  }

  // Models

  @Test
  void linearModelsPredictAlike() {
    assertSame(
        mixed,
        new VectorAssembler().setInputCols(new String[] {"visits"}).setOutputCol("features"),
        new LinearRegression().setLabelCol("amount").setMaxIter(2),
        new GeneralizedLinearRegression()
            .setLabelCol("amount")
            .setMaxIter(2)
            .setFamily("poisson")
            .setLink("sqrt")
            .setLinkPredictionCol("sum")
            .setPredictionCol("roots"),
        new GeneralizedLinearRegression()
            .setLabelCol("amount")
            .setMaxIter(2)
            .setFamily("gamma")
            .setPredictionCol("inverses"));
    assertSame(
        digits,
        named("svc", new LinearSVC().setLabelCol("large").setMaxIter(2)),
        named("classes", new LogisticRegression().setMaxIter(2)));
  }

  /** A model on the pixels that names its columns apart from other models'. */
  private static PipelineStage named(String name, PipelineStage stage) {
    stage.set(stage.getParam("featuresCol"), "pixels");
    for (String each : List.of("prediction", "rawPrediction", "probability")) {
      if (stage.hasParam(each + "Col")) {
        stage.set(stage.getParam(each + "Col"), name + each);
      }
    }
    return stage;
  }

  @Test
  void treesPredictAlike() {
    assertSame(
        mixed,
        new StringIndexer().setInputCol("colour").setOutputCol("colourIndex"),
        new VectorAssembler()
            .setInputCols(new String[] {"colourIndex", "visits"})
            .setOutputCol("features"),
        new DecisionTreeClassifier().setLabelCol("good").setMaxDepth(4),
        new DecisionTreeRegressor().setLabelCol("amount").setPredictionCol("amounts"));
    assertSame(
        digits,
        named(
            "forest",
            new RandomForestClassifier()
                .setNumTrees(4)
                .setMaxDepth(3)
                .setSeed(1)
                .setThresholds(new double[] {0.2, 0.5, 0.9})),
        named(
            "boosted",
            new GBTClassifier().setLabelCol("large").setMaxIter(2).setMaxDepth(2).setSeed(1)),
        named("mean", new RandomForestRegressor().setNumTrees(3).setMaxDepth(3).setSeed(1)),
        named("sum", new GBTRegressor().setMaxIter(2).setMaxDepth(2).setSeed(1)));
  }

  @Test
  void otherModelsPredictAlike() {
    assertSame(
        digits,
        named("multinomial", new NaiveBayes().setModelType("multinomial")),
        named("complement", new NaiveBayes().setModelType("complement")),
        named("gaussian", new NaiveBayes().setModelType("gaussian")),
        new MultilayerPerceptronClassifier()
            .setFeaturesCol("pixels")
            .setLayers(new int[] {SIDE * SIDE, 8, 6, 3})
            .setMaxIter(2)
            .setSeed(1),
        new IndexToString()
            .setInputCol("prediction")
            .setOutputCol("name")
            .setLabels(new String[] {"zero", "one", "two"}));
    assertSame(
        mixed,
        new Binarizer().setInputCol("amount").setOutputCol("many").setThreshold(5),
        new VectorAssembler().setInputCols(new String[] {"many"}).setOutputCol("features"),
        new NaiveBayes().setLabelCol("good").setModelType("bernoulli"));
  }

  /** Clusters around given centres: to find some, Spark wants options of the JVM. */
  @Test
  void clustersAreAlike() {
    List<Row> rows = digits.limit(4).collectAsList();
    org.apache.spark.mllib.linalg.Vector[] centers =
        rows.stream()
            .map(r -> org.apache.spark.mllib.linalg.Vectors.fromML(r.<Vector>getAs("pixels")))
            .toArray(org.apache.spark.mllib.linalg.Vector[]::new);
    for (String measure : List.of("euclidean", "cosine")) {
      KMeansModel clusters =
          new KMeansModel(
              "clusters",
              new org.apache.spark.mllib.clustering.KMeansModel(centers, measure, 0, 1));
      clusters.set(clusters.distanceMeasure(), measure);
      clusters.setFeaturesCol("pixels");
      assertSame(digits, clusters);
    }
  }

  // Texts

  private static Dataset<Row> texts(List<String> texts) {
    return spark.createDataFrame(
        texts.stream().map(RowFactory::create).toList(), new StructType().add("text", "string"));
  }

  /** Words as Java splits them, with all its white space, and empty ones; and random texts. */
  private static List<String> texts() {
    List<String> all =
        new ArrayList<>(
            List.of(
                "",
                " ",
                "a",
                " a",
                "a ",
                "a  b",
                "\t\n",
                "Spark spark SPARK",
                "x\u000bA\f\rx y",
                "Grün grün GRÜN ПРИВЕТ привет ΑΒΓ",
                "no\u00a0break\u2003space",
                "a\r\n\r\nb \t "));
    Random random = new Random(5);
    String letters = "aAbB zé\t \n\rÖ";
    for (int i = 0; i < 40; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(14); length > 0; length--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      all.add(text.toString());
    }
    return all;
  }

  @Test
  void wordsAreCountedAlike() {
    Dataset<Row> frame = texts(texts());
    String[] vocabulary = {"a", "", "spark", "b", "grün", "привет", "αβγ", "x", "aa"};
    for (PipelineStage tokenizer :
        List.of(
            new Tokenizer().setInputCol("text").setOutputCol("words"),
            new RegexTokenizer().setInputCol("text").setOutputCol("words"),
            new RegexTokenizer()
                .setInputCol("text")
                .setOutputCol("words")
                .setPattern("\\s")
                .setToLowercase(false))) {
      List<Transformer> stages = new ArrayList<>();
      stages.add((Transformer) tokenizer);
      List<String> columns = new ArrayList<>();
      for (double least : new double[] {0, 0.3, 1, 2}) {
        columns.add("counts" + least);
        stages.add(
            new CountVectorizerModel("v", vocabulary)
                .setInputCol("words")
                .setOutputCol("counts" + least)
                .setMinTF(least)
                .setBinary(least == 0.3));
      }
      for (int size : new int[] {7, 1 << 12}) {
        columns.add("hashes" + size);
        stages.add(
            new HashingTF()
                .setInputCol("words")
                .setOutputCol("hashes" + size)
                .setNumFeatures(size)
                .setBinary(size == 7));
      }
      PipelineModel pipeline = new PipelineModel("p", stages.toArray(Transformer[]::new));
      assertSame(
          SparkMlExporter.of(pipeline, frame.schema()).withOutputs(columns.toArray(String[]::new)),
          frame,
          pipeline);
    }
  }

  /** Where runtimes might write other small letters than Java does, nothing is claimed. */
  @Test
  void capitalLettersOfOtherAlphabetsAreNaN() {
    Dataset<Row> frame = texts(List.of("ΣΑΣ", "İ", "ԱԲ", "\ud801\udc00", "Ā", "ß ā ա"));
    PipelineModel pipeline =
        new PipelineModel(
            "p",
            new Transformer[] {
              new Tokenizer().setInputCol("text").setOutputCol("words"),
              new HashingTF().setInputCol("words").setOutputCol("counts").setNumFeatures(3)
            });
    Model model = SparkMlExporter.of(pipeline, frame.schema()).toModel();
    Tensor text =
        Tensor.ofStrings(frame.collectAsList().stream().map(r -> r.getString(0)).toList(), 6, 1);
    try (var prepared = OrtBackend.cpu().prepare(model)) {
      double[] counts = prepared.run(Map.of("text", text)).tensor("counts").toDoubles();
      for (int i = 0; i < counts.length; i++) {
        assertEquals(i < 5 * 3, Double.isNaN(counts[i]), "row " + i / 3);
      }
    }
  }

  @Test
  void wordsAreNoOutputAndOtherPatternsAreRefused() {
    StructType schema = new StructType().add("text", "string");
    Tokenizer words = new Tokenizer().setInputCol("text").setOutputCol("words");
    RegexTokenizer pattern = new RegexTokenizer().setInputCol("text").setOutputCol("words");
    HashingTF hashes = new HashingTF().setInputCol("words").setOutputCol("counts");
    for (Transformer[] each :
        List.of(
            new Transformer[] {words},
            new Transformer[] {hashes},
            new Transformer[] {pattern.setPattern(","), hashes},
            new Transformer[] {
              pattern.copy(ParamMap.empty()).setPattern("\\s").setMinTokenLength(2), hashes
            })) {
      assertThrows(
          UnsupportedModelException.class,
          () -> SparkMlExporter.of(new PipelineModel("p", each), schema).toModel());
    }
  }

  // What is refused

  @Test
  void stagesWithoutAFormAreAllNamed() {
    PipelineModel pipeline =
        fit(
            mixed.selectExpr("*", "array(colour) list"),
            new NGram().setInputCol("list").setOutputCol("words"),
            new HashingTF().setInputCol("words").setOutputCol("counts").setNumFeatures(16),
            new VectorIndexer().setInputCol("counts").setOutputCol("features"),
            new LogisticRegression().setLabelCol("good").setMaxIter(1));
    String message =
        String.valueOf(
            assertThrows(
                    UnsupportedModelException.class,
                    () -> SparkMlExporter.of(pipeline, mixed.schema()).toModel())
                .getMessage());
    for (String each : List.of("(NGram)", "(VectorIndexerModel)")) {
      assertTrue(message.contains(each), message);
    }
    assertEquals(1, message.lines().count(), message);
  }

  /** Whatever is asked for: what such a stage does to which columns is not told. */
  @Test
  void stagesOfUnknownEffectAreNeverPassedOver() {
    PipelineModel pipeline =
        fit(
            mixed,
            new Binarizer().setInputCol("amount").setOutputCol("isMuch").setThreshold(8),
            new SQLTransformer().setStatement("SELECT *, amount * 2 twice FROM __THIS__"));
    SparkMlExporter exporter = SparkMlExporter.of(pipeline, mixed.schema());
    for (SparkMlExporter each : List.of(exporter, exporter.withOutputs("isMuch"))) {
      String message = assertThrows(UnsupportedModelException.class, each::toModel).getMessage();
      assertTrue(message.contains("(SQLTransformer) has no form in ONNX"), message);
    }
  }

  /** Two columns that are the same, and names that nodes might have. */
  @Test
  void columnsThatAreTheSame() {
    assertSame(
        mixed,
        new Binarizer().setInputCol("amount").setOutputCol("Cast_0").setThreshold(8),
        new VectorAssembler().setInputCols(new String[] {"Cast_0"}).setOutputCol("a.b `c`"),
        new VectorAssembler()
            .setInputCols(new String[] {"size"})
            .setOutputCol("Where_1")
            .setHandleInvalid("keep"));
  }

  /** Spark takes NaN for 1 there, but for 0 in a column of numbers. */
  @Test
  void vectorsOfOneElementUnderANegativeThreshold() {
    assertSame(
        mixed,
        new VectorAssembler()
            .setInputCols(new String[] {"size"})
            .setOutputCol("sizes")
            .setHandleInvalid("keep"),
        new Binarizer().setInputCol("sizes").setOutputCol("above").setThreshold(-0.5),
        new Binarizer().setInputCol("size").setOutputCol("numberAbove").setThreshold(-0.5));
  }

  @Test
  void onlyWhatIsAskedForIsNeeded() {
    PipelineModel pipeline =
        fit(
            mixed,
            new Tokenizer().setInputCol("colour").setOutputCol("words"),
            new Binarizer().setInputCol("amount").setOutputCol("isMuch").setThreshold(8));
    Model model = SparkMlExporter.of(pipeline, mixed.schema()).withOutputs("isMuch").toModel();
    assertEquals(1, model.graph().inputs().size());
    assertThrows(
        IllegalArgumentException.class,
        () -> SparkMlExporter.of(pipeline, mixed.schema()).withOutputs("nothing").toModel());
  }
}
