package dev.sardonyx.runtime.trees;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Models of the genuine XGBoost and LightGBM predict what these do, whatever runs them. */
final class TreeModelsTest {
  @Test
  void predictionsAreThoseOfTheLibraries() throws IOException {
    List<TreeFixture> all = TreeFixture.all();
    List<String> wrong = new ArrayList<>();
    for (TreeFixture fixture : all) {
      Model model = Checker.require(fixture.read());
      for (Backend backend : List.of(new ReferenceBackend(), OrtBackend.cpu())) {
        try (var prepared = backend.prepare(model)) {
          double[] actual =
              prepared.run(Map.of("features", fixture.rows())).tensor("prediction").toDoubles();
          fixture.difference(actual).ifPresent(d -> wrong.add(backend.name() + ": " + d));
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(all.size() >= 112, all.size() + " models");
  }

  /** What the numbers of categories stand for, and the names of columns, are not lost. */
  @Test
  void namesOfColumnsAndCategoriesAreMetadata() throws IOException {
    Map<String, String> pandas = properties("4.7.0/pandas.txt");
    assertEquals("[\"size_of_it\",\"colour\",\"b\",\"level\"]", pandas.get("feature_names"));
    assertEquals(
        "[[\"blau \\u00fc\", \"green \\\"dark\\\"\", \"red\"], [10, 20, 35]]",
        pandas.get("pandas_categorical"));
    assertFalse(properties("2.3.180/binary.txt").containsKey("pandas_categorical"));
    assertEquals(
        "[\"float\",\"float\",\"float\",\"float\",\"c\",\"c\"]",
        properties("3.4.0/categories.json").get("feature_types").replace("q", "float"));
    assertEquals(Map.of(), properties("1.3.1/dart.json"));
  }

  private static Map<String, String> properties(String file) throws IOException {
    return TreeFixture.all().stream()
        .filter(f -> f.toString().endsWith(file))
        .findFirst()
        .orElseThrow()
        .read()
        .metadata()
        .properties();
  }

  /** Sets of categories need no newer operator. */
  @Test
  void olderTargetsTakeTrees() throws IOException {
    Model model =
        TreeFixture.all().stream()
            .filter(f -> f.toString().endsWith("3.4.0/categories.json"))
            .findFirst()
            .orElseThrow()
            .read();
    for (String name : List.of("onnxruntime-1.14", "opset-9")) {
      assertEquals(List.of(), OnnxExport.of(model).target(Target.named(name)).whyUnsupported());
    }
  }
}
