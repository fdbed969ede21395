package dev.sardonyx.runtime.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.OrtBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.CountVectorizerModel;
import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.Tokenizer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** Texts become words, and words vectors. */
final class TextStagesTest {
  private static Dataset<Row> texts(List<String> texts) {
    return ExportedPipelines.spark()
        .createDataFrame(
            texts.stream().map(RowFactory::create).toList(),
            new StructType().add("text", "string"));
  }

  /** Words as Java splits them, with all its white space, and empty ones; and random texts. */
  private static List<String> texts() {
    List<String> all =
        new ArrayList<>(
            List.of(
                "",
                " ",
                "a",
                " a",
                "a ",
                "a  b",
                "\t\n",
                "Spark spark SPARK",
                "x\u000bA\f\rx y",
                "Grün grün GRÜN ПРИВЕТ привет ΑΒΓ",
                "no\u00a0break\u2003space",
                "a\r\n\r\nb \t "));
    Random random = new Random(5);
    String letters = "aAbB zé\t \n\rÖ";
    for (int i = 0; i < 40; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(14); length > 0; length--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      all.add(text.toString());
    }
    return all;
  }

  @Test
  void wordsAreCountedAlike() {
    Dataset<Row> frame = texts(texts());
    String[] vocabulary = {"a", "", "spark", "b", "grün", "привет", "αβγ", "x", "aa"};
    for (PipelineStage tokenizer :
        List.of(
            new Tokenizer().setInputCol("text").setOutputCol("words"),
            new RegexTokenizer().setInputCol("text").setOutputCol("words"),
            new RegexTokenizer()
                .setInputCol("text")
                .setOutputCol("words")
                .setPattern("\\s")
                .setToLowercase(false))) {
      List<Transformer> stages = new ArrayList<>();
      stages.add((Transformer) tokenizer);
      List<String> columns = new ArrayList<>();
      for (double least : new double[] {0, 0.3, 1, 2}) {
        columns.add("counts" + least);
        stages.add(
            new CountVectorizerModel("v", vocabulary)
                .setInputCol("words")
                .setOutputCol("counts" + least)
                .setMinTF(least)
                .setBinary(least == 0.3));
      }
      for (int size : new int[] {7, 1 << 12}) {
        columns.add("hashes" + size);
        stages.add(
            new HashingTF()
                .setInputCol("words")
                .setOutputCol("hashes" + size)
                .setNumFeatures(size)
                .setBinary(size == 7));
      }
      PipelineModel pipeline = new PipelineModel("p", stages.toArray(Transformer[]::new));
      ExportedPipelines.assertSame(
          SparkMlExporter.of(pipeline, frame.schema()).withOutputs(columns.toArray(String[]::new)),
          frame,
          pipeline);
    }
  }

  /** Where runtimes might write other small letters than Java does, nothing is claimed. */
  @Test
  void capitalLettersOfOtherAlphabetsAreNaN() {
    Dataset<Row> frame = texts(List.of("ΣΑΣ", "İ", "ԱԲ", "\ud801\udc00", "Ā", "ß ā ա"));
    PipelineModel pipeline =
        new PipelineModel(
            "p",
            new Transformer[] {
              new Tokenizer().setInputCol("text").setOutputCol("words"),
              new HashingTF().setInputCol("words").setOutputCol("counts").setNumFeatures(3)
            });
    Model model = SparkMlExporter.of(pipeline, frame.schema()).toModel();
    Tensor text =
        Tensor.ofStrings(frame.collectAsList().stream().map(r -> r.getString(0)).toList(), 6, 1);
    try (var prepared = OrtBackend.cpu().prepare(model)) {
      double[] counts = prepared.run(Map.of("text", text)).tensor("counts").toDoubles();
      for (int i = 0; i < counts.length; i++) {
        assertEquals(i < 5 * 3, Double.isNaN(counts[i]), "row " + i / 3);
      }
    }
  }

  @Test
  void wordsAreNoOutputAndOtherPatternsAreRefused() {
    StructType schema = new StructType().add("text", "string");
    Tokenizer words = new Tokenizer().setInputCol("text").setOutputCol("words");
    RegexTokenizer pattern = new RegexTokenizer().setInputCol("text").setOutputCol("words");
    HashingTF hashes = new HashingTF().setInputCol("words").setOutputCol("counts");
    for (Transformer[] each :
        List.of(
            new Transformer[] {words},
            new Transformer[] {hashes},
            new Transformer[] {pattern.setPattern(","), hashes},
            new Transformer[] {
              pattern.copy(ParamMap.empty()).setPattern("\\s").setMinTokenLength(2), hashes
            })) {
      assertThrows(
          UnsupportedModelException.class,
          () -> SparkMlExporter.of(new PipelineModel("p", each), schema).toModel());
    }
  }
}
