package dev.sardonyx.samples.serve;

import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a model that is served comes from.
 *
 * @param title what messages call it, such as its file
 */
public record ModelSource(String title, Loading loading) {
  /** Loads the model. */
  @FunctionalInterface
  public interface Loading {
    /**
     * A session of the model.
     *
     * @throws IOException naming the file if it cannot be read
     */
    InferenceSession session(SessionOptions options) throws IOException;
  }

  /** An ONNX file, which is read when the server starts. */
  public static ModelSource of(Path file) {
    return new ModelSource(file.toString(), options -> InferenceSession.of(file, options));
  }

  /** A model that is in memory. */
  public static ModelSource of(String title, Model model) {
    return new ModelSource(title, options -> InferenceSession.of(model, options));
  }
}
