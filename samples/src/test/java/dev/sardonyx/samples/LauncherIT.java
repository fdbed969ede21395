package dev.sardonyx.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.nn.Networks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The application folder's launcher, as a user calls it. */
final class LauncherIT {
  private static final Path LAUNCHER = Path.of(System.getProperty("launcher"));

  @TempDir private Path folder;

  private Map<String, String> environment = Map.of();

  private Process start(Path launcher, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    builder.redirectOutput(folder.resolve("out.txt").toFile());
    builder.redirectError(folder.resolve("err.txt").toFile());
    return builder.start();
  }

  private CommandRun run(Path launcher, String... arguments)
      throws IOException, InterruptedException {
    Process process = start(launcher, arguments);
    assertTrue(process.waitFor(10, TimeUnit.MINUTES), "the command does not end");
    return new CommandRun(
        process.exitValue(),
        Files.readString(folder.resolve("out.txt"), UTF_8),
        Files.readString(folder.resolve("err.txt"), UTF_8));
  }

  private CommandRun shell(String script, Path first, Path... more)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("-c", script, "sh", first.toString()));
    Stream.of(more).forEach(path -> arguments.add(path.toString()));
    return run(Path.of("/bin/sh"), arguments.toArray(String[]::new));
  }

  @Test
  void theMainJobRunsFromAnyFolder() throws IOException, InterruptedException {
    CommandRun run = run(LAUNCHER, "mnist", "--limit", "200").expect(0);
    assertTrue(run.out().contains("Test accuracy: 0."), run.toString());
    assertTrue(run.out().contains("PASS"), run.toString());
    assertEquals("", run.err(), "no warning of the JVM or a library");
    assertTrue(Files.size(folder.resolve("model.onnx")) > 1_000_000, "model.onnx is here");
    CommandRun check = run(LAUNCHER, "check", "model.onnx").expect(0);
    assertEquals("model.onnx: valid", check.out().strip());
  }

  @Test
  void theOnnxSuiteIsInTheApplication() throws IOException, InterruptedException {
    CommandRun run = run(LAUNCHER, "conformance", "--quiet", "--filter", "node/test_relu");
    assertTrue(run.expect(0).out().contains("PASS: "), run.toString());
    assertEquals("", run.err());
  }

  @Test
  void failureIsTheExitStatus() throws IOException, InterruptedException {
    CommandRun run = run(LAUNCHER, "mnist", "--data", "nowhere").expect(1);
    assertEquals(1, run.err().lines().count(), run.toString());
    run(LAUNCHER, "mnist", "--epochs", "none").expect(2);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need rights there")
  void aLinkToTheLauncherWorks() throws IOException, InterruptedException {
    Path link = Files.createSymbolicLink(folder.resolve("sx"), LAUNCHER);
    assertTrue(run(link, "--version").expect(0).out().startsWith("sardonyx "));
  }

  /**
   * Checks a file that is no model, in the locale C. The shell makes it: a JVM in that locale, as
   * this one may be, could not.
   *
   * @param name the file's, as printf takes it
   */
  private CommandRun checkedInTheLocaleC(String name) throws IOException, InterruptedException {
    environment = Map.of("LC_ALL", "C", "LANG", "");
    return shell(
        """
        name=$(printf '%s')
        echo text > "$name"
        "$1" check "$name"
        status=$?
        rm "$name"
        exit $status
        """
            .formatted(name),
        LAUNCHER);
  }

  /** The name is a Latin one with an accent, and one in another script. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no locale C there")
  void filesOfAnyNameAreFoundInTheLocaleC() throws IOException, InterruptedException {
    CommandRun run =
        checkedInTheLocaleC("mod\\303\\250le-\\346\\250\\241\\345\\236\\213.onnx").expect(1);
    String name = "sardonyx: mod\u00e8le-\u6a21\u578b.onnx";
    assertTrue(run.err().startsWith(name) && run.err().contains("is not an ONNX"), run.toString());
  }

  /** A byte that is no character is lost before Java sees it, so that the file is not found. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "names are not bytes there")
  void aNameThatIsNoTextIsToldAsSuch() throws IOException, InterruptedException {
    CommandRun run = checkedInTheLocaleC("bad\\377.onnx").expect(2);
    assertTrue(run.err().contains("has bytes that are no characters in the charset"), run.err());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no locale C there")
  void itIsInstalledInAFolderOfAnyName() throws IOException, InterruptedException {
    CommandRun run =
        shell(
            """
            home=$(printf 't\\303\\251l\\303\\251 chargements')
            mkdir -p "$home/bin"
            cp "$1" "$home/bin/sardonyx"
            ln -s "$2" "$home/lib"
            LC_ALL=C "$home/bin/sardonyx" --version && LC_ALL=C.UTF-8 "$home/bin/sardonyx" --version
            status=$?
            rm -r "$home"
            exit $status
            """,
            LAUNCHER,
            LAUNCHER.toRealPath().resolve("../../lib").normalize());
    assertEquals(2, run.expect(0).out().lines().filter(l -> l.startsWith("sardonyx ")).count());
    assertEquals("", run.err(), "the archive of classes is of another place");
  }

  /** With CDPATH, cd prints where it went; echo takes backslashes for escapes. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is POSIX's")
  void neitherTheEnvironmentNorTheFolderConfusesIt() throws IOException, InterruptedException {
    CommandRun run =
        shell(
            """
            make() {
              mkdir -p "$1/bin" && cp "$launcher" "$1/bin/sardonyx" && ln -s "$lib" "$1/lib"
            }
            launcher=$1 lib=$2
            make 'a\\nb%41*[x]'
            'a\\nb%41*[x]/bin/sardonyx' --version || exit 3
            CDPATH=.:/ sh 'a\\nb%41*[x]/bin/sardonyx' --version || exit 4
            make a:b
            a:b/bin/sardonyx --version
            status=$?
            rm -r a*
            exit $status
            """,
            LAUNCHER, LAUNCHER.toRealPath().resolve("../../lib").normalize());
    assertEquals(2, run.expect(1).out().lines().filter(l -> l.startsWith("sardonyx ")).count());
    assertTrue(run.err().contains("a:b' has a ':' in its name"), run.toString());
    assertEquals(1, run.err().lines().count(), run.toString());
  }

  /** Classes from the archive start in half the time; DL4J's natives alone take seconds. */
  @Test
  void lookingAtAModelLoadsArchivedClassesAndNoneOfDl4j() throws IOException, InterruptedException {
    OnnxWriter.write(
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[N] x) => (float[N] y) { y = Relu (x) }
            """),
        folder.resolve("relu.onnx"));
    environment = Map.of("JAVA_OPTS", "-Xlog:class+load:file=classes.txt");
    for (String command : List.of("inspect", "check")) {
      run(LAUNCHER, command, "relu.onnx").expect(0);
      List<String> loaded = Files.readAllLines(folder.resolve("classes.txt"));
      assertTrue(
          loaded.stream()
              .anyMatch(l -> l.contains("dev.sardonyx.") && l.contains("shared objects")),
          "none of the archive");
      assertEquals(
          List.of(),
          loaded.stream().filter(l -> l.contains(" org.nd4j.") || l.contains(" ai.onnx")).toList());
    }
  }

  /** What man and shells look for beside bin/, made when the folder was packaged. */
  @Test
  void pagesAndCompletionsAreInTheApplication() throws IOException, InterruptedException {
    Path share = LAUNCHER.toRealPath().resolve("../../share").normalize();
    run(LAUNCHER, "man", "pages").expect(0);
    try (Stream<Path> pages = Files.list(folder.resolve("pages"))) {
      for (Path page : pages.toList()) {
        Path packaged = share.resolve("man/man1").resolve(page.getFileName().toString());
        assertEquals(Files.readString(page), Files.readString(packaged));
      }
    }
    assertEquals(
        run(LAUNCHER, "completion", "bash").out(),
        Files.readString(share.resolve("bash-completion/completions/sardonyx")));
    assertEquals(
        run(LAUNCHER, "completion", "zsh").out(),
        Files.readString(share.resolve("zsh/site-functions/_sardonyx")));
    assertEquals(
        run(LAUNCHER, "completion", "fish").out(),
        Files.readString(share.resolve("fish/vendor_completions.d/sardonyx.fish")));
  }

  /** As README shows it; and who reads no further is no failure. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the shell is POSIX's")
  void modelsGoThroughAPipe() throws IOException, InterruptedException {
    OnnxWriter.write(Networks.named("seed").build(1), folder.resolve("model.onnx"));
    CommandRun run =
        shell(
            """
            "$1" simplify --quiet model.onnx - | "$1" convert -q - older.onnx --target opset-13
            "$1" edit -q --prefix a/ older.onnx - | head -c 3 > head.bin
            "$1" inspect -q --json - - < older.onnx
            """,
            LAUNCHER);
    run.expect(0);
    assertEquals("", run.err());
    assertTrue(run.out().contains("\"ai.onnx\": 13"), run.out());
    assertEquals(3, Files.size(folder.resolve("head.bin")));
  }

  /** Each of the streams is one or not, whatever the others are. */
  @Test
  void whatIsATerminalIsSeenOfEachStream() throws IOException, InterruptedException {
    String script = "/usr/bin/script";
    assumeTrue(
        Files.isExecutable(Path.of(script)), "script, which makes a terminal, is not installed");
    OnnxWriter.write(Networks.named("seed").build(1), folder.resolve("model.onnx"));
    for (String[] question :
        new String[][] {
          {"check -", "2", "standard input, which is a terminal"},
          {"check -q - < model.onnx", "0", "valid"},
          {"simplify model.onnx -", "2", "standard output is a terminal"},
          {"edit -q --prefix p model.onnx - > other.onnx", "0", ""},
          {"check - < /dev/null 2> errors.txt; cat errors.txt", "0", "standard input: is empty"}
        }) {
      String call = "'" + LAUNCHER.toRealPath() + "' " + question[0];
      CommandRun run = run(Path.of(script), "-qec", call, "/dev/null");
      run.expect(Integer.parseInt(question[1]));
      assertTrue(run.out().contains(question[2]), run.toString());
    }
    // What is told by hand counts more.
    environment = Map.of("JAVA_OPTS", "-Dsardonyx.terminals=0");
    assertTrue(run(LAUNCHER, "check", "-").expect(2).err().contains("which is a terminal"));
    environment = Map.of("JAVA_OPTS", "-Dsardonyx.terminals=");
    CommandRun none =
        run(Path.of(script), "-qec", "'" + LAUNCHER.toRealPath() + "' check - <&-", "/dev/null");
    assertFalse(none.out().contains("which is a terminal"), none.toString());
  }

  @Test
  void helpForATerminalWithoutColoursHasNone() throws IOException, InterruptedException {
    environment = Map.of("TERM", "dumb");
    CommandRun run = run(LAUNCHER, "mnist", "--help").expect(0);
    assertTrue(run.out().contains("--epochs"), run.toString());
    assertFalse(run.out().contains("\u001b"), run.toString());
  }

  /** Colours that would be shown, for they are asked for, are not if they are asked not to be. */
  @Test
  void noColorIsHonoured() throws IOException, InterruptedException {
    environment = Map.of("TERM", "xterm", "CLICOLOR_FORCE", "1");
    CommandRun coloured = run(LAUNCHER, "mnist", "--help").expect(0);
    assertTrue(coloured.out().contains("\u001b"), coloured.toString());
    environment = Map.of("TERM", "xterm", "CLICOLOR_FORCE", "1", "NO_COLOR", "1");
    CommandRun plain = run(LAUNCHER, "mnist", "--help").expect(0);
    assertFalse(plain.out().contains("\u001b"), plain.toString());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no Ctrl-C for a child there")
  void interruptedItLeavesNothingBehind() throws IOException, InterruptedException {
    Path old = Files.writeString(folder.resolve("model.onnx"), "the older model");
    Process process = start(LAUNCHER, "mnist", "--limit", "30000");
    while (!Files.readString(folder.resolve("out.txt"), UTF_8).contains("Epoch 1/1")) {
      assertTrue(process.isAlive(), Files.readString(folder.resolve("err.txt"), UTF_8));
      Thread.sleep(100);
    }
    // What Ctrl-C does, but for the name of the signal.
    process.destroy();
    assertTrue(process.waitFor(1, TimeUnit.MINUTES), "the command does not end");
    assertFalse(process.exitValue() == 0);
    assertEquals("the older model", Files.readString(old));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          List.of("err.txt", "model.onnx", "out.txt"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }
}
