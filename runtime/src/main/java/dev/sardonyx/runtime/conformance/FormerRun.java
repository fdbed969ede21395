package dev.sardonyx.runtime.conformance;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.sardonyx.ir.file.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What came out of a conformance run before.
 *
 * @param statuses by stage and case
 */
public record FormerRun(Map<String, Map<String, String>> statuses) {
  public FormerRun {
    statuses = Map.copyOf(statuses);
  }

  /**
   * Reads what {@code sardonyx conformance --json} wrote.
   *
   * @throws IOException if the file cannot be read or is none of a conformance run
   */
  public static FormerRun read(Path file) throws IOException {
    Map<String, Map<String, String>> stages = new TreeMap<>();
    try {
      JsonObject root = JsonParser.parseString(TextFile.read(file)).getAsJsonObject();
      for (JsonElement result : root.getAsJsonObject("report").getAsJsonArray("results")) {
        String name = result.getAsJsonObject().get("name").getAsString();
        for (JsonElement stage : result.getAsJsonObject().getAsJsonArray("stages")) {
          JsonObject of = stage.getAsJsonObject();
          stages
              .computeIfAbsent(of.get("stage").getAsString(), key -> new TreeMap<>())
              .put(name, of.getAsJsonObject("outcome").get("status").getAsString());
        }
      }
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | ClassCastException
        | NullPointerException e) {
      throw new IOException(file + " holds no results of a conformance run", e);
    }
    return new FormerRun(stages);
  }

  /** This run as if it had been of some of its cases only. */
  public FormerRun withCases(Predicate<String> taken) {
    Map<String, Map<String, String>> left = new TreeMap<>();
    statuses.forEach(
        (stage, cases) -> {
          Map<String, String> some = new TreeMap<>(cases);
          some.keySet().removeIf(taken.negate());
          left.put(stage, some);
        });
    return new FormerRun(left);
  }
}
