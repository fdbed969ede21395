package dev.sardonyx.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a model is trained (ONNX's {@code TrainingInfoProto}).
 *
 * @param initialization computes the initializers' first values
 * @param algorithm one step of training
 * @param initializationBinding from an initializer to the output of {@code initialization} it takes
 * @param updateBinding from an initializer to the output of {@code algorithm} it takes
 */
public record TrainingInfo(
    Graph initialization,
    Graph algorithm,
    Map<String, String> initializationBinding,
    Map<String, String> updateBinding,
    Metadata metadata) {
  public TrainingInfo {
    initializationBinding = Collections.unmodifiableMap(new LinkedHashMap<>(initializationBinding));
    updateBinding = Collections.unmodifiableMap(new LinkedHashMap<>(updateBinding));
  }
}
