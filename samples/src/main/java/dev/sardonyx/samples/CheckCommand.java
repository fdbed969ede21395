package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
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
import picocli.CommandLine.Mixin;
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

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "ONNX files; - is standard input.")
  private List<Path> files;

  @Option(
      names = "--target",
      paramLabel = "RUNTIME",
      completionCandidates = TargetNames.class,
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

  @Mixin private JsonOption json;

  @Override
  public Integer call() throws IOException {
    if (withoutWeights && runtime != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--no-weights and --target exclude each other: conversions see weights");
    }
    Target target = target();
    ResultFile.requireWritable(spec, files, json);
    Console console = Console.of(spec);
    List<ProblemCode> examples = new ArrayList<>();
    FileResults results =
        FileResults.of(spec, files, file -> checked(console, file, target, examples));
    if (files.size() > 1) {
      console.result("%d of %d files have errors", files.size() - results.good(), files.size());
    }
    if (!examples.isEmpty()) {
      console.detail("`sardonyx explain %s` says more.", examples.get(0).id());
    }
    json.write(results.json());
    return results.exitStatus();
  }

  private FileResults.Found checked(
      Console console, Path file, @Nullable Target target, List<ProblemCode> examples)
      throws IOException {
    Model model = ModelArgument.read(spec, file, withoutWeights);
    Report report = Checker.check(model);
    console.results(text(file, report));
    report.errors().stream().findFirst().ifPresent(error -> examples.add(error.code()));
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("problems", report.problems().stream().map(CheckCommand::fields).toList());
    if (target == null || !report.isValid()) {
      return new FileResults.Found(report.isValid(), told);
    }
    List<String> reasons = OnnxExport.of(model).target(target).whyUnsupported();
    print(console, target, reasons);
    told.put("target", target.name());
    told.put("whyUnsupported", reasons);
    return new FileResults.Found(reasons.isEmpty(), told);
  }

  private static Map<String, Object> fields(Problem problem) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("code", problem.code().id());
    fields.put("severity", problem.severity().name().toLowerCase(Locale.ROOT));
    fields.put("consequence", problem.consequence());
    fields.put("graph", problem.graph());
    fields.put("node", problem.node());
    fields.put("value", problem.value());
    fields.put("message", problem.message());
    return fields;
  }

  private @Nullable Target target() {
    try {
      return runtime == null ? null : Target.named(runtime);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "Invalid value for option '--target': " + e.getMessage());
    }
  }

  private void print(Console console, Target target, List<String> reasons) {
    console.result(
        "  %s: %s",
        target.name(),
        reasons.isEmpty() ? "can run it" : Count.of(reasons.size(), "reason") + " why not");
    int shown = all ? reasons.size() : Math.min(SHOWN, reasons.size());
    reasons.subList(0, shown).forEach(r -> console.result("    %s", Printable.line(r)));
    if (shown < reasons.size()) {
      console.result("    ... and %d more (--all)", reasons.size() - shown);
    }
  }

  private String text(Path file, Report report) {
    StringBuilder text =
        new StringBuilder(Printable.line(StandardStreams.input(file)))
            .append(": ")
            .append(verdict(report));
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
