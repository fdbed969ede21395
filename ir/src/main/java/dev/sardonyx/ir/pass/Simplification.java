package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;

/**
 * All passes that make a model smaller or faster, until none finds anything; see {@link
 * Passes#simplify}.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
record Simplification() implements Pass {
  @Override
  public PassResult apply(Model model) {
    Pass prepared =
        new FixedDefaults()
            .andThen(new TopologicalSort())
            .andThen(new FunctionInlining())
            .andThen(new DeadCode())
            .andThen(new InferTypes());
    Pass rounds = round().fixpoint();
    return Nesting.follow(
        model,
        () -> {
          PassResult before = prepared.apply(model);
          PassResult after = before.then(rounds);
          return after.model() == before.model() ? before : withoutDeadCode(after, rounds);
        });
  }

  /** What is no longer used may have been all that kept other nodes from being fused. */
  private static PassResult withoutDeadCode(PassResult simplified, Pass rounds) {
    PassResult before = simplified;
    PassResult after = before.then(new DeadCode());
    while (after.model() != before.model()) {
      before = after.then(rounds);
      after = before.model() == after.model() ? before : before.then(new DeadCode());
    }
    return after;
  }

  private static Pass round() {
    NodeTransform rewrites = Passes.simplifying();
    return model -> {
      Walk.Outcome walk = Walk.outcome(model, "simplify", rewrites);
      PassResult round = walk.result().then(new TransposePushing());
      boolean isMoved = round.model() != walk.result().model();
      // To infer types again takes as long as a round.
      return walk.tellsMore() || isMoved ? round.then(new InferTypes()) : round;
    };
  }
}
