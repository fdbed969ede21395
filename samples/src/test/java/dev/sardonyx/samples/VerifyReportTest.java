package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code verify --report} writes, and when. */
final class VerifyReportTest {
  @TempDir private Path folder;
  private Path model;
  private Path page;

  @BeforeEach
  void write() throws IOException {
    page = folder.resolve("report.html");
    model = folder.resolve("model.onnx");
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N,64] x) => (float[N,64] y)
            {
              relu_out = Relu (x)
              exp_out = Exp (relu_out)
              y = Softmax (exp_out)
            }
            """),
        model);
  }

  @Test
  void itsNumbersAreThoseOfTheJsonFile() throws IOException, NoSuchAlgorithmException {
    Path json = folder.resolve("results.json");
    CommandRun.of("verify", "--dim", "N=8", "--report", page, "--json", json, model).expect(0);
    WrittenReport report = WrittenReport.of(page);
    List<String> names = new ArrayList<>();
    List<Double> largest = new ArrayList<>();
    List<Double> mean = new ArrayList<>();
    List<Double> used = new ArrayList<>();
    for (JsonElement element : verified(json).getAsJsonArray("values")) {
      JsonObject value = element.getAsJsonObject();
      boolean isDeployed = value.get("kind").getAsString().equals("DEPLOYED");
      names.add(value.get("name").getAsString() + (isDeployed ? " (deployed)" : ""));
      largest.add(value.get("maxAbsolute").getAsDouble());
      mean.add(value.get("meanAbsolute").getAsDouble());
      used.add(value.get("toleranceUsed").getAsDouble());
    }
    assertEquals(List.of("relu_out", "exp_out", "y", "y (deployed)"), names);
    assertEquals(names, report.labels(0));
    assertEquals(largest, report.numbers(0, "largest"));
    assertEquals(mean, report.numbers(0, "mean"));
    assertEquals(used, report.numbers(1, "used"));
    assertEquals(List.of("good", "good", "good", "good"), report.tones(0));
    String text = report.text();
    String hash =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(model)));
    assertTrue(text.contains(hash), text);
    assertTrue(text.contains("sardonyx verify --dim N=8 --report " + page), text);
    assertTrue(text.contains(Runtime.version().toString()), text);
    assertTrue(text.contains("<p class=\"remark good\">PASS: 3 values node by node"), text);
    assertTrue(text.contains("data:image/svg+xml;base64,"), "the graph");
  }

  private static JsonObject verified(Path json) throws IOException {
    return JsonParser.parseString(Files.readString(json))
        .getAsJsonArray()
        .get(0)
        .getAsJsonObject()
        .getAsJsonObject("report");
  }

  @Test
  void aFailureIsReportedToo() throws IOException {
    Path broken = folder.resolve("broken.onnx");
    Files.writeString(broken, "no model");
    CommandRun.of(
            "verify", "--dim", "N=8", "--rtol", "0", "--atol", "0", "--report", page, model, broken)
        .expect(1);
    WrittenReport report = WrittenReport.of(page);
    assertEquals("good", report.tones(0).get(0), "Relu is exact");
    assertTrue(report.tones(0).contains("bad"), report.tones(0).toString());
    String text = report.text();
    assertTrue(text.contains("<p class=\"remark bad\">" + model + ": FAIL: first"), text);
    assertTrue(text.contains("<p class=\"remark bad\">" + broken + ": is not"), text);
    assertTrue(text.contains("<tr class=\"bad\">"), text);
  }

  @Test
  void nothingThatIsNeededIsOverwritten() throws IOException {
    byte[] before = Files.readAllBytes(model);
    for (Object[] wrong :
        new Object[][] {
          {"verify", "--report", model, model},
          {"verify", "--report", page, "--json", page, model},
          {"verify", "--report", page, "--view", page, model},
        }) {
      CommandRun run = CommandRun.of(wrong).expect(2);
      assertTrue(run.err().contains("option '--report'"), run.err());
      assertTrue(run.err().contains("would overwrite"), run.err());
    }
    CommandRun nowhere =
        CommandRun.of("verify", "--report", folder.resolve("no/report.html"), model).expect(1);
    assertEquals(1, nowhere.err().lines().count(), nowhere.err());
    assertEquals("", nowhere.out(), "told before the work");
    assertFalse(Files.exists(page));
    assertArrayEquals(before, Files.readAllBytes(model));
  }
}
