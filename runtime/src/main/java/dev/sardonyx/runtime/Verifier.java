package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Verifies that a backend computes what another one does, or what was recorded: outputs and every
 * intermediate value that both can give back, found by name. Batches are compared as they come and
 * then forgotten, so any number of them fits into memory. Each backend prepares its model once.
 *
 * <p>An element agrees with the reference within the tolerance. The rounding of large terms stays
 * where they cancel, so for intermediate values, which may be of any size, the absolute tolerance
 * is meant for a largest element of 1 and grows with it.
 *
 * @param candidate the backend to verify
 * @param tolerance what may differ
 * @param intermediates whether intermediate values are compared too
 * @param threads threads for a run of either backend, 0 for as many as it sees fit
 */
public record Verifier(Backend candidate, Tolerance tolerance, boolean intermediates, int threads) {

  /** Verifies outputs and intermediate values with the default tolerance. */
  public static Verifier of(Backend candidate) {
    return new Verifier(candidate, Tolerance.DEFAULT, true, 0);
  }

  public Verifier withTolerance(Tolerance changed) {
    return new Verifier(candidate, changed, intermediates, threads);
  }

  /** Compares the graph's outputs only. */
  public Verifier outputsOnly() {
    return new Verifier(candidate, tolerance, false, threads);
  }

  public Verifier withThreads(int changed) {
    return new Verifier(candidate, tolerance, intermediates, changed);
  }

  /** Inputs and the outputs that some other program gave for them. */
  public record Recorded(
      Map<String, ? extends Datum> inputs, Map<String, ? extends Datum> outputs) {}

  /** Compares with another backend on the same model. */
  public VerificationReport against(
      Backend reference, Model model, Iterable<? extends Map<String, ? extends Datum>> batches) {
    return against(reference, model, model, batches);
  }

  /**
   * Compares with another backend that has a model of its own, such as the original of an exported
   * one. Values correspond by name; the candidate's graph gives their order.
   *
   * @param batches inputs for both, each batch used once
   */
  public VerificationReport against(
      Backend reference,
      Model model,
      Model referenceModel,
      Iterable<? extends Map<String, ? extends Datum>> batches) {
    List<String> notes = new ArrayList<>();
    List<String> shared = sharedValues(reference, model, referenceModel, notes);
    Options options = new Options(shared, threads);
    VerificationRun run = new VerificationRun(shared, outputNames(model), tolerance);
    try (PreparedModel candidateModel = candidate.prepare(model, options);
        PreparedModel original = reference.prepare(referenceModel, options)) {
      for (Map<String, ? extends Datum> batch : batches) {
        run.add(candidateModel.run(batch), original.run(batch));
      }
    }
    return run.report(candidate.name(), reference.name(), notes);
  }

  /** Compares with outputs that were recorded earlier; values are those recorded. */
  public VerificationReport againstRecorded(
      String source, Model model, Iterable<Recorded> recordings) {
    Set<String> outputs = outputNames(model);
    VerificationRun run = new VerificationRun(List.copyOf(outputs), outputs, tolerance);
    try (PreparedModel candidateModel =
        candidate.prepare(model, new Options(List.copyOf(outputs), threads))) {
      for (Recorded recording : recordings) {
        run.add(candidateModel.run(recording.inputs()), recording.outputs());
      }
    }
    return run.report(candidate.name(), source, List.of());
  }

  private List<String> sharedValues(
      Backend reference, Model model, Model referenceModel, List<String> notes) {
    Set<String> outputs = outputNames(model);
    if (!intermediates) {
      return List.copyOf(outputs);
    }
    Set<String> known = new HashSet<>(reference.observableValues(referenceModel));
    Set<String> values = new LinkedHashSet<>();
    int alone = 0;
    for (String name : candidate.observableValues(model)) {
      if (known.contains(name)) {
        values.add(name);
      } else if (!outputs.contains(name)) {
        alone++;
      }
    }
    values.addAll(outputs);
    if (alone > 0) {
      notes.add(
          alone
              + " intermediate values are not compared: "
              + reference.name()
              + " has no such values");
    }
    return List.copyOf(values);
  }

  private static Set<String> outputNames(Model model) {
    Set<String> names = new LinkedHashSet<>();
    model.graph().outputs().stream().map(Output::name).forEach(names::add);
    return names;
  }
}
