package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.List;
import java.util.Optional;

/** Classical machine learning, domain {@code ai.onnx.ml}. Data is {@code [N,F]} or {@code [F]}. */
final class MlInference {
  private MlInference() {}

  static void addTo(Rules rules) {
    rules.add(Rules.ML, "ArrayFeatureExtractor", MlInference::arrayFeatureExtractor);
    rules.add(Rules.ML, "Binarizer", MlInference::sameShape);
    rules.add(Rules.ML, "CastMap", MlInference::castMap);
    rules.add(Rules.ML, "CategoryMapper", MlInference::categoryMapper);
    rules.add(Rules.ML, "DictVectorizer", MlInference::dictVectorizer);
    rules.add(Rules.ML, "FeatureVectorizer", MlInference::featureVectorizer);
    rules.add(Rules.ML, "Imputer", MlInference::sameShape);
    rules.add(Rules.ML, "LabelEncoder", MlInference::labelEncoder);
    rules.add(Rules.ML, "LinearClassifier", c -> classifier(c, "classlabels_ints"));
    rules.add(Rules.ML, "LinearRegressor", c -> regressor(c, Dim.of(c.intAttribute("targets", 1))));
    rules.add(Rules.ML, "Normalizer", MlInference::sameShape);
    rules.add(Rules.ML, "OneHotEncoder", MlInference::oneHotEncoder);
    rules.add(Rules.ML, "SVMClassifier", MlInference::svmClassifier);
    rules.add(Rules.ML, "SVMRegressor", c -> regressor(c, Dim.of(1)));
    rules.add(Rules.ML, "Scaler", MlInference::sameShape);
    rules.add(Rules.ML, "TreeEnsemble", MlInference::treeEnsemble);
    rules.add(Rules.ML, "TreeEnsembleClassifier", c -> classifier(c, "classlabels_int64s"));
    rules.add(Rules.ML, "TreeEnsembleRegressor", MlInference::treeEnsemble);
    rules.add(Rules.ML, "ZipMap", MlInference::zipMap);
  }

  private static void sameShape(InferenceContext c) {
    c.setOutputShape(0, c.inputShape(0));
  }

  /** Picks along the last axis; a vector counts as one row. */
  private static void arrayFeatureExtractor(InferenceContext c) {
    Shape data = Expect.rankAtLeast(c, 0, 1);
    if (data.isRanked()) {
      Shape rows = data.rank() == 1 ? Shape.of(1) : data.slice(0, data.rank() - 1);
      c.setOutputShape(0, rows.concat(Shape.of(c.inputShape(1).size())));
    }
  }

  /** One row; of a dense map its length is not known before it is there. */
  private static void castMap(InferenceContext c) {
    String to = c.stringAttribute("cast_to", "TO_FLOAT");
    ElementType type =
        switch (to) {
          case "TO_FLOAT" -> ElementType.FLOAT;
          case "TO_STRING" -> ElementType.STRING;
          case "TO_INT64" -> ElementType.INT64;
          default ->
              throw c.attributeError(
                  "cast_to",
                  "TO_FLOAT, TO_STRING or TO_INT64",
                  to,
                  "attribute cast_to is " + to + "; it takes TO_FLOAT, TO_STRING or TO_INT64");
        };
    boolean sparse = c.stringAttribute("map_form", "DENSE").equals("SPARSE");
    Dim width = sparse ? Dim.of(c.intAttribute("max_map", 1)) : Dim.UNKNOWN;
    c.setOutputType(0, type, Shape.of(Dim.of(1), width));
  }

  /** Strings become numbers and numbers strings. */
  private static void categoryMapper(InferenceContext c) {
    ElementType type =
        switch (c.inputElementType(0)) {
          case STRING -> ElementType.INT64;
          case INT64 -> ElementType.STRING;
          default -> ElementType.UNDEFINED;
        };
    c.setOutputType(0, type, c.inputShape(0));
  }

  /** ONNX says that the result is a vector, ONNX Runtime makes it one row: the rank stays open. */
  private static void dictVectorizer(InferenceContext c) {
    if (c.inputType(0) instanceof MapType map && map.value() instanceof TensorType value) {
      c.setOutputType(0, value.elementType(), Shape.UNKNOWN);
    }
  }

  /** Concatenates rows; a vector counts as one row. */
  private static void featureVectorizer(InferenceContext c) {
    long[] sizes = c.intsAttribute("inputdimensions");
    Dim rows = Dim.UNKNOWN;
    Dim width = Dim.of(0);
    for (int i = 0; i < c.inputs(); i++) {
      Expect.rankEither(c, i, 1, 2);
      Dim ofInput = rows(c, i);
      if (!rows.isCompatibleWith(ofInput)) {
        throw c.shapeError(
            i,
            rows + " rows",
            "input "
                + Expect.described(c, i)
                + " has "
                + ofInput
                + " rows, but the inputs before it have "
                + rows);
      }
      rows = TypeMerge.both(rows, ofInput);
      Dim size = sizes != null && i < sizes.length ? Dim.of(sizes[i]) : c.inputDim(i, -1);
      width = width.plus(size);
    }
    c.setOutputShape(0, Shape.of(rows, width));
  }

  /** The result's type is that of the values given. */
  private static void labelEncoder(InferenceContext c) {
    c.setOutputType(0, labelType(c), c.inputShape(0));
  }

  private static ElementType labelType(InferenceContext c) {
    if (c.since() == 1) {
      return c.inputElementType(0) == ElementType.STRING ? ElementType.INT64 : ElementType.STRING;
    }
    Optional<Tensor> values = c.tensorAttribute("values_tensor");
    if (values.isPresent()) {
      return values.get().elementType();
    }
    if (c.hasAttribute("values_strings")) {
      return ElementType.STRING;
    }
    if (c.hasAttribute("values_int64s")) {
      return ElementType.INT64;
    }
    if (c.hasAttribute("values_floats")) {
      return ElementType.FLOAT;
    }
    throw c.attributeError(
        "values_*",
        "values_strings, values_int64s, values_floats or values_tensor",
        "none",
        "no attribute values_* is given, so it is not known what the keys stand for");
  }

  /**
   * A label and scores for each row.
   *
   * @param numbers the attribute with labels that are numbers
   */
  private static void classifier(InferenceContext c, String numbers) {
    int classes = classes(c, numbers);
    // With a single label some runtimes give a second column for the other class.
    scores(c, numbers, classes > 1 ? Dim.of(classes) : Dim.UNKNOWN);
  }

  /** Without probabilities there is a score for each pair of classes if there are more than two. */
  private static void svmClassifier(InferenceContext c) {
    int classes = classes(c, "classlabels_ints");
    boolean clear = c.hasAttribute("prob_a") || classes == 2 || classes == 3;
    scores(c, "classlabels_ints", clear && classes > 1 ? Dim.of(classes) : Dim.UNKNOWN);
  }

  private static int classes(InferenceContext c, String numbers) {
    long[] ints = c.intsAttribute(numbers);
    List<String> strings = c.stringsAttribute("classlabels_strings");
    return strings != null && !strings.isEmpty() ? strings.size() : ints == null ? 0 : ints.length;
  }

  private static void scores(InferenceContext c, String numbers, Dim classes) {
    Expect.rankEither(c, 0, 1, 2);
    List<String> strings = c.stringsAttribute("classlabels_strings");
    boolean named = strings != null && !strings.isEmpty();
    if (!named && classes(c, numbers) == 0) {
      throw c.attributeError(
          numbers,
          "the labels of the classes",
          "none",
          "neither attribute " + numbers + " nor classlabels_strings gives the labels");
    }
    c.setOutputType(0, named ? ElementType.STRING : ElementType.INT64, Shape.of(rows(c, 0)));
    c.setOutputType(1, ElementType.FLOAT, Shape.of(rows(c, 0), classes));
  }

  private static void regressor(InferenceContext c, Dim targets) {
    Expect.rankEither(c, 0, 1, 2);
    c.setOutputShape(0, Shape.of(rows(c, 0), targets));
  }

  private static void treeEnsemble(InferenceContext c) {
    long targets = c.intAttribute("n_targets", -1);
    regressor(c, targets < 0 ? Dim.UNKNOWN : Dim.of(targets));
  }

  /** The categories are a new last axis. */
  private static void oneHotEncoder(InferenceContext c) {
    long[] ints = c.intsAttribute("cats_int64s");
    List<String> strings = c.stringsAttribute("cats_strings");
    int categories =
        ints != null && ints.length > 0 ? ints.length : strings == null ? 0 : strings.size();
    if (categories == 0) {
      throw c.attributeError(
          "cats_int64s",
          "the categories",
          "none",
          "neither attribute cats_int64s nor cats_strings gives the categories");
    }
    Shape data = c.inputShape(0);
    c.setOutputShape(0, data.isRanked() ? data.concat(Shape.of(categories)) : data);
  }

  /** A map from label to score for each row. */
  private static void zipMap(InferenceContext c) {
    Expect.rankEither(c, 0, 1, 2);
    List<String> strings = c.stringsAttribute("classlabels_strings");
    boolean named = strings != null && !strings.isEmpty();
    int labels = classes(c, "classlabels_int64s");
    Expect.size(c, 0, -1, Dim.of(labels), "the number of labels");
    c.setOutputType(
        0,
        new SequenceType(
            new MapType(
                named ? ElementType.STRING : ElementType.INT64,
                TensorType.of(ElementType.FLOAT, Shape.SCALAR))));
  }

  private static Dim rows(InferenceContext c, int input) {
    Shape shape = c.inputShape(input);
    return shape.isRanked() && shape.rank() == 1 ? Dim.of(1) : c.inputDim(input, 0);
  }
}
