package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class MlInferenceTest {
  @Test
  void featuresArePickedAlongTheLastAxis() {
    assertEquals("float[N,3]", ml("ArrayFeatureExtractor").in("float[N,5]", "int64[1,3]").types());
    assertEquals("string[1,3]", ml("ArrayFeatureExtractor").in("string[5]", "int64[3]").types());
  }

  @Test
  void elementwise() {
    assertEquals("int64[N,5]", ml("Binarizer").in("int64[N,5]").types());
    assertEquals(
        "int64[N,5]", ml("Imputer").in("int64[N,5]").ints("imputed_value_int64s", 0).types());
    assertEquals("float[N,5]", ml("Normalizer").in("int64[N,5]").types());
    assertEquals("float[N,5]", ml("Scaler").in("double[N,5]").types());
  }

  @Test
  void mapsBecomeTensors() {
    assertEquals("float[1,?]", ml("CastMap").in("map(int64, float)").types());
    assertEquals(
        "string[1,9]",
        ml("CastMap")
            .in("map(int64, string)")
            .with("cast_to", "TO_STRING")
            .with("map_form", "SPARSE")
            .with("max_map", 9)
            .types());
    assertEquals(
        "int64",
        ml("DictVectorizer")
            .in("map(string, int64)")
            .strings("string_vocabulary", "a", "b")
            .types());
    assertEquals(
        "SX-305 cast_to: ai.onnx.ml.CastMap: attribute cast_to is TO_BOOL; it takes TO_FLOAT,"
            + " TO_STRING or TO_INT64",
        ml("CastMap").in("map(int64, float)").with("cast_to", "TO_BOOL").problem());
  }

  @Test
  void labelsAreMapped() {
    assertEquals("string[N]", ml("CategoryMapper").in("int64[N]").types());
    assertEquals("int64[N]", ml("CategoryMapper").in("string[N]").types());
    assertEquals(
        "int64[N]", ml("LabelEncoder").in("string[N]").strings("classes_strings", "a").types());
    for (int version : List.of(2, 4)) {
      assertEquals(
          "float[N,2]",
          NodeCase.ml("LabelEncoder", version)
              .in("string[N,2]")
              .strings("keys_strings", "a")
              .floats("values_floats", 1)
              .types());
      assertEquals(
          "SX-305 values_*: ai.onnx.ml.LabelEncoder: no attribute values_* is given, so it is not"
              + " known what the keys stand for",
          NodeCase.ml("LabelEncoder", version).in("string[N]").problem());
    }
    assertEquals(
        "int16[N]",
        NodeCase.ml("LabelEncoder", 4)
            .in("int64[N]")
            .ints("keys_int64s", 7, 8)
            .with(
                Attribute.ofTensor(
                    "values_tensor", Tensor.ofNumbers(ElementType.INT16, new double[] {1, 2}, 2)))
            .types());
  }

  @Test
  void vectorsOfFeatures() {
    assertEquals("float[N,F+3]", ml("FeatureVectorizer").in("float[N,F]", "float[N,3]").types());
    assertEquals(
        "float[1,5]",
        ml("FeatureVectorizer").in("int64[2]", "int64[3]").ints("inputdimensions", 2, 3).types());
    assertEquals(
        "float[N,2,3]", ml("OneHotEncoder").in("int64[N,2]").ints("cats_int64s", 4, 5, 6).types());
    assertEquals(
        "SX-305 cats_int64s: ai.onnx.ml.OneHotEncoder: neither attribute cats_int64s nor"
            + " cats_strings gives the categories",
        ml("OneHotEncoder").in("int64[N,2]").problem());
  }

  @Test
  void classifiersGiveALabelAndScores() {
    assertEquals(
        "int64[N]; float[N,3]",
        ml("LinearClassifier")
            .in("double[N,2]")
            .ints("classlabels_ints", 7, 8, 9)
            .floats("coefficients", 1, 2, 3, 4, 5, 6)
            .outputs(2)
            .types());
    for (int version : List.of(1, 3, 5)) {
      assertEquals(
          "string[N]; float[N,2]",
          stump(NodeCase.ml("TreeEnsembleClassifier", version))
              .in("float[N,4]")
              .strings("classlabels_strings", "yes", "no")
              .outputs(2)
              .types());
    }
    assertEquals(
        "int64[1]; float[1,?]",
        ml("SVMClassifier").in("float[4]").ints("classlabels_ints", 1, 2, 3, 4).outputs(2).types());
    assertEquals(
        "int64[N]; float[N,4]",
        ml("SVMClassifier")
            .in("float[N,4]")
            .ints("classlabels_ints", 1, 2, 3, 4)
            .floats("prob_a", 1, 1, 1, 1, 1, 1)
            .floats("prob_b", 1, 1, 1, 1, 1, 1)
            .outputs(2)
            .types());
    assertEquals(
        "SX-305 classlabels_ints: ai.onnx.ml.SVMClassifier: neither attribute classlabels_ints nor"
            + " classlabels_strings gives the labels",
        ml("SVMClassifier").in("float[N,4]").outputs(2).problem());
  }

  @Test
  void regressorsGiveTargets() {
    assertEquals(
        "float[N,1]",
        ml("LinearRegressor").in("int32[N,4]").floats("coefficients", 1, 2, 3, 4).types());
    assertEquals(
        "float[N,2]",
        ml("LinearRegressor")
            .in("float[N,4]")
            .with("targets", 2)
            .floats("coefficients", 1, 2, 3, 4, 5, 6, 7, 8)
            .types());
    assertEquals("float[N,1]", ml("SVMRegressor").in("float[N,4]").types());
    for (int version : List.of(1, 3, 5)) {
      assertEquals(
          "float[N,3]",
          stump(NodeCase.ml("TreeEnsembleRegressor", version))
              .in("double[N,4]")
              .with("n_targets", 3)
              .types());
    }
    assertEquals("double[N,?]", NodeCase.ml("TreeEnsemble", 5).in("double[N,4]").types());
  }

  @Test
  void zipMapGivesAMapForEachRow() {
    assertEquals(
        "seq(map(string, float[]))",
        ml("ZipMap").in("float[N,2]").strings("classlabels_strings", "a", "b").types());
    assertEquals(
        "seq(map(int64, float[]))",
        ml("ZipMap").in("float[N,2]").ints("classlabels_int64s", 1, 2).types());
    assertEquals(
        "SX-303 a: ai.onnx.ml.ZipMap: a [N,3] has 3 on axis -1, but must have 2, the number of"
            + " labels",
        ml("ZipMap").in("float[N,3]").ints("classlabels_int64s", 1, 2).problem());
  }

  /** With a tree of one leaf. */
  private static NodeCase stump(NodeCase node) {
    return node.ints("nodes_treeids", 0).ints("nodes_nodeids", 0).strings("nodes_modes", "LEAF");
  }

  private static NodeCase ml(String operator) {
    return NodeCase.ml(operator, 1);
  }
}
