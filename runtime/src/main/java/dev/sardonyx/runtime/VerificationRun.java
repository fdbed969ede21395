package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects what a verification finds, batch by batch. */
final class VerificationRun {
  private final Map<String, ValueStatistics> statistics = new LinkedHashMap<>();
  private final Tolerance tolerance;
  private long batches;

  /**
   * @param values names of the values to compare, in the report's order
   * @param outputs those of them that are the graph's outputs
   */
  VerificationRun(List<String> values, Set<String> outputs, Tolerance tolerance) {
    this.tolerance = tolerance;
    for (String name : values) {
      statistics.put(name, new ValueStatistics(name, outputs.contains(name), tolerance));
    }
  }

  void add(Map<String, ? extends Datum> actual, Map<String, ? extends Datum> expected) {
    long batch = batches++;
    // Values do not share statistics, so each may have its own thread.
    statistics.entrySet().parallelStream()
        .forEach(
            entry -> {
              String name = entry.getKey();
              entry.getValue().add(batch, actual.get(name), expected.get(name));
            });
  }

  VerificationReport report(String candidate, String reference, List<String> notes) {
    List<ValueComparison> values =
        statistics.values().stream().map(ValueStatistics::result).toList();
    return new VerificationReport(candidate, reference, tolerance, batches, values, notes);
  }
}
