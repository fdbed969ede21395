package dev.sardonyx.samples.report;

import com.google.gson.stream.JsonWriter;
import dev.sardonyx.ir.Printable;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;

/** Charts as the page's script reads them: JSON that can stand in HTML. */
final class ChartData {
  private final StringWriter text = new StringWriter();
  private final JsonWriter json = new JsonWriter(text);

  private ChartData() {
    json.setHtmlSafe(true);
  }

  static String of(List<Chart> charts) {
    ChartData data = new ChartData();
    try {
      data.json.beginArray();
      for (Chart chart : charts) {
        data.chart(chart);
      }
      data.json.endArray();
    } catch (IOException e) {
      throw new IllegalStateException(e); // a StringWriter does not fail
    }
    return data.text.toString();
  }

  private void chart(Chart chart) throws IOException {
    json.beginObject();
    axis("x", chart.x());
    axis("y", chart.y());
    json.name("labels").beginArray();
    for (String label : chart.labels()) {
      json.value(Printable.line(label));
    }
    json.endArray();
    numbers("places", chart.places());
    json.name("tones").beginArray();
    for (Tone tone : chart.tones()) {
      json.value(tone.style());
    }
    json.endArray();
    json.name("series").beginArray();
    for (ChartSeries series : chart.series()) {
      json.beginObject();
      json.name("name").value(Printable.line(series.name()));
      json.name("form").value(series.form().text());
      numbers("values", series.values());
      json.endObject();
    }
    json.endArray().endObject();
  }

  private void axis(String name, ChartAxis axis) throws IOException {
    json.name(name).beginObject();
    json.name("title").value(Printable.line(axis.title()));
    json.name("log").value(axis.isLog());
    json.name("lowest");
    number(axis.lowest());
    json.name("highest");
    number(axis.highest());
    json.endObject();
  }

  private void numbers(String name, List<Double> numbers) throws IOException {
    json.name(name).beginArray();
    for (double number : numbers) {
      number(number);
    }
    json.endArray();
  }

  /** JSON has neither NaN, which is null here, nor infinity, which is a text. */
  private void number(double number) throws IOException {
    if (Double.isNaN(number)) {
      json.nullValue();
    } else if (Double.isInfinite(number)) {
      json.value(String.valueOf(number));
    } else {
      json.value(number);
    }
  }
}
