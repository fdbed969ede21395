package dev.sardonyx.training;

import dev.sardonyx.training.onednn.OneDnnGraph;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** What of a network that has learnt a step was not computed as fast as it could be, in words. */
final class SlowParts {
  /** Where DL4J's layers count that their helper, which uses oneDNN, has failed. */
  private static final String FAILURES = "helperCountFail";

  private static final int NAMED = 10;

  private SlowParts() {}

  /** A line for each reason; empty if there is none. */
  static List<String> of(ComputationGraph network) {
    List<String> lines = new ArrayList<>();
    if (network instanceof OneDnnGraph graph && !graph.notTaken().isEmpty()) {
      lines.add("DL4J itself trains this network, which is slower: " + graph.notTaken());
    } else if (network instanceof OneDnnGraph graph && !graph.foreign().isEmpty()) {
      lines.add(
          "DL4J itself computes, slower than the rest, " + String.join(", ", graph.foreign()));
    }
    List<String> failed =
        Stream.of(network.getLayers())
            .filter(SlowParts::hasFailed)
            .map(layer -> "'" + layer.conf().getLayer().getLayerName() + "'")
            .toList();
    if (!failed.isEmpty()) {
      lines.add("DL4J gave up its fast way to compute " + list(failed));
    }
    return lines;
  }

  private static String list(Collection<String> names) {
    return names.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (names.size() > NAMED ? " and %d more".formatted(names.size() - NAMED) : "");
  }

  private static boolean hasFailed(Layer layer) {
    for (Class<?> type = layer.getClass(); type != null; type = type.getSuperclass()) {
      try {
        Field failures = type.getDeclaredField(FAILURES);
        failures.setAccessible(true);
        return failures.getInt(layer) > 0;
      } catch (NoSuchFieldException e) {
        // A layer without a helper, or one that inherits it.
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
    return false;
  }
}
