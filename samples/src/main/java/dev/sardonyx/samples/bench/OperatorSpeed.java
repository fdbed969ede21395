package dev.sardonyx.samples.bench;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.input.MadeUpInputs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What an element costs in the operators of the reference evaluator, beside ONNX Runtime, in turn
 * on the same tensors: nanoseconds of processor time of the one thread that each has, for each
 * element of the inputs or the outputs, whichever are more, as the median of the rounds. ONNX
 * Runtime's include the copies from and to the JVM. Around it stand fixed costs of 5 to 30 us a
 * run.
 *
 * <p>{@code OperatorSpeed [PATTERN [ROUNDS]]}: only the graphs of {@code operators.txt} in which
 * the regular expression is found; 11 rounds, unless said otherwise.
 */
public final class OperatorSpeed {
  private static final int ROUNDS = 11;
  private static final long WARM_UP_NANOS = 100_000_000;
  private static final Options OPTIONS = Options.DEFAULT.withThreads(1);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private OperatorSpeed() {}

  public static void main(String[] arguments) {
    String pattern = arguments.length > 0 ? arguments[0] : "";
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : ROUNDS;
    List<String> chosen =
        graphs()
            .filter(graph -> pattern.isEmpty() || graph.matches(".*(" + pattern + ").*"))
            .toList();
    System.out.printf("%9s %8s %6s   %s%n", "evaluator", "ORT", "ratio", "ns an element of");
    for (String graph : chosen) {
      compare(graph, rounds);
    }
  }

  /** The graphs, in ONNX's text syntax. */
  static Stream<String> graphs() {
    try (InputStream in =
        Objects.requireNonNull(OperatorSpeed.class.getResourceAsStream("operators.txt"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> line.startsWith("(")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Model model(String graph) {
    String opset = "<ir_version: 10, opset_import: [\"\" : 23]> g ";
    return ShapeInference.infer(ModelParser.parse(opset + graph)).model();
  }

  private static void compare(String graph, int rounds) {
    Model model = model(graph);
    Map<String, Datum> inputs = MadeUpInputs.of(model, Map.of(), 1);
    double[][] times = new double[2][rounds];
    long elements;
    try (PreparedModel evaluator = prepared(new ReferenceBackend(), model);
        PreparedModel session = prepared(OrtBackend.cpu(), model)) {
      elements = Math.max(elements(inputs.values()), elements(evaluator.run(inputs).values()));
      warmUp(evaluator, inputs);
      warmUp(session, inputs);
      for (int round = 0; round < rounds; round++) {
        times[0][round] = nanoseconds(evaluator, inputs) / elements;
        times[1][round] = nanoseconds(session, inputs) / elements;
      }
    }
    double own = EvaluatorSpeed.median(times[0]);
    double ort = EvaluatorSpeed.median(times[1]);
    System.out.printf("%9.2f %8.2f %6.1f   %s%n", own, ort, own / ort, graph);
  }

  private static PreparedModel prepared(Backend backend, Model model) {
    return backend.prepare(model, OPTIONS);
  }

  /** Of the largest of some values. */
  private static long elements(Collection<? extends Datum> values) {
    return values.stream()
        .mapToLong(value -> value instanceof Tensor tensor ? tensor.size() : 1)
        .max()
        .orElse(1);
  }

  /** In processor time, so that it is enough on a busy machine, too. */
  private static void warmUp(PreparedModel model, Map<String, Datum> inputs) {
    long end = THREADS.getCurrentThreadCpuTime() + WARM_UP_NANOS;
    do {
      model.run(inputs);
    } while (THREADS.getCurrentThreadCpuTime() < end);
  }

  private static double nanoseconds(PreparedModel model, Map<String, Datum> inputs) {
    long start = THREADS.getCurrentThreadCpuTime();
    model.run(inputs);
    return THREADS.getCurrentThreadCpuTime() - start;
  }
}
