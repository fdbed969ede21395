package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.infer.InferenceRule;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds an operator's rule by its name. Each family of operators lists its own. */
public final class Rules {
  /** ONNX's classical machine-learning domain. */
  static final String ML = "ai.onnx.ml";

  static final String PREVIEW = "ai.onnx.preview";

  static final String TRAINING = "ai.onnx.preview.training";

  public static final Rules STANDARD = new Rules();

  private final Map<String, InferenceRule> byOperator = new HashMap<>();

  private Rules() {
    // One line a family.
    ElementwiseInference.addTo(this);
    ArithmeticInference.addTo(this);
    ReductionInference.addTo(this);
    LinearAlgebraInference.addTo(this);
    ShapeOpInference.addTo(this);
    SliceInference.addTo(this);
    MovementInference.addTo(this);
    IndexingInference.addTo(this);
    ConstantInference.addTo(this);
    SignalInference.addTo(this);
    ResizeInference.addTo(this);
    ConvolutionInference.addTo(this);
    PoolingInference.addTo(this);
    NormalizationInference.addTo(this);
    RecurrentInference.addTo(this);
    AttentionInference.addTo(this);
    QuantizationInference.addTo(this);
    SequenceInference.addTo(this);
    ControlFlowInference.addTo(this);
    ScanInference.addTo(this);
    TextInference.addTo(this);
    RandomInference.addTo(this);
    VisionInference.addTo(this);
    LossInference.addTo(this);
    MlInference.addTo(this);
    TrainingInference.addTo(this);
  }

  /** A rule for an operator of ONNX's own domain, in all its versions. */
  void add(String operator, InferenceRule rule) {
    add("", operator, rule);
  }

  void add(String domain, String operator, InferenceRule rule) {
    if (byOperator.put(domain + ":" + operator, rule) != null) {
      throw new IllegalStateException("Two rules for operator " + operator);
    }
  }

  /** The rule for an operator: one of these, or what its definition says. */
  public @Nullable InferenceRule find(OperatorSchema schema) {
    InferenceRule rule = byOperator.get(schema.domain() + ":" + schema.name());
    return rule == null
            && OperatorCatalogue.standard().definition(schema).orElse(null)
                instanceof InferenceRule defined
        ? defined
        : rule;
  }

  /** The operators that have a rule, as domain, colon and name. */
  Set<String> operators() {
    return Collections.unmodifiableSet(byOperator.keySet());
  }
}
