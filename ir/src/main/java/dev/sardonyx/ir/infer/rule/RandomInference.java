package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Arrays;

/** Random numbers. */
final class RandomInference {
  private RandomInference() {}

  static void addTo(Rules rules) {
    rules.add("RandomNormal", RandomInference::ofShape);
    rules.add("RandomUniform", RandomInference::ofShape);
    rules.add("RandomNormalLike", RandomInference::like);
    rules.add("RandomUniformLike", RandomInference::like);
    rules.add("Bernoulli", RandomInference::like);
    rules.add("Multinomial", RandomInference::multinomial);
  }

  private static void ofShape(InferenceContext c) {
    long[] shape = c.intsAttribute("shape");
    if (shape == null || Arrays.stream(shape).anyMatch(d -> d < 0)) {
      throw c.attributeError(
          "shape",
          "sizes of at least 0",
          shape == null ? "none" : Arrays.toString(shape),
          "attribute shape is "
              + (shape == null ? "missing" : Arrays.toString(shape))
              + ", but must give sizes of at least 0");
    }
    c.setOutputType(0, c.elementTypeAttribute("dtype").orElse(ElementType.FLOAT), Shape.of(shape));
  }

  /** Attribute dtype beats the input's type. */
  private static void like(InferenceContext c) {
    c.setOutputType(
        0, c.elementTypeAttribute("dtype").orElse(c.inputElementType(0)), c.inputShape(0));
  }

  private static void multinomial(InferenceContext c) {
    Shape data = Expect.rank(c, 0, 2);
    c.setOutputType(
        0,
        c.elementTypeAttribute("dtype").orElse(ElementType.INT32),
        Shape.of(data.dim(0), Dim.of(c.intAttribute("sample_size", 1))));
  }
}
