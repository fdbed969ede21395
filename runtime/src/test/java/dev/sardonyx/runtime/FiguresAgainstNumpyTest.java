package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The figures of a verification are those that numpy tells of the same numbers; see figures.py. */
class FiguresAgainstNumpyTest {
  private static final JsonObject FIGURES = read();

  private static JsonObject read() {
    try (InputStream in =
            FiguresAgainstNumpyTest.class.getResourceAsStream("figures/figures.json");
        Reader text = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      return JsonParser.parseReader(text).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<JsonObject> cases() {
    return FIGURES.getAsJsonArray("cases").asList().stream().map(JsonElement::getAsJsonObject);
  }

  /** The generator that the script has, too. */
  private static double[] uniforms(long[] state, int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      state[0] = state[0] * 6364136223846793005L + 1442695040888963407L;
      numbers[i] = (state[0] >>> 40) / 0x1p24;
    }
    return numbers;
  }

  private static ValueComparison compared(JsonObject of) {
    int rows = of.get("rows").getAsInt();
    int columns = of.get("columns").getAsInt();
    double noise = of.get("noise").getAsDouble();
    ElementType type = ElementType.valueOf(of.get("type").getAsString().toUpperCase(Locale.ROOT));
    Tolerance tolerance =
        new Tolerance(FIGURES.get("rtol").getAsDouble(), FIGURES.get("atol").getAsDouble());
    long[] state = {of.get("seed").getAsLong()};
    ValueStatistics statistics = new ValueStatistics("v", ValueComparison.Kind.OUTPUT);
    for (int batch = 0; batch < of.get("batches").getAsInt(); batch++) {
      double[] expected = uniforms(state, rows * columns);
      double[] actual = uniforms(state, rows * columns);
      for (int i = 0; i < expected.length; i++) {
        expected[i] = expected[i] < 0.03125 ? 0 : (expected[i] - 0.5) * 8;
        actual[i] = expected[i] * (1 + (actual[i] - 0.5) * noise);
      }
      statistics.add(
          batch,
          Tensor.ofNumbers(type, actual, rows, columns),
          Tensor.ofNumbers(type, expected, rows, columns),
          Allowance.of(tolerance));
    }
    return statistics.result();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void areThoseOfNumpy(JsonObject numpy) {
    ValueComparison ours = compared(numpy);
    assertEquals(numpy.get("failed").getAsLong(), ours.failed());
    near(numpy, "maxAbsolute", ours.maxAbsolute());
    near(numpy, "meanAbsolute", ours.meanAbsolute());
    near(numpy, "maxRelative", ours.maxRelative());
    near(numpy, "cosine", ours.cosine());
    near(numpy, "decibels", ours.decibels());
    near(numpy, "toleranceUsed", ours.toleranceUsed());
    assertEquals(longs(numpy.getAsJsonArray("distances")), ours.distances().counts());
    assertAgreement(numpy, "top1", ours.top1());
    assertAgreement(numpy, "top5", ours.top5());
  }

  private static void near(JsonObject numpy, String name, double ours) {
    double expected = Double.parseDouble(numpy.get(name).getAsString());
    assertEquals(expected, ours, Math.abs(expected) * 1e-6, name);
  }

  private static List<Long> longs(JsonArray numbers) {
    List<Long> longs = new ArrayList<>();
    numbers.forEach(number -> longs.add(number.getAsLong()));
    return longs;
  }

  private static void assertAgreement(
      JsonObject numpy, String name, ValueComparison.Agreement ours) {
    if (numpy.get(name).isJsonNull()) {
      assertNull(ours, name);
      return;
    }
    assertNotNull(ours, name);
    assertEquals(numpy.get(name).getAsLong(), ours.same(), name);
    long rows = numpy.get("rows").getAsLong() * numpy.get("batches").getAsLong();
    assertEquals(rows, ours.rows(), name);
  }
}
