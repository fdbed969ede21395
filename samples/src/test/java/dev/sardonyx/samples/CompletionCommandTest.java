package dev.sardonyx.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What shells complete, asked of the shells that are installed, and what man shows. */
final class CompletionCommandTest {
  /**
   * What is typed, and what must and must not be offered.
   *
   * @param typed words of a line whose last is not complete
   */
  private record Question(String typed, String offered, String not) {}

  private static final List<Question> QUESTIONS =
      List.of(
          new Question("ver", "verify", "view"),
          new Question("verify --r", "--rtol", "--resume"),
          new Question("mnist --r", "--resume", "--reduce"),
          new Question("mnist --network re", "resnet18", "--resume"),
          new Question("conformance g", "generate", "verify"),
          new Question("conformance generate --s", "--seed", "--stage"),
          new Question("optimize --level E", "EXTENDED", "ALL"),
          new Question("run --accelerator c", "cuda", "auto"),
          new Question("bench --accelerator t", "tensorrt", "auto"),
          new Question("convert --target opencv", "opencv-4", "opset-13"),
          new Question("check --target opset-1", "opset-13", "opencv-4"),
          new Question("simplify --pass dead", "dead-code", "fixed-defaults"));

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void theScriptKnowsEveryOptionOfEveryCommand(String shell) {
    String script = CommandRun.of("completion", shell).expect(0).out();
    Sardonyx.commandLine().getSubcommands().values().forEach(c -> assertKnows(shell, script, c));
  }

  private static void assertKnows(String shell, String script, CommandLine command) {
    assertTrue(script.contains(command.getCommandName()), command.getCommandName());
    for (OptionSpec option : command.getCommandSpec().options()) {
      String name = option.longestName();
      String written = shell.equals("fish") ? "-l " + name.substring(2) + " " : "'" + name + "'";
      assertTrue(script.contains(written), command.getCommandName() + " " + written);
    }
    command.getSubcommands().values().forEach(sub -> assertKnows(shell, script, sub));
  }

  /**
   * Picocli's variables in the script are called as parameters are labelled, whatever the option.
   */
  @Test
  void noListOfValuesTakesThePlaceOfAnother() {
    String script = CommandRun.of("completion", "bash").expect(0).out();
    for (String function : script.split("\nfunction ", -1)) {
      List<String> lists =
          function
              .lines()
              .map(String::strip)
              .filter(line -> line.startsWith("local ") && line.contains("_option_args="))
              .map(line -> line.substring(0, line.indexOf('=')))
              .toList();
      assertEquals(
          Set.copyOf(lists).size(), lists.size(), function.lines().findFirst() + " " + lists);
    }
  }

  @Test
  void anotherShellIsWrongUsage() {
    String err = CommandRun.of("completion", "tcsh").expect(2).err();
    assertTrue(err.contains("tcsh") && err.contains("BASH, ZSH, FISH"), err);
  }

  @Test
  void bashCompletes() throws Exception {
    assertAnswers(run(installed("bash"), "--norc", "-c", askedOfBash("bash", "")));
  }

  @Test
  void zshCompletes() throws Exception {
    // What zsh sets before it calls a function that completes for bash.
    String before = "emulate sh; setopt kshglob braceexpand; ";
    assertAnswers(run(installed("zsh"), "-f", "-c", askedOfBash("zsh", before)));
  }

  /** As zsh finds it in the application folder's share: by its name and its first line. */
  @Test
  void zshCompletesByTheFileOfItsSearchPath() throws Exception {
    String zsh = installed("zsh");
    Files.move(script("zsh"), folder.resolve("_sardonyx"));
    List<String> lines =
        run(
            zsh,
            "-f",
            "-c",
            """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "fpath=('%1$s' \\$fpath); autoload -U compinit; compinit -u -d '%1$s/dump'"
            zpty -w shell 'sardonyx() { print -r -- "<$*>" }'
            zpty -n -w shell $'sardonyx optimize --level EX\t\n'
            zpty -r -m shell answer '*<optimize*>*'
            print -r -- $answer
            zpty -n -w shell $'sardonyx veri\t\n'
            zpty -r -m shell answer '*<veri*>*'
            print -r -- $answer
            """
                .formatted(folder));
    String answers = String.join("\n", lines);
    assertTrue(answers.contains("<optimize --level EXTENDED>"), answers);
    assertTrue(answers.contains("<verify>"), answers);
  }

  @Test
  void fishCompletes() throws Exception {
    StringBuilder asked = new StringBuilder("source %s;".formatted(script("fish")));
    for (Question question : QUESTIONS) {
      asked.append(" complete -C 'sardonyx %s'; echo ==;".formatted(question.typed));
    }
    List<String> lines = run(installed("fish"), "--no-config", "-c", asked.toString());
    assertAnswers(lines.stream().map(line -> line.split("\t", 2)[0]).toList());
  }

  private String askedOfBash(String shell, String before) throws IOException {
    StringBuilder asked = new StringBuilder("source %s; %s".formatted(script(shell), before));
    for (Question question : QUESTIONS) {
      String line = "sardonyx " + question.typed;
      asked.append(
          "COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; COMPREPLY=(); _complete_sardonyx; "
              .formatted(line, line.split(" ").length - 1, line));
      asked.append("printf '%s\n' \"${COMPREPLY[@]}\" ==; ");
    }
    return asked.toString();
  }

  /**
   * Each question's words end with a line of its own. Those that do not begin like the typed word
   * count for none, for it is zsh itself that drops them, not what is asked.
   */
  private static void assertAnswers(List<String> lines) {
    List<String> left = lines;
    for (Question question : QUESTIONS) {
      int end = left.indexOf("==");
      assertTrue(end >= 0, () -> question + " in " + lines);
      String begun = question.typed.substring(question.typed.lastIndexOf(' ') + 1);
      List<String> words =
          left.subList(0, end).stream().filter(word -> word.startsWith(begun)).toList();
      assertTrue(words.contains(question.offered), () -> question + " in " + words);
      assertFalse(words.contains(question.not), () -> question + " in " + words);
      left = left.subList(end + 1, left.size());
    }
  }

  private Path script(String shell) throws IOException {
    return Files.writeString(
        folder.resolve("sardonyx." + shell),
        CommandRun.of("completion", shell).expect(0).out(),
        UTF_8);
  }

  /**
   * A page for each command, all of whose options are on it, which roff takes without a warning.
   */
  @Test
  void manShowsEveryCommand() throws Exception {
    Path pages = folder.resolve("share/man1");
    String out = CommandRun.of("man", pages).expect(0).out();
    List<CommandLine> commands = all(Sardonyx.commandLine()).toList();
    assertTrue(out.contains(commands.size() + " pages"), out);
    for (CommandLine command : commands) {
      String name = command.getCommandSpec().qualifiedName("-");
      String page = Files.readString(pages.resolve(name + ".1"), UTF_8);
      assertTrue(page.contains("\n.SH NAME\n"), page);
      for (OptionSpec option : command.getCommandSpec().options()) {
        assertTrue(page.contains(option.longestName().replace("-", "\\-")), name + option);
      }
    }
  }

  @Test
  void groffRendersThePagesWithoutWarnings() throws Exception {
    String groff = installed("groff");
    CommandRun.of("man", folder).expect(0);
    List<String> call = new ArrayList<>(List.of("-man", "-ww", "-Tascii", "-P-cbou"));
    try (Stream<Path> pages = Files.list(folder)) {
      pages.sorted().map(Path::toString).forEach(call::add);
    }
    List<String> lines = run(groff, call.toArray(String[]::new));
    assertEquals(List.of(), lines.stream().filter(l -> l.contains("troff:")).toList());
    String text = String.join("\n", lines);
    assertTrue(text.contains("       --rtol=R"), text);
    assertTrue(text.contains("Relative tolerance of the verification (default: 1e-3)."), text);
    assertFalse(text.contains("${"), text);
  }

  private static Stream<CommandLine> all(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(CompletionCommandTest::all));
  }

  /** The path of a program; the test is skipped where there is none. */
  private static String installed(String program) {
    for (String path : System.getenv("PATH").split(File.pathSeparator, -1)) {
      Path file = Path.of(path, program);
      if (Files.isExecutable(file)) {
        return file.toString();
      }
    }
    assumeTrue(false, program + " is not installed");
    return program;
  }

  /** What a program prints, errors included. */
  private List<String> run(String program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOME", folder.toString());
    Process process = builder.start();
    process.getOutputStream().close();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertEquals(0, process.waitFor(), () -> command + " printed " + lines);
    return lines;
  }
}
