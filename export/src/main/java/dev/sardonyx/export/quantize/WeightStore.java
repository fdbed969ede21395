package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Quantised weights as constants of graphs, each stored once, and the report of them. */
final class WeightStore {
  private final WeightReport.Draft report;

  WeightStore(WeightReport.Draft report) {
    this.report = report;
  }

  /**
   * Weights in the form that is stored.
   *
   * @param tensors codes, then scales and zero points
   * @param signalToNoise in dB
   */
  record Form(List<Tensor> tensors, double signalToNoise) {}

  /**
   * @param reason why weights are kept; empty if they are stored
   */
  private record Stored(List<Value> values, long bytes, double signalToNoise, String reason) {}

  /** Weights of the graph that were met before, quantised or kept. */
  private static final class Known extends HashMap<Object, Stored> {
    private static final long serialVersionUID = 1L;
  }

  /** In dB. Less is left of weights below the least scale, or far below one of them. */
  private static final double LEAST_SIGNAL = 1;

  private static final String[] ROLES = {"_quantized", "_scale", "_zero_point"};

  /**
   * The weights of a node as constants, or null if they stay as they are, which is then reported.
   *
   * @param key tells forms of weights that are the same
   * @param name the weights' name
   * @param form made if the key is new
   */
  @Nullable List<Value> values(
      Node node, Rewriter to, Object key, String name, Tensor weights, Supplier<Form> form) {
    Known known = to.memory(Known.class, Known::new);
    Stored stored = known.get(key);
    boolean first = stored == null;
    if (stored == null) {
      stored = stored(to, name, weights, form.get());
      known.put(key, stored);
    }
    String called = NodeSelection.name(node);
    if (!stored.reason().isEmpty()) {
      report.kept(called, node.opType(), stored.reason());
      return null;
    }
    report.quantized(
        new WeightReport.Quantized(
            called,
            node.opType(),
            name,
            weights.size(),
            weights.byteSize(),
            first ? stored.bytes() : 0,
            stored.signalToNoise()));
    return stored.values();
  }

  private static Stored stored(Rewriter to, String name, Tensor weights, Form form) {
    long bytes = form.tensors().stream().mapToLong(Tensor::byteSize).sum();
    List<Value> values = new ArrayList<>();
    String reason =
        bytes >= weights.byteSize()
            ? "its weights would not be smaller"
            : form.signalToNoise() < LEAST_SIGNAL ? "its weights would be lost in rounding" : "";
    if (reason.isEmpty()) {
      for (int i = 0; i < form.tensors().size(); i++) {
        values.add(to.constant(name + ROLES[i], form.tensors().get(i)));
      }
    }
    return new Stored(values, bytes, form.signalToNoise(), reason);
  }
}
