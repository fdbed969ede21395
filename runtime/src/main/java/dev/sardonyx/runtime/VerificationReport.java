package dev.sardonyx.runtime;

import dev.sardonyx.ir.Printable;
import java.math.BigDecimal;
import java.math.MathContext;
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
  /** So that a tolerance shown with two digits is not less than it should be. */
  private static final double ROUND_UP = 1.05;

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
    boolean top5 = values.stream().anyMatch(value -> value.top5() != null);
    List<TextTable.Column> columns = new ArrayList<>();
    columns.add(TextTable.left("value"));
    columns.add(TextTable.left("kind"));
    for (String heading :
        List.of(
            "elements",
            "max abs",
            "mean abs",
            "max rel",
            "99% ULP",
            "SNR dB",
            "cosine",
            "top-1",
            "top-5",
            "NaN",
            "of tolerance")) {
      if (top5 || !heading.equals("top-5")) {
        columns.add(TextTable.right(heading));
      }
    }
    columns.add(TextTable.left("result"));
    List<List<String>> rows = values.stream().map(value -> row(value, top5)).toList();
    StringBuilder text = new StringBuilder(TextTable.of(columns, rows));
    notes.forEach(note -> text.append(Printable.line(note)).append('\n'));
    return text.append(Printable.line(verdict())).append('\n').toString();
  }

  private static List<String> row(ValueComparison value, boolean top5) {
    List<String> row = new ArrayList<>();
    row.add(value.name());
    row.add(value.kind().name().toLowerCase(Locale.ROOT));
    row.add(String.valueOf(value.elements()));
    row.add(scientific(value.maxAbsolute()));
    row.add(scientific(value.meanAbsolute()));
    row.add(scientific(value.maxRelative()));
    row.add(value.distances().usual());
    row.add(
        Double.isInfinite(value.decibels())
            ? "inf"
            : String.format(Locale.ROOT, "%.0f", value.decibels()));
    row.add(String.format(Locale.ROOT, "%.7f", value.cosine()));
    row.add(value.top1() == null ? "" : value.top1().toString());
    if (top5) {
      row.add(value.top5() == null ? "" : value.top5().toString());
    }
    row.add(String.valueOf(value.nanMismatches()));
    row.add(ratio(value.toleranceUsed()));
    row.add(value.verdict());
    return row;
  }

  /** Two digits, or a power of ten, of a ratio. */
  private static String ratio(double ratio) {
    if (Double.isInfinite(ratio)) {
      return "inf";
    }
    return ratio == 0
        ? "0"
        : ratio < 1e-3 || ratio >= 1000
            ? String.format(Locale.ROOT, "%.1e", ratio)
            : new BigDecimal(ratio).round(new MathContext(2)).toPlainString();
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

  private String detail(ValueComparison value) {
    if (value.mismatch() != null) {
      return value.mismatch();
    }
    double used = value.toleranceUsed();
    return value.failed()
        + " of "
        + value.elements()
        + " elements beyond the tolerance, worst at "
        + value.worst()
        + (Double.isInfinite(used)
            ? ""
            : String.format(
                Locale.ROOT,
                "; would pass under rtol %.2g, atol %.2g",
                tolerance.rtol() * used * ROUND_UP,
                tolerance.atol() * used * ROUND_UP));
  }

  private static String scientific(double number) {
    return number == 0 ? "0" : String.format(Locale.ROOT, "%.2e", number);
  }

  @Override
  public String toString() {
    return table();
  }
}
