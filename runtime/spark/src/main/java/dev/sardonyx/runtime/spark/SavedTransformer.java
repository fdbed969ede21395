package dev.sardonyx.runtime.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;

/** A transformer in a folder: its parameters as Spark saves them, and the model beside them. */
final class SavedTransformer {
  private static final String MODEL = "model";

  private SavedTransformer() {}

  private static String model(String folder) {
    return new Path(folder, MODEL).toString();
  }

  static final class Writer extends DefaultParamsWriter {
    private final ModelFiles files;

    Writer(OnnxTransformer from, ModelFiles files) {
      super(from);
      this.files = files;
    }

    @Override
    public void saveImpl(String folder) {
      super.saveImpl(folder);
      try {
        files.copyTo(model(folder), sc().hadoopConfiguration());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static final class Reader extends DefaultParamsReader<OnnxTransformer> {
    @Override
    public OnnxTransformer load(String folder) {
      Object saved = super.load(folder);
      if (!(saved instanceof OnnxTransformer stage)) {
        throw new IllegalArgumentException(
            folder + " holds a " + saved.getClass().getName() + ", not an OnnxTransformer");
      }
      try {
        return stage.loaded(ModelFiles.read(model(folder), sc().hadoopConfiguration()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
