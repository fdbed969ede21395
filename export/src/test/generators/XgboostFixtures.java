import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * Trains small models with the genuine XGBoost and writes each with rows of features and what
 * XGBoost predicts for them. It is no part of the build, which has no XGBoost.
 *
 * <p>Run it once for each version of {@code ml.dmlc:xgboost4j_2.12}, with its jar, commons-logging,
 * kryo and scala-library on the class path:
 *
 * <pre>java -cp JARS export/src/test/generators/XgboostFixtures.java VERSION FOLDER</pre>
 */
final class XgboostFixtures {
  private static final int ROWS = 400;
  private static final int FEATURES = 6;
  private static final boolean[] CATEGORICAL = {false, false, false, false, true, true};
  private static final float NAN = Float.NaN;

  private final String version;
  private final Path folder;
  private final float[] x = new float[ROWS * FEATURES];
  private final float[] signal = new float[ROWS];

  /** Upper ends of labels that are intervals, or null. */
  private float[] intervals;

  private XgboostFixtures(String version, Path folder) {
    this.version = version;
    this.folder = folder;
    Random random = new Random(7);
    for (int r = 0; r < ROWS; r++) {
      for (int f = 0; f < FEATURES; f++) {
        x[r * FEATURES + f] =
            random.nextInt(8) == 0
                ? NAN
                : switch (f) {
                  case 0 -> (float) random.nextGaussian();
                  case 1 -> random.nextInt(4) == 0 ? 0 : random.nextFloat() * 100 - 50;
                  case 2 -> (float) Math.exp(random.nextGaussian() * 3);
                  case 3 -> random.nextInt(7) - 3;
                  case 4 -> random.nextInt(8);
                  default -> random.nextInt(40);
                };
      }
      float a = x[r * FEATURES];
      float c = x[r * FEATURES + 4];
      float d = x[r * FEATURES + 5];
      signal[r] =
          (Float.isNaN(a) ? 0.7f : a)
              + (c == 1 || c == 4 || c == 6 ? 1.5f : Float.isNaN(c) ? 0.3f : -0.5f)
              + (Float.isNaN(d) ? 0 : (d * 7 % 11 - 5) / 5)
              + (Float.isNaN(x[r * FEATURES + 3]) ? 0.5f : x[r * FEATURES + 3] / 3)
              + 0.1f * (float) random.nextGaussian();
    }
  }

  public static void main(String[] args) throws Exception {
    XgboostFixtures all = new XgboostFixtures(args[0], Path.of(args[1]));
    Files.createDirectories(all.folder);
    int major = Integer.parseInt(args[0].substring(0, args[0].indexOf('.')));
    all.usual();
    if (args[0].equals("1.0.0")) {
      all.write(
          "logitraw",
          "json",
          false,
          Map.of("objective", "binary:logitraw", "base_score", 0.3),
          all.classes(2),
          null);
    }
    if (List.of("1.3.1", "1.6.2").contains(args[0])) {
      all.survival();
    }
    if (major >= 3) {
      all.survival();
      all.objectives();
      all.ordered();
      all.unusualBases();
      all.categories();
      all.severalTargets();
    } else if (major == 2) {
      for (String suffix : List.of("json", "ubj")) {
        all.write(
            "categories",
            suffix,
            true,
            Map.of("objective", "binary:logistic", "tree_method", "hist", "max_cat_to_onehot", 1),
            all.classes(2),
            null);
      }
    }
  }

  private float[] classes(int count) {
    float[] labels = new float[ROWS];
    for (int r = 0; r < ROWS; r++) {
      labels[r] = Math.max(0, Math.min(count - 1, (int) Math.floor(signal[r] + count / 2.0)));
    }
    return labels;
  }

  private float[] positive() {
    float[] labels = new float[ROWS];
    for (int r = 0; r < ROWS; r++) {
      labels[r] = (float) Math.rint(Math.exp(signal[r] / 2) * 2) + 1;
    }
    return labels;
  }

  private void usual() throws Exception {
    write("squarederror", "json", false, Map.of("objective", "reg:squarederror"), signal, null);
    write(
        "logistic",
        "json",
        false,
        Map.of("objective", "binary:logistic", "base_score", 0.3),
        classes(2),
        null);
    write(
        "softprob",
        "json",
        false,
        Map.of("objective", "multi:softprob", "num_class", 3),
        classes(3),
        null);
    write(
        "softmax",
        "json",
        false,
        Map.of("objective", "multi:softmax", "num_class", 3),
        classes(3),
        null);
    write(
        "dart",
        "json",
        false,
        Map.of("objective", "binary:logistic", "booster", "dart", "rate_drop", 0.5, "one_drop", 1),
        classes(2),
        null);
    write(
        "linear",
        "json",
        false,
        Map.of("objective", "multi:softprob", "num_class", 3, "booster", "gblinear", "lambda", 0.1),
        classes(3),
        null);
    write(
        "forest",
        "json",
        false,
        Map.of(
            "objective",
            "reg:squarederror",
            "num_parallel_tree",
            3,
            "subsample",
            0.5,
            "colsample_bynode",
            0.7),
        signal,
        null);
  }

  private void objectives() throws Exception {
    for (String each :
        List.of(
            "reg:squaredlogerror",
            "reg:pseudohubererror",
            "reg:absoluteerror",
            "count:poisson",
            "reg:gamma",
            "reg:tweedie",
            "survival:cox")) {
      write(
          each.replace("reg:", "").replace(':', '-'),
          "ubj",
          false,
          Map.of("objective", each),
          positive(),
          null);
    }
    for (String each : List.of("reg:logistic", "binary:logitraw", "binary:hinge")) {
      write(each.replace(':', '-'), "ubj", false, Map.of("objective", each), classes(2), null);
    }
    int[] groups = new int[ROWS / 20];
    Arrays.fill(groups, 20);
    for (String each : List.of("rank:pairwise", "rank:ndcg", "rank:map")) {
      write(
          each.replace(':', '-'),
          "ubj",
          false,
          Map.of("objective", each),
          classes(each.equals("rank:map") ? 2 : 3),
          groups);
    }
    write(
        "quantiles",
        "json",
        false,
        Map.of("objective", "reg:quantileerror", "quantile_alpha", "[0.1, 0.5, 0.9]"),
        signal,
        null);
    write(
        "expectile",
        "json",
        false,
        Map.of("objective", "reg:expectileerror", "expectile_alpha", 0.7),
        signal,
        null);
  }

  /** Since 3.4 quantiles are sorted, since 3.3 each expectile is above the one before. */
  private void ordered() throws Exception {
    write(
        "quantiles-crossing",
        "ubj",
        false,
        Map.of("objective", "reg:quantileerror", "quantile_alpha", "[0.45, 0.5, 0.55]"),
        signal,
        null);
    write(
        "expectiles",
        "ubj",
        false,
        Map.of("objective", "reg:expectileerror", "expectile_alpha", "[0.2, 0.5, 0.9]"),
        signal,
        null);
  }

  /** Where the logarithm of a base score is not finite, or depends on how it is rounded. */
  private void unusualBases() throws Exception {
    write(
        "base-near-one",
        "ubj",
        false,
        Map.of("objective", "binary:logistic", "base_score", 0.9999),
        classes(2),
        null);
    float[] ones = new float[ROWS];
    Arrays.fill(ones, 1);
    write("all-ones", "ubj", false, Map.of("objective", "binary:logistic"), ones, null);
    write("all-zeros", "ubj", false, Map.of("objective", "count:poisson"), new float[ROWS], null);
  }

  /** Labels are intervals, which Java's interface cannot set. */
  private void survival() throws Exception {
    float[] upper = positive();
    for (int r = 0; r < ROWS; r += 3) {
      upper[r] = Float.POSITIVE_INFINITY; // censored
    }
    intervals = upper;
    write(
        "survival-aft",
        "json",
        false,
        Map.of("objective", "survival:aft", "aft_loss_distribution", "normal", "base_score", 0.7),
        positive(),
        null);
    intervals = null;
  }

  private static void setIntervals(DMatrix matrix, float[] lower, float[] upper) throws Exception {
    Class<?> natives = Class.forName("ml.dmlc.xgboost4j.java.XGBoostJNI");
    java.lang.reflect.Method set =
        natives.getDeclaredMethod("XGDMatrixSetFloatInfo", long.class, String.class, float[].class);
    set.setAccessible(true);
    set.invoke(null, matrix.getHandle(), "label_lower_bound", lower);
    set.invoke(null, matrix.getHandle(), "label_upper_bound", upper);
  }

  private void categories() throws Exception {
    write(
        "categories",
        "json",
        true,
        Map.of("objective", "binary:logistic", "max_cat_to_onehot", 1),
        classes(2),
        null);
    write(
        "categories-binary",
        "ubj",
        true,
        Map.of("objective", "multi:softprob", "num_class", 3, "max_cat_to_onehot", 1),
        classes(3),
        null);
    write(
        "one-hot",
        "ubj",
        true,
        Map.of("objective", "reg:squarederror", "max_cat_to_onehot", 100),
        signal,
        null);
  }

  private void severalTargets() throws Exception {
    float[] two = new float[ROWS * 2];
    for (int r = 0; r < ROWS; r++) {
      two[2 * r] = signal[r];
      two[2 * r + 1] = -signal[r] * signal[r];
    }
    write("targets", "json", false, Map.of("objective", "reg:squarederror"), two, null);
    write(
        "linear-targets",
        "json",
        false,
        Map.of("objective", "reg:squarederror", "booster", "gblinear", "lambda", 0.1),
        two,
        null);
    write(
        "vector-leaves",
        "json",
        false,
        Map.of("objective", "reg:squarederror", "multi_strategy", "multi_output_tree"),
        two,
        null);
    write(
        "vector-classes",
        "ubj",
        false,
        Map.of(
            "objective", "multi:softprob", "num_class", 3, "multi_strategy", "multi_output_tree"),
        classes(3),
        null);
  }

  private DMatrix matrix(float[] values, boolean categorical) throws XGBoostError {
    DMatrix matrix = new DMatrix(values, values.length / FEATURES, FEATURES, NAN);
    if (categorical) {
      String[] types = new String[FEATURES];
      for (int f = 0; f < FEATURES; f++) {
        types[f] = CATEGORICAL[f] ? "c" : "q";
      }
      try { // older versions have no such method
        DMatrix.class.getMethod("setFeatureTypes", String[].class).invoke(matrix, (Object) types);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return matrix;
  }

  private void write(
      String name,
      String suffix,
      boolean categorical,
      Map<String, Object> settings,
      float[] labels,
      int[] groups)
      throws Exception {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("max_depth", 3);
    all.put("eta", 0.4);
    all.put("seed", 3);
    all.put("nthread", 1);
    all.putAll(settings);
    Booster booster;
    try {
      DMatrix train = matrix(x, categorical);
      train.setLabel(labels);
      if (groups != null) {
        train.setGroup(groups);
      }
      if (intervals != null) {
        setIntervals(train, labels, intervals);
      }
      booster = XGBoost.train(train, all, 4, Map.of(), null, null);
    } catch (XGBoostError e) {
      System.err.println(name + " of " + version + ": " + e.getMessage().lines().findFirst());
      return;
    }
    booster.saveModel(folder.resolve(name + "." + suffix).toString());
    float[] rows = rows(booster, categorical);
    float[][] predictions = booster.predict(matrix(rows, categorical));
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < predictions.length; r++) {
      for (int f = 0; f < FEATURES; f++) {
        text.append(f == 0 ? "" : " ").append(rows[r * FEATURES + f]);
      }
      text.append(" ->");
      for (float each : predictions[r]) {
        text.append(' ').append(each);
      }
      text.append('\n');
    }
    Files.writeString(folder.resolve(name + "." + suffix + ".predictions"), text);
  }

  /** Some that were trained with, values around all thresholds, and odd ones. */
  private float[] rows(Booster booster, boolean categorical) throws XGBoostError {
    List<float[]> rows = new ArrayList<>();
    for (int r = 0; r < 24; r++) {
      rows.add(Arrays.copyOfRange(x, r * FEATURES, (r + 1) * FEATURES));
    }
    Pattern threshold = Pattern.compile("\\[f(\\d+)<([-+.0-9eE]+)\\]");
    List<float[]> splits = new ArrayList<>();
    boolean linear = booster.getModelDump("", false, "text")[0].contains("bias");
    for (String tree : booster.getModelDump("", false, "text")) {
      Matcher found = threshold.matcher(tree);
      while (!linear && found.find()) {
        splits.add(
            new float[] {Integer.parseInt(found.group(1)), Float.parseFloat(found.group(2))});
      }
    }
    Random random = new Random(9);
    for (int i = 0; i < Math.min(splits.size(), 30); i++) {
      float[] row = rows.get(i % 24).clone();
      for (float[] split : splits) { // as many values as possible are at a threshold or beside one
        if (random.nextInt(3) == 0) {
          row[(int) split[0]] =
              switch (random.nextInt(3)) {
                case 0 -> split[1];
                case 1 -> Math.nextUp(split[1]);
                default -> Math.nextDown(split[1]);
              };
        }
      }
      rows.add(row);
    }
    rows.add(new float[] {NAN, NAN, NAN, NAN, NAN, NAN});
    rows.add(new float[] {0, 0, 0, 0, 0, 0});
    rows.add(new float[] {-0f, 1e-38f, -1e-38f, 1e30f, 3, 3});
    if (categorical) {
      for (float odd : new float[] {0.5f, 1.75f, 4.99f, 7, 8, 39, 40, 1000, 1e7f, -1, -0.5f}) {
        rows.add(new float[] {0, 0, 0, 0, odd, odd});
      }
    }
    float[] flat = new float[rows.size() * FEATURES];
    for (int r = 0; r < rows.size(); r++) {
      System.arraycopy(rows.get(r), 0, flat, r * FEATURES, FEATURES);
    }
    return flat;
  }
}
