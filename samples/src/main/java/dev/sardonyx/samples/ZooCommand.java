package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.TextTable;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.training.read.SavedNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx zoo}: exports the architectures of DL4J's zoo and verifies them. */
@Command(
    name = "zoo",
    description = {
      "Builds architectures of DL4J's zoo with random weights, exports them and compares what"
          + " ONNX Runtime computes with what DL4J does.",
      "Images are small where the architecture allows it. Exit status: 0 all agree, 1 some do not,"
          + " 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class ZooCommand implements Callable<Integer> {
  private static final List<TextTable.Column> COLUMNS =
      List.of(
          TextTable.left("architecture"),
          TextTable.left("input"),
          TextTable.right("nodes"),
          TextTable.right("parameters"),
          TextTable.right("export s"),
          TextTable.right("verify s"),
          TextTable.right("max abs"),
          TextTable.left("result"));

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "Architectures, such as LeNet; all if none is named.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "2",
      description = "Examples to compare (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Decides the weights and the examples (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ToleranceOptions tolerance;

  @Mixin private JsonOption json;

  @Mixin private ReportOption report;

  @Override
  public Integer call() throws IOException {
    List<Architecture> chosen = chosen();
    if (batchSize < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--batch-size': '" + batchSize + "' is not 1 or more");
    }
    Tolerance allowed = tolerance.tolerance(spec);
    ResultFile.requireWritable(spec, List.of(), json, report);
    Console console = Console.of(spec);
    List<List<String>> rows = new ArrayList<>();
    Map<String, Row> results = new LinkedHashMap<>();
    int agree = 0;
    for (Architecture architecture : chosen) {
      console.detail("%s ...", architecture.name());
      Row result = tried(architecture, allowed);
      rows.add(result.row(architecture));
      results.put(architecture.name(), result);
      agree += result.passed() ? 1 : 0;
    }
    console.results(TextTable.of(COLUMNS, rows));
    console.result("%d of %d architectures agree", agree, chosen.size());
    json.write(results);
    report.write(() -> ZooReport.of(results, RunEnvironment.section(spec, List.of())));
    return agree == chosen.size() ? 0 : 1;
  }

  private List<Architecture> chosen() {
    if (names.isEmpty()) {
      return Architecture.ALL;
    }
    return names.stream()
        .map(
            name ->
                Architecture.ALL.stream()
                    .filter(a -> a.name().equalsIgnoreCase(name))
                    .findFirst()
                    .orElseThrow(() -> unknown(name)))
        .distinct()
        .toList();
  }

  private ParameterException unknown(String name) {
    return new ParameterException(
        spec.commandLine(),
        "There is no architecture '%s' in DL4J's zoo; there are %s"
            .formatted(
                name,
                Architecture.ALL.stream()
                    .map(Architecture::name)
                    .collect(Collectors.joining(", "))));
  }

  /**
   * The result for an architecture.
   *
   * @param verdict PASS, FAIL, or why it could not be tried
   */
  record Row(
      int nodes,
      long parameters,
      double exportSeconds,
      double verifySeconds,
      double maxAbsoluteError,
      boolean passed,
      String verdict) {
    static Row failed(String reason) {
      return new Row(0, 0, 0, 0, Double.NaN, false, reason);
    }

    List<String> row(Architecture architecture) {
      String input =
          architecture.shape().stream().map(String::valueOf).collect(Collectors.joining("x"));
      return nodes == 0
          ? List.of(architecture.name(), input, "", "", "", "", "", verdict)
          : List.of(
              architecture.name(),
              input,
              String.valueOf(nodes),
              String.format(Locale.ROOT, "%,d", parameters),
              String.format(Locale.ROOT, "%.1f", exportSeconds),
              String.format(Locale.ROOT, "%.1f", verifySeconds),
              String.format(Locale.ROOT, "%.2e", maxAbsoluteError),
              verdict);
    }
  }

  private Row tried(Architecture architecture, Tolerance allowed) {
    SavedNetwork network;
    try {
      network = architecture.network(seed);
    } catch (RuntimeException e) {
      return Row.failed("DL4J cannot build it: " + firstLine(e));
    }
    try {
      return verified(architecture, network, allowed);
    } catch (UnsupportedModelException e) {
      return Row.failed(firstLine(e));
    }
  }

  private static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private Row verified(Architecture architecture, SavedNetwork network, Tolerance allowed) {
    long start = System.nanoTime();
    Model model = OnnxExport.of(network.model(architecture.inputType())).toModel();
    double exported = seconds(start);
    List<Map<String, Datum>> inputs =
        List.of(MadeUpInputs.of(model, Map.of("N", (long) batchSize), seed));
    start = System.nanoTime();
    VerificationReport found =
        Verifier.of(OrtBackend.cpu())
            .withTolerance(allowed)
            .outputsOnly()
            .against(network.backend(), model, inputs);
    return new Row(
        model.graph().nodes().size(),
        parameters(model),
        exported,
        seconds(start),
        found.maxAbsoluteError(),
        found.passed(),
        found.passed() ? "PASS" : "FAIL");
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static long parameters(Model model) {
    return model.graph().constants().stream()
        .map(Constant::data)
        .filter(Tensor.class::isInstance)
        .mapToLong(data -> ((Tensor) data).size())
        .sum();
  }
}
