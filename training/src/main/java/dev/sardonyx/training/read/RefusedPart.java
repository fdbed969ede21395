package dev.sardonyx.training.read;

import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A part of a network that cannot be read.
 *
 * @param name of the layer or vertex
 * @param type the class that cannot be read
 */
record RefusedPart(String name, Class<?> type, String reason) {

  static String label(String name, Class<?> type) {
    return "'%s' (%s)".formatted(name, type.getSimpleName());
  }

  /** All of them at once. */
  static UnsupportedModelException exception(List<RefusedPart> all, int steps) {
    return new UnsupportedModelException(
        "%d of the network's %d layers and vertices cannot be exported: %s"
            .formatted(
                all.stream().map(RefusedPart::name).distinct().count(),
                steps,
                all.stream()
                    .map(r -> label(r.name, r.type) + ": " + r.reason)
                    .collect(Collectors.joining("; "))));
  }
}
