package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.conformance.Outcome;

/**
 * Runs generated cases on a backend and compares its outputs with the reference evaluator's.
 *
 * @param backend may be isolated: a crash or a timeout is then an outcome
 */
public record Differential(Backend backend) {
  /** How a case comes out; skipped if the backend does not support it. */
  public Outcome outcome(GeneratedCase generated) {
    try (PreparedModel prepared = backend.prepare(generated.model())) {
      return Outcome.of(
          generated.model(),
          prepared.run(generated.inputs()),
          generated.outputs(),
          generated.tolerance());
    } catch (RuntimeException | Error e) {
      return Outcome.of(e);
    }
  }

  /** The smallest case found that comes out with the same status. */
  public GeneratedCase shrink(GeneratedCase generated, CaseShrinker shrinker) {
    Outcome.Status status = outcome(generated).status();
    return shrinker.shrink(generated, smaller -> outcome(smaller).status() == status);
  }
}
