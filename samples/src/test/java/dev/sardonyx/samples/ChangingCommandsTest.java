package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code simplify}, {@code optimize} and {@code edit} write, and what they refuse. */
final class ChangingCommandsTest {
  @TempDir private Path folder;
  private Path model;
  private Path result;

  @BeforeEach
  void write() throws IOException {
    model = folder.resolve("model.onnx");
    result = folder.resolve("result.onnx");
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N,3] x) => (float[N,3] y)
            <float[3] one = {1, 2, 3}, float[3] two = {3, 2, 1}>
            {
              ["sum"] b = Add (one, two)
              ["same"] i = Identity (x)
              ["first"] a = Add (i, b)
              ["second"] r = Relu (a)
              ["third"] y = Softmax (r)
            }
            """),
        model);
  }

  private static List<String> operators(Path file) throws IOException {
    return OnnxReader.read(file).graph().nodes().stream().map(Node::operator).toList();
  }

  @Test
  void simplifyFoldsAndProves() throws IOException {
    CommandRun run = CommandRun.of("simplify", model, result).expect(0);
    assertEquals(List.of("Add", "Relu", "Softmax"), operators(result));
    assertTrue(run.out().contains("PASS"), run.toString());
    assertTrue(run.out().contains("5 nodes -> 3 nodes"), run.toString());
    CommandRun one =
        CommandRun.of("simplify", "--pass", "no-ops", "--changes", "--no-verify", model, result);
    assertEquals(List.of("Add", "Add", "Relu", "Softmax"), operators(result));
    assertTrue(one.expect(0).out().contains("same"), one.toString());
    CommandRun.of("simplify", "--fix", "N=2", model, result).expect(0);
    Model fixed = OnnxReader.read(result);
    assertEquals("float[2,3]", fixed.graph().inputs().get(0).type().toString());
  }

  @Test
  void oneBadFileDoesNotEndTheRest() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.onnx"), "no model");
    Path into = folder.resolve("simple");
    CommandRun run = CommandRun.of("simplify", "--into", into, bad, model).expect(1);
    assertTrue(run.err().contains("bad.onnx"), run.toString());
    assertTrue(run.out().contains("1 of 2 files written"), run.toString());
    assertEquals(3, operators(into.resolve("model.onnx")).size());
    assertFalse(Files.exists(into.resolve("bad.onnx")));
  }

  /** What a symbol of one file means need not be in all; one that is in none is misspelt. */
  @Test
  void symbolsOfOneOfSeveralFilesHaveSizes() throws IOException {
    Path other = folder.resolve("other.onnx");
    String text =
        """
        <ir_version: 10, opset_import: ["": 21]>
        g (float[M,2] x) => (float[M,2] y) { y = Neg (x) }
        """;
    OnnxWriter.write(ModelParser.parse(text), other);
    Path into = folder.resolve("simple");
    Path json = folder.resolve("all.json");
    CommandRun.of(
            "simplify",
            "--into",
            into,
            "--fix",
            "N=2",
            "--dim",
            "M=3",
            model,
            other,
            "--json",
            json)
        .expect(0);
    assertEquals("float[2,3]", type(into.resolve("model.onnx")));
    assertEquals("float[M,2]", type(into.resolve("other.onnx")));
    JsonArray results = JsonParser.parseString(Files.readString(json)).getAsJsonArray();
    JsonObject first = results.get(0).getAsJsonObject();
    assertEquals(into.resolve("model.onnx").toString(), first.get("written").getAsString());
    assertEquals(5, first.get("nodesBefore").getAsInt());
    assertEquals(3, first.get("nodesAfter").getAsInt());
    for (String[] wrong : new String[][] {{"--fix", "K=2"}, {"--dim", "K=2"}}) {
      String err =
          CommandRun.of("simplify", "--into", into, "--overwrite", wrong[0], wrong[1], model, other)
              .expect(2)
              .err();
      assertTrue(err.contains("no input has a symbol 'K' in its shape; there are M, N"), err);
    }
    assertError("'--dim': no", 2, "simplify", "--fix=N=2", "--dim=N=2", model, result);
    assertError("'--fix': no", 2, "simplify", "--fix=K=2", model, result);
    CommandRun.of("verify", "--dim", "N=2", "--dim", "M=3", model, other).expect(0);
    assertError("symbol 'K'", 2, "verify", "--dim", "K=2", model, other);
    assertError("symbol 'M'", 2, "verify", "--dim", "M=2", model);
  }

  private static String type(Path file) throws IOException {
    return OnnxReader.read(file).graph().inputs().get(0).type().toString();
  }

  /** As a shell's {@code <(...)} gives it, a file can be read once. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no named pipes in its folders")
  void aFileThatCanBeReadOnceIsEnough() throws Exception {
    byte[] bytes = Files.readAllBytes(model);
    for (String call :
        List.of(
            "optimize PIPE OUT",
            "simplify --dim N=2 PIPE OUT",
            "verify --dim N=2 PIPE",
            "view --time PIPE -o OUT.svg",
            "quantize --method weights PIPE OUT")) {
      Path pipe = folder.resolve("pipe");
      new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor();
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(
              () -> {
                try {
                  Files.write(pipe, bytes);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      String inFolder = call.replace("PIPE", pipe.toString()).replace("OUT", result.toString());
      CommandRun.of((Object[]) inFolder.split(" ")).expect(0);
      writing.get(1, TimeUnit.MINUTES);
      Files.delete(pipe);
    }
  }

  @Test
  void optimizeWritesWhatOnnxRuntimeMakesOfIt() throws IOException {
    CommandRun run = CommandRun.of("optimize", "--level", "BASIC", model, result).expect(0);
    assertEquals(List.of("Add", "Relu", "Softmax"), operators(result));
    assertTrue(run.out().contains("PASS"), run.toString());
  }

  /** What ONNX Runtime's Java API cannot pass as it is, and what ONNX Runtime saves as no ONNX. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<ir_version: 8, opset_import: [\"\": 17]> g (uint16[N,3] x) => (uint16[3,N] y)"
            + " { y = Transpose(x) }",
        "<ir_version: 8, opset_import: [\"\": 18]> g (optional(float[2]) x) => (float[2] y)"
            + " { a = OptionalGetElement(x) y = Neg(a) }",
        "<ir_version: 8, opset_import: [\"\": 17]> g (float[N,3] x)"
            + " => (float[N,3] x, float[3] w, float[N,3] y) <float[3] w = {1, 2, 3}>"
            + " { y = Add(x, w) }",
        "<ir_version: 8, opset_import: [\"\": 17]> g (float[N,3] x) => (float[N,3] y)"
            + " <sparse_tensor(float[3,3]) w = {float[1] {5.0}, int64[1] {7}}>"
            + " { v = Constant<sparse_value: sparse_tensor ="
            + " sparse_tensor(float[3,3]) {float[1] {2.0}, int64[1] {1}}>()"
            + " a = MatMul(x, w) y = MatMul(a, v) }",
        "<ir_version: 3, opset_import: [\"\": 8]> g (float[1,1,4,4] x, float[8,1,1,1] w)"
            + " => (float[1,8,4,4] y) <float[8,1,1,1] w = {1, 2, 3, 4, 5, 6, 7, 8}>"
            + " { a = Conv(x, w) y = Relu(a) }"
      })
  void optimizeKeepsWhatTheModelTakesAndGives(String text) throws IOException {
    Model given = ModelParser.parse(text);
    OnnxWriter.write(given, model);
    for (String level : List.of("BASIC", "ALL")) {
      CommandRun.of("optimize", "--level", level, model, result).expect(0);
      Graph written = OnnxReader.read(result).graph();
      assertEquals("x", written.inputs().get(0).name());
      assertEquals(given.graph().inputs().get(0).type(), written.inputs().get(0).type());
      assertEquals(names(given.graph()), names(written));
      CommandRun.of("run", result).expect(0);
    }
    CommandRun.of("verify", model).expect(0);
  }

  /** Whose inputs cannot be made up, or not so that the model can use them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<ir_version: 8, opset_import: [\"\": 17]> g (float[] x) => (float[] y)"
            + " { y = Neg(x) }",
        "<ir_version: 8, opset_import: [\"\": 17]> g (float[K] x, int64[3] sizes) => (float[] y)"
            + " { i = Constant<value_int = 0>() s = SplitToSequence(x, sizes)"
            + " y = SequenceAt(s, i) }"
      })
  void aModelThatCannotBeProvedIsWrittenWithoutProof(String text) throws IOException {
    OnnxWriter.write(ModelParser.parse(text), model);
    for (String command : List.of("simplify", "optimize", "convert")) {
      CommandRun refused = CommandRun.of(command, model, result).expect(1);
      assertTrue(refused.err().contains("--no-verify writes the model"), refused.toString());
      assertFalse(Files.exists(result));
      CommandRun.of(command, "--no-verify", model, result).expect(0);
      Files.delete(result);
    }
  }

  private static List<String> names(Graph graph) {
    return graph.outputs().stream().map(Output::name).toList();
  }

  @Test
  void editRenamesSizesCutsAndJoins() throws IOException {
    CommandRun.of(
            "edit", "--rename", "x=image,y=scores", "--rename-node", "third=top", model, result)
        .expect(0);
    Model named = OnnxReader.read(result);
    assertEquals("image", named.graph().inputs().get(0).name());
    assertEquals("scores", named.graph().outputs().get(0).name());
    assertEquals("top", named.graph().nodes().get(4).name());

    CommandRun.of("edit", "--set-dim", "x[0]=batch", "--strip", "types,docs", model, result)
        .expect(0);
    assertEquals(
        "float[batch,3]", OnnxReader.read(result).graph().inputs().get(0).type().toString());

    CommandRun.of("edit", "--from", "a", "--to", "r", model, result).expect(0);
    assertEquals(List.of("Relu"), operators(result));

    Path head = folder.resolve("head.onnx");
    CommandRun.of("edit", "--to", "r", model, head).expect(0);
    CommandRun.of("edit", "--append", model, head, result).expect(0);
    assertEquals(9, operators(result).size());
    CommandRun.of("edit", "--append", model, "--join", "r=x", "--prefix", "p.", head, result)
        .expect(0);
    assertTrue(
        OnnxReader.read(result).graph().nodes().stream().allMatch(n -> n.name().startsWith("p.")));
  }

  @Test
  void whatCannotBeChangedIsNamed() {
    assertError("nothing to change", 2, "edit", model, result);
    assertError("nowhere", 1, "edit", "--rename", "nowhere=z", model, result);
    assertError("--from goes with --to", 2, "edit", "--from", "a", model, result);
    assertError("the file to write is missing", 2, "edit", "--prefix", "p", model);
    assertError("would overwrite", 2, "edit", "--prefix", "p", model, model);
    assertError("There is no pass fast", 2, "simplify", "--pass", "fast", model, result);
    assertError("no input has a symbol 'M'", 2, "simplify", "--dim", "M=1", model, result);
    assertFalse(Files.exists(result));
  }

  private static void assertError(String text, int status, Object... arguments) {
    CommandRun run = CommandRun.of(arguments).expect(status);
    assertTrue(run.err().contains(text), run.toString());
    assertFalse(run.err().contains("\tat "), run.toString());
  }
}
