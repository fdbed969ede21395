package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.runtime.ValueComparison.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects what a verification finds, batch by batch. */
final class VerificationRun {
  private final VerificationPlan plan;
  private final List<Tracked> tracked = new ArrayList<>();
  private long batches;

  /** A value of one of the candidate's sessions. */
  private record Tracked(String name, Kind kind, ValueStatistics statistics) {
    Tracked(String name, Kind kind) {
      this(name, kind, new ValueStatistics(name, kind));
    }
  }

  VerificationRun(VerificationPlan plan) {
    this.plan = plan;
    Set<String> outputs = Set.copyOf(plan.outputs());
    for (String name : plan.exposed()) {
      tracked.add(new Tracked(name, outputs.contains(name) ? Kind.OUTPUT : Kind.INTERMEDIATE));
    }
    for (String name : plan.outputs()) {
      tracked.add(new Tracked(name, Kind.DEPLOYED));
    }
  }

  /**
   * Compares one batch.
   *
   * @param exposed what the session gave that was asked for intermediate values too
   * @param deployed the graph's outputs from the session as it is deployed
   */
  void add(
      Map<String, ? extends Datum> exposed,
      Map<String, ? extends Datum> deployed,
      Map<String, ? extends Datum> expected) {
    long batch = batches++;
    Expectations.Run run = plan.expectations().run(expected);
    // Values do not share statistics, so each may have its own thread.
    tracked.parallelStream()
        .forEach(
            value -> {
              String name = value.name();
              value
                  .statistics()
                  .add(
                      batch,
                      (value.kind() == Kind.DEPLOYED ? deployed : exposed).get(name),
                      expected.get(name),
                      run.allowance(name, value.kind() == Kind.INTERMEDIATE));
            });
  }

  VerificationReport report(String candidate, String reference) {
    List<ValueComparison> values = tracked.stream().map(v -> v.statistics().result()).toList();
    return new VerificationReport(
        candidate, reference, plan.verifier().tolerance(), batches, values, plan.notes());
  }
}
