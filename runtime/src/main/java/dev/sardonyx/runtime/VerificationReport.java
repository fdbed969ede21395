package dev.sardonyx.runtime;

import dev.sardonyx.ir.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a verification found.
 *
 * @param candidate the backend that was verified
 * @param reference the backend, or recording, that it was compared with
 * @param tolerance what was allowed for {@code float}, see {@link Verifier}
 * @param batches how many batches were run
 * @param values each value that was compared: those of the session with intermediate values in
 *     graph order, then the outputs as deployed
 * @param notes what a reader should know, such as values that only one side computes
 */
public record VerificationReport(
    String candidate,
    String reference,
    Tolerance tolerance,
    long batches,
    List<ValueComparison> values,
    List<String> notes) {
  public VerificationReport {
    values = List.copyOf(values);
    notes = List.copyOf(notes);
  }

  /** Whether every value agreed, and there was something to compare. */
  public boolean passed() {
    return values.stream().anyMatch(value -> value.elements() > 0)
        && values.stream().allMatch(ValueComparison::passed);
  }

  /** The first value in graph order that did not agree: where to look for the fault. */
  public Optional<ValueComparison> firstDiverging() {
    return values.stream().filter(value -> !value.passed()).findFirst();
  }

  /** The graph's outputs, as computed by the session as it is deployed. */
  public List<ValueComparison> outputs() {
    return values.stream().filter(VerificationReport::isDeployed).toList();
  }

  private static boolean isDeployed(ValueComparison value) {
    return value.kind() == ValueComparison.Kind.DEPLOYED;
  }

  /**
   * What was compared, such as {@code 15 values node by node and 1 output as deployed};
   * intermediate values are only known from a session whose nodes are not fused.
   */
  public String scope() {
    int deployed = outputs().size();
    int exposed = values.size() - deployed;
    return (exposed == 0 ? "" : counted(exposed, "value") + " node by node and ")
        + counted(deployed, "output")
        + " as deployed";
  }

  private static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** The largest absolute error of the graph's outputs. */
  public double maxAbsoluteError() {
    return outputs().stream().mapToDouble(ValueComparison::maxAbsolute).max().orElse(0);
  }

  /** The findings for people: a line for each value, and the verdict. */
  public String table() {
    List<TextTable.Column> columns =
        List.of(
            TextTable.left("value"),
            TextTable.left("kind"),
            TextTable.right("elements"),
            TextTable.right("max abs"),
            TextTable.right("mean abs"),
            TextTable.right("max rel"),
            TextTable.right("cosine"),
            TextTable.right("top-1"),
            TextTable.right("NaN"),
            TextTable.left("result"));
    List<List<String>> rows = new ArrayList<>();
    for (ValueComparison value : values) {
      rows.add(
          List.of(
              value.name(),
              value.kind().name().toLowerCase(Locale.ROOT),
              String.valueOf(value.elements()),
              scientific(value.maxAbsolute()),
              scientific(value.meanAbsolute()),
              scientific(value.maxRelative()),
              String.format(Locale.ROOT, "%.7f", value.cosine()),
              value.top1() == null ? "" : value.top1().toString(),
              String.valueOf(value.nanMismatches()),
              value.passed() ? "PASS" : "FAIL"));
    }
    StringBuilder text = new StringBuilder(TextTable.of(columns, rows));
    notes.forEach(note -> text.append(Printable.line(note)).append('\n'));
    return text.append(Printable.line(verdict())).append('\n').toString();
  }

  /** PASS or FAIL in one line, with the tolerance and, for a failure, where it begins. */
  public String verdict() {
    String what =
        "%s against %s, %s%s, %s"
            .formatted(
                candidate,
                reference,
                tolerance,
                values.stream().allMatch(VerificationReport::isDeployed)
                    ? ""
                    : ", for intermediate values times their largest element if above 1",
                batches == 1 ? "1 batch" : batches + " batches");
    if (passed()) {
      return "PASS: " + scope() + " (" + what + ")";
    }
    return firstDiverging()
        .map(
            first ->
                "FAIL: first diverging value '%s'%s, %s (%s)"
                    .formatted(
                        first.name(), isDeployed(first) ? " as deployed" : "", detail(first), what))
        .orElse("FAIL: there was nothing to compare (" + what + ")");
  }

  private static String detail(ValueComparison value) {
    if (value.mismatch() != null) {
      return value.mismatch();
    }
    return value.failed()
        + " of "
        + value.elements()
        + " elements beyond the tolerance, worst at "
        + value.worst();
  }

  private static String scientific(double number) {
    return number == 0 ? "0" : String.format(Locale.ROOT, "%.2e", number);
  }

  @Override
  public String toString() {
    return table();
  }
}
