import static com.microsoft.ml.lightgbm.lightgbmlib.*;

import com.microsoft.ml.lightgbm.SWIGTYPE_p_double;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_float;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_int;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_long_long;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_p_void;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_void;
import com.microsoft.ml.lightgbm.lightgbmlib;
import com.microsoft.ml.lightgbm.lightgbmlibConstants;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Trains small models with the genuine LightGBM and writes each with rows of features and what
 * LightGBM predicts for them. It is no part of the build, which has no LightGBM.
 *
 * <p>Run it with {@code com.microsoft.ml.lightgbm:lightgbmlib:3.3.510}. It must be compiled first:
 * the natives belong to the class loader that loads them.
 *
 * <pre>
 * javac -cp lightgbmlib.jar -d FOLDER export/src/test/generators/LightGbmFixtures.java
 * java -cp lightgbmlib.jar:FOLDER LightGbmFixtures FIXTURES
 * </pre>
 *
 * <p>Those of 2.3.180 and 2.2.350, which write versions 3 and 2 of the format, were made with calls
 * adapted to their interface: without the start or kind of importance among the arguments, and in
 * 2.2 with pointers to sizes. {@code lightgbm-4.7.0/pandas.txt} is of the Python package: a model
 * of a DataFrame with two columns of categories, and predictions for the numbers of their codes.
 */
final class LightGbmFixtures {
  private static final int ROWS = 600;
  private static final int FEATURES = 6;
  private static final float NAN = Float.NaN;
  private static final int FLOAT = 0; // C_API_DTYPE_FLOAT32

  private final Path folder;
  private final float[] x = new float[ROWS * FEATURES];
  private final float[] signal = new float[ROWS];

  private LightGbmFixtures(Path folder) {
    this.folder = folder;
    Random random = new Random(7);
    for (int r = 0; r < ROWS; r++) {
      for (int f = 0; f < FEATURES; f++) {
        boolean missing = f != 3 && f != 4 && random.nextInt(8) == 0;
        x[r * FEATURES + f] =
            missing
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
      float b = x[r * FEATURES + 1];
      float c = x[r * FEATURES + 4];
      float d = x[r * FEATURES + 5];
      signal[r] =
          (Float.isNaN(a) ? 0.7f : a)
              + (b == 0 ? 1.1f : Float.isNaN(b) ? -0.4f : b / 50)
              + (c == 1 || c == 4 || c == 6 ? 1.5f : -0.5f)
              + (Float.isNaN(d) ? 0 : (d * 7 % 11 - 5) / 5)
              + x[r * FEATURES + 3] / 3
              + 0.1f * (float) random.nextGaussian();
    }
  }

  public static void main(String[] args) throws Exception {
    Path natives = Files.createTempDirectory("lightgbm");
    for (String each : new String[] {"lib_lightgbm.so", "lib_lightgbm_swig.so"}) {
      try (InputStream in =
          lightgbmlib.class.getResourceAsStream(
              "/com/microsoft/ml/lightgbm/linux/x86_64/" + each)) {
        Files.copy(in, natives.resolve(each));
      }
      System.load(natives.resolve(each).toString());
    }
    LightGbmFixtures all = new LightGbmFixtures(Path.of(args[0]));
    Files.createDirectories(all.folder);
    String none = "categorical_feature=";
    String categories =
        "categorical_feature=4,5 min_data_per_group=5 cat_smooth=1 max_cat_to_onehot=2 ";
    for (String each :
        List.of("regression", "regression_l1", "huber", "fair", "quantile", "mape")) {
      all.write(each, "objective=" + each, all.signal, null);
    }
    all.write("sqrt", "objective=regression reg_sqrt=true", all.signal, null);
    for (String each : List.of("poisson", "gamma", "tweedie")) {
      all.write(each, "objective=" + each, all.positive(), null);
    }
    all.write("binary", "objective=binary sigmoid=0.7", all.classes(2), null);
    all.write("multiclass", "objective=multiclass num_class=3 " + categories, all.classes(3), null);
    all.write(
        "one-vs-all", "objective=multiclassova num_class=3 sigmoid=1.3", all.classes(3), null);
    all.write("cross-entropy", "objective=cross_entropy", all.classes(2), null);
    all.write("cross-entropy-lambda", "objective=cross_entropy_lambda", all.classes(2), null);
    int[] groups = new int[ROWS / 20];
    Arrays.fill(groups, 20);
    all.write("lambdarank", "objective=lambdarank", all.classes(3), groups);
    all.write("xendcg", "objective=rank_xendcg", all.classes(3), groups);
    String forest = " boosting=rf bagging_freq=1 bagging_fraction=0.6";
    all.write("forest", "objective=regression" + forest, all.signal, null);
    all.write("forest-binary", "objective=binary" + forest, all.classes(2), null);
    all.write("dart", "objective=binary boosting=dart drop_rate=0.5", all.classes(2), null);
    all.write("categories", "objective=binary " + categories, all.classes(2), null);
    all.write(
        "one-hot",
        "objective=regression categorical_feature=4 max_cat_to_onehot=100",
        all.signal,
        null);
    all.write("zero-missing", "objective=regression zero_as_missing=true", all.signal, null);
    all.write(
        "zero-missing-categories",
        "objective=regression zero_as_missing=true " + categories,
        all.signal,
        null);
    all.write(
        "no-missing", "objective=regression use_missing=false " + categories, all.signal, null);
    all.write("linear", "objective=regression linear_tree=true", all.signal, null);
    all.write("constant", "objective=regression min_data_in_leaf=1000", all.signal, null);
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

  private static SWIGTYPE_p_float floats(float[] values) {
    SWIGTYPE_p_float array = new_floatArray(values.length);
    for (int i = 0; i < values.length; i++) {
      floatArray_setitem(array, i, values[i]);
    }
    return array;
  }

  private static void check(int status) {
    if (status != 0) {
      throw new IllegalStateException(LGBM_GetLastError());
    }
  }

  private void write(String name, String settings, float[] labels, int[] groups)
      throws IOException {
    String all =
        settings
            + (settings.contains("min_data_in_leaf") ? "" : " min_data_in_leaf=5")
            + " num_leaves=8 learning_rate=0.3 num_threads=1 deterministic=true seed=3 verbosity=-1";
    SWIGTYPE_p_p_void data = voidpp_handle();
    check(
        LGBM_DatasetCreateFromMat(
            float_to_voidp_ptr(floats(x)), FLOAT, ROWS, FEATURES, 1, all, null, data));
    SWIGTYPE_p_void dataset = voidpp_value(data);
    check(LGBM_DatasetSetField(dataset, "label", float_to_voidp_ptr(floats(labels)), ROWS, FLOAT));
    if (groups != null) {
      SWIGTYPE_p_int sizes = new_intArray(groups.length);
      for (int i = 0; i < groups.length; i++) {
        intArray_setitem(sizes, i, groups[i]);
      }
      check(
          LGBM_DatasetSetField(
              dataset,
              "group",
              int_to_voidp_ptr(sizes),
              groups.length,
              lightgbmlibConstants.C_API_DTYPE_INT32));
    }
    SWIGTYPE_p_p_void made = voidpp_handle();
    check(LGBM_BoosterCreate(dataset, all, made));
    SWIGTYPE_p_void booster = voidpp_value(made);
    SWIGTYPE_p_int finished = new_intp();
    for (int i = 0; i < 4; i++) {
      check(LGBM_BoosterUpdateOneIter(booster, finished));
    }
    String text = LGBM_BoosterSaveModelToStringSWIG(booster, 0, -1, 0, 1 << 20, new_int64_tp());
    Files.writeString(folder.resolve(name + ".txt"), text);
    float[] rows = rows(text);
    int count = rows.length / FEATURES;
    SWIGTYPE_p_double predictions = new_doubleArray(count * 3L);
    SWIGTYPE_p_long_long length = new_int64_tp();
    check(
        LGBM_BoosterPredictForMat(
            booster,
            float_to_voidp_ptr(floats(rows)),
            FLOAT,
            count,
            FEATURES,
            1,
            lightgbmlibConstants.C_API_PREDICT_NORMAL,
            0,
            -1,
            "",
            length,
            predictions));
    int each = (int) (int64_tp_value(length) / count);
    StringBuilder out = new StringBuilder();
    for (int r = 0; r < count; r++) {
      for (int f = 0; f < FEATURES; f++) {
        out.append(f == 0 ? "" : " ").append(rows[r * FEATURES + f]);
      }
      out.append(" ->");
      for (int k = 0; k < each; k++) {
        out.append(' ').append(doubleArray_getitem(predictions, r * each + k));
      }
      out.append('\n');
    }
    Files.writeString(folder.resolve(name + ".txt.predictions"), out);
  }

  /** Some that were trained with, values around all thresholds, and odd ones. */
  private float[] rows(String model) {
    List<float[]> rows = new ArrayList<>();
    for (int r = 0; r < 24; r++) {
      rows.add(Arrays.copyOfRange(x, r * FEATURES, (r + 1) * FEATURES));
    }
    List<float[]> splits = new ArrayList<>();
    for (String tree : model.split("\nTree=", -1)) {
      String[] features = new String[0];
      for (String line : tree.split("\n", -1)) {
        if (line.startsWith("split_feature=")) {
          features = line.substring(line.indexOf('=') + 1).split(" ");
        } else if (line.startsWith("threshold=") && features.length > 0) {
          String[] thresholds = line.substring(line.indexOf('=') + 1).split(" ");
          for (int i = 0; i < features.length && !features[i].isEmpty(); i++) {
            splits.add(
                new float[] {Integer.parseInt(features[i]), Float.parseFloat(thresholds[i])});
          }
        }
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
    rows.add(new float[] {1e-35f, -1e-35f, 2e-35f, -2e-35f, 3, 3});
    for (float odd :
        new float[] {0.5f, 1.75f, 4.99f, 7, 8, 39, 40, 1000, 1e7f, 3e9f, -1, -0.5f, NAN}) {
      rows.add(new float[] {0, 0, 0, 0, odd, odd});
    }
    float[] flat = new float[rows.size() * FEATURES];
    for (int r = 0; r < rows.size(); r++) {
      System.arraycopy(rows.get(r), 0, flat, r * FEATURES, FEATURES);
    }
    return flat;
  }
}
