package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code bench} measures; how long it takes is no matter here. */
final class BenchCommandTest {
  @TempDir private Path folder;
  private Path model;
  private Path other;

  @BeforeEach
  void write() throws IOException {
    model = write("model.onnx", "float[N,4] x", "y = Sigmoid (x)");
    other = write("other.onnx", "float[3,4] x", "y = Tanh (x)");
  }

  private Path write(String name, String input, String node) throws IOException {
    Path file = folder.resolve(name);
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (%s) => (float[M,K] y) { %s }
            """
                .formatted(input, node)),
        file);
    return file;
  }

  @Test
  void eachModelSizeAndNumberOfThreadsIsARow() throws IOException {
    Path file = folder.resolve("bench.json");
    CommandRun run =
        CommandRun.of(
                "bench",
                "--dim",
                "N=1,8",
                "--threads",
                "1,2",
                "--accelerator",
                "cpu,cpu",
                "--runs",
                "7",
                "--intra-threads",
                "1",
                "--json",
                file,
                model,
                other)
            .expect(0);
    // The other has no symbol, so that it has one size only.
    List<String> wanted = new ArrayList<>();
    for (String sizes : List.of("{N=1}", "{N=8}", "{N=1}", "{N=8}")) {
      wanted.add(model + " " + sizes + " 1");
      wanted.add(model + " " + sizes + " 2");
    }
    for (int accelerator = 0; accelerator < 2; accelerator++) {
      wanted.add(other + " {} 1");
      wanted.add(other + " {} 2");
    }
    JsonObject written = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    assertEquals(Set.of("environment", "processors", "rows", "errors"), written.keySet());
    String environment = written.get("environment").getAsString();
    assertTrue(environment.contains("Java " + Runtime.version()), environment);
    List<String> measured = new ArrayList<>();
    for (JsonElement element : written.getAsJsonArray("rows")) {
      JsonObject row = element.getAsJsonObject();
      measured.add(
          "%s %s %d"
              .formatted(
                  row.get("file").getAsString(),
                  row.getAsJsonObject("sizes").toString().replaceAll("\"", "").replace(':', '='),
                  row.get("threads").getAsInt()));
      requireConsistent(row);
    }
    assertEquals(wanted, measured);
    JsonObject first = written.getAsJsonArray("rows").get(0).getAsJsonObject();
    assertEquals(1, first.get("x").getAsDouble());
    List<String> lines = run.out().lines().toList();
    assertEquals(2 + wanted.size(), lines.size(), run.toString());
    assertTrue(lines.get(2).endsWith(" 1.00"), run.toString());
    assertTrue(lines.get(4).contains("N=8"), run.toString());
  }

  private static void requireConsistent(JsonObject row) {
    JsonObject times = row.getAsJsonObject("times");
    assertEquals(7, times.get("runs").getAsInt());
    double before = 0;
    for (String name : List.of("minMs", "p50Ms", "p90Ms", "p99Ms")) {
      assertTrue(times.get(name).getAsDouble() >= before, times.toString());
      before = times.get(name).getAsDouble();
    }
    assertTrue(times.get("minMs").getAsDouble() > 0, times.toString());
    assertEquals(
        7 / times.get("seconds").getAsDouble(), times.get("runsPerSecond").getAsDouble(), 1e-6);
    JsonElement size = row.getAsJsonObject("sizes").get("N");
    int examples = size == null ? 1 : size.getAsInt();
    assertEquals(examples, row.get("examplesPerRun").getAsInt());
    assertEquals(
        examples * times.get("runsPerSecond").getAsDouble(),
        row.get("examplesPerSecond").getAsDouble(),
        1e-6);
    assertEquals("CPU", row.get("accelerator").getAsString());
    assertEquals(1, row.get("intraThreads").getAsInt());
  }

  @Test
  void percentilesAreTimesThatWereMeasured() {
    long[] millis = LongStream.rangeClosed(1, 200).map(i -> (201 - i) * 1_000_000).toArray();
    assertEquals(
        new RunTimes(200, 4, 50, 100.5, 1, 100, 180, 198), RunTimes.of(millis, 4_000_000_000L));
    assertEquals(
        new RunTimes(1, 0.001, 1000, 1, 1, 1, 1, 1),
        RunTimes.of(new long[] {1_000_000}, 1_000_000));
  }

  /** One is no model, and the input that is given does not fit the other. */
  @Test
  void badFilesDoNotEndTheRest() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.onnx"), "no model");
    Path x = Files.writeString(folder.resolve("x.json"), "[[1, 2, 3, 4], [5, 6, 7, 8]]");
    Path json = folder.resolve("bench.json");
    CommandRun run =
        CommandRun.of(
                "bench",
                "--seconds",
                "0.001",
                "--input",
                "x=" + x,
                "--json",
                json,
                bad,
                other,
                model)
            .expect(1);
    assertEquals(2, run.err().lines().count(), run.toString());
    assertTrue(run.err().contains("bad.onnx"), run.toString());
    assertTrue(run.err().contains("other.onnx"), run.toString());
    assertEquals(3, run.out().lines().count(), run.toString());
    JsonObject written = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
    assertEquals(
        Set.of(bad.toString(), other.toString()), written.getAsJsonObject("errors").keySet());
    JsonObject row = written.getAsJsonArray("rows").get(0).getAsJsonObject();
    assertEquals(2, row.get("examplesPerRun").getAsInt());
    assertTrue(row.getAsJsonObject("times").get("runs").getAsInt() >= 4, row.toString());
  }

  @Test
  void ofNoExamplesThereIsNoRatio() {
    CommandRun run = CommandRun.of("bench", "--dim", "N=0,1", "--runs", 1, model).expect(0);
    assertFalse(run.out().contains("NaN") || run.out().contains("Infinity"), run.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--threads 0|'--threads': '0' is not from 1 to 1024",
        "--threads 1,x|'x' is not a whole number",
        "--intra-threads -1|'--intra-threads': '-1'",
        "--seconds 0|'--seconds': '0.0' is not more than 0",
        "--seconds NaN|'--seconds': 'NaN'",
        "--seconds long|'--seconds': 'long' is not a number",
        "--runs 0|'--runs': '0' is not 1 or more",
        "--runs 5 --seconds 1|--seconds and --runs exclude each other",
        "--dim N=1,x|'--dim': 'N=1,x' is not a size of 0 or more",
        "--dim B=1|no input has a symbol 'B' in its shape; there is N",
        "--accelerator cpu,abacus|'--accelerator': 'abacus'",
      })
  void nonsenseIsWrongUsage(String options, String message) {
    CommandRun run =
        CommandRun.of((Object[]) ("bench " + options + " " + model).split(" ")).expect(2);
    assertTrue(run.err().contains(message), run.toString());
    assertEquals("", run.out());
    assertFalse(run.err().contains("\tat "), run.toString());
  }
}
