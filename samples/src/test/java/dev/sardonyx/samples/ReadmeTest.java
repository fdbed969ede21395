package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README shows is so. */
final class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");

  @Test
  void theDl4jExampleRuns(@TempDir Path folder) throws Exception {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new DenseLayer.Builder().nIn(4).nOut(5).build())
                .layer(new OutputLayer.Builder().nOut(3).build())
                .build());
    network.init();
    Path zip = folder.resolve("net.zip");
    ModelSerializer.writeModel(network, zip.toFile(), false);
    String text = Printed.by(ExportDl4jNetwork::main, zip, folder.resolve("net.onnx"));
    assertTrue(text.contains("PASS"), text);
    assertTrue(Files.size(folder.resolve("net.onnx")) > 0);
  }

  @Test
  void theEditsRun() throws Exception {
    String text = Printed.by(ChangingAModel::main);
    assertTrue(text.contains("image float[batch,3,8,8] -> [digit float[batch,10]]"), text);
    assertTrue(text.contains("image float[1,8,8,3] -> [digit float[1,10]]"), text);
    assertTrue(text.contains("-> [best int64[1,1]]"), text);
    assertTrue(text.contains("my.ScaledRelu"), text);
  }

  @Test
  void modelsGetSmaller(@TempDir Path folder) throws Exception {
    GraphBuilder b = GraphBuilder.of("small");
    Layers nn = Layers.of(b, 3);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 4, 64));
    x = b.relu(nn.dense(b.relu(nn.dense(x, 64)), 64));
    b.output(b.named("head").softmax(nn.dense(x, 10), 1), "y");
    String[] files =
        Stream.of("float", "weights", "dynamic", "static")
            .map(name -> folder.resolve(name + ".onnx").toString())
            .toArray(String[]::new);
    OnnxExport.of(b.buildModel()).write(Path.of(files[0]));
    String text = Printed.by(SmallerModels::main, (Object[]) files);
    assertTrue(text.contains(" bytes of 3 weights") && text.contains(" in float"), text);
    long whole = Files.size(Path.of(files[0]));
    assertTrue(Files.size(Path.of(files[1])) < whole / 4, text);
    assertTrue(Files.size(Path.of(files[2])) < whole / 2, text);
    assertTrue(Files.size(Path.of(files[3])) < whole / 2, text);
  }

  @Test
  void theConversionsRun() throws Exception {
    String text = Printed.by(OtherOpsets::main);
    assertTrue(text.startsWith("13: "), text);
    assertTrue(text.contains("; opset 9 can say it"), text);
    assertTrue(text.contains("[]\n13\nint64[1,16]"), text);
    assertTrue(text.endsWith("Mul\nSigmoid\nMul\n"), text);
  }

  @Test
  void modelsRunInEveryWay() throws Exception {
    String text = Printed.by(RunningModels::main);
    assertTrue(text.contains("image") && text.contains("Ranked[index="), text);
    assertEquals(2, text.split("float\\[1,3\\] ", -1).length - 1, text);
  }

  @Test
  void theFaultIsFound(@TempDir Path folder) throws Exception {
    Path x = folder.resolve("x.json");
    Files.writeString(x, "[[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]]");
    String text = Printed.by(FindingTheFault::main, x, folder.resolve("smallest"));
    assertTrue(text.startsWith("pad1_out: FAIL ELEMENTS, "), text);
    assertTrue(text.contains("ELEMENTS with 1 of 3 nodes: sardonyx verify --isolated"), text);
    assertTrue(Files.exists(folder.resolve("smallest/model.onnx")));
  }

  @Test
  void theJavaExampleRuns(@TempDir Path folder) throws Exception {
    Path data = IdxFiles.write(folder.resolve("data"), 28, 128, 100, true);
    String text = Printed.by(TrainExportRunVerify::main, data, folder.resolve("digits.onnx"));
    assertTrue(text.contains("Accuracy ") && text.contains("PASS"), text);
  }

  /** What users put into their poms, and what the first command prints, has the poms' versions. */
  @Test
  void coordinatesAndVersionsAreThoseOfThePoms() throws IOException {
    String readme = Files.readString(README);
    String pom = Files.readString(Path.of("..", "pom.xml"));
    String version = first("<artifactId>sardonyx</artifactId>\\s*<version>([^<]+)<", pom);
    Matcher dependency =
        Pattern.compile(
                "<dependency>\\s*<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>"
                    + "\\s*<version>([^<]+)</version>")
            .matcher(readme);
    assertTrue(dependency.find(), "README shows a dependency");
    do {
      assertEquals(
          first("<groupId>([^<]+)</groupId>\\s*<artifactId>sardonyx<", pom), dependency.group(1));
      assertModule(dependency.group(2), pom);
      assertEquals(version, dependency.group(3));
    } while (dependency.find());
    Pattern.compile("`(sardonyx-[a-z]+)`")
        .matcher(readme)
        .results()
        .forEach(m -> assertModule(m.group(1), pom));
    assertEquals(version, first("\nSardonyx (\\S+): MNIST", readme));
    String ort = first("<onnxruntime.version>([^<]+)<", pom);
    Pattern.compile("ONNX Runtime (\\d+\\.\\d+\\.\\d+) CPU")
        .matcher(readme)
        .results()
        .forEach(m -> assertEquals(ort, m.group(1)));
    String runtime = Files.readString(Path.of("../runtime/README.md"));
    assertEquals(ort, first("ONNX Runtime is pinned to (\\d+\\.\\d+\\.\\d+)", runtime));
  }

  /** The BOM has no parent, so it says again what the root pom says. */
  @Test
  void theBomHasTheModulesAndTheVersion() throws IOException {
    String pom = Files.readString(Path.of("../pom.xml"));
    String bom = Files.readString(Path.of("../ir/bom/pom.xml"));
    assertEquals(managed(pom), managed(bom));
    String version = "<artifactId>sardonyx(?:-bom)?</artifactId>\\s*<version>([^<]+)<";
    assertEquals(first(version, pom), first(version, bom));
  }

  /** The example of Spring Boot has Spring's parent, so it says again what the root pom says. */
  @Test
  void theSpringExampleHasTheVersion() throws IOException {
    String version =
        first(
            "<artifactId>sardonyx</artifactId>\\s*<version>([^<]+)<",
            Files.readString(Path.of("../pom.xml")));
    String spring = Files.readString(Path.of("spring/pom.xml"));
    assertEquals(
        version,
        first("<artifactId>sardonyx-samples-spring</artifactId>\\s*<version>([^<]+)<", spring));
    assertEquals(version, first("<sardonyx.version>([^<]+)<", spring));
  }

  private static Set<String> managed(String pom) {
    return Pattern.compile(
            "<artifactId>(sardonyx-[a-z-]+)</artifactId>\\s*<version>\\$\\{project.version}<")
        .matcher(pom)
        .results()
        .map(m -> m.group(1))
        .collect(Collectors.toSet());
  }

  private static void assertModule(String artifact, String rootPom) {
    List<String> modules =
        Pattern.compile("<module>([^<]+)</module>")
            .matcher(rootPom)
            .results()
            .map(m -> m.group(1))
            .filter(module -> artifactOf(Path.of("..", module, "pom.xml")).equals(artifact))
            .toList();
    assertEquals(1, modules.size(), "README names " + artifact);
  }

  private static String artifactOf(Path pom) {
    try {
      String own = Files.readString(pom).replaceFirst("(?s)<parent>.*?</parent>", "");
      return first("<artifactId>([^<]+)<", own);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String first(String pattern, String text) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertTrue(found.find(), pattern);
    return found.group(1);
  }
}
