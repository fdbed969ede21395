package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.runtime.input.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What inspect tells, to people and to programs. */
final class InspectCommandTest {
  private static final String TWO =
      """
      <ir_version: 10, opset_import: ["": 21, "my": 1], producer_name: "hand", metadata_props: ["who": "me"]>
      two (float[N,"N+1",?,3] x, float k) => (float y, seq(float) s)
      <float k = {2}, float[3] weight = {1, -2, 0}, bfloat16[2] half = {1, 2}>
      {
        c = Constant <value = int64[2] {7, 8}> ()
        y = If (flag) <then_branch = g () => (float a) <float[1] inner = {5}> { a = Identity (inner) },
                       else_branch = h () => (float b) { b = Identity (k) }>
        t = Relu (weight)
        s = SequenceConstruct (k)
      }
      """;

  @TempDir private Path folder;

  private Path two() throws IOException {
    Path file = folder.resolve("two.onnx");
    OnnxWriter.write(ModelParser.parse(TWO), file);
    return file;
  }

  private static JsonArray json(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonArray();
  }

  /** The keys are a promise. */
  @Test
  void allThatIsToldIsInJson() throws IOException {
    Path json = folder.resolve("all.json");
    CommandRun.of("inspect", "--json", json, two()).expect(0);
    JsonObject file = json(json).get(0).getAsJsonObject();
    assertEquals(Set.of("file", "status", "model"), file.keySet());
    assertEquals("ok", file.get("status").getAsString());
    JsonObject model = file.getAsJsonObject("model");
    assertEquals(
        Set.of(
            "bytes irVersion producerName producerVersion domain modelVersion opsets graph inputs"
                .split(" ")),
        Set.copyOf(model.keySet().stream().limit(9).toList()));
    assertEquals(
        Set.of(
            "outputs nodes innerNodes functions operators parameters initializers metadata doc"
                .split(" ")),
        Set.copyOf(model.keySet().stream().skip(9).toList()));
    assertEquals(Files.size(folder.resolve("two.onnx")), model.get("bytes").getAsLong());
    assertEquals("{\"ai.onnx\":21,\"my\":1}", model.get("opsets").toString());
    assertEquals("{\"who\":\"me\"}", model.get("metadata").toString());
    assertEquals(
        "{\"Identity\":2,\"Constant\":1,\"If\":1,\"Relu\":1,\"SequenceConstruct\":1}",
        model.get("operators").toString());
    assertEquals(4, model.get("nodes").getAsInt());
    assertEquals(2, model.get("innerNodes").getAsInt());
    assertEquals(
        "{\"count\":3,\"bytes\":20,\"leftAlone\":0}", model.get("initializers").toString());
    assertEquals(
        "[{\"name\":\"x\",\"type\":\"float[N,N+1,?,3]\",\"elementType\":\"float\","
            + "\"shape\":[\"N\",\"N+1\",null,3],\"hasDefault\":false},"
            + "{\"name\":\"k\",\"type\":\"float[]\",\"elementType\":\"float\",\"shape\":[],"
            + "\"hasDefault\":true}]",
        model.get("inputs").toString());
    assertEquals(
        "{\"name\":\"s\",\"type\":\"seq(float[])\"}",
        model.getAsJsonArray("outputs").get(1).toString());
  }

  @Test
  void oneBadFileDoesNotEndTheRest() throws IOException {
    Path json = folder.resolve("all.json");
    Path bad = Files.writeString(folder.resolve("b a d.onnx"), "no model");
    Path none = folder.resolve("none.onnx");
    CommandRun run = CommandRun.of("inspect", bad, two(), none, folder, "--json", json).expect(1);
    assertTrue(run.out().contains("Graph: 'two'"), run.toString());
    assertEquals(3, run.err().lines().filter(l -> l.startsWith("sardonyx: ")).count());
    JsonArray files = json(json);
    List<String> states =
        Stream.of(0, 1, 2, 3)
            .map(i -> files.get(i).getAsJsonObject().get("status").getAsString())
            .toList();
    assertEquals(List.of("error", "ok", "error", "error"), states);
    JsonObject first = files.get(0).getAsJsonObject();
    assertEquals(bad.toString(), first.get("file").getAsString());
    assertTrue(first.get("error").getAsString().contains("is not an ONNX model"));
  }

  @Test
  void theTableOfLayersIsInJsonToo() throws IOException {
    Path json = folder.resolve("all.json");
    Path file = folder.resolve("seed.onnx");
    OnnxWriter.write(Networks.named("seed").build(1), file);
    CommandRun.of("inspect", "--layers", "--json", json, file).expect(0);
    JsonObject layer =
        json(json).get(0).getAsJsonObject().getAsJsonArray("layers").get(1).getAsJsonObject();
    assertEquals(320, layer.get("parameters").getAsInt());
    assertEquals("Conv", layer.get("operator").getAsString());
  }

  private Path external() throws IOException {
    GraphBuilder b = GraphBuilder.of("ext");
    b.output(
        b.add(
            b.input("x", TensorType.of(ElementType.FLOAT, 4)),
            b.constant("w", Tensor.ofFloats(new float[] {1, 2, 3, 4}, 4))),
        "y");
    Path file = folder.resolve("ext.onnx");
    OnnxWriter.write(b.buildModel(), file, ExternalData.beside().withThreshold(0));
    try (Stream<Path> files = Files.list(folder)) {
      Path data = files.filter(f -> f.toString().endsWith(".data")).findFirst().orElseThrow();
      Files.delete(data);
    }
    return file;
  }

  @Test
  void aMissingDataFileIsNamedAndCanBeLeftAlone() throws IOException {
    Path file = external();
    for (String command : List.of("inspect", "check", "view")) {
      CommandRun run = CommandRun.of(command, file);
      String told = run.expect(1).out() + run.err();
      assertTrue(told.contains(".data', which does not exist; --no-weights reads"), told);
    }
    Path json = folder.resolve("ext.json");
    CommandRun run = CommandRun.of("inspect", "--no-weights", "--json", json, file).expect(0);
    assertTrue(run.out().contains("Left alone: the external data of 1 initializer\n"), run.out());
    assertTrue(run.out().contains("Parameters: 4;"), run.out());
    JsonObject model = json(json).get(0).getAsJsonObject().getAsJsonObject("model");
    assertEquals(1, model.getAsJsonObject("initializers").get("leftAlone").getAsInt());
    CommandRun value = CommandRun.of("inspect", "--no-weights", "--value", "w", file).expect(1);
    assertTrue(value.err().contains("'w' lies in an external data file"), value.err());
    CommandRun.of("check", "--no-weights", file).expect(0);
  }

  @Test
  void singleValuesAreTold() throws IOException {
    Path json = folder.resolve("v.json");
    Path npy = folder.resolve("v.npy");
    String out =
        CommandRun.of("inspect", two(), "--value", "weight", "--npy", npy, "--json", json)
            .expect(0)
            .out();
    assertEquals(
        "weight: float[3], 12 bytes\n"
            + "  from -2 to 1, mean -0.333333, standard deviation 1.24722, zeros 1, not finite 0\n"
            + "  1.0, -2.0, 0.0\nWritten: "
            + npy
            + "\n",
        out);
    Input x =
        ModelParser.parse("<ir_version: 10, opset_import: [\"\": 21]> g (float[3] x) => ()" + " {}")
            .graph()
            .inputs()
            .get(0);
    assertEquals(
        Tensor.ofFloats(new float[] {1, -2, 0}, 3), InputFile.of(npy).read(x), "as it is read");
    JsonObject value =
        json(json).get(0).getAsJsonObject().getAsJsonArray("values").get(0).getAsJsonObject();
    assertEquals("[1.0,-2.0,0.0]", value.get("elements").toString());
    assertEquals(1, value.getAsJsonObject("statistics").get("zeros").getAsInt());

    out = CommandRun.of("inspect", two(), "--value=c", "--value=inner").expect(0).out();
    assertTrue(out.contains("c: int64[2]") && out.contains("  7, 8\n"), out);
    assertTrue(out.contains("inner: float[1]"), out);
    out = CommandRun.of("inspect", two(), "--value=weight", "--elements", 1).expect(0).out();
    assertTrue(out.endsWith("  1.0, ...\n"), out);
  }

  @Test
  void whoMistypesIsAskedWhatWasMeant() throws IOException {
    Map<String, String> told =
        Map.of(
            "wieght", "'wieght'; did you mean weight?",
            "x", "'x'; it is an input, which has no elements of its own",
            "t", "'t'; it is computed by Relu",
            "qqqq", "'qqqq'\n");
    Path file = two();
    told.forEach(
        (name, words) -> {
          String err = CommandRun.of("inspect", file, "--value", name).expect(1).err();
          assertTrue(err.contains(words), err);
        });
    Path npy = folder.resolve("h.npy");
    String err = CommandRun.of("inspect", file, "--value", "half", "--npy", npy).expect(1).err();
    assertTrue(err.contains("NumPy has no type for 'half', which is bfloat16[2]"), err);
    assertFalse(Files.exists(npy));
    CommandRun.of("inspect", file, file, "--value", "weight", "--npy", npy).expect(2);
    CommandRun.of("inspect", file, "--npy", npy).expect(2);
    CommandRun.of("inspect", file, "--value", "weight", "--npy", file).expect(2);
    CommandRun.of("inspect", file, "--value", "weight", "--npy", folder).expect(1);
  }

  @Test
  void statisticsAreThoseOfAllElements() {
    float[] elements = new float[200_001];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = 1000 + i % 2;
    }
    elements[200_000] = Float.NaN;
    TensorStatistics all =
        TensorStatistics.of(Tensor.ofFloats(elements, elements.length)).orElseThrow();
    assertArrayEquals(
        new double[] {1000, 1001, 1000.5, 0.5, 0, 1},
        new double[] {
          all.min(), all.max(), all.mean(), all.deviation(), all.zeros(), all.notFinite()
        },
        1e-9);
    for (double size : new double[] {Double.MAX_VALUE, 1.7e308, 1e200, 1e-170, 1e-300, 1e-320}) {
      double[] far = {-size, size, -size, size, Double.NEGATIVE_INFINITY};
      TensorStatistics of = TensorStatistics.of(Tensor.ofDoubles(far, 5)).orElseThrow();
      assertArrayEquals(
          new double[] {0, size}, new double[] {of.mean(), of.deviation()}, 1e-15 * size);
      double[] up = {size, size / 2};
      TensorStatistics half = TensorStatistics.of(Tensor.ofDoubles(up, 2)).orElseThrow();
      assertArrayEquals(
          new double[] {0.75 * size, size / 4},
          new double[] {half.mean(), half.deviation()},
          Math.max(1e-15 * size, Double.MIN_VALUE));
    }
    assertTrue(TensorStatistics.of(Tensor.ofStrings(List.of("a"), 1)).isEmpty());
    assertTrue(TensorStatistics.of(Tensor.ofFloats(new float[0], 0)).isEmpty());
  }
}
