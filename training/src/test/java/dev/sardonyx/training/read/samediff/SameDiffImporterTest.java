package dev.sardonyx.training.read.samediff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** What an importer of SameDiff graphs takes, names and refuses. */
class SameDiffImporterTest {
  private static SameDiff trained() {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, -1, 3);
    SDVariable labels = graph.placeHolder("labels", DataType.FLOAT, -1, 2);
    SDVariable w = graph.var("w", Nd4j.ones(DataType.FLOAT, 3, 2));
    SDVariable scores = x.mmul("scores", w);
    SDVariable y = graph.nn().softmax("y", scores, -1);
    graph.loss().softmaxCrossEntropy("loss", labels, scores, null);
    assertEquals("y", y.name());
    return graph;
  }

  private static String inputs(Model model) {
    return model.graph().inputs().stream().map(i -> i.name() + " " + i.type()).toList().toString();
  }

  private static List<String> outputs(Model model) {
    return model.graph().outputs().stream().map(Output::name).toList();
  }

  @Test
  void lossesAreLeftOut() {
    Model model = SameDiffImporter.read(trained());
    assertEquals("[x float[N,3]]", inputs(model));
    assertEquals(List.of("y"), outputs(model));
    assertEquals("w", model.graph().constants().get(0).name());
    assertTrue(
        model.graph().nodes().stream().anyMatch(n -> n.output(0).name().equals("scores")),
        model.graph().nodes().toString());
  }

  @Test
  void outputsAreThoseThatTheGraphOrTheCallerNames() {
    SameDiff graph = trained();
    graph.setOutputs("scores");
    assertEquals(List.of("scores"), outputs(SameDiffImporter.read(graph)));
    assertEquals(List.of("y", "scores"), outputs(SameDiffImporter.read(graph, "y", "scores")));
    String itself = refusal(() -> SameDiffImporter.read(graph, "x", "y"));
    assertTrue(itself.contains("'x' is a PLACEHOLDER"), itself);
    String message = refusal(() -> SameDiffImporter.read(graph, "z"));
    assertTrue(message.contains("no variable 'z'") && message.contains("scores"), message);
  }

  private static String refusal(org.junit.jupiter.api.function.Executable reading) {
    return assertThrows(UnsupportedModelException.class, reading).getMessage();
  }

  @Test
  void openAxesAreSymbols() {
    SameDiff graph = SameDiff.create();
    SDVariable a = graph.placeHolder("a", DataType.DOUBLE, -1, -1, 4);
    SDVariable b = graph.placeHolder("b", DataType.DOUBLE, (long[]) null);
    a.add("y", b);
    String asked = refusal(() -> SameDiffImporter.read(graph));
    assertTrue(asked.contains("Placeholder 'b' has no shape"), asked);
    Map<String, Shape> shapes = Map.of("b", Shape.of(Dim.symbol("N"), Dim.of(5), Dim.of(4)));
    Model model = SameDiffImporter.read(graph, shapes);
    assertEquals("[a double[N,a_1,4], b double[N,5,4]]", inputs(model));
  }

  @Test
  void allThatCannotBeReadIsNamedAtOnce() {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, 3, 3);
    SDVariable inverse = graph.math().matrixInverse("inverse", x);
    SDVariable after = inverse.add("after", 1);
    SDVariable noise = graph.random().normal("noise", 0, 1, DataType.FLOAT, 3, 3);
    graph.math().mergeAdd("y", after, noise);
    assertEquals(
        "2 of the graph's 4 operators cannot be exported: 'inverse' (matrix_inverse): ONNX solves"
            + " no equations; 'noise' (distribution_gaussian): it draws random numbers, which no two"
            + " runtimes draw alike",
        refusal(() -> SameDiffImporter.read(graph)));
  }

  @Test
  void namesOfVariablesAndConstantsMayBeAny() {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("const1", DataType.FLOAT, -1, 2);
    SDVariable w = graph.constant("a/b:0", Nd4j.ones(DataType.FLOAT, 2));
    x.mul("add.const1", w).add("add", 2).mul("out", w);
    Model model = SameDiffImporter.read(graph);
    assertEquals(List.of(), Checker.check(model).errors());
    assertEquals(List.of("const1"), model.graph().inputs().stream().map(Input::name).toList());
    assertEquals(List.of("out"), outputs(model));
  }

  @Test
  void aFileThatIsNoGraphIsNamed(@TempDir Path folder) throws IOException {
    assertThrows(NoSuchFileException.class, () -> SavedGraph.read(folder.resolve("none.fb")));
    Path file = folder.resolve("graph.fb");
    trained().save(file.toFile(), false);
    assertEquals(List.of("y"), outputs(SameDiffImporter.read(SavedGraph.read(file))));
    byte[] whole = Files.readAllBytes(file);
    Files.writeString(file, "no graph");
    assertNamed(file);
    for (int length = 0; length < whole.length * 3 / 4; length += whole.length / 7) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertNamed(file);
    }
  }

  private static void assertNamed(Path file) {
    String message = assertThrows(IOException.class, () -> SavedGraph.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": SameDiff cannot restore this graph"), message);
    assertEquals(1, message.lines().count(), message);
  }

  /** Whatever a byte is changed to, there is a graph or a message. */
  @Test
  void changedBytesAreAMessageAtWorst(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("graph.fb");
    trained().save(file.toFile(), false);
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(1);
    for (int i = 0; i < 40; i++) {
      byte[] changed = whole.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      Files.write(file, changed);
      try {
        SameDiffImporter.read(SavedGraph.read(file));
      } catch (IOException | UnsupportedModelException e) {
        assertEquals(1, String.valueOf(e.getMessage()).lines().count(), e.getMessage());
      }
    }
  }
}
