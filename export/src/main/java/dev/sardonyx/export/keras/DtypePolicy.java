package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.sardonyx.ir.ElementType;
import java.util.Set;

/**
 * The element type that a layer computes in, from its dtype policy in the forms of all Keras
 * versions.
 */
final class DtypePolicy {
  private static final Set<String> COMPUTED = Set.of("float32", "float64", "float16", "bfloat16");

  private DtypePolicy() {}

  /**
   * @throws LayerRefusal if the layer is quantized
   */
  static ElementType computeType(ModelConfig.Layer layer) {
    String name = name(layer.config().element("dtype"));
    if (name.startsWith("mixed_")) {
      return GraphReading.elementType(name.substring("mixed_".length()));
    }
    // Preprocessing layers of integers compute no floats.
    return COMPUTED.contains(name) ? GraphReading.elementType(name) : ElementType.FLOAT;
  }

  /** Whether the layer's weights are quantized, which the readers of layers do not support. */
  static boolean isQuantized(ModelConfig.Layer layer) {
    JsonElement dtype = layer.config().element("dtype");
    return dtype.isJsonObject()
            && dtype.getAsJsonObject().has("class_name")
            && dtype.getAsJsonObject().get("class_name").toString().contains("Quantized")
        || name(dtype).contains("_from_");
  }

  private static String name(JsonElement dtype) {
    if (dtype.isJsonPrimitive()) {
      return dtype.getAsString();
    }
    if (dtype.isJsonObject()) {
      JsonObject object = dtype.getAsJsonObject();
      JsonElement config = object.get("config");
      if (config != null && config.isJsonObject() && config.getAsJsonObject().has("name")) {
        return config.getAsJsonObject().get("name").getAsString();
      }
    }
    return "float32";
  }
}
