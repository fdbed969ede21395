package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Arrays;

/** Text, n-grams and signals. */
final class TextConstraints {
  private TextConstraints() {}

  static void addTo(Constraints all) {
    all.add("StringNormalizer", Demand.word("case_change_action", "NONE", "LOWER", "UPPER"));
    all.add(
        "TfIdfVectorizer",
        Demand.word("mode", "TF", "IDF", "TFIDF"),
        Demand.within("min_gram_length", 1, Integer.MAX_VALUE),
        Demand.within("max_skip_count", 0, Integer.MAX_VALUE),
        Demand.oneOf("pool_strings", "pool_int64s"),
        Demand.sameLength("ngram_indexes", "weights"),
        Demand.each("ngram_indexes", 0, Integer.MAX_VALUE),
        TextConstraints::pool);
    for (String window : new String[] {"HannWindow", "HammingWindow", "BlackmanWindow"}) {
      all.add(window, Demand.scalar(0));
    }
    all.add("DFT", Demand.scalar(1), Demand.scalar(2).since(20));
    all.add("STFT", Demand.scalar(1), Demand.scalar(3));
    all.add(
        "MelWeightMatrix",
        Demand.scalar(0),
        Demand.scalar(1),
        Demand.scalar(2),
        Demand.scalar(3),
        Demand.scalar(4));
  }

  /** The pool has first the 1-grams, then the 2-grams and so on; ngram_counts says from where. */
  private static void pool(InferenceContext c) {
    long least = c.intAttribute("min_gram_length");
    long most = c.intAttribute("max_gram_length");
    if (most < least) {
      throw Demand.wrong(
          c, "max_gram_length", "at least min_gram_length " + least, Long.toString(most));
    }
    long[] counts = c.intsAttribute("ngram_counts");
    int size = Demand.length(c, "pool_strings").orElse(Demand.length(c, "pool_int64s").orElse(0));
    if (counts == null || counts.length < most) {
      throw Demand.wrong(
          c,
          "ngram_counts",
          "a number for each length up to max_gram_length " + most,
          Arrays.toString(counts));
    }
    long grams = 0;
    for (int i = 0; i < counts.length; i++) {
      long end = i + 1 < counts.length ? counts[i + 1] : size;
      if (counts[i] < 0 || end < counts[i] || end > size || (end - counts[i]) % (i + 1) != 0) {
        throw Demand.wrong(
            c,
            "ngram_counts",
            "ascending positions in a pool of " + size + ", whole n-grams apart",
            Arrays.toString(counts));
      }
      grams += (end - counts[i]) / (i + 1);
    }
    Demand.length(c, "ngram_indexes", grams, "one for each n-gram of the pool");
  }
}
