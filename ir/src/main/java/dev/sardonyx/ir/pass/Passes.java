package dev.sardonyx.ir.pass;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All passes, by name. */
public final class Passes {
  private static final Map<String, Pass> BY_NAME = new LinkedHashMap<>();

  /** What {@link #simplify} does in one walk, in this order. */
  private static final List<NodeTransform> SIMPLIFYING = new ArrayList<>();

  static {
    add("topological-sort", new TopologicalSort());
    add("fixed-defaults", new FixedDefaults());
    add("infer-types", new InferTypes());
    add("function-inlining", new FunctionInlining());
    add("standard-operators", new StandardOperators());
    add("constant-folding", new ConstantFolding(), new ConstantFolding().rules());
    add("pair-fusion", new PairFusion(), PairFusion.RULES);
    add("reshape-chains", new ReshapeChains(), ReshapeChains.RULES);
    add("no-ops", new NoOps(), NoOps.RULES);
    add("neutral-operands", new NeutralOperands(), NeutralOperands.RULES);
    add("zero-states", new ZeroStates(), ZeroStates.RULES);
    add(
        "duplicate-initializers",
        new DuplicateInitializers(),
        new DuplicateInitializers.Transform());
    add("common-subexpressions", new CommonSubexpressions(), CommonSubexpressions::rewrite);
    add("pad-folding", new PadFolding(), PadFolding.RULES);
    add("conv-batch-norm", new ConvBatchNormFolding(), ConvBatchNormFolding.RULES);
    add("gemm", new GemmFusion(), GemmFusion.RULES);
    add("product-chains", new ProductChains(), ProductChains.RULES);
    add("slices", new Slices(), Slices.RULES);
    add("unused-outputs", new UnusedOutputs(), UnusedOutputs::rewrite);
    add("transpose-pushing", new TransposePushing());
    add("constants-to-initializers", new ConstantsToInitializers());
    add("initializers-to-constants", new InitializersToConstants());
    add("repeated-initializers", new RepeatedInitializers());
    add("dead-code", new DeadCode());
    add("node-naming", new NodeNaming());
  }

  private static void add(String name, Pass pass) {
    BY_NAME.put(name, pass);
  }

  private static void add(String name, Pass pass, NodeTransform rules) {
    add(name, pass);
    SIMPLIFYING.add(rules.named(name));
  }

  /** All transforms that remove, fuse or fold node by node, for one walk. */
  static NodeTransform simplifying() {
    return SIMPLIFYING.stream().reduce(NodeTransform::andThen).orElseThrow();
  }

  private Passes() {}

  public static List<String> names() {
    return new ArrayList<>(BY_NAME.keySet());
  }

  /**
   * @throws IllegalArgumentException if there is none of the name, listing those there are
   */
  public static Pass named(String name) {
    Pass pass = BY_NAME.get(name);
    if (pass == null) {
      throw new IllegalArgumentException(
          "There is no pass " + name + "; choose one of " + String.join(", ", names()));
    }
    return pass;
  }

  /**
   * Everything that makes a model smaller or faster and keeps its meaning: weights taken out of the
   * inputs where old files had to have them there, functions inlined, types inferred, then all
   * removing, fusing and folding passes until nothing changes. Outputs stay within 1e-5 of the
   * largest element of each: rounding differs where normalisations are folded into weights, biases
   * into Gemm, constant factors into one, and where sums run along another order of axes.
   */
  public static Pass simplify() {
    return new Simplification();
  }
}
