package dev.sardonyx.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Hands models to ONNX Runtime: in memory, or by way of temporary files where the model exceeds
 * what one protobuf message holds.
 */
final class SessionLoader {
  /** Bytes of constants that leave room for the rest of a message of 2 GiB. */
  private static final long MOST_EMBEDDED = 1L << 30;

  private SessionLoader() {}

  static OrtSession load(Model model, SessionOptions options) throws OrtException {
    return load(model, options, MOST_EMBEDDED);
  }

  static OrtSession load(Model model, SessionOptions options, long mostEmbedded)
      throws OrtException {
    if (constantBytes(model) <= mostEmbedded) {
      byte[] bytes = OnnxWriter.toBytes(model);
      return NativeCalls.create(() -> Environments.shared().createSession(bytes, options));
    }
    try {
      return loadFromFiles(model, options);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The model is too large to hand over in memory, and its temporary files failed: "
              + e.getMessage(),
          e);
    }
  }

  private static OrtSession loadFromFiles(Model model, SessionOptions options)
      throws IOException, OrtException {
    Path folder = Files.createTempDirectory("sardonyx-model");
    try {
      Path file = folder.resolve("model.onnx");
      OnnxWriter.write(model, file, ExternalData.beside());
      return NativeCalls.create(
          () -> Environments.shared().createSession(file.toString(), options));
    } finally {
      delete(folder);
    }
  }

  /** Bytes of the constants of the main graph. */
  static long constantBytes(Model model) {
    return model.graph().constants().stream()
        .map(Constant::data)
        .mapToLong(data -> data instanceof Tensor tensor ? tensor.byteSize() : 0)
        .sum();
  }

  /** ONNX Runtime has the weights in memory, or mapped, so that the files may go. */
  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files = found.toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(folder);
  }
}
