package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.Profile;
import dev.sardonyx.runtime.session.Profile.NodeTime;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.samples.report.Chart;
import dev.sardonyx.samples.report.ChartAxis;
import dev.sardonyx.samples.report.ChartSeries;
import dev.sardonyx.samples.report.DataTable;
import dev.sardonyx.samples.report.DataTable.TableColumn;
import dev.sardonyx.samples.report.DataTable.TableRow;
import dev.sardonyx.samples.report.Remark;
import dev.sardonyx.samples.report.ReportPart;
import dev.sardonyx.samples.report.ShortNumber;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which provider computes which node, and where the time goes. */
final class ProviderPlacement {
  /** Nodes in the chart; the table has all. */
  private static final int COSTLIEST = 20;

  private final Profile profile;

  private ProviderPlacement(Profile profile) {
    this.profile = profile;
  }

  /**
   * Runs a model with a profile.
   *
   * @param runs inputs of each run
   */
  static ProviderPlacement of(Model model, SessionOptions options, List<Map<String, Datum>> runs)
      throws IOException {
    Path folder = Files.createTempDirectory("sardonyx-profile");
    try (InferenceSession session =
        InferenceSession.of(model, options.withProfile(folder.resolve("profile")))) {
      runs.forEach(session::run);
      return new ProviderPlacement(session.profile());
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        files.map(Path::toFile).forEach(File::delete);
      }
      Files.delete(folder);
    }
  }

  /**
   * Parts of a report.
   *
   * @param what was run
   */
  List<ReportPart> parts(String what) {
    return profile.nodes().isEmpty()
        ? List.of(Remark.of(what + ": ONNX Runtime computed no node."))
        : List.of(chart(what), table(what));
  }

  private Chart chart(String what) {
    List<NodeTime> nodes = profile.nodes().subList(0, Math.min(COSTLIEST, profile.nodes().size()));
    List<String> providers = List.copyOf(profile.nodesByProvider().keySet());
    return Chart.byName(
        "Where the time goes: " + what,
        "Of %s as ONNX Runtime rewrote the graph, %s."
            .formatted(
                Count.of(profile.nodes().size(), "node"),
                profile.nodesByProvider().entrySet().stream()
                    .map(e -> "%s computed %,d".formatted(name(e.getKey()), e.getValue()))
                    .collect(Collectors.joining(", "))),
        nodes.size() < profile.nodes().size()
            ? "the %d costliest nodes".formatted(COSTLIEST)
            : "node",
        nodes.stream().map(NodeTime::node).toList(),
        ChartAxis.linear("% of the time of all nodes"),
        providers.stream().map(provider -> bars(provider, nodes)).toList());
  }

  private ChartSeries bars(String provider, List<NodeTime> nodes) {
    return ChartSeries.bars(
        name(provider),
        nodes.stream()
            .map(node -> node.provider().equals(provider) ? percent(node) : Double.NaN)
            .toList());
  }

  /** Such as {@code CUDA}. */
  private static String name(String provider) {
    return provider.replaceFirst("ExecutionProvider$", "");
  }

  private double percent(NodeTime node) {
    return 100.0 * node.micros() / Math.max(1, profile.micros());
  }

  private DataTable table(String what) {
    return new DataTable(
        "Nodes: " + what,
        List.of(
            TableColumn.text("node"),
            TableColumn.text("operator"),
            TableColumn.text("provider"),
            TableColumn.number("runs"),
            TableColumn.number("µs in all"),
            TableColumn.number("%")),
        profile.nodes().stream()
            .map(
                node ->
                    TableRow.of(
                        List.of(
                            node.node(),
                            node.operator(),
                            name(node.provider()),
                            ShortNumber.of(node.runs()),
                            ShortNumber.of(node.micros()),
                            ShortNumber.of(percent(node)))))
            .toList());
  }
}
