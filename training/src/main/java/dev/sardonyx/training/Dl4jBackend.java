package dev.sardonyx.training;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.training.compile.NetworkCompiler;
import java.util.List;
import java.util.Optional;

/**
 * DL4J as a backend: a model becomes a {@code ComputationGraph} that computes all requested values
 * in one run. Values are floats, images NCHW; the first axis is the batch. {@link Options#threads}
 * counts for what oneDNN computes; elementwise operators and products of matrices have as many as
 * ND4J and OpenBLAS see fit ({@code OMP_NUM_THREADS}).
 */
public final class Dl4jBackend implements Backend {
  @Override
  public String name() {
    return "DL4J";
  }

  @Override
  public PreparedModel prepare(Model model, Options options) {
    List<String> outputs = options.outputs().isEmpty() ? outputs(model) : options.outputs();
    return new Dl4jModel(NetworkCompiler.forInference(model, outputs), outputs, options.threads());
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    try {
      NetworkCompiler.check(model, outputs(model));
      return Optional.empty();
    } catch (UnsupportedModelException | IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Only float values, since DL4J has whole numbers only as indices and shapes; and of a
   * bidirectional recurrent operator only the value in which both directions are joined, since DL4J
   * does not have them apart.
   */
  @Override
  public List<String> observableValues(Model model) {
    GraphIndex index = GraphIndex.of(model.graph());
    return Backend.super.observableValues(model).stream()
        .filter(
            value ->
                !(index.type(value) instanceof TensorType type)
                    || type.elementType() == ElementType.FLOAT)
        .filter(value -> !isApart(value, index))
        .toList();
  }

  private static boolean isApart(String value, GraphIndex index) {
    Node node = index.producer(value).orElseThrow();
    return node.is("Transpose")
        ? index.producer(node.input(0)).isPresent() && isApart(node.input(0), index)
        : node.stringAttribute("direction", "").equals("bidirectional");
  }

  private static List<String> outputs(Model model) {
    return model.graph().outputs().stream().map(Output::name).toList();
  }
}
