package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.BorrowedOutputs;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Verifies that a backend computes what another one does, or what was recorded earlier: outputs and
 * every intermediate value that both can give back, found by name. Batches are compared as they
 * come and then forgotten, so any number of them fits into memory; both backends compute at the
 * same time, each in a thread of its own, while the batches before are compared.
 *
 * <p>Asking for intermediate values keeps a backend from fusing the nodes around them. So the
 * candidate prepares the model twice: once with all values exposed, to tell which node diverges,
 * and once as it is deployed. The outputs of both are compared.
 *
 * <p>An element agrees with the reference if it is
 *
 * <ul>
 *   <li>the same, for integers, booleans and strings;
 *   <li>within the tolerance, for floating-point numbers; for types narrower than {@code float},
 *       and for all that is computed from them, the tolerance is larger in proportion, see {@link
 *       Tolerance#roundedTo}. Where large terms cancel, their rounding errors remain, so for
 *       intermediate values, which may be of any size, the absolute tolerance is multiplied by the
 *       largest element if that is above 1;
 *   <li>within one quantisation step, for quantised values, or within what such steps can add up
 *       to, for values computed from them.
 * </ul>
 *
 * Values that are random or that nothing uses are left out and noted.
 *
 * <p>Some nodes jump: {@code Floor}, comparisons, {@code ArgMax}, casts to integers. Where their
 * inputs agree but lie on both sides of a step, their results differ by a whole one. That is no
 * failure if each side's results are right for its own inputs, as the reference evaluator computes
 * the node; and what follows is held to that, too, node by node. It is counted in {@link
 * ValueComparison#acrossSteps}, and noted. An output as deployed has to agree with the reference,
 * or with the session that shows the step. Without intermediate values a step is only known where
 * the node's inputs are inputs or outputs of the graph.
 *
 * @param candidate the backend to verify
 * @param tolerance by how much numbers of type {@code float} may differ; with {@link
 *     Tolerance#EXACT} no number may
 * @param intermediates whether intermediate values are compared too
 * @param threads threads for a run of either backend, 0 for half of the machine's processors, since
 *     both run at once
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
    VerificationPlan plan = VerificationPlan.of(this, reference, model, referenceModel);
    VerificationRun run = new VerificationRun(plan);
    Options own = Options.DEFAULT.withThreads(threadsOfASide());
    try (PreparedModel deployed = candidate.prepare(model, own);
        PreparedModel exposed =
            plan.exposed().isEmpty()
                ? null
                : candidate.prepare(model, own.withOutputs(plan.exposed()));
        PreparedModel original = reference.prepare(referenceModel, own.withOutputs(plan.asked()));
        Pipeline pipeline =
            new Pipeline(
                batch -> candidateValues(exposed, deployed, batch),
                batch -> {
                  BorrowedOutputs values = original.borrow(batch);
                  return new Pipeline.Values(values, values);
                })) {
      pipeline.run(
          batches,
          (batch, actual, expected) ->
              run.add(
                  new VerificationRun.Batch(
                      batch,
                      actual.exposed().outputs(),
                      actual.deployed().outputs(),
                      expected.exposed().outputs())));
    }
    return run.report(candidate.name(), reference.name());
  }

  private static Pipeline.Values candidateValues(
      @Nullable PreparedModel exposed, PreparedModel deployed, Map<String, ? extends Datum> batch) {
    BorrowedOutputs all =
        exposed == null
            ? BorrowedOutputs.of(Outputs.of(Map.<String, Datum>of()))
            : exposed.borrow(batch);
    try {
      return new Pipeline.Values(all, deployed.borrow(batch));
    } catch (RuntimeException | Error e) {
      try (all) {
        throw e;
      }
    }
  }

  /** Both sides run at once, so each has half of the processors. */
  private int threadsOfASide() {
    int half = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    return threads > 0 ? threads : Math.min(half, Options.MOST_THREADS);
  }

  /** Compares with outputs that were recorded earlier; values are those recorded. */
  public VerificationReport againstRecorded(
      String source, Model model, Iterable<Recorded> recordings) {
    VerificationRun run = new VerificationRun(VerificationPlan.ofOutputs(this, model));
    try (PreparedModel deployed = candidate.prepare(model, Options.DEFAULT.withThreads(threads))) {
      for (Recorded recording : recordings) {
        run.add(
            new VerificationRun.Batch(
                recording.inputs(),
                Map.of(),
                deployed.run(recording.inputs()),
                recording.outputs()));
      }
    }
    return run.report(candidate.name(), source);
  }
}
