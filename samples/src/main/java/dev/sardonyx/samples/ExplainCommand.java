package dev.sardonyx.samples;

import dev.sardonyx.ir.ProblemCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx explain}: the page on a kind of problem. */
@Command(
    name = "explain",
    description = {
      "Explains problem codes, such as SX-303; without a code, lists all of them.",
      "Exit status: 0 printed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "CODE",
      arity = "0..*",
      completionCandidates = Codes.class,
      description = "Such as SX-303 or 303.")
  private List<String> codes = new ArrayList<>();

  /** All codes, for the shell's completion. */
  static final class Codes implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(ProblemCode.values()).map(ProblemCode::id).iterator();
    }
  }

  @Override
  public Integer call() {
    Console console = Console.of(spec);
    if (codes.isEmpty()) {
      for (ProblemCode code : ProblemCode.values()) {
        console.result("%s  %s", code.id(), code.title());
      }
      return 0;
    }
    List<ProblemCode> found = codes.stream().map(this::find).distinct().toList();
    console.results(found.stream().map(ProblemCode::page).collect(Collectors.joining("\n")));
    return 0;
  }

  private ProblemCode find(String text) {
    String upper = text.toUpperCase(Locale.ROOT);
    String id = upper.startsWith("SX-") ? upper : "SX-" + upper;
    Optional<ProblemCode> code =
        Arrays.stream(ProblemCode.values()).filter(c -> c.id().equals(id)).findFirst();
    return code.orElseThrow(
        () ->
            new ParameterException(
                spec.commandLine(),
                "There is no problem code '" + text + "'; `sardonyx explain` lists all of them"));
  }
}
