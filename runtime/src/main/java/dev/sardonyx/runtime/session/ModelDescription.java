package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxModelMetadata;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.ir.Model;
import java.util.Map;

/**
 * A model's metadata.
 *
 * @param graph the main graph's name
 * @param producer the tool that made it
 * @param domain who it belongs to, as a reverse domain name
 * @param version the model's version number
 * @param text the model's documentation
 * @param properties further metadata, by key
 */
public record ModelDescription(
    String graph,
    String producer,
    String domain,
    long version,
    String text,
    Map<String, String> properties) {
  public ModelDescription {
    properties = Map.copyOf(properties);
  }

  static ModelDescription of(Model model) {
    return new ModelDescription(
        model.graph().name(),
        model.producerName(),
        model.domain(),
        model.modelVersion(),
        model.metadata().docString(),
        model.metadata().properties());
  }

  static ModelDescription of(OrtSession session) {
    try {
      OnnxModelMetadata metadata = session.getMetadata();
      return new ModelDescription(
          metadata.getGraphName(),
          metadata.getProducerName(),
          metadata.getDomain(),
          metadata.getVersion(),
          metadata.getDescription(),
          metadata.getCustomMetadata());
    } catch (OrtException e) {
      throw OrtFailure.onLoading(e);
    }
  }
}
