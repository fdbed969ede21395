package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.runtime.ValueComparison.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Collects what a verification finds, batch by batch. */
final class VerificationRun {
  private final VerificationPlan plan;
  private final StepSearch steps;
  private final boolean mayJump;
  private final List<Tracked> tracked = new ArrayList<>();

  /** In how many batches a step lies between both sides, by its value. */
  private final Map<String, Integer> found = new LinkedHashMap<>();

  private long batches;

  /** A value of one of the candidate's sessions. */
  private record Tracked(String name, Kind kind, ValueStatistics statistics) {
    Tracked(String name, Kind kind) {
      this(name, kind, new ValueStatistics(name, kind));
    }

    boolean isDeployed() {
      return kind == Kind.DEPLOYED;
    }
  }

  /**
   * What was computed for a batch.
   *
   * @param exposed what the session gave that was asked for intermediate values too
   * @param deployed the graph's outputs from the session as it is deployed
   */
  record Batch(
      Map<String, ? extends Datum> inputs,
      Map<String, ? extends Datum> exposed,
      Map<String, ? extends Datum> deployed,
      Map<String, ? extends Datum> expected) {}

  VerificationRun(VerificationPlan plan) {
    this.plan = plan;
    this.steps = new StepSearch(plan.expectations());
    this.mayJump = steps.isWorthwhile();
    Set<String> outputs = Set.copyOf(plan.outputs());
    for (String name : plan.exposed()) {
      tracked.add(new Tracked(name, outputs.contains(name) ? Kind.OUTPUT : Kind.INTERMEDIATE));
    }
    for (String name : plan.outputs()) {
      tracked.add(new Tracked(name, Kind.DEPLOYED));
    }
  }

  /** Compares one batch. */
  void add(Batch batch) {
    long number = batches++;
    Expectations.Run run = plan.expectations().run(batch.expected());
    // Values do not share statistics, so each may have its own thread.
    tracked.parallelStream()
        .forEach(
            value -> {
              String name = value.name();
              value
                  .statistics()
                  .add(
                      number,
                      (value.isDeployed() ? batch.deployed() : batch.exposed()).get(name),
                      batch.expected().get(name),
                      run.allowance(name, value.kind() == Kind.INTERMEDIATE));
            });
    if (mayJump && tracked.stream().anyMatch(value -> value.statistics().failedLast())) {
      explain(batch, run);
    }
  }

  /** Takes what differs because of a step for right, in each of the candidate's sessions. */
  private void explain(Batch batch, Expectations.Run run) {
    StepSearch.Side expected = new StepSearch.Side(batch.inputs(), batch.expected());
    Set<String> places = new LinkedHashSet<>();
    for (boolean deployed : new boolean[] {false, true}) {
      Map<String, ? extends Datum> values = deployed ? batch.deployed() : batch.exposed();
      Set<String> differing = failed(deployed);
      if (!differing.isEmpty()) {
        StepSearch.Found across =
            steps.explain(new StepSearch.Side(batch.inputs(), values), expected, differing, run);
        places.addAll(across.steps());
        settle(deployed, across.across(), batch);
      }
    }
    places.forEach(place -> found.merge(place, 1, Integer::sum));
    if (!places.isEmpty()) {
      settle(true, likeExposed(batch, run), batch);
    }
  }

  private Set<String> failed(boolean deployed) {
    return tracked.stream()
        .filter(value -> value.isDeployed() == deployed && value.statistics().failedLast())
        .map(Tracked::name)
        .collect(Collectors.toSet());
  }

  private void settle(boolean deployed, Set<String> across, Batch batch) {
    for (Tracked value : tracked) {
      if (value.isDeployed() == deployed
          && across.contains(value.name())
          && value.statistics().failedLast()) {
        value.statistics().takeLastForSteps(batch.expected().get(value.name()));
      }
    }
  }

  /**
   * The outputs as deployed, whose values on the way are not known, that took the same side of the
   * steps as the session that gives those values, and whose value there is right.
   */
  private Set<String> likeExposed(Batch batch, Expectations.Run run) {
    Set<String> wrong = failed(false);
    return failed(true).stream()
        .filter(name -> batch.exposed().containsKey(name) && !wrong.contains(name))
        .filter(
            name -> {
              ValueStatistics statistics = new ValueStatistics(name, Kind.DEPLOYED);
              statistics.add(
                  0,
                  batch.deployed().get(name),
                  batch.exposed().get(name),
                  run.allowance(name, false));
              return statistics.difference() == null;
            })
        .collect(Collectors.toSet());
  }

  VerificationReport report(String candidate, String reference) {
    List<ValueComparison> values = tracked.stream().map(v -> v.statistics().result()).toList();
    List<String> notes = new ArrayList<>(plan.notes());
    found.forEach(
        (place, count) ->
            notes.add(
                "A step lies between both sides in "
                    + (count == 1 ? "1 batch" : count + " batches")
                    + " at "
                    + place
                    + ": its inputs agree, each side's value is right for its own, and so is what"
                    + " follows from it across the step"));
    return new VerificationReport(
        candidate, reference, plan.verifier().tolerance(), batches, values, notes);
  }
}
