package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What became of the weights of a model.
 *
 * @param weights those that were quantised, in the order of their nodes
 * @param kept those that were not, with the reasons
 */
public record WeightReport(List<Quantized> weights, List<Kept> kept) {
  /**
   * The weights of one node.
   *
   * @param node its name
   * @param operator what it was before
   * @param name the weights' name
   * @param elements how many there are
   * @param bytesBefore what they took
   * @param bytesAfter what they take, with scales and zero points; 0 if they are those of an
   *     earlier node
   * @param signalToNoise of the weights that are stored, in dB; infinite if they are exact
   */
  public record Quantized(
      String node,
      String operator,
      String name,
      long elements,
      long bytesBefore,
      long bytesAfter,
      double signalToNoise) {}

  /**
   * A node whose weights stay as they are.
   *
   * @param reason a clause such as {@code its weights are not finite}
   */
  public record Kept(String node, String operator, String reason) {}

  public WeightReport {
    weights = List.copyOf(weights);
    kept = List.copyOf(kept);
  }

  /** The reason why weights are kept that a caller may replace. */
  static final String REPLACEABLE =
      "its weights are the default of an input, which callers replace";

  /** Bytes of all quantised weights before. */
  public long bytesBefore() {
    return weights.stream().filter(w -> w.bytesAfter > 0).mapToLong(Quantized::bytesBefore).sum();
  }

  /** Bytes of all quantised weights now. */
  public long bytesAfter() {
    return weights.stream().mapToLong(Quantized::bytesAfter).sum();
  }

  /** A table, a line for each node. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    int width = 4;
    for (Quantized each : weights) {
      width = Math.max(width, each.node.length());
    }
    String format = "%-" + width + "s  %-8s  %12s  %12s  %6s  %s%n";
    text.append(format.formatted("node", "operator", "bytes before", "after", "SNR dB", "weights"));
    for (Quantized each : weights) {
      text.append(
          format.formatted(
              each.node,
              each.operator,
              String.format(Locale.ROOT, "%,d", each.bytesBefore),
              String.format(Locale.ROOT, "%,d", each.bytesAfter),
              String.format(Locale.ROOT, "%.1f", each.signalToNoise),
              each.name));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%,d -> %,d bytes of %d weights%n",
            bytesBefore(),
            bytesAfter(),
            weights.size()));
    kept.forEach(k -> text.append("kept: %s %s, %s%n".formatted(k.operator, k.node, k.reason)));
    return text.toString();
  }

  /** Signal to noise in dB: how much larger the numbers are than their errors. */
  static double signalToNoise(float[] numbers, float[] changed) {
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < numbers.length; i++) {
      double difference = (double) changed[i] - numbers[i];
      signal += (double) numbers[i] * numbers[i];
      noise += difference * difference;
    }
    return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  }

  /** A report in the making. */
  static final class Draft {
    /** The inputs of the main graph that have defaults. */
    private final Map<String, Tensor> defaults = new HashMap<>();

    private final List<Quantized> weights = new ArrayList<>();
    private final List<Kept> kept = new ArrayList<>();

    Draft(Model model) {
      Set<String> inputs = new HashSet<>();
      model.graph().inputs().forEach(input -> inputs.add(input.name()));
      for (Constant constant : model.graph().constants()) {
        if (inputs.contains(constant.name()) && constant.data() instanceof Tensor tensor) {
          defaults.put(constant.name(), tensor);
        }
      }
    }

    /**
     * Tells of a node whose weights are no constant why they are kept, if they are the default of
     * an input.
     *
     * @param rank the least that weights of such a node have
     */
    void keptIfReplaceable(Node node, String weights, int rank) {
      Tensor value = defaults.get(weights);
      if (value != null && value.rank() >= rank && value.elementType().isFloat()) {
        kept(NodeSelection.name(node), node.opType(), REPLACEABLE);
      }
    }

    void quantized(Quantized each) {
      weights.add(each);
    }

    void kept(String node, String operator, String reason) {
      kept.add(new Kept(node, operator, reason));
    }

    WeightReport report() {
      return new WeightReport(weights, kept);
    }
  }
}
