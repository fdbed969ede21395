package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.eval.OperatorKernel;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds an operator's kernel by its name. Each family of operators lists its own. */
public final class Kernels {
  public static final Kernels STANDARD = new Kernels();

  private final Map<String, Kernel> byOperator = new HashMap<>();

  private Kernels() {
    UnaryKernels.register(this);
    ArithmeticKernels.register(this);
    LogicKernels.register(this);
    ReductionKernels.register(this);
    LinearAlgebraKernels.register(this);
    ConvolutionKernels.register(this);
    PoolingKernels.register(this);
    NormalizationKernels.register(this);
    SoftmaxKernels.register(this);
    ShapeKernels.register(this);
    MovementKernels.register(this);
    GatherKernels.register(this);
    SelectionKernels.register(this);
    CumulativeKernels.register(this);
    CastKernels.register(this);
    QuantizationKernels.register(this);
    SequenceKernels.register(this);
    ControlFlowKernels.register(this);
    SignalKernels.register(this);
    TextKernels.register(this);
    ImageKernels.register(this);
    FeatureKernels.register(this);
    TreeKernels.register(this);
    LinearModelKernels.register(this);
    RecurrentKernels.register(this);
    RandomKernels.register(this);
    TrainingKernels.register(this);
    ResizeKernels.register(this);
    SamplingKernels.register(this);
    LossKernels.register(this);
    AttentionKernels.register(this);
    LinearAttentionKernels.register(this);
  }

  /** A kernel for an operator of ONNX's own domain, in all its versions. */
  void add(String operator, Kernel kernel) {
    add("", operator, kernel);
  }

  /** A kernel of one output for an operator of ONNX's own domain. */
  void one(String operator, Kernel.One kernel) {
    add(operator, context -> List.of(kernel.evaluate(context)));
  }

  void add(String domain, String operator, Kernel kernel) {
    if (byOperator.put(key(domain, operator), kernel) != null) {
      throw new IllegalStateException("Two kernels for operator " + operator);
    }
  }

  void one(String domain, String operator, Kernel.One kernel) {
    add(domain, operator, context -> List.of(kernel.evaluate(context)));
  }

  /** The kernel of an operator: one of these, or what its definition says. */
  public @Nullable Kernel find(OperatorSchema schema) {
    Kernel kernel = byOperator.get(key(schema.domain(), schema.name()));
    return kernel == null
            && OperatorCatalogue.standard().definition(schema).orElse(null)
                instanceof OperatorKernel defined
        ? context -> defined.evaluate(context.nodeWithDefaults(), context.values())
        : kernel;
  }

  /** The operators there are kernels for, as {@code domain:name}. */
  public Set<String> operators() {
    return Collections.unmodifiableSet(byOperator.keySet());
  }

  private static String key(String domain, String operator) {
    return OpsetImport.canonical(domain) + ":" + operator;
  }
}
