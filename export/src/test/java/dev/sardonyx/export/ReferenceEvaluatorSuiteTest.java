package dev.sardonyx.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The reference evaluator against every recorded output of the ONNX backend test suite. */
class ReferenceEvaluatorSuiteTest {
  /** Cases that draw random numbers: only types and shapes of their outputs are compared. */
  private static final Pattern RANDOM = Pattern.compile("node/test_bernoulli.*");

  /** Recorded outputs that hold the rounding noise of a transform in float where 0 is exact. */
  private static final Map<String, Double> ABSOLUTE_TOLERANCE =
      Map.of("node/test_dft_inverse", 1e-6);

  /** Cases it cannot pass, with the reason it must give. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "node/test_image_decoder_decode_jpeg2k_rgb", "the image is in none of the formats",
          "node/test_image_decoder_decode_webp_rgb", "the image is in none of the formats");

  private record Tolerance(double relative, double absolute) {}

  private static final class Score {
    private int passed;
    private int total;

    @Override
    public String toString() {
      return passed + "/" + total;
    }
  }

  @Test
  void givesTheRecordedOutputs() throws Exception {
    try (BackendSuite suite = BackendSuite.open()) {
      List<String> failures = new ArrayList<>();
      Map<String, Score> scores = new TreeMap<>();
      Set<String> tolerances = Set.copyOf(suite.named("tolerance.json"));
      Score all = new Score();
      for (String file : suite.models()) {
        String name = file.substring(0, file.lastIndexOf('/'));
        Model model = OnnxReader.read(suite.bytes(file));
        Optional<String> difference = difference(suite, name, model, tolerances);
        expected(name, difference).ifPresent(d -> failures.add(name + ": " + d));
        Set<String> operators = new TreeSet<>();
        collect(model.graph(), operators);
        operators.forEach(
            operator -> count(scores.computeIfAbsent(operator, o -> new Score()), difference));
        count(all, difference);
      }
      System.out.println("Reference evaluator: " + all + " cases; by operator: " + scores);
      System.out.println("Random, compared by type and shape only: " + RANDOM);
      System.out.println("Refused: " + REFUSED);
      assertEquals(List.of(), failures);
      assertTrue(all.total >= 1_600, "the suite has " + all.total + " cases");
    }
  }

  private static void count(Score score, Optional<String> difference) {
    score.total++;
    score.passed += difference.isEmpty() ? 1 : 0;
  }

  /** A refusal passes if it is on the list and gives the reason. */
  private static Optional<String> expected(String name, Optional<String> difference) {
    String reason = REFUSED.get(name);
    if (reason == null) {
      return difference;
    }
    return difference.filter(d -> d.contains(reason)).isPresent()
        ? Optional.empty()
        : Optional.of("should be refused because " + reason + ", but " + difference);
  }

  private static void collect(Graph graph, Set<String> operators) {
    for (Node node : graph.nodes()) {
      operators.add(node.operator());
      node.subgraphs().forEach(body -> collect(body, operators));
    }
  }

  private static Optional<String> difference(
      BackendSuite suite, String name, Model model, Set<String> tolerances) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      String file = name + "/model.onnx";
      List<String> files = suite.data(file);
      Tolerance tolerance = tolerance(suite, name, tolerances);
      for (String set : suite.dataSets(file)) {
        Map<String, Datum> outputs = prepared.run(suite.inputs(set, model.graph()));
        for (int i = 0; i < model.graph().outputs().size(); i++) {
          Output output = model.graph().outputs().get(i);
          String recording = set + "output_" + i + ".pb";
          if (!files.contains(recording)) {
            continue;
          }
          Datum recorded = OnnxData.read(suite.bytes(recording), output.type(), recording);
          Datum given = outputs.get(output.name());
          Optional<String> difference =
              RANDOM.matcher(name).matches()
                  ? differenceOfTypes(recorded, given)
                  : difference(output.name(), recorded, given, tolerance);
          if (difference.isPresent()) {
            return difference;
          }
        }
      }
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.of(e.toString());
    }
  }

  private static Tolerance tolerance(BackendSuite suite, String name, Set<String> tolerances)
      throws IOException {
    double relative = 1e-3;
    double absolute = ABSOLUTE_TOLERANCE.getOrDefault(name, 1e-7);
    String file = name + "/tolerance.json";
    if (tolerances.contains(file)) {
      String json = new String(suite.bytes(file), StandardCharsets.UTF_8);
      relative = number(json, "rtol", relative);
      absolute = Math.max(absolute, number(json, "atol", absolute));
    }
    return new Tolerance(relative, absolute);
  }

  private static double number(String json, String key, double otherwise) {
    Matcher matcher = Pattern.compile("\"" + key + "\":\\s*([-+.eE0-9]+)").matcher(json);
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : otherwise;
  }

  private static Optional<String> differenceOfTypes(Datum expected, Datum actual) {
    return expected.type().equals(actual.type())
        ? Optional.empty()
        : Optional.of(actual.type() + " instead of " + expected.type());
  }

  private static Optional<String> difference(
      String name, Datum expected, Datum actual, Tolerance tolerance) {
    if (expected instanceof OptionalDatum e && actual instanceof OptionalDatum a) {
      boolean both = e.value() != null && a.value() != null;
      return both
          ? difference(name, e.value(), a.value(), tolerance)
          : Optional.of(name + " is there in one only").filter(d -> e.value() != a.value());
    }
    if (expected instanceof SequenceDatum e && actual instanceof SequenceDatum a) {
      if (e.items().size() != a.items().size()) {
        return Optional.of(
            name + " has " + a.items().size() + " items instead of " + e.items().size());
      }
      for (int i = 0; i < e.items().size(); i++) {
        Optional<String> difference =
            difference(name + "[" + i + "]", e.items().get(i), a.items().get(i), tolerance);
        if (difference.isPresent()) {
          return difference;
        }
      }
      return Optional.empty();
    }
    if (expected instanceof Tensor e && actual instanceof Tensor a) {
      return differenceOfTensors(name, e, a, tolerance);
    }
    return expected.equals(actual) ? Optional.empty() : Optional.of(name + " is " + actual);
  }

  private static Optional<String> differenceOfTensors(
      String name, Tensor expected, Tensor actual, Tolerance tolerance) {
    if (expected.elementType() != actual.elementType()
        || !Arrays.equals(expected.dims(), actual.dims())) {
      return Optional.of(name + " is " + actual.type() + " instead of " + expected.type());
    }
    if (!expected.elementType().isFloat()) {
      return expected.equals(actual)
          ? Optional.empty()
          : Optional.of(name + " is " + text(actual) + " instead of " + text(expected));
    }
    double[] e = expected.toDoubles();
    double[] a = actual.toDoubles();
    for (int i = 0; i < e.length; i++) {
      boolean same = Double.compare(e[i], a[i]) == 0 || e[i] == a[i];
      double allowed = tolerance.absolute + tolerance.relative * Math.abs(e[i]);
      if (!same && !(Math.abs(e[i] - a[i]) <= allowed)) {
        return Optional.of(
            name + " " + expected.type() + " at " + i + " is " + a[i] + " instead of " + e[i]);
      }
    }
    return Optional.empty();
  }

  private static String text(Tensor tensor) {
    return tensor.elementType() == ElementType.STRING
        ? tensor.strings().toString()
        : Arrays.toString(tensor.toLongs());
  }
}
