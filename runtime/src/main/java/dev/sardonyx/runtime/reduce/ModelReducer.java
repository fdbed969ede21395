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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
 * <p>Every step is tried in both backends, and kept only if the reference runs the model and the
 * candidate still fails. A backend that crashes its process goes in an {@link
 * dev.sardonyx.runtime.isolated.IsolatedBackend}.
 *
 * @param candidate the backend that fails
 * @param reference the backend that is right
 * @param tolerance by how much numbers may differ
 * @param mostTrials after how many trials to be content with what there is
 */
public record ModelReducer(
    Backend candidate, Backend reference, Tolerance tolerance, int mostTrials) {
  /** Against the reference evaluator, with the default tolerance and up to 500 trials. */
  public static ModelReducer of(Backend candidate) {
    return new ModelReducer(candidate, new ReferenceBackend(), Tolerance.DEFAULT, 500);
  }

  public ModelReducer withReference(Backend changed) {
    return new ModelReducer(candidate, changed, tolerance, mostTrials);
  }

  public ModelReducer withTolerance(Tolerance changed) {
    return new ModelReducer(candidate, reference, changed, mostTrials);
  }

  public ModelReducer withMostTrials(int changed) {
    return new ModelReducer(candidate, reference, tolerance, changed);
  }

  /**
   * Reduces a model.
   *
   * @return the smallest failing model that was found; empty if the backend does not fail on the
   *     whole model, or only in values that are not outputs and do not differ in a part either
   */
  public Optional<Reduction> reduce(Model model, Map<String, ? extends Datum> inputs) {
    Specimen whole = new Specimen(model, new LinkedHashMap<>(inputs));
    ModelParts parts = new ModelParts(model, whole.inputs(), computed(model, inputs));
    Optional<Specimen> suspect = suspect(model, inputs, parts);
    Trial trial = new Trial(candidate, reference, tolerance);
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
   *     compute it otherwise among its neighbours
   */
  public Optional<Reduction> culprit(Model model, Map<String, ? extends Datum> inputs) {
    ModelParts parts = new ModelParts(model, new LinkedHashMap<>(inputs), computed(model, inputs));
    VerificationReport report = verified(model, inputs);
    Optional<Specimen> suspect = suspect(report, parts);
    if (suspect.isEmpty()) {
      return Optional.empty();
    }
    Trial trial = new Trial(candidate, reference, tolerance);
    Trial.Finding finding =
        trial
            .run(suspect.get())
            .orElseGet(
                () ->
                    new Trial.Finding(
                        report.firstDiverging().orElseThrow().failure().orElseThrow(),
                        "only within the model: " + report.verdict(),
                        computed(suspect.get().model(), suspect.get().inputs())));
    return Optional.of(
        new Search(trial, suspect.get(), finding, 1).reduction(model, candidate, reference));
  }

  private VerificationReport verified(Model model, Map<String, ? extends Datum> inputs) {
    return Verifier.of(candidate)
        .withTolerance(tolerance)
        .against(reference, model, List.of(inputs));
  }

  /** What the reference computes, all that it can give back. */
  private Map<String, Datum> computed(Model model, Map<String, ? extends Datum> inputs) {
    List<String> names = reference.observableValues(model);
    try (PreparedModel prepared = reference.prepare(model, Options.DEFAULT.withOutputs(names))) {
      return prepared.run(inputs);
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
      Model model, Map<String, ? extends Datum> inputs, ModelParts parts) {
    try {
      return suspect(verified(model, inputs), parts);
    } catch (RuntimeException e) {
      // It fails as a whole.
      return Optional.empty();
    }
  }
}
