package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.training.NdArrays;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A SameDiff graph itself as a backend, so that what is read from it can be verified against it. It
 * runs models that {@link SameDiffImporter} read from this very graph, and gives their outputs.
 */
public final class SameDiffBackend implements Backend {
  private final SameDiff graph;

  private SameDiffBackend(SameDiff graph) {
    this.graph = graph;
  }

  public static SameDiffBackend of(SameDiff graph) {
    return new SameDiffBackend(graph);
  }

  @Override
  public String name() {
    return "SameDiff";
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    return Optional.empty();
  }

  @Override
  public List<String> observableValues(Model model) {
    return model.graph().outputs().stream().map(Output::name).toList();
  }

  @Override
  public PreparedModel prepare(Model model, Options options) {
    List<String> inputs = model.graph().inputs().stream().map(Input::name).toList();
    List<String> outputs = observableValues(model);
    return new PreparedModel() {
      @Override
      public Outputs run(Map<String, ? extends Datum> given) {
        return output(inputs, outputs, given);
      }

      @Override
      public void close() {}
    };
  }

  /** One run at a time, since a graph keeps what it is given. */
  private synchronized Outputs output(
      List<String> inputs, List<String> outputs, Map<String, ? extends Datum> given) {
    Map<String, INDArray> arrays = new HashMap<>();
    for (String input : inputs) {
      if (!(given.get(input) instanceof Tensor tensor)) {
        throw new IllegalArgumentException("Input '" + input + "' is missing or no tensor");
      }
      arrays.put(input, NdArrays.array(tensor));
    }
    Map<String, INDArray> results = results(arrays, outputs);
    Map<String, Datum> byName = new LinkedHashMap<>();
    for (String output : outputs) {
      byName.put(output, NdArrays.sameType(Objects.requireNonNull(results.get(output))));
    }
    return Outputs.of(byName);
  }

  /**
   * What SameDiff gives.
   *
   * @throws IllegalArgumentException if it does not take such arrays, with its reason
   */
  private Map<String, INDArray> results(Map<String, INDArray> arrays, List<String> outputs) {
    String given =
        arrays.entrySet().stream()
            .map(e -> e.getKey() + " " + Arrays.toString(e.getValue().shape()))
            .sorted()
            .collect(Collectors.joining(", "));
    try {
      return graph.output(arrays, outputs);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "SameDiff does not run the graph on %s: %s".formatted(given, e.getMessage()), e);
    }
  }
}
