package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.CountVectorizerModel;
import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.Tokenizer;

/** Forms of stages that cut texts into words, and count how often words occur. */
final class TextStages {
  /** What {@code \s} is in regular expressions of Java. */
  private static final List<String> WHITE_SPACE = List.of(" ", "\t", "\n", "\u000b", "\f", "\r");

  /** Surrogates, which a runtime is given by callers that do not write characters as UTF-8. */
  private static final String NO_CHARACTERS = "\\x{d800}-\\x{dfff}";

  private static final int HASH_SEED = 42;

  private TextStages() {}

  /**
   * Words of each row.
   *
   * @param texts {@code string[N, M]}
   * @param isWord {@code bool[N, M]}: whether there is a word, or nothing
   * @param isKnown {@code bool[N, 1]}: whether the words are those that Spark makes, as far as is
   *     known
   */
  record Words(Value texts, Value isWord, Value isKnown) {}

  static void addTo(StageForms stages) {
    stages.add(Tokenizer.class, (s, c) -> words(s, c, true, false));
    stages.add(RegexTokenizer.class, TextStages::words);
    stages.add(CountVectorizerModel.class, TextStages::counts);
    stages.add(HashingTF.class, TextStages::hashes);
  }

  // Words

  private static void words(RegexTokenizer stage, Columns c) {
    boolean isWhiteSpace = Set.of("\\s", "\\s+").contains(stage.getPattern());
    if (!isWhiteSpace || !stage.getGaps() || stage.getMinTokenLength() != 1) {
      throw new UnsupportedModelException(
          Settings.of(stage)
              + " has other settings than gaps of white space between words of a character or"
              + " more, for which ONNX has no operators");
    }
    words(stage, c, stage.getToLowercase(), true);
  }

  /**
   * Splits as {@code String.split("\\s")} does: at each character of white space, keeping empty
   * words but those at the end.
   */
  private static void words(PipelineStage stage, Columns c, boolean lowers, boolean dropsEmpty) {
    GraphBuilder b = c.builder();
    Settings settings = Settings.of(stage);
    Value given = c.texts(settings, settings.text("inputCol"));
    Value isKnown = matches(b, given, lowers ? lowerable() : "[^" + NO_CHARACTERS + "]*");
    Value readable = b.where(isKnown, given, string(b, ""));
    Value text = lowers ? lowered(b, readable) : readable;
    Value parts = text;
    Value isPart = b.equal(text, text);
    for (String separator : WHITE_SPACE) {
      List<Value> split =
          b.nodes(
              "StringSplit",
              2,
              // With a separator at its end even an empty text has a part; the last one is left
              // out.
              List.of(b.node("StringConcat", List.of(parts, string(b, separator)))),
              Attribute.ofString("delimiter", separator));
      parts = b.slice(split.get(0), -1, 0, -1);
      Value counts = b.unsqueeze(b.sub(split.get(1), b.constant(1L)), -1);
      isPart = b.and(b.unsqueeze(isPart, -1), b.greater(counts, positions(b, parts)));
    }
    parts = b.flatten(parts, 1);
    isPart = b.flatten(isPart, 1);
    Value isText = b.and(isPart, b.not(b.equal(parts, string(b, ""))));
    if (!dropsEmpty) {
      Value ends = b.where(isText, b.add(positions(b, parts), b.constant(1L)), b.constant(0L));
      Value isEmpty = b.cast(b.equal(text, string(b, "")), ElementType.INT64);
      Value count = b.max(b.reduceMax(ends, true, 1), isEmpty);
      isText = b.and(isPart, b.greater(count, positions(b, parts)));
    }
    c.putWords(settings.text("outputCol"), new Words(parts, isText, isKnown));
  }

  private static Value string(GraphBuilder b, String text) {
    return b.constant(Tensor.ofStrings(List.of(text)));
  }

  /** The places along the last axis. */
  private static Value positions(GraphBuilder b, Value of) {
    Value length = b.squeeze(b.shape(of, -1, Integer.MAX_VALUE), 0);
    return b.range(b.constant(0L), length, b.constant(1L));
  }

  /** In small letters; the operator wants texts along one axis. */
  private static Value lowered(GraphBuilder b, Value texts) {
    Value lowered =
        b.node(
            "StringNormalizer",
            List.of(b.squeeze(texts, 1)),
            Attribute.ofString("case_change_action", "LOWER"),
            Attribute.ofInt("is_case_sensitive", 1));
    return b.unsqueeze(lowered, 1);
  }

  /** Whether a text is one of a pattern, and is UTF-8 at all. */
  private static Value matches(GraphBuilder b, Value texts, String pattern) {
    return b.node("RegexFullMatch", List.of(texts), Attribute.ofString("pattern", pattern));
  }

  /**
   * A pattern of texts that runtimes put into small letters as Java does: those whose capital
   * letters are of Latin-1, Cyrillic and Greek but sigma, which has two small forms.
   */
  private static String lowerable() {
    StringBuilder others = new StringBuilder("[^" + NO_CHARACTERS);
    int from = -1;
    for (int point = 0x80; point <= Character.MAX_CODE_POINT; point++) {
      boolean isOther = isOtherCapital(point);
      if (isOther && from < 0) {
        from = point;
      } else if (!isOther && from >= 0) {
        others.append("\\x{%x}-\\x{%x}".formatted(from, point - 1));
        from = -1;
      }
    }
    return others + "]*";
  }

  private static boolean isOtherCapital(int point) {
    boolean isCommon =
        point <= 0xde
            || (point >= 0x391 && point <= 0x3a9 && point != 0x3a3)
            || (point >= 0x400 && point <= 0x42f);
    return !isCommon && Character.toLowerCase(point) != point;
  }

  // Vectors

  private static void counts(CountVectorizerModel stage, Columns c) {
    GraphBuilder b = c.builder();
    Words words = c.words(Settings.of(stage), stage.getInputCol());
    String[] vocabulary = stage.vocabulary();
    b.importDomain("ai.onnx.ml", 3);
    Value index =
        b.node(
            "ai.onnx.ml.LabelEncoder",
            List.of(words.texts()),
            Attribute.ofStrings("keys_strings", vocabulary),
            Attribute.ofInts("values_int64s", LongStream.range(0, vocabulary.length).toArray()),
            Attribute.ofInt("default_int64", -1));
    Value isCounted = b.and(words.isWord(), b.greaterOrEqual(index, b.constant(0L)));
    Value counts = sums(b, words, index, isCounted, vocabulary.length);
    double least = stage.getMinTF();
    Value bound =
        least >= 1
            ? c.scalar(least)
            : b.mul(b.reduceSum(c.indicator(words.isWord()), true, 1), c.scalar(least));
    Value isEnough = b.and(b.greater(counts, c.scalar(0)), b.greaterOrEqual(counts, bound));
    Value kept = stage.getBinary() ? c.scalar(1) : counts;
    c.put(stage.getOutputCol(), known(c, words, b.where(isEnough, kept, c.scalar(0))));
  }

  private static void hashes(HashingTF stage, Columns c) {
    GraphBuilder b = c.builder();
    int size = stage.getNumFeatures();
    Words words = c.words(Settings.of(stage), stage.getInputCol());
    if (stage.indexOf("hashing") != new HashingTF().setNumFeatures(size).indexOf("hashing")) {
      throw new UnsupportedModelException(
          Settings.of(stage) + " hashes as Spark 2 did, which is no operator");
    }
    b.importDomain("com.microsoft", 1);
    Value hash =
        b.declare(
            b.node(
                "com.microsoft.MurmurHash3",
                List.of(words.texts()),
                Attribute.ofInt("seed", HASH_SEED),
                Attribute.ofInt("positive", 0)),
            TensorType.of(ElementType.INT32, ((TensorType) words.texts().type()).shape()));
    Value index = b.mod(b.cast(hash, ElementType.INT64), b.constant((long) size));
    Value counts = sums(b, words, index, words.isWord(), size);
    Value kept = stage.getBinary() ? c.indicator(b.greater(counts, c.scalar(0))) : counts;
    c.put(stage.getOutputCol(), known(c, words, kept));
  }

  /** How often each index occurs in a row. */
  private static Value sums(GraphBuilder b, Words words, Value index, Value isCounted, int size) {
    Value rows = b.shape(words.texts(), 0, 1);
    Value zeros =
        b.constantOfShape(
            b.concat(0, rows, b.constant(Tensor.ofLongs(new long[] {size}, 1))),
            Tensor.ofDoubles(new double[] {0}, 1));
    return b.node(
        "ScatterElements",
        List.of(
            zeros,
            b.where(isCounted, index, b.constant(0L)),
            b.cast(isCounted, ElementType.DOUBLE)),
        Attribute.ofInt("axis", 1),
        Attribute.ofString("reduction", "add"));
  }

  private static Value known(Columns c, Words words, Value vectors) {
    return c.builder().where(words.isKnown(), vectors, c.scalar(Double.NaN));
  }
}
