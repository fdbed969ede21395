package dev.sardonyx.samples.view;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.diff.Difference;
import dev.sardonyx.runtime.ValueComparison;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.session.Profile;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What nodes are coloured by: the error a verification found, the time a profile measured, or in
 * what two models differ.
 *
 * @param legend what the colours mean, empty if there are none
 * @param lowest what the weakest colour stands for
 * @param highest what the strongest colour stands for
 * @param byNode what is known of nodes, by their place as {@link Difference#place} writes it
 */
public record Marks(String legend, String lowest, String highest, Map<String, Mark> byNode) {
  /** No colours but those of operators. */
  public static final Marks NONE = new Marks("", "", "", Map.of());

  /** Steps of the scale of colours. */
  static final int LEVELS = 10;

  /** Errors below are shown as none. */
  private static final double SMALLEST_ERROR = 1e-9;

  public Marks {
    byNode = Map.copyOf(byNode);
  }

  /**
   * What is known of a node.
   *
   * @param style its class in the style sheet: {@code heat0} to {@code heat9}, {@code added},
   *     {@code removed}, {@code changed} or {@code failed}
   * @param text what it means, in few words
   */
  public record Mark(String style, String text) {}

  static Mark heat(double share, String text) {
    int level = (int) Math.max(0, Math.min(LEVELS - 1, Math.floor(share * LEVELS)));
    return new Mark("heat" + level, text);
  }

  /** Which of two marks a cluster shows that has both inside. */
  static Mark stronger(Mark a, Mark b) {
    return strength(a) >= strength(b) ? a : b;
  }

  private static int strength(Mark mark) {
    String style = mark.style();
    return style.startsWith("heat") ? style.charAt(4) - '0' : LEVELS;
  }

  private static String place(Node node) {
    return "main: " + node.described();
  }

  Optional<Mark> of(String path, Node node) {
    return Optional.ofNullable(byNode.get(path + ": " + node.described()));
  }

  Optional<Mark> of(DisplayGraph graph, DisplayGraph.Box box) {
    return Optional.ofNullable(box.node()).flatMap(node -> of(graph.path(), node));
  }

  /**
   * The largest error of each node's results, on a logarithmic scale; those that failed stand out.
   *
   * @param nodes of the main graph
   */
  public static Marks ofErrors(VerificationReport report, List<Node> nodes) {
    Map<String, ValueComparison> values = new HashMap<>();
    report.values().forEach(v -> values.merge(v.name(), v, Marks::worse));
    OptionalDouble largest =
        report.values().stream()
            .mapToDouble(ValueComparison::maxAbsolute)
            .filter(e -> e > 0 && Double.isFinite(e))
            .max();
    double top = Math.max(largest.orElse(0), SMALLEST_ERROR * 10);
    Map<String, Mark> marks = new HashMap<>();
    for (Node node : nodes) {
      node.outputs().stream()
          .map(Result::name)
          .filter(values::containsKey)
          .map(values::get)
          .reduce(Marks::worse)
          .ifPresent(v -> marks.put(place(node), error(v, top)));
    }
    return new Marks("Largest absolute error of each node", "0", scientific(top), marks);
  }

  private static ValueComparison worse(ValueComparison a, ValueComparison b) {
    if (a.passed() != b.passed()) {
      return a.passed() ? b : a;
    }
    return a.maxAbsolute() >= b.maxAbsolute() ? a : b;
  }

  private static Mark error(ValueComparison value, double top) {
    String text = "error " + scientific(value.maxAbsolute());
    if (!value.passed()) {
      return new Mark("failed", "FAIL, " + text);
    }
    double share =
        Math.log(Math.max(value.maxAbsolute(), SMALLEST_ERROR) / SMALLEST_ERROR)
            / Math.log(top / SMALLEST_ERROR);
    return heat(share * 0.999, text);
  }

  private static String scientific(double number) {
    return number == 0 ? "0" : String.format(Locale.ROOT, "%.1e", number);
  }

  /**
   * The share of the whole time that each node took. Nodes that ONNX Runtime has fused into others
   * have none of their own.
   *
   * @param nodes of the main graph
   */
  public static Marks ofTimes(Profile profile, List<Node> nodes) {
    Map<String, Node> named = new HashMap<>();
    for (Node node : nodes) {
      // A node whose layout ONNX Runtime changes is called by what it gives.
      node.outputs().forEach(r -> named.putIfAbsent(r.name() + "_nchwc", node));
    }
    nodes.forEach(node -> named.put(node.name(), node));
    named.remove("");
    Map<Node, Long> timed = new LinkedHashMap<>();
    for (Profile.NodeTime time : profile.nodes()) {
      Node node = named.get(time.node());
      if (node != null) {
        timed.merge(node, time.micros(), Long::sum);
      }
    }
    double all = Math.max(1, profile.micros());
    double most = Math.max(1, timed.values().stream().mapToLong(t -> t).max().orElse(0));
    Map<String, Mark> marks = new HashMap<>();
    timed.forEach(
        (node, time) ->
            marks.put(
                place(node),
                heat(time / most * 0.999, "%s, %,d µs".formatted(percent(time / all), time))));
    double found = timed.values().stream().mapToLong(t -> t).sum();
    return new Marks(
        "Time of each node; %s of it was in nodes of this file".formatted(percent(found / all)),
        "0",
        percent(most / all),
        marks);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /**
   * In what one of two models differs from the other.
   *
   * @param isFirst whether it is the first of the two
   */
  public static Marks ofDifferences(List<Difference> differences, boolean isFirst) {
    Map<String, Mark> marks = new HashMap<>();
    for (Difference difference : differences) {
      if (difference instanceof Difference.Removed removed && isFirst) {
        marks.put(removed.place() + ": " + removed.what(), new Mark("removed", "removed"));
      } else if (difference instanceof Difference.Added added && !isFirst) {
        marks.put(added.place() + ": " + added.what(), new Mark("added", "added"));
      } else {
        marks.putIfAbsent(difference.place(), new Mark("changed", "changed: " + difference.what()));
      }
    }
    return new Marks("Differences", "", "", marks);
  }
}
