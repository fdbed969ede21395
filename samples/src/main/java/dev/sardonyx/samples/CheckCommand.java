package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx check}: everything that is wrong with ONNX files. */
@Command(
    name = "check",
    description = {
      "Prints everything that is wrong with ONNX files, root causes apart from what follows.",
      "Exit status: 0 valid (warnings allowed) and fit for the target, 1 not so, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class CheckCommand implements Callable<Integer> {
  private static final int SHOWN = 10;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "ONNX files.")
  private List<Path> files;

  @Option(
      names = "--target",
      paramLabel = "RUNTIME",
      description =
          "Also say what keeps a runtime from running them, such as opencv-4 or opset-13.")
  private @Nullable String runtime;

  @Option(
      names = "--all",
      description = "Show all problems of a kind, and those that follow from others.")
  private boolean all;

  @Option(
      names = "--no-weights",
      description = "Leave external data files alone; they need not be there.")
  private boolean withoutWeights;

  @Override
  public Integer call() {
    Console console = Console.of(spec);
    if (withoutWeights && runtime != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--no-weights and --target exclude each other: conversions see weights");
    }
    Target target = target();
    int invalid = 0;
    ProblemCode example = null;
    for (Path file : files) {
      try {
        Model model = withoutWeights ? OnnxReader.readWithoutWeights(file) : OnnxReader.read(file);
        Report report = Checker.check(model);
        console.block(text(file, report));
        if (!report.isValid()) {
          invalid++;
          example = report.errors().get(0).code();
        } else if (target != null && !fits(model, target, console)) {
          invalid++;
        }
      } catch (IOException | RuntimeException e) {
        // An unreadable file does not keep the others from being checked.
        console.result("%s: not readable%n  %s", file, Failures.message(e));
        invalid++;
      }
    }
    if (files.size() > 1) {
      console.result("%d of %d files have errors", invalid, files.size());
    }
    if (example != null) {
      console.result("`sardonyx explain %s` says more.", example.id());
    }
    return invalid == 0 ? 0 : 1;
  }

  private @Nullable Target target() {
    try {
      return runtime == null ? null : Target.named(runtime);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "Invalid value for option '--target': " + e.getMessage());
    }
  }

  private boolean fits(Model model, Target target, Console console) {
    List<String> reasons = OnnxExport.of(model).target(target).whyUnsupported();
    console.result(
        "  %s: %s",
        target.name(),
        reasons.isEmpty() ? "can run it" : Count.of(reasons.size(), "reason") + " why not");
    int shown = all ? reasons.size() : Math.min(SHOWN, reasons.size());
    reasons.subList(0, shown).forEach(r -> console.result("    %s", Printable.line(r)));
    if (shown < reasons.size()) {
      console.result("    ... and %d more (--all)", reasons.size() - shown);
    }
    return reasons.isEmpty();
  }

  private String text(Path file, Report report) {
    StringBuilder text =
        new StringBuilder(Printable.line(file.toString())).append(": ").append(verdict(report));
    Map<ProblemCode, List<Problem>> groups = new LinkedHashMap<>();
    for (Problem problem : all ? report.problems() : report.rootCauses()) {
      groups.computeIfAbsent(problem.code(), code -> new ArrayList<>()).add(problem);
    }
    groups.forEach((code, problems) -> append(text, code, problems));
    return text.append('\n').toString();
  }

  private static String verdict(Report report) {
    long errors = report.rootCauses().stream().filter(CheckCommand::isError).count();
    long warnings = report.rootCauses().size() - errors;
    int consequences = report.consequences().size();
    if (report.problems().isEmpty()) {
      return "valid";
    }
    List<String> counts = new ArrayList<>();
    if (errors > 0 || warnings == 0) {
      counts.add(Count.of(errors, "error"));
    }
    if (warnings > 0) {
      counts.add(Count.of(warnings, "warning"));
    }
    if (consequences > 0) {
      counts.add(Count.of(consequences, "consequence"));
    }
    return (report.isValid() ? "valid, " : "") + String.join(", ", counts);
  }

  private static boolean isError(Problem problem) {
    return problem.severity() == Problem.Severity.ERROR;
  }

  private void append(StringBuilder text, ProblemCode code, List<Problem> problems) {
    text.append("\n  ").append(code.id()).append(' ').append(code.title());
    int shown = all ? problems.size() : Math.min(SHOWN, problems.size());
    for (Problem problem : problems.subList(0, shown)) {
      text.append("\n    ").append(problem.severity().name().toLowerCase(Locale.ROOT));
      if (problem.consequence()) {
        text.append(" (follows)");
      }
      if (!problem.graph().isEmpty()) {
        text.append(" in ").append(Printable.line(problem.graph()));
      }
      if (!problem.node().isEmpty()) {
        text.append(" at ").append(Printable.line(problem.node()));
      }
      text.append(": ").append(problem.message());
    }
    if (shown < problems.size()) {
      text.append("\n    ... and ").append(problems.size() - shown).append(" more (--all)");
    }
  }
}
