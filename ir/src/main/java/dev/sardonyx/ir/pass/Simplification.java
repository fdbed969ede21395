package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;

/**
 * All passes that make a model smaller or faster, until none finds anything; see {@link
 * Passes#simplify}.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
record Simplification() implements Pass {
  /** All transforms that remove, fuse or fold node by node, for one walk. */
  private static NodeTransform rewrites() {
    NodeTransform duplicates = new DuplicateInitializers.Transform();
    NodeTransform common = CommonSubexpressions::rewrite;
    NodeTransform unused = UnusedOutputs::rewrite;
    return new ConstantFolding()
        .rules()
        .named("constant-folding")
        .andThen(PairFusion.RULES.named("pair-fusion"))
        .andThen(ReshapeChains.RULES.named("reshape-chains"))
        .andThen(NoOps.RULES.named("no-ops"))
        .andThen(duplicates.named("duplicate-initializers"))
        .andThen(common.named("common-subexpressions"))
        .andThen(PadFolding.RULES.named("pad-folding"))
        .andThen(ConvBatchNormFolding.RULES.named("conv-batch-norm"))
        .andThen(GemmFusion.RULES.named("gemm"))
        .andThen(ProductChains.RULES.named("product-chains"))
        .andThen(Slices.rules().named("slices"))
        .andThen(unused.named("unused-outputs"));
  }

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
          return after.model() == before.model() ? before : after.then(new DeadCode());
        });
  }

  private static Pass round() {
    NodeTransform rewrites = rewrites();
    return model -> {
      Walk.Outcome walk = Walk.outcome(model, "simplify", rewrites);
      PassResult round = walk.result().then(new TransposePushing());
      boolean isMoved = round.model() != walk.result().model();
      // To infer types again takes as long as a round.
      return walk.tellsMore() || isMoved ? round.then(new InferTypes()) : round;
    };
  }
}
