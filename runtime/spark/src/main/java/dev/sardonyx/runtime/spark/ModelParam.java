package dev.sardonyx.runtime.spark;

import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** The parameter of a model. Its text is the model's name; the files are saved beside it. */
final class ModelParam extends Param<ModelFiles> {
  private static final long serialVersionUID = 1L;

  ModelParam(Params parent) {
    super(parent, "model", "the ONNX model");
  }

  @Override
  public String jsonEncode(ModelFiles value) {
    return new JsonPrimitive(value.name()).toString();
  }

  /** Files that have still to be read from where they are saved. */
  @Override
  public ModelFiles jsonDecode(String json) {
    return new ModelFiles(Path.of(""), "");
  }
}
