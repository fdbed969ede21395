package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.OpsetImport;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds an operator's constraints by its name. Each family of operators lists its own. */
public final class Constraints {
  /** ONNX's classical machine-learning domain. */
  static final String ML = "ai.onnx.ml";

  static final String PREVIEW = "ai.onnx.preview";

  static final String TRAINING = "ai.onnx.preview.training";

  public static final Constraints STANDARD = new Constraints();

  private final Map<String, List<Constraint>> byOperator = new HashMap<>();

  private Constraints() {
    // One line a family.
    WindowConstraints.addTo(this);
    NormalizationConstraints.addTo(this);
    ImageConstraints.addTo(this);
    ReductionConstraints.addTo(this);
    ArithmeticConstraints.addTo(this);
    MovementConstraints.addTo(this);
    RecurrentConstraints.addTo(this);
    TextConstraints.addTo(this);
    QuantizationConstraints.addTo(this);
    FeatureConstraints.addTo(this);
    LinearModelConstraints.addTo(this);
    TreeConstraints.addTo(this);
  }

  /** Constraints of an operator of ONNX's own domain. */
  void add(String operator, Constraint... constraints) {
    add("", operator, constraints);
  }

  void add(String domain, String operator, Constraint... constraints) {
    if (byOperator.put(domain + ":" + operator, List.of(constraints)) != null) {
      throw new IllegalStateException("Two lists of constraints for operator " + operator);
    }
  }

  /** The constraints of an operator in all its versions; none for one that has none. */
  public List<Constraint> find(String domain, String operator) {
    return byOperator.getOrDefault(OpsetImport.canonical(domain) + ":" + operator, List.of());
  }

  /** The operators that have constraints, as domain, colon and name. */
  Set<String> operators() {
    return Collections.unmodifiableSet(byOperator.keySet());
  }
}
