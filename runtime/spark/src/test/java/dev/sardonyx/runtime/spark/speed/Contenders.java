package dev.sardonyx.runtime.spark.speed;

import dev.sardonyx.runtime.spark.LocalCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A process with a Spark of its own that scores one table, in one way or another, whenever its
 * standard input asks for it. The module {@code synapseml} compiles this file for Spark 3.5.
 *
 * <p>To {@code names} it answers with the ways, and to one of them with the seconds that the whole
 * table took, and the seconds of processors that the executors spent meanwhile. To {@code values}
 * and one of them it answers with some rows, each an {@code id} and the elements of {@code y}. An
 * answer ends with an empty line.
 */
public final class Contenders {
  /** Ways of scoring a table. */
  @FunctionalInterface
  public interface Ways {
    /**
     * @param model an ONNX file's bytes
     * @return the table with a further column {@code y}, an array of floats, by name of the way
     */
    Map<String, Dataset<Row>> of(byte[] model, Dataset<Row> table) throws IOException;
  }

  private static final int SAMPLE = 1000;

  private final long rows;
  private final Map<String, Dataset<Row>> scored;

  private Contenders(long rows, Map<String, Dataset<Row>> scored) {
    this.rows = rows;
    this.scored = scored;
  }

  /**
   * Answers until the input ends.
   *
   * @param args the model's file, the number of rows and that of executors
   */
  public static void serve(String[] args, Ways ways) throws IOException {
    // Nothing else may write among the answers.
    PrintStream answers = System.out;
    System.setOut(System.err);
    byte[] model = Files.readAllBytes(Path.of(args[0]));
    long rows = Long.parseLong(args[1]);
    int executors = Integer.parseInt(args[2]);
    SparkSession session = LocalCluster.start(executors, 1024, "-XX:+UseSerialGC");
    Dataset<Row> table = SpeedTable.of(session, rows, 2 * executors);
    Contenders contenders = new Contenders(rows, ways.of(model, table));
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      answers.println(contenders.answer(line));
      answers.println();
      answers.flush();
    }
    session.stop();
  }

  private String answer(String question) {
    if (question.equals("names")) {
      return String.join("\n", scored.keySet());
    }
    if (question.startsWith("values ")) {
      return values(way(question.substring("values ".length())));
    }
    return time(way(question));
  }

  private Dataset<Row> way(String name) {
    Dataset<Row> found = scored.get(name);
    if (found == null) {
      throw new IllegalArgumentException(name + " is none of " + scored.keySet());
    }
    return found;
  }

  private static String time(Dataset<Row> way) {
    Duration spent = processorTime();
    long start = System.nanoTime();
    way.write().format("noop").mode("overwrite").save();
    double seconds = (System.nanoTime() - start) / 1e9;
    return seconds + " " + processorTime().minus(spent).toMillis() / 1e3;
  }

  /** That of the executors, which are processes of this one's. */
  private static Duration processorTime() {
    return ProcessHandle.current()
        .descendants()
        .flatMap(process -> process.info().totalCpuDuration().stream())
        .reduce(Duration.ZERO, Duration::plus);
  }

  private String values(Dataset<Row> way) {
    List<Row> some =
        way.where("id % " + Math.max(1, rows / SAMPLE) + " = 0")
            .select("id", "y")
            .orderBy("id")
            .collectAsList();
    return some.stream()
        .map(
            row ->
                row.getLong(0)
                    + row.<Float>getList(1).stream()
                        .map(y -> " " + y)
                        .collect(Collectors.joining()))
        .collect(Collectors.joining("\n"));
  }
}
