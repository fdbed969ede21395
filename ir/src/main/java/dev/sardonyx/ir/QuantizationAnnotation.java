package dev.sardonyx.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Says which values hold the quantisation parameters of a value.
 *
 * @param value the annotated value's name
 * @param parameters from a parameter's key, such as {@code SCALE_TENSOR}, to a value's name
 */
public record QuantizationAnnotation(
    String value, Map<String, String> parameters, Metadata metadata) {
  public QuantizationAnnotation {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }
}
