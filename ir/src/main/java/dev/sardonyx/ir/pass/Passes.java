package dev.sardonyx.ir.pass;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All passes, by name. */
public final class Passes {
  private static final Map<String, Pass> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("topological-sort", new TopologicalSort());
    BY_NAME.put("fixed-defaults", new FixedDefaults());
    BY_NAME.put("infer-types", new InferTypes());
    BY_NAME.put("function-inlining", new FunctionInlining());
    BY_NAME.put("no-ops", new NoOps());
    BY_NAME.put("duplicate-initializers", new DuplicateInitializers());
    BY_NAME.put("common-subexpressions", new CommonSubexpressions());
    BY_NAME.put("constant-folding", new ConstantFolding());
    BY_NAME.put("conv-batch-norm", new ConvBatchNormFolding());
    BY_NAME.put("pair-fusion", new PairFusion());
    BY_NAME.put("reshape-chains", new ReshapeChains());
    BY_NAME.put("gemm", new GemmFusion());
    BY_NAME.put("product-chains", new ProductChains());
    BY_NAME.put("slices", new Slices());
    BY_NAME.put("pad-folding", new PadFolding());
    BY_NAME.put("transpose-pushing", new TransposePushing());
    BY_NAME.put("unused-outputs", new UnusedOutputs());
    BY_NAME.put("constants-to-initializers", new ConstantsToInitializers());
    BY_NAME.put("initializers-to-constants", new InitializersToConstants());
    BY_NAME.put("repeated-initializers", new RepeatedInitializers());
    BY_NAME.put("dead-code", new DeadCode());
    BY_NAME.put("node-naming", new NodeNaming());
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
