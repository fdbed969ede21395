package dev.sardonyx.samples;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.sardonyx.ir.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The names of a model's classes in its metadata, as a list of JSON under {@code classes}. */
public final class ClassNames {
  /** The key of the metadata. */
  public static final String KEY = "classes";

  private ClassNames() {}

  static String text(List<String> names) {
    return new Gson().toJson(names);
  }

  static List<String> of(Model model) {
    return of(model.metadata().properties());
  }

  /**
   * Those of a model with these properties; none if there are none, or there is something else
   * under the key.
   */
  public static List<String> of(Map<String, String> properties) {
    String text = properties.getOrDefault(KEY, "");
    List<String> names = new ArrayList<>();
    try {
      if (JsonParser.parseString(text) instanceof JsonArray list) {
        for (JsonElement name : list) {
          names.add(name.getAsString());
        }
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      return List.of(); // Others write what they like under this key.
    }
    return names;
  }
}
