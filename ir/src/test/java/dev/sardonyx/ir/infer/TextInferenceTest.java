package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TextInferenceTest {
  @Test
  void normalizingDropsStopWords() {
    assertEquals("string[C]", NodeCase.of("StringNormalizer", 10).in("string[C]").types());
    assertEquals("string[1,C]", NodeCase.of("StringNormalizer", 10).in("string[1,C]").types());
    assertEquals("string[1]", NodeCase.of("StringNormalizer", 10).in("string[0]").types());
    assertEquals(
        "string[1,?]",
        NodeCase.of("StringNormalizer", 10)
            .in("string[1,4]")
            .strings("stopwords", "monday")
            .types());
    assertEquals(
        "SX-303 a: StringNormalizer: a [2,4] has 2 on axis 0, but must have 1, the only batch size"
            + " StringNormalizer takes",
        NodeCase.of("StringNormalizer", 10).in("string[2,4]").problem());
  }

  @Test
  void joiningSplittingMatching() {
    assertEquals(
        "string[N,3]", NodeCase.of("StringConcat", 20).in("string[N,1]", "string[3]").types());
    assertEquals(
        "string[N,2,?]; int64[N,2]",
        NodeCase.of("StringSplit", 20).in("string[N,2]").outputs(2).types());
    assertEquals(
        "bool[N,2]",
        NodeCase.of("RegexFullMatch", 20).in("string[N,2]").with("pattern", "a+").types());
  }

  @Test
  void countingNGrams() {
    assertEquals("float[8]", counted("int64[C]").ints("ngram_indexes", 0, 7, 2).types());
    assertEquals("float[N,8]", counted("string[N,C]").ints("ngram_indexes", 0, 7, 2).types());
    assertEquals(
        "SX-305 ngram_indexes: TfIdfVectorizer: attribute ngram_indexes is missing or empty; it"
            + " places each n-gram in the output",
        counted("int32[C]").problem());
    assertEquals(
        "SX-304 a: TfIdfVectorizer: input a has shape [1,2,3], but TfIdfVectorizer takes rank 1 or"
            + " 2",
        counted("int32[1,2,3]").problem());
  }

  private static NodeCase counted(String type) {
    boolean text = type.startsWith("string");
    NodeCase node = NodeCase.of("TfIdfVectorizer", 9).in(type).with("mode", "TF");
    node.with("min_gram_length", 1).with("max_gram_length", 1).with("max_skip_count", 0);
    node.ints("ngram_counts", 0);
    return text ? node.strings("pool_strings", "a", "b", "c") : node.ints("pool_int64s", 1, 2, 3);
  }
}
