package dev.sardonyx.runtime.trees;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import dev.sardonyx.export.trees.TreeModels;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random trees, as files of LightGBM and XGBoost, predict what one gets by going down from the root
 * as each library does. The rules were compared with the genuine libraries; {@code
 * -Dsardonyx.trees=1000} takes as many of each.
 */
final class RandomTreesTest {
  @TempDir private Path folder;

  static IntStream seeds() {
    return IntStream.range(0, Integer.getInteger("sardonyx.trees", 12));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void ofLightGbm(int seed) throws IOException {
    RandomForest forest = new RandomForest(seed);
    Path file = Files.writeString(folder.resolve("model"), forest.lightGbm());
    compare(TreeModels.read(file), forest, RandomTree::lightGbm);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void ofXgboost(int seed) throws IOException {
    for (int minor : new int[] {6, 7}) { // categories that are not known go elsewhere since 1.7
      RandomForest forest = new RandomForest(seed);
      Map<String, Object> content = forest.xgboost(minor);
      Path json = Files.writeString(folder.resolve("json"), new Gson().toJson(content));
      Path ubjson = folder.resolve("ubjson");
      Files.write(ubjson, new UbjsonWriter(new Random(seed)).write(content));
      Model model = TreeModels.read(json);
      assertEquals(model, TreeModels.read(ubjson));
      compare(model, forest, (tree, row) -> tree.xgboost(row, minor == 6));
    }
  }

  /** Goes down a tree. */
  @FunctionalInterface
  private interface Walk {
    float leaf(RandomTree tree, float[] row);
  }

  private static void compare(Model model, RandomForest forest, Walk walk) {
    List<float[]> rows = forest.rows();
    float[] flat = new float[rows.size() * RandomForest.FEATURES];
    List<Double> expected = new ArrayList<>();
    for (int r = 0; r < rows.size(); r++) {
      float[] row = rows.get(r);
      System.arraycopy(row, 0, flat, r * row.length, row.length);
      expected.add(forest.trees().stream().mapToDouble(t -> walk.leaf(t, row)).sum());
    }
    Tensor features = Tensor.ofFloats(flat, rows.size(), RandomForest.FEATURES);
    for (Backend backend : List.of(new ReferenceBackend(), OrtBackend.cpu())) {
      try (var prepared = backend.prepare(model)) {
        double[] actual =
            prepared.run(Map.of("features", features)).tensor("prediction").toDoubles();
        for (int r = 0; r < actual.length; r++) {
          String place = backend.name() + " " + Arrays.toString(rows.get(r));
          assertEquals(expected.get(r), actual[r], 0, place); // leaves are small whole numbers
        }
      }
    }
  }
}
