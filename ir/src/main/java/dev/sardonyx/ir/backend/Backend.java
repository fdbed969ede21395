package dev.sardonyx.ir.backend;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Result;
import java.util.List;
import java.util.Optional;

/**
 * Something that can run a model: ONNX's backend contract. Implementations: the reference evaluator
 * ({@code dev.sardonyx.ir.eval}), DL4J ({@code dev.sardonyx.training}), ONNX Runtime ({@code
 * dev.sardonyx.runtime}), and whatever the user adds.
 */
public interface Backend {
  /** How messages and reports name the backend. */
  String name();

  /**
   * Makes a model ready to run.
   *
   * @throws UnsupportedModelException if the backend cannot run it, naming node and operator
   */
  PreparedModel prepare(Model model, Options options);

  /** Why the backend cannot run the model, as far as it can tell without preparing it. */
  Optional<String> whyUnsupported(Model model);

  /** Whether {@link #prepare} is expected to succeed. */
  default boolean supports(Model model) {
    return whyUnsupported(model).isEmpty();
  }

  /**
   * Names of the values that the backend can give back when {@link Options#outputs} asks for them,
   * in graph order: by default every result of the main graph's nodes. A backend that fuses nodes
   * leaves out what it never computes.
   */
  default List<String> observableValues(Model model) {
    return model.graph().nodes().stream()
        .flatMap(node -> node.outputs().stream())
        .map(Result::name)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  default PreparedModel prepare(Model model) {
    return prepare(model, Options.DEFAULT);
  }
}
