package dev.sardonyx.training.read;

import java.util.List;
import org.deeplearning4j.nn.api.Trainable;

/**
 * A layer or vertex of a network, in the order in which it is computed.
 *
 * @param parts the preprocessor, if there is one, and the layer; or the vertex
 * @param inputs the names of the network's inputs and of other steps
 * @param parameters what holds them
 */
record NetworkStep(String name, List<Object> parts, List<String> inputs, Trainable parameters) {
  /** The layer or vertex itself. */
  Object main() {
    return parts.get(parts.size() - 1);
  }
}
