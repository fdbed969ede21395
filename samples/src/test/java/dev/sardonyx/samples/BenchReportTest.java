package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bench --report} writes. */
final class BenchReportTest {
  @TempDir private Path folder;
  private Path page;

  @BeforeEach
  void name() {
    page = folder.resolve("report.html");
  }

  private Path model(String name, String operator) throws IOException {
    Path file = folder.resolve(name);
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N,4] x) => (float[N,4] y) { ["the %s node"] y = %s (x) }
            """
                .formatted(operator, operator)),
        file);
    return file;
  }

  @Test
  void itsNumbersAreThoseOfTheJsonFile() throws IOException {
    Path one = model("one.onnx", "Sigmoid");
    Path other = model("other.onnx", "Tanh");
    Path json = folder.resolve("results.json");
    CommandRun.of(
            "bench", "--dim", "N=1,8", "--runs", 25, "--report", page, "--json", json, one, other)
        .expect(0);
    WrittenReport report = WrittenReport.of(page);
    List<String> names = new ArrayList<>();
    List<Double> half = new ArrayList<>();
    List<Double> most = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    for (JsonElement element :
        JsonParser.parseString(Files.readString(json)).getAsJsonObject().getAsJsonArray("rows")) {
      JsonObject row = element.getAsJsonObject();
      long size = row.getAsJsonObject("sizes").get("N").getAsLong();
      names.add(
          Path.of(row.get("file").getAsString()).getFileName() + ", CPU, N=" + size + ", 1 thread");
      half.add(row.getAsJsonObject("times").get("p50Ms").getAsDouble());
      most.add(row.getAsJsonObject("times").get("p99Ms").getAsDouble());
      rates.add(row.get("examplesPerSecond").getAsDouble());
    }
    assertEquals(4, names.size());
    assertEquals(names, report.labels(0));
    assertEquals(half, report.numbers(0, "p50"));
    assertEquals(most, report.numbers(0, "p99"));
    for (String name : names) {
      List<Double> shares = report.numbers(1, name);
      assertEquals(100, shares.stream().mapToDouble(share -> share).sum(), 1e-6);
    }
    assertEquals(rates, report.numbers(2, "examples a second"));
    assertEquals(List.of("the Sigmoid node"), report.labels(3));
    assertEquals(100, report.numbers(3, "CPU").get(0), 1e-6);
    assertEquals(5, report.charts().size(), "a placement for each model");
    String text = report.text();
    assertTrue(text.contains(other + "</dt>"), text);
  }

  @Test
  void aFileThatFailsIsReportedToo() throws IOException {
    Path good = model("good.onnx", "Relu");
    Path bad = folder.resolve("bad.onnx");
    Files.writeString(bad, "no model");
    CommandRun.of("bench", "--runs", 2, "--report", page, good, bad).expect(1);
    String text = WrittenReport.of(page).text();
    assertTrue(text.contains("<p class=\"remark bad\">" + bad + ": "), text);
    assertTrue(text.contains("CPU, 1 thread"), text);
    CommandRun.of("bench", "--runs", 2, "--report", page, bad).expect(1);
    assertEquals(0, WrittenReport.of(page).charts().size(), "nothing was measured");
    CommandRun wrong = CommandRun.of("bench", "--report", good, good).expect(2);
    assertTrue(wrong.err().contains("would overwrite"), wrong.err());
  }

  @Test
  void binsHoldAllRunsFromTheShortestToTheLongest() {
    long[] quick = {1_000_000, 1_000_000, 2_000_000};
    long[] slow = {100_000_000};
    LatencyBins bins = LatencyBins.of(List.of(quick, slow));
    List<Double> quickly = bins.percents(quick);
    List<Double> slowly = bins.percents(slow);
    assertEquals(200 / 3.0, quickly.get(0), 1e-9);
    assertEquals(100, slowly.get(slowly.size() - 1), 1e-9);
    assertEquals(100, quickly.stream().mapToDouble(share -> share).sum(), 1e-9);
    assertTrue(bins.middles().get(0) > 1 && bins.middles().get(39) < 100, bins.toString());
    LatencyBins same = LatencyBins.of(List.of(slow));
    assertEquals(100, same.percents(slow).get(0), 1e-9, "one time only");
  }
}
