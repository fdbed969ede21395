package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Arrays;
import java.util.List;

/** Operators on strings, and those that turn words into numbers. */
final class TextInference {
  private TextInference() {}

  static void addTo(Rules rules) {
    rules.add("StringNormalizer", TextInference::stringNormalizer);
    rules.add("StringConcat", c -> c.setOutputShape(0, Broadcasting.both(c, 0, 1)));
    rules.add("StringSplit", TextInference::stringSplit);
    rules.add("RegexFullMatch", c -> c.setOutputType(0, ElementType.BOOL, c.inputShape(0)));
    rules.add("TfIdfVectorizer", TextInference::tfIdfVectorizer);
  }

  /** Takes {@code [C]} or {@code [1,C]}; stop words leave fewer, and one empty string of none. */
  private static void stringNormalizer(InferenceContext c) {
    Shape data = Expect.rankEither(c, 0, 1, 2);
    if (!data.isRanked()) {
      return;
    }
    if (data.rank() == 2) {
      Expect.size(c, 0, 0, Dim.of(1), "the only batch size StringNormalizer takes");
    }
    List<String> stopWords = c.stringsAttribute("stopwords");
    Dim left = stopWords == null || stopWords.isEmpty() ? data.dim(-1) : Dim.UNKNOWN;
    if (left.isFixed(0)) {
      left = Dim.of(1);
    }
    c.setOutputShape(0, data.rank() == 2 ? Shape.of(Dim.of(1), left) : Shape.of(left));
  }

  /** The parts of each string along a new last axis, and their number. */
  private static void stringSplit(InferenceContext c) {
    Shape data = c.inputShape(0);
    c.setOutputShape(0, data.isRanked() ? data.concat(Shape.ofRank(1)) : data);
    c.setOutputType(1, ElementType.INT64, data);
  }

  /** {@code [C]} to {@code [n]} or {@code [N,C]} to {@code [N,n]}, n the number of n-grams. */
  private static void tfIdfVectorizer(InferenceContext c) {
    Shape data = Expect.rankEither(c, 0, 1, 2);
    long[] indexes = c.intsAttribute("ngram_indexes");
    if (indexes == null || indexes.length == 0) {
      throw c.attributeError(
          "ngram_indexes",
          "at least one number",
          "none",
          "attribute ngram_indexes is missing or empty; it places each n-gram in the output");
    }
    Dim width = Dim.of(Arrays.stream(indexes).max().getAsLong() + 1);
    if (data.isRanked()) {
      c.setOutputShape(0, data.rank() == 1 ? Shape.of(width) : Shape.of(data.dim(0), width));
    }
  }
}
