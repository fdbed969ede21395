package dev.sardonyx.ir.infer.constraint;

import static dev.sardonyx.ir.infer.constraint.Constraints.ML;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Optional;

/** Features and labels of classical machine learning. */
final class FeatureConstraints {
  private FeatureConstraints() {}

  static void addTo(Constraints all) {
    all.add(ML, "Normalizer", Demand.word("norm", "MAX", "L1", "L2"));
    all.add(
        ML,
        "Scaler",
        Demand.sameLength("offset", "scale"),
        c -> perFeature(c, "offset"),
        c -> perFeature(c, "scale"));
    all.add(
        ML,
        "Imputer",
        Demand.oneOf("imputed_value_floats", "imputed_value_int64s"),
        c -> perFeature(c, "imputed_value_floats"),
        c -> perFeature(c, "imputed_value_int64s"));
    Constraint keys = Demand.oneOf("keys_strings", "keys_int64s", "keys_floats", "keys_tensor");
    Constraint values =
        Demand.oneOf("values_strings", "values_int64s", "values_floats", "values_tensor");
    all.add(
        ML,
        "LabelEncoder",
        keys.since(2),
        values.since(2),
        FeatureConstraints::labels,
        Demand.sameLength(
            "keys_strings",
            "keys_int64s",
            "keys_floats",
            "keys_tensor",
            "values_strings",
            "values_int64s",
            "values_floats",
            "values_tensor"));
    all.add(ML, "CategoryMapper", Demand.sameLength("cats_int64s", "cats_strings"));
    all.add(ML, "DictVectorizer", Demand.oneOf("string_vocabulary", "int64_vocabulary"));
    all.add(ML, "OneHotEncoder", Demand.oneOf("cats_int64s", "cats_strings"));
    all.add(ML, "ZipMap", Demand.oneOf("classlabels_strings", "classlabels_int64s"));
    all.add(ML, "CastMap", Demand.word("map_form", "DENSE", "SPARSE"));
    all.add(
        ML,
        "FeatureVectorizer",
        c -> Demand.length(c, "inputdimensions", c.inputs(), "one for each input"),
        Demand.each("inputdimensions", 0, Integer.MAX_VALUE));
  }

  /** Keys have the input's element type, and a default the values'. */
  private static void labels(InferenceContext c) {
    if (c.since() < 2) {
      return;
    }
    ElementType keys = listed(c, "keys");
    ElementType input = c.inputElementType(0);
    if (input != ElementType.UNDEFINED && keys != ElementType.UNDEFINED && input != keys) {
      throw Demand.wrong(c, "keys_*", "of the input's element type " + input, keys.toString());
    }
    Demand.elementType(c, "default_tensor", listed(c, "values"), "the values' type");
  }

  private static ElementType listed(InferenceContext c, String name) {
    Optional<Tensor> tensor = c.tensorAttribute(name + "_tensor");
    if (tensor.isPresent()) {
      return tensor.get().elementType();
    }
    return c.hasAttribute(name + "_strings")
        ? ElementType.STRING
        : c.hasAttribute(name + "_int64s")
            ? ElementType.INT64
            : c.hasAttribute(name + "_floats") ? ElementType.FLOAT : ElementType.UNDEFINED;
  }

  /** A number for every feature, or one for all. */
  private static void perFeature(InferenceContext c, String attribute) {
    Shape shape = c.inputShape(0);
    Dim features = shape.isRanked() && shape.rank() > 0 ? c.inputDim(0, -1) : Dim.UNKNOWN;
    int length = Demand.length(c, attribute).orElse(1);
    if (length != 1 && features.isFixed() && !features.isFixed(length)) {
      throw Demand.wrong(
          c,
          attribute,
          "1 or " + features + " elements, as many as there are features",
          Demand.elements(length));
    }
  }
}
