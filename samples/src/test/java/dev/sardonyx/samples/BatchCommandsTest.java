package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.check.Checker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command that makes models of others, with many files in one call. */
final class BatchCommandsTest {
  private static final Path KERAS =
      Path.of("../export/src/test/resources/dev/sardonyx/export/keras");

  private static final Path TREES = Path.of("../export/src/test/resources/trees");

  @TempDir private Path folder;
  private Path one;
  private Path other;
  private Path bad;
  private Path into;

  /** All commands that have the option, with what else they need. */
  static List<String> commands() {
    List<String> calls =
        List.of(
            "convert --target opset-20",
            "simplify",
            "optimize --level BASIC",
            "edit --prefix p.",
            "quantize --method weights");
    assertEquals(
        Sardonyx.commandLine().getSubcommands().entrySet().stream()
            .filter(command -> command.getValue().getCommandSpec().findOption("--into") != null)
            .map(command -> command.getKey())
            .toList(),
        calls.stream().map(call -> call.split(" ", -1)[0]).toList());
    return calls;
  }

  @BeforeEach
  void write() throws IOException {
    one = written("a/one.onnx");
    other = written("b/other.onnx");
    bad = Files.writeString(folder.resolve("a/bad.onnx"), "no model");
    into = folder.resolve("into");
  }

  private Path written(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolve("..").normalize());
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N,3] x) => (float[N,3] y)
            <float[3] one = {1, 2, 3}> { i = Identity (x)  a = Add (i, one)  y = Relu (a) }
            """),
        file);
    return file;
  }

  /** A call with files behind it; {@code --into} is of no use where there is none. */
  private CommandRun run(String call, Object... more) {
    List<Object> words = new ArrayList<>(List.of(call.split(" ", -1)));
    words.addAll(List.of("--into", into));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aBadFileDoesNotEndTheRestAndEachIsTold(String call) throws IOException {
    Path json = folder.resolve("all.json");
    CommandRun run = run(call, one, bad, other, "--json", json).expect(1);
    assertTrue(run.err().startsWith("sardonyx: " + bad + ": "), run.toString());
    assertEquals(1, run.err().lines().count(), run.toString());
    assertTrue(run.out().contains("2 of 3 files written"), run.toString());
    assertEquals(List.of("one.onnx", "other.onnx"), names(into));
    JsonArray results = JsonParser.parseString(Files.readString(json)).getAsJsonArray();
    assertEquals(List.of("ok", "error", "ok"), texts(results, "status"));
    assertEquals(List.of(one + "", bad + "", other + ""), texts(results, "file"));
    JsonObject first = results.get(0).getAsJsonObject();
    Path file = into.resolve("one.onnx");
    assertEquals(file.toString(), first.get("written").getAsString());
    assertEquals(Files.size(file), first.get("bytes").getAsLong());
    assertEquals(Files.size(one), first.get("bytesBefore").getAsLong());
    assertEquals(3, first.get("nodesBefore").getAsInt());
    assertEquals(
        Checker.require(OnnxReader.read(file)).graph().nodes().size(),
        first.get("nodesAfter").getAsInt());
    assertTrue(results.get(1).getAsJsonObject().get("error").getAsString().contains("bad.onnx"));
    run(call, one, other, "--overwrite").expect(0);
  }

  /** All of them, before anything is written. */
  @ParameterizedTest
  @MethodSource("commands")
  void filesThatAreThereStayUnlessTheyAreToBeReplaced(String call) throws IOException {
    Files.createDirectories(into);
    for (String name : List.of("one.onnx", "other.onnx")) {
      Files.writeString(into.resolve(name), "mine");
    }
    Path third = written("c/third.onnx");
    CommandRun run = run(call, third, one, other).expect(2);
    String expected =
        "'--into': '%s', '%s' are there already; --overwrite replaces them"
            .formatted(into.resolve("one.onnx"), into.resolve("other.onnx"));
    assertTrue(run.err().contains(expected), run.toString());
    assertEquals("", run.out());
    assertEquals(List.of("one.onnx", "other.onnx"), names(into));
    assertEquals("mine", Files.readString(into.resolve("one.onnx")));
    run(call, third, one, other, "--overwrite", "--quiet").expect(0);
    assertEquals(List.of("one.onnx", "other.onnx", "third.onnx"), names(into));
    Checker.require(OnnxReader.read(into.resolve("one.onnx")));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void twoFilesOfOneNameAreRefusedTogether(String call) throws IOException {
    Path same = written("b/one.onnx");
    CommandRun run = run(call, other, one, same).expect(2);
    String both = "'%s' and '%s' would both be written into".formatted(one, same);
    assertTrue(run.err().contains(both), run.toString());
    assertFalse(Files.exists(into));
    String err = run(call, one, "-").expect(2).err();
    assertTrue(err.contains("'-': has no name"), err);
  }

  /** Not even if others are to be replaced. */
  @ParameterizedTest
  @MethodSource("commands")
  void noFileThatIsReadIsWrittenOver(String call) throws IOException {
    byte[] before = Files.readAllBytes(one);
    into = folder.resolve("a");
    for (List<Object> more : List.of(List.<Object>of(), List.<Object>of("--overwrite"))) {
      List<Object> words = new ArrayList<>(List.of(other, one));
      words.addAll(more);
      String err = run(call, words.toArray()).expect(2).err();
      assertTrue(err.contains("would overwrite '" + one + "'"), err);
    }
    assertArrayEquals(before, Files.readAllBytes(one));
    assertEquals(List.of("bad.onnx", "one.onnx"), names(into));
  }

  @Test
  void filesOfAllKindsAreConvertedAtOnce() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.pt"), "text");
    Path trees = folder.resolve("trees");
    Files.copy(TREES.resolve("lightgbm/multiclass.txt"), trees);
    CommandRun run =
        run(
                "convert --dim N=2",
                KERAS.resolve("sequential.keras"),
                text,
                TREES.resolve("xgboost-3.4.0/one-hot.ubj"),
                TREES.resolve("lightgbm/multiclass.txt"),
                trees,
                one)
            .expect(1);
    assertTrue(run.err().startsWith("sardonyx: " + text + ": cannot tell"), run.toString());
    assertEquals(
        List.of("multiclass.onnx", "one-hot.onnx", "one.onnx", "sequential.onnx", "trees.onnx"),
        names(into));
    assertEquals(5, run.out().lines().filter(line -> line.startsWith("PASS")).count(), run.out());
    for (String name : names(into)) {
      Checker.require(OnnxReader.read(into.resolve(name)));
    }
    String same =
        run(
                "convert --overwrite",
                KERAS.resolve("sequential.keras"),
                KERAS.resolve("sequential.h5"))
            .expect(2)
            .err();
    assertTrue(same.contains("sequential.keras' and '") && same.contains("sequential.h5'"), same);
    String symbol =
        run("convert --overwrite --dim M=2", one, KERAS.resolve("sequential.h5")).expect(2).err();
    assertTrue(symbol.contains("no input has a symbol 'M'"), symbol);
  }

  @Test
  void theReportOfManyModelsHasAllOfThem() throws IOException {
    Path page = folder.resolve("costs.html");
    run("quantize --method weights", one, bad, other, "--report", page).expect(1);
    String html = Files.readString(page, StandardCharsets.UTF_8);
    for (String text : List.of("3 models quantised", one + ": Before and after", bad + ": ")) {
      assertTrue(html.contains(text), text);
    }
  }

  @Test
  void optionsOfFoldersAreOfNoUseForOneFile() {
    CommandRun run = CommandRun.of("edit", "--prefix", "p", "--overwrite", one, into).expect(2);
    assertTrue(run.err().contains("--overwrite goes with --into"), run.toString());
  }

  /** The turn of a file that cannot be read comes later, whatever is the matter with it. */
  @ParameterizedTest
  @ValueSource(classes = {OutOfMemoryError.class, StackOverflowError.class, LinkageError.class})
  void aFileThatCannotBeReadForItsSymbolsDoesNotEndTheRest(Class<? extends Error> type)
      throws ReflectiveOperationException {
    Error failure = type.getConstructor().newInstance();
    DimSizes.check(
        List.of(one, into),
        List.of("N"),
        file -> {
          throw failure;
        },
        known -> fail("not all symbols are known"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static List<String> texts(JsonArray results, String key) {
    List<String> texts = new ArrayList<>();
    results.forEach(result -> texts.add(result.getAsJsonObject().get(key).getAsString()));
    return texts;
  }
}
