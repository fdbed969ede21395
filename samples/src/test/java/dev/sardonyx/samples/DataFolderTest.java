package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The main job on somebody's own images, of another size and number of classes. */
final class DataFolderTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"seed,true", "resnet18,false", "cifar20,true"})
  void networksFollowTheData(String network, boolean gzip) throws IOException {
    Path data = IdxFiles.write(folder.resolve("data"), 160, 40, gzip);
    Path model = folder.resolve("model.onnx");
    Path results = folder.resolve("results.json");
    CommandRun.of(
            "mnist",
            "--data",
            data,
            "--network",
            network,
            "--output",
            model,
            "--json",
            results,
            "--batch-size",
            16,
            "--accelerator",
            "cpu")
        .expect(0);
    Model exported = OnnxReader.read(model);
    assertEquals("float[N,1,12,12]", exported.graph().inputs().get(0).type().toString());
    assertEquals("float[N,4]", exported.graph().outputs().get(0).type().toString());
    JsonObject json = JsonParser.parseString(Files.readString(results)).getAsJsonObject();
    assertEquals(data.toString(), json.getAsJsonObject("data").get("source").getAsString());
    assertEquals(4, json.getAsJsonObject("data").get("classes").getAsInt());
    assertEquals("CPU", json.getAsJsonObject("run").get("accelerator").getAsString());
    assertTrue(json.get("passed").getAsBoolean());
  }
}
