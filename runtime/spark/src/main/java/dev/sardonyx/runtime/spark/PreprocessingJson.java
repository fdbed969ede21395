package dev.sardonyx.runtime.spark;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.image.Preprocessing.Resize;
import dev.sardonyx.runtime.image.Resampling;
import java.util.List;

/** {@link Preprocessing} as text, in which it is saved and sent to executors. */
final class PreprocessingJson {
  private PreprocessingJson() {}

  static String write(Preprocessing from) {
    JsonObject json = new JsonObject();
    if (from.resize() instanceof Resize.Exactly size) {
      json.addProperty("height", size.height());
      json.addProperty("width", size.width());
    } else if (from.resize() instanceof Resize.ShorterSide side) {
      json.addProperty("shorterSide", side.pixels());
    }
    json.addProperty("resampling", from.resampling().name());
    json.addProperty("cropHeight", from.cropHeight());
    json.addProperty("cropWidth", from.cropWidth());
    json.addProperty("channels", from.channels().name());
    json.addProperty("scale", from.scale());
    json.add("mean", numbers(from.mean()));
    json.add("std", numbers(from.std()));
    json.addProperty("layout", from.layout().name());
    return json.toString();
  }

  private static JsonArray numbers(List<Double> from) {
    JsonArray array = new JsonArray();
    from.forEach(array::add);
    return array;
  }

  /**
   * @throws IllegalArgumentException if it is none
   */
  static Preprocessing read(String text) {
    try {
      return parsed(text);
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | ClassCastException
        | UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          "preprocessing is what setPreprocessing makes, not " + text, e);
    }
  }

  private static Preprocessing parsed(String text) {
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    return new Preprocessing(
        resize(json),
        Resampling.valueOf(json.get("resampling").getAsString()),
        json.get("cropHeight").getAsInt(),
        json.get("cropWidth").getAsInt(),
        Preprocessing.Channels.valueOf(json.get("channels").getAsString()),
        json.get("scale").getAsDouble(),
        numbers(json.getAsJsonArray("mean")),
        numbers(json.getAsJsonArray("std")),
        Preprocessing.Layout.valueOf(json.get("layout").getAsString()));
  }

  private static Resize resize(JsonObject json) {
    if (json.has("shorterSide")) {
      return new Resize.ShorterSide(json.get("shorterSide").getAsInt());
    }
    return json.has("height")
        ? new Resize.Exactly(json.get("height").getAsInt(), json.get("width").getAsInt())
        : new Resize.None();
  }

  private static List<Double> numbers(JsonArray from) {
    return from.asList().stream().map(number -> number.getAsDouble()).toList();
  }
}
