package dev.sardonyx.samples;

import com.google.gson.annotations.JsonAdapter;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How near predictions of a number are, in its own units.
 *
 * @param rmse root of the mean squared error
 * @param mae mean absolute error
 * @param r2 share of the variance that the predictions explain, at most 1; null if there is none,
 *     all targets being equal
 */
record TargetError(
    String target,
    double rmse,
    double mae,
    @JsonAdapter(value = OutputFiles.WrittenNull.class, nullSafe = false) @Nullable Double r2) {
  /** For people. */
  String r2Text() {
    return r2 == null ? "undefined" : String.format(Locale.ROOT, "%.4f", r2);
  }

  /** Adds up errors, batch by batch. */
  static final class Sums {
    private final LearningData data;
    private final double[] squared;
    private final double[] absolute;
    private int rows;

    Sums(LearningData data) {
      this.data = data;
      this.squared = new double[data.targets().size()];
      this.absolute = new double[squared.length];
    }

    /** Adds answers [n,targets] in the units of the data, to the test rows that follow. */
    void add(Tensor answers) {
      float[] values = answers.toFloats();
      int width = squared.length;
      for (int i = 0; i < values.length; i++) {
        double error = (double) values[i] - data.target(rows + i / width, i % width);
        squared[i % width] += error * error;
        absolute[i % width] += Math.abs(error);
      }
      rows += values.length / width;
    }

    List<TargetError> errors() {
      List<TargetError> errors = new ArrayList<>();
      for (int i = 0; i < squared.length; i++) {
        double mean = 0;
        double spread = 0;
        for (int row = 0; row < rows; row++) {
          double before = data.target(row, i) - mean;
          mean += before / (row + 1);
          spread += before * (data.target(row, i) - mean);
        }
        errors.add(
            new TargetError(
                data.targets().get(i),
                Math.sqrt(squared[i] / rows),
                absolute[i] / rows,
                spread == 0 ? null : 1 - squared[i] / spread));
      }
      return errors;
    }
  }
}
