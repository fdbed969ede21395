package dev.sardonyx.runtime.reduce;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes a small model of one that a backend fails on, which fails in the same way:
 *
 * <ol>
 *   <li>fewer nodes: first the one whose value is the first to differ, else ever smaller parts,
 *       each given the values that the reference computes before it (delta debugging);
 *   <li>fewer outputs, operands and attributes;
 *   <li>smaller sizes, by halving axes of inputs and initializers;
 *   <li>plainer numbers.
 * </ol>
 *
 * <p>Every step is tried in both backends, and kept only if the reference runs the model in time
 * and the candidate still fails. A smaller model may never end, such as a loop with other numbers;
 * a backend is told to end by an interrupt, which the reference evaluator and ONNX Runtime obey. An
 * interrupt from elsewhere ends the reduction with what there is. A backend that crashes or hangs
 * goes in an {@link dev.sardonyx.runtime.isolated.IsolatedBackend}, which has a timeout of its own.
 *
 * @param candidate the backend that fails
 * @param reference the backend that is right
 * @param tolerance by how much numbers may differ
 * @param mostTrials after how many trials to be content with what there is
 * @param runTime how long the reference may take for a model
 * @param mostTime after how long to be content with what there is
 */
public record ModelReducer(
    Backend candidate,
    Backend reference,
    Tolerance tolerance,
    int mostTrials,
    Duration runTime,
    Duration mostTime) {
  /**
   * Against the reference evaluator, with the default tolerance and up to 500 trials in ten
   * minutes, of which the reference may take one for a model.
   */
  public static ModelReducer of(Backend candidate) {
    return new ModelReducer(
        candidate,
        new ReferenceBackend(),
        Tolerance.DEFAULT,
        500,
        Duration.ofMinutes(1),
        Duration.ofMinutes(10));
  }

  public ModelReducer withReference(Backend changed) {
    return new ModelReducer(candidate, changed, tolerance, mostTrials, runTime, mostTime);
  }

  public ModelReducer withTolerance(Tolerance changed) {
    return new ModelReducer(candidate, reference, changed, mostTrials, runTime, mostTime);
  }

  public ModelReducer withMostTrials(int changed) {
    return new ModelReducer(candidate, reference, tolerance, changed, runTime, mostTime);
  }

  public ModelReducer withRunTime(Duration changed) {
    return new ModelReducer(candidate, reference, tolerance, mostTrials, changed, mostTime);
  }

  public ModelReducer withMostTime(Duration changed) {
    return new ModelReducer(candidate, reference, tolerance, mostTrials, runTime, changed);
  }

  /**
   * Reduces a model.
   *
   * @return the smallest failing model that was found; empty if the backend does not fail on the
   *     whole model, or only in values that are not outputs and do not differ in a part either
   * @throws IllegalStateException if the reference takes too long for the whole model
   */
  public Optional<Reduction> reduce(Model model, Map<String, ? extends Datum> inputs) {
    TimeBudget time = new TimeBudget(runTime, mostTime);
    Specimen whole = new Specimen(model, new LinkedHashMap<>(inputs));
    ModelParts parts = new ModelParts(model, whole.inputs(), computed(model, inputs, time));
    Optional<Specimen> suspect = suspect(model, inputs, parts, time);
    Trial trial = new Trial(candidate, reference, tolerance, time);
    Optional<Trial.Finding> found = trial.run(whole);
    Search search;
    if (found.isPresent()) {
      search = new Search(trial, whole, found.get(), mostTrials);
      if (!(suspect.isPresent() && search.keep(suspect.get()))) {
        new NodeReduction(search).run(parts);
      }
    } else {
      found = suspect.flatMap(trial::run);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      search = new Search(trial, suspect.orElseThrow(), found.get(), mostTrials);
    }
    new DetailReduction(search).run();
    new SizeReduction(search).run();
    new NumberReduction(search).run();
    return Optional.of(search.reduction(model, candidate, reference));
  }

  /**
   * The node by itself whose value is the first to differ, with the operands that the reference
   * gives it, as they are.
   *
   * @return empty if no value differs, or a value to compare is not computed by a node; the kind is
   *     that of the whole model's failure if the node does not fail by itself, since a backend may
   *     compute it otherwise among its neighbours, or from operands that differ within the
   *     tolerance
   * @throws IllegalStateException if either backend takes too long for the whole model
   */
  public Optional<Reduction> culprit(Model model, Map<String, ? extends Datum> inputs) {
    TimeBudget time = new TimeBudget(runTime, mostTime);
    ModelParts parts =
        new ModelParts(model, new LinkedHashMap<>(inputs), computed(model, inputs, time));
    VerificationReport report = verified(model, inputs, time);
    Optional<Specimen> suspect = suspect(report, parts);
    if (suspect.isEmpty()) {
      return Optional.empty();
    }
    Trial trial = new Trial(candidate, reference, tolerance, time);
    Trial.Finding finding =
        trial
            .run(suspect.get())
            .orElseGet(
                () ->
                    new Trial.Finding(
                        report.firstDiverging().orElseThrow().failure().orElseThrow(),
                        "only within the model: " + report.verdict(),
                        false,
                        computed(suspect.get().model(), suspect.get().inputs(), time)));
    return Optional.of(
        new Search(trial, suspect.get(), finding, 1).reduction(model, candidate, reference));
  }

  private VerificationReport verified(
      Model model, Map<String, ? extends Datum> inputs, TimeBudget time) {
    Verifier verifier = Verifier.of(candidate).withTolerance(tolerance);
    try (Alarm alarm = time.theRest()) {
      return inTime(
          () -> verifier.against(reference, model, List.of(inputs)),
          alarm,
          "Verifying model '%s' took longer than %s".formatted(named(model), mostTime));
    }
  }

  private static String named(Model model) {
    return model.graph().name();
  }

  /** What is computed before the alarm rings. */
  private static <T> T inTime(Supplier<T> work, Alarm alarm, String otherwise) {
    try {
      T result = work.get();
      if (!alarm.hasRung()) {
        return result;
      }
    } catch (RuntimeException e) {
      if (!alarm.hasRung()) {
        throw e;
      }
    }
    throw new IllegalStateException(otherwise);
  }

  /** What the reference computes, all that it can give back. */
  private Map<String, Datum> computed(
      Model model, Map<String, ? extends Datum> inputs, TimeBudget time) {
    Options all = Options.DEFAULT.withOutputs(reference.observableValues(model));
    try (Alarm alarm = time.aRun();
        PreparedModel prepared = reference.prepare(model, all)) {
      return inTime(
          () -> prepared.run(inputs),
          alarm,
          "%s took longer than %s for model '%s', which cannot be reduced then"
              .formatted(reference.name(), runTime, named(model)));
    }
  }

  private static Optional<Specimen> suspect(VerificationReport report, ModelParts parts) {
    return report
        .firstDiverging()
        .map(value -> parts.producer(value.name()))
        .filter(position -> position >= 0)
        .flatMap(position -> parts.of(List.of(position)));
  }

  /** The node by itself whose value is the first to differ; empty if there are no values. */
  private Optional<Specimen> suspect(
      Model model, Map<String, ? extends Datum> inputs, ModelParts parts, TimeBudget time) {
    try {
      return suspect(verified(model, inputs, time), parts);
    } catch (RuntimeException e) {
      // It fails as a whole.
      return Optional.empty();
    }
  }
}
