package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the module's README shows is compiled, and runs. */
class SparkReadmeTest {
  @Test
  void theExampleIsTheOneThatIsCompiled() throws IOException {
    String source =
        Files.readString(Path.of("src/test/java/dev/sardonyx/runtime/spark/ScoringInSpark.java"));
    String readme = Files.readString(Path.of("README.md"));
    int from = readme.indexOf("```java\n") + "```java\n".length();
    assertEquals(
        source
            .substring(
                source.indexOf('\n', source.indexOf("// README: from here")) + 1,
                source.indexOf("    // README: to here"))
            .indent(-4),
        readme.substring(from, readme.indexOf("```", from)));
  }

  @Test
  void theExampleRuns(@TempDir Path folder) throws IOException {
    Path model = folder.resolve("model.onnx");
    OnnxWriter.write(
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[N,3] x) => (float[N,2] y)"
                + " <float[3,2] w = {1, 2, 3, 4, 5, 6}> { y = MatMul(x, w) }"),
        model);
    Dataset<Row> scored =
        ScoringInSpark.run(
            Cluster.inProcess(), model.toString(), folder.resolve("pipeline").toUri().toString());
    assertEquals(1000, scored.where("score IS NOT NULL AND why IS NULL").count());
  }
}
