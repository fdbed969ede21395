package dev.sardonyx.samples;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * A report as it was written.
 *
 * @param html the page
 * @param charts what its script draws
 */
record WrittenReport(String html, JsonArray charts) {
  private static final String BEGIN = "<script id=\"data\" type=\"application/json\">";

  static WrittenReport of(Path file) throws IOException {
    String html = Files.readString(file);
    int from = html.indexOf(BEGIN) + BEGIN.length();
    String data = html.substring(from, html.indexOf("</script>", from));
    return new WrittenReport(html, JsonParser.parseString(data).getAsJsonArray());
  }

  /** What people read: the page without its script and style sheet. */
  String text() {
    int from = html.indexOf("<main>");
    return html.substring(from, html.indexOf("</main>", from));
  }

  /** The names of the places of a chart, counted from 0. */
  List<String> labels(int chart) {
    return strings(charts.get(chart).getAsJsonObject().getAsJsonArray("labels"));
  }

  /** Whether each place is {@code good}, {@code bad} or {@code plain}. */
  List<String> tones(int chart) {
    return strings(charts.get(chart).getAsJsonObject().getAsJsonArray("tones"));
  }

  private static List<String> strings(JsonArray texts) {
    return StreamSupport.stream(texts.spliterator(), false).map(JsonElement::getAsString).toList();
  }

  /** The numbers of a series, NaN where there is none. */
  List<Double> numbers(int chart, String series) {
    for (JsonElement each : charts.get(chart).getAsJsonObject().getAsJsonArray("series")) {
      JsonObject one = each.getAsJsonObject();
      if (one.get("name").getAsString().equals(series)) {
        return StreamSupport.stream(one.getAsJsonArray("values").spliterator(), false)
            .map(n -> n.isJsonNull() ? Double.NaN : n.getAsDouble())
            .toList();
      }
    }
    throw new AssertionError("no series " + series + " in " + charts.get(chart));
  }
}
