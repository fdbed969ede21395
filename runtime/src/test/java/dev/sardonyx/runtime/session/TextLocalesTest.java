package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.OrtBackend;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Text operators run whatever locales the machine has; names in XX are installed nowhere. */
class TextLocalesTest {
  private static Model normalizer(String attributes) {
    return ModelParser.parse(
        "<ir_version: 8, opset_import: [\"\" : 17]> g (string[N] x) => (string[M] y) {"
            + " y = StringNormalizer <"
            + attributes
            + "> (x) }");
  }

  private static Datum run(Model model, String... texts) {
    try (PreparedModel prepared = OrtBackend.cpu().prepare(model)) {
      return prepared.run(Map.of("x", Tensor.ofStrings(List.of(texts), texts.length))).get("y");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', UPPER",
    "'locale = \"en_US.UTF-8\", ', UPPER",
    "'locale = \"de_XX.UTF-8\", ', UPPER",
    "'locale = \"C.XX\", ', UPPER",
  })
  void caseIsMappedAsUnicodeDoes(String locale, String action) {
    assertEquals(
        Tensor.ofStrings(List.of("ÉTÉ", "ΣÑ", "ASCII I"), 3),
        run(
            normalizer(locale + "case_change_action = \"" + action + "\", is_case_sensitive = 1"),
            "été",
            "σñ",
            "ascii i"));
  }

  /** Weights that are handed over in memory are so again with each locale that is tried. */
  @Test
  void aModelWithWeightsBesideItsTexts() {
    Model small =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (string[N] x) => (string[M] y, float[]"
                + " z) <float[1] w = {1}> { y = StringNormalizer <locale = \"de_XX.UTF-8\","
                + " case_change_action = \"UPPER\"> (x) z = Neg (w) }");
    Tensor weights = Tensor.ofFloats(new float[1000], 1000);
    Model model = small.withGraph(small.graph().withConstants(List.of(Constant.of("w", weights))));
    assertEquals(Tensor.ofStrings(List.of("\u00c9"), 1), run(model, "\u00e9"));
  }

  @Test
  void stopwordsOfAnyCase() {
    assertEquals(
        Tensor.ofStrings(List.of("Hiver"), 1),
        run(
            normalizer("locale = \"fr_XX.UTF-8\", stopwords = [\"ÉTÉ\"], is_case_sensitive = 0"),
            "Été",
            "Hiver"));
  }

  @Test
  void aLocaleThatChangesNothingIsNotNeeded() {
    assertEquals(
        Tensor.ofStrings(List.of("iI"), 1),
        run(normalizer("locale = \"tr_XX.UTF-8\", is_case_sensitive = 1"), "iI"));
  }

  @Test
  void aLocaleWithItsOwnCaseIsRefusedWithTheReason() {
    Model model =
        normalizer(
            "locale = \"tr_XX.UTF-8\", case_change_action = \"UPPER\", is_case_sensitive = 1");
    UnsupportedModelException refusal =
        assertThrows(UnsupportedModelException.class, () -> OrtBackend.cpu().prepare(model));
    assertTrue(refusal.getMessage().contains("tr_XX.UTF-8"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("generate it on this machine"), refusal.getMessage());
    assertEquals(Optional.empty(), TextLocales.withLocale(model, "C.UTF-8"));
  }
}
