package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.export.OnnxData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.nn.Networks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about ONNX files: check, explain, inspect, conformance. */
final class CommandsTest {
  private static final String DOUBLED =
      """
      <ir_version: 10, opset_import: ["": 21]>
      doubled (float[N,3] x) => (float[N,3] y) {
        y = Add (x, x)
      }
      """;

  @TempDir private Path folder;

  private Path write(String name, String text) throws IOException {
    return write(name, ModelParser.parse(text));
  }

  private Path write(String name, Model model) throws IOException {
    Path file = folder.resolve(name);
    OnnxWriter.write(model, file);
    return file;
  }

  @Test
  void checkSaysThatAModelIsValid() throws IOException {
    Path file = write("good.onnx", DOUBLED);
    assertEquals(file + ": valid\n", CommandRun.of("check", file).expect(0).out());
  }

  @Test
  void checkGroupsProblemsByCodeAndGoesOnWithTheNextFile() throws IOException {
    Path bad =
        write(
            "bad.onnx",
            """
            <ir_version: 10, opset_import: ["": 21]>
            bad (float[2,3] x, float[4,5] w) => (float[2,5] y) {
              [product] a = MatMul (x, w)
              [spelt] b = Rellu (x)
              [lost] y = Add (a, nowhere)
            }
            """);
    Path good = write("good.onnx", DOUBLED);
    CommandRun run = CommandRun.of("check", bad, folder.resolve("none.onnx"), good).expect(1);
    String out = run.out();
    assertTrue(out.contains("SX-303 ") && out.contains("at product"), out);
    assertTrue(out.contains("SX-201 ") && out.contains("Rellu"), out);
    assertTrue(out.contains("SX-102 ") && out.contains("nowhere"), out);
    assertTrue(run.err().contains("none.onnx: does not exist"), run.err());
    assertTrue(out.contains(good + ": valid"), out);
    assertTrue(out.contains("2 of 3 files have errors"), out);
    assertTrue(out.contains("sardonyx explain SX-"), out);
  }

  @Test
  void checkSaysWhatKeepsARuntimeFromRunningAModel() throws IOException {
    Path file = write("good.onnx", DOUBLED);
    assertEquals(
        file + ": valid\n  opset-13: can run it\n",
        CommandRun.of("check", "--target", "opset-13", file).expect(0).out());
    Path det =
        write(
            "det.onnx",
            """
            <ir_version: 10, opset_import: ["": 21]>
            det (float[2,2] x) => (float y) {
              [volume] y = Det (x)
            }
            """);
    String out = CommandRun.of("check", "--target", "opencv", det).expect(1).out();
    assertTrue(out.contains("opencv-4: 1 reason why not"), out);
    assertTrue(out.contains("volume: the target has no operator Det"), out);
    String err = CommandRun.of("check", "--target", "opencl", file).expect(2).err();
    assertTrue(err.contains("There is no target 'opencl'") && err.contains("tensorrt-8"), err);
  }

  @Test
  void diffTellsWhatDiffersAndNothingOfNames() throws IOException {
    Path before = write("before.onnx", DOUBLED);
    Path renamed = write("renamed.onnx", DOUBLED.replace("doubled", "twice"));
    assertEquals("No difference\n", CommandRun.of("diff", before, renamed).expect(0).out());
    Path after = write("after.onnx", DOUBLED.replace("Add (x, x)", "Mul (x, x)"));
    Path json = folder.resolve("diff.json");
    String out = CommandRun.of("diff", before, after, "--json", json).expect(1).out();
    assertTrue(out.contains("- main: Add -> y\n+ main: Mul -> y\n"), out);
    assertTrue(Files.readString(json).contains("\"kind\": \"removed\""));
    CommandRun.of("diff", before, after, "--json", after).expect(2);
    CommandRun.of("diff", before).expect(2);
  }

  @Test
  void explainPrintsThePageOfACode() {
    String page = ProblemCode.SHAPE_MISMATCH.page();
    assertEquals(page, CommandRun.of("explain", "SX-303").expect(0).out());
    assertEquals(page, CommandRun.of("explain", "303").expect(0).out());
    assertEquals(page, CommandRun.of("explain", "sx-303").expect(0).out());
  }

  @Test
  void explainListsAllCodes() {
    String out = CommandRun.of("explain").expect(0).out();
    for (ProblemCode code : ProblemCode.values()) {
      assertTrue(out.contains(code.id() + "  " + code.title()), out);
    }
  }

  @Test
  void explainKnowsNoOtherCode() {
    CommandRun run = CommandRun.of("explain", "SX-999").expect(2);
    assertTrue(run.err().contains("'SX-999'"), run.toString());
  }

  @Test
  void inspectSummarises() throws IOException {
    Path file = write("seed.onnx", Networks.named("seed").build(1));
    String out = CommandRun.of("inspect", file).expect(0).out();
    assertTrue(out.contains("IR 10, ai.onnx 21"), out);
    assertTrue(out.contains("Input: image float[N,1,28,28]"), out);
    assertTrue(out.contains("Output: probabilities float[N,10]"), out);
    assertTrue(out.contains("Parameters: 288,202"), out);
    assertTrue(out.contains("Conv 5, Relu 5, Add 2, "), out);
    String layers = CommandRun.of("inspect", "--layers", file).expect(0).out();
    assertTrue(layers.contains("block1.conv1"), layers);
  }

  @Test
  void inspectPrintsTextThatIsTheModel() throws IOException {
    Model model = ModelParser.parse(DOUBLED);
    Path file = write("doubled.onnx", model);
    String text = CommandRun.of("inspect", "--text", file).expect(0).out();
    assertEquals(model, ModelParser.parse(text));
    CommandRun.of("inspect", "--elements", 3, file).expect(2);
  }

  @Test
  void verifyComparesOnnxRuntimeWithTheReferenceEvaluator() throws IOException {
    Path doubled = write("doubled.onnx", DOUBLED);
    Path seed = write("projection.onnx", Networks.named("projection").build(1));
    Path results = folder.resolve("results.json");
    CommandRun run =
        CommandRun.of(
                "verify",
                "--dim",
                "N=4",
                "--batches",
                2,
                "--accelerator",
                "cpu",
                "--json",
                results,
                doubled,
                seed)
            .expect(0);
    assertEquals(2, run.out().lines().filter(line -> line.startsWith("PASS")).count(), run.out());
    JsonObject first = result(results, 0);
    assertEquals("ok", first.get("status").getAsString());
    JsonObject y =
        first.getAsJsonObject("report").getAsJsonArray("values").get(0).getAsJsonObject();
    assertEquals(2 * 4 * 3, y.get("elements").getAsInt(), "two batches of float[4,3]");
  }

  private CommandRun verify(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("verify", "--accelerator", "cpu"));
    all.addAll(List.of(arguments));
    return CommandRun.of(all.toArray());
  }

  @Test
  void verifySolvesDimensionsThroughExpressions() throws IOException {
    Path file =
        write(
            "longer.onnx",
            """
            <ir_version: 10, opset_import: ["": 21]>
            longer (float[N,"N+5"] x, float[?,H] z) => (float[N,"N+5"] y, float[?,H] w) {
              y = Neg (x)
              w = Neg (z)
            }
            """);
    Path results = folder.resolve("results.json");
    verify("--dim", "N=8", "--json", results, file).expect(0);
    assertEquals(List.of(8 * 13, 1), elements(results));
    verify("--dim", "N=8", "--dim", "H=3", "--json", results, file).expect(0);
    assertEquals(List.of(8 * 13, 3), elements(results));
    String unknown = verify("--dim", "M=8", file).expect(2).err();
    assertTrue(
        unknown.contains("'--dim': no input has a symbol 'M' in its shape; there are H, N"),
        unknown);
    String negative = verify("--dim", "N=-8", file).expect(2).err();
    assertTrue(negative.contains("'N=-8' is not 0 or more"), negative);
    String fixed = verify("--dim", "N=8", write("d.onnx", DOUBLED.replace("N,", "2,"))).err();
    assertTrue(fixed.contains("no input has a symbol 'N' in its shape; there are none"), fixed);
  }

  @Test
  void verifyRefusesSizesThatCannotBe() throws IOException {
    Path file =
        write(
            "shorter.onnx",
            """
            <ir_version: 10, opset_import: ["": 21]>
            shorter (float["N-5"] x) => (float["N-5"] y) { y = Neg (x) }
            """);
    verify(file).expect(0);
    CommandRun run = verify("--dim", "N=1", file).expect(1);
    assertTrue(run.err().contains("N-5 would be -4 with N=1"), run.toString());
    run = verify("--dim", "N=" + Long.MAX_VALUE, file).expect(1);
    assertTrue(run.err().contains("too large"), run.toString());
    assertEquals(1, run.err().lines().count(), run.toString());
    verify("--dim", "N=9", file).expect(0);
  }

  /** A declared dimension of -1 means any size. */
  @Test
  void verifyMakesUpASizeForANegativeDimension() throws IOException {
    Path file =
        write(
            "negative.onnx",
            """
            <ir_version: 10, opset_import: ["": 21]>
            negative (float[-1,10] x) => (float[-1,10] y) { y = Neg (x) }
            """);
    Path results = folder.resolve("results.json");
    verify("--json", results, file).expect(0);
    assertEquals(List.of(10), elements(results));
  }

  private static JsonObject result(Path results, int file) throws IOException {
    return JsonParser.parseString(Files.readString(results))
        .getAsJsonArray()
        .get(file)
        .getAsJsonObject();
  }

  /** How many elements each output had. */
  private static List<Integer> elements(Path results) throws IOException {
    List<Integer> elements = new ArrayList<>();
    result(results, 0)
        .getAsJsonObject("report")
        .getAsJsonArray("values")
        .forEach(value -> elements.add(value.getAsJsonObject().get("elements").getAsInt()));
    return elements;
  }

  @Test
  void verifyChecksFirstAndGoesOnWithTheNextFile() throws IOException {
    Path unsorted =
        write(
            "unsorted.onnx",
            """
            <ir_version: 10, opset_import: ["": 21]>
            unsorted (float[2] x) => (float[2] y) {
              y = Neg (a)
              a = Relu (x)
            }
            """);
    Path broken = Files.writeString(folder.resolve("broken.onnx"), "this is not protobuf");
    Path good = write("good.onnx", DOUBLED);
    Path results = folder.resolve("results.json");
    CommandRun run =
        verify(unsorted, broken, folder.resolve("no.onnx"), good, "--json", results).expect(1);
    List<String> errors = run.err().lines().toList();
    assertEquals(3, errors.size(), run.toString());
    assertTrue(
        errors.get(0).startsWith("sardonyx: " + unsorted + ": not verified, for the model has")
            && errors.get(0).contains("SX-103: node Neg -> y uses a"),
        run.toString());
    assertTrue(errors.get(1).contains("broken.onnx"), run.toString());
    assertTrue(errors.get(2).contains("no.onnx: does not exist"), run.toString());
    assertFalse(run.err().contains("fault of Sardonyx"), run.toString());
    assertTrue(run.out().contains("PASS: "), run.toString());
    assertTrue(run.out().contains("1 of 4 files agree"), run.toString());
    for (int i = 0; i < 4; i++) {
      JsonObject result = result(results, i);
      assertEquals(i == 3 ? "ok" : "error", result.get("status").getAsString());
      assertEquals(i < 3, result.has("error"), result.toString());
    }
  }

  @Test
  void verifyTakesInputsFromFiles() throws IOException {
    Path file =
        write(
            "strings.onnx",
            """
            <ir_version: 10, opset_import: ["": 21]>
            strings (string[N] x, float[N,2] z) => (string[N] y, float[N,2] w) {
              y = Identity (x)
              w = Neg (z)
            }
            """);
    verify(file).expect(0);
    Path lines = Files.writeString(folder.resolve("x.txt"), "one\ntwo\nthree\n");
    Path results = folder.resolve("results.json");
    verify("--input", "x=" + lines, "--json", results, file).expect(0);
    assertEquals(List.of(3, 6), elements(results), "the other input follows");
    String unknown = verify("--input", "q=" + lines, file).expect(1).err();
    assertTrue(unknown.contains("no input 'q'; it takes x string[N], z float[N,2]"), unknown);
    String wrong = verify("--input", "z=" + lines, file).expect(1).err();
    assertTrue(wrong.contains("x.txt: holds strings, but input 'z' takes float[N,2]"), wrong);
    Path array = Files.writeString(folder.resolve("z.json"), "{\"a\": [[1, 2]]}");
    verify("--input", "z=" + array + "#a", file).expect(0);
    verify("--input", "z=" + array, file).expect(1);
  }

  /** ONNX Runtime crops first where Pad wraps around and takes away at once. */
  private static final String WRAPPED =
      """
      <ir_version: 8, opset_import: ["": 19]>
      wrapped (float[N,6] x) => (float[?,?] y) <int64[4] pads = {0, -2, 0, 3}> {
        a = Abs (x)
        b = Pad <mode = "wrap"> (a, pads)
        y = Sqrt (b)
      }
      """;

  @Test
  void verifyReducesWhatDiffersToAFolderThatShowsItAgain() throws IOException {
    Path file = write("wrapped.onnx", WRAPPED);
    Path reduced = folder.resolve("reduced");
    Path saved = folder.resolve("saved");
    CommandRun run = verify("--dim", "N=3", "--reduce", reduced, "--save", saved, file).expect(1);
    assertTrue(run.out().contains("first diverging value 'b'"), run.toString());
    assertTrue(run.out().contains(reduced + ": ELEMENTS with 1 of 3 nodes"), run.toString());
    Path data = reduced.resolve("test_data_set_0/input_0.pb");
    CommandRun again = verify("--input", "a=" + data, reduced.resolve("model.onnx")).expect(1);
    assertTrue(again.out().contains("FAIL ELEMENTS"), again.toString());
    assertTrue(Files.exists(saved.resolve("model.onnx")));
    String full = verify("--reduce", reduced, file).expect(1).err();
    assertTrue(full.contains("is not empty; name a new folder"), full);
    verify("--reduce", reduced, file, file).expect(2);
    verify("--isolated", "--accelerator", "cuda", file).expect(2);
  }

  /** ONNX Runtime does not end; the reference evaluator, which does not either, is interrupted. */
  @Test
  void anEndlessModelIsATimeoutAndTheNextFileIsVerified() throws IOException {
    Path endless =
        write(
            "endless.onnx",
            """
            <ir_version: 8, opset_import: ["": 17]>
            endless (float[2] x) => (float[2] y)
            <int64 trips = {9223372036854775807}, bool go = {1}> {
              y = Loop (trips, go, x) <body = b (int64 i, bool c, float[2] a) => (bool d, float[2] e) {
                d = Identity (c)
                e = Neg (a)
              }>
            }
            """);
    Path good = write("good.onnx", DOUBLED);
    Path results = folder.resolve("results.json");
    CommandRun run =
        verify("--isolated", "--timeout", 4, "--json", results, endless, good).expect(1);
    assertTrue(run.out().contains("TIMEOUT: Model 'endless' took longer"), run.toString());
    assertTrue(run.out().contains("1 of 2 files agree"), run.toString());
    assertEquals("", run.err(), "a result, no error");
    assertEquals("TIMEOUT", result(results, 0).get("failure").getAsString());
  }

  @Test
  void anIsolatedVerificationAgreesToo() throws IOException {
    Path file = write("good.onnx", DOUBLED);
    CommandRun run = verify("--isolated", file).expect(0);
    assertTrue(run.out().contains("isolated ONNX Runtime"), run.toString());
  }

  private Path suite(float... answer) throws IOException {
    Path doubled = folder.resolve("suite/node/test_doubled");
    Path data = Files.createDirectories(doubled.resolve("test_data_set_0"));
    OnnxWriter.write(ModelParser.parse(DOUBLED), doubled.resolve("model.onnx"));
    Files.write(
        data.resolve("input_0.pb"),
        OnnxData.toBytes(Tensor.ofFloats(new float[] {1, 2, 3}, 1, 3), "x"));
    Files.write(data.resolve("output_0.pb"), OnnxData.toBytes(Tensor.ofFloats(answer, 1, 3), "y"));
    return folder.resolve("suite");
  }

  @Test
  void conformancePassesASuiteThatIsRight() throws IOException {
    Path results = folder.resolve("results.json");
    CommandRun run =
        CommandRun.of("conformance", suite(2, 4, 6), "--json", results, "--operators").expect(0);
    assertTrue(run.out().lines().toList().contains("PASS: 1 case"), run.out());
    assertTrue(run.out().contains("Add"), run.out());
    JsonObject json = JsonParser.parseString(Files.readString(results)).getAsJsonObject();
    assertTrue(json.get("passed").getAsBoolean());
    JsonObject report = json.getAsJsonObject("report");
    assertEquals(1, report.get("cases").getAsInt());
    report
        .getAsJsonArray("stages")
        .forEach(stage -> assertEquals(1, stage.getAsJsonObject().get("passed").getAsInt()));
  }

  @Test
  void conformanceFailsWhereAnAnswerIsWrong() throws IOException {
    CommandRun run = CommandRun.of("conformance", "-q", suite(2, 4, 7), "--stage", "run").expect(1);
    assertTrue(run.out().lines().toList().contains("FAIL: 1 of 1 case"), run.out());
    assertTrue(run.out().contains("test_doubled"), run.out());
    assertFalse(run.out().contains("round trip"), run.out());
    CommandRun.of("conformance", "-q", suite(2, 4, 7), "--stage", "read,check").expect(0);
  }

  @Test
  void conformanceRunsTheOnnxSuiteUnlessToldOtherwise() {
    CommandRun run =
        CommandRun.of("conformance", "-q", "--filter", "node/test_asin", "--stage", "read");
    assertTrue(run.expect(0).out().contains("PASS: 4 cases"), run.out());
    run = CommandRun.of("conformance", "--filter", "no_such_case").expect(1);
    assertTrue(run.err().contains("No case of the ONNX backend suite has"), run.err());
  }

  @Test
  void conformanceNamesWhatIsWrongWithItsArguments() throws IOException {
    Path suite = suite(2, 4, 6);
    assertTrue(
        CommandRun.of("conformance", suite, "--stage", "walk").expect(2).err().contains("walk"));
    assertTrue(
        CommandRun.of("conformance", suite, "--filter", "zz").expect(1).err().contains("'zz'"));
    assertTrue(
        CommandRun.of("conformance", folder.resolve("no")).expect(1).err().contains("no such"));
  }
}
