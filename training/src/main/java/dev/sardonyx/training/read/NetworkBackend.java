package dev.sardonyx.training.read;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.training.NdArrays;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A DL4J network itself as a backend, so that what is read from it can be verified against it. It
 * runs models that {@link Dl4jImporter} read from this very network, with masks or without, and
 * gives their outputs.
 */
public final class NetworkBackend implements Backend {
  private final List<String> inputs;
  private final List<String> outputs;
  private final List<String> masks;
  private final Run run;

  /** One of DL4J's methods, given arrays and, for each, a mask or null. */
  private interface Run {
    INDArray[] output(INDArray[] arrays, @Nullable INDArray[] masks);
  }

  private NetworkBackend(NetworkPlan plan, Run run) {
    this.inputs = plan.inputs();
    this.masks = plan.inputs().stream().map(plan::mask).toList();
    this.outputs = plan.outputs();
    this.run = run;
  }

  public static NetworkBackend of(MultiLayerNetwork network) {
    return new NetworkBackend(
        NetworkPlan.of(network),
        (arrays, masks) -> new INDArray[] {network.output(arrays[0], false, masks[0], null)});
  }

  public static NetworkBackend of(ComputationGraph network) {
    return new NetworkBackend(
        NetworkPlan.of(network),
        (arrays, masks) ->
            Arrays.stream(masks).allMatch(Objects::isNull)
                ? network.output(false, arrays)
                : network.output(false, arrays, masks));
  }

  @Override
  public String name() {
    return "DL4J";
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    return Optional.empty();
  }

  @Override
  public List<String> observableValues(Model model) {
    return outputs;
  }

  @Override
  public PreparedModel prepare(Model model, Options options) {
    return new PreparedModel() {
      @Override
      public Outputs run(Map<String, ? extends Datum> given) {
        return output(given);
      }

      @Override
      public void close() {}
    };
  }

  /** One run at a time, since a network keeps what it computes. */
  private synchronized Outputs output(Map<String, ? extends Datum> given) {
    INDArray[] arrays = new INDArray[inputs.size()];
    for (int i = 0; i < arrays.length; i++) {
      if (!(given.get(inputs.get(i)) instanceof Tensor tensor)) {
        throw new IllegalArgumentException("Input '" + inputs.get(i) + "' is missing or no tensor");
      }
      arrays[i] = NdArrays.array(tensor);
    }
    @Nullable INDArray[] known = new INDArray[arrays.length];
    for (int i = 0; i < known.length; i++) {
      known[i] =
          given.get(masks.get(i)) instanceof Tensor mask && !inputs.contains(masks.get(i))
              ? NdArrays.array(mask)
              : null;
    }
    INDArray[] results = results(arrays, known);
    Map<String, Datum> byName = new LinkedHashMap<>();
    for (int i = 0; i < results.length; i++) {
      byName.put(outputs.get(i), NdArrays.tensor(results[i]));
    }
    return Outputs.of(byName);
  }

  /**
   * What DL4J gives.
   *
   * @throws IllegalArgumentException if it does not take such arrays, with its reason
   */
  private INDArray[] results(INDArray[] arrays, @Nullable INDArray[] known) {
    String given =
        IntStream.range(0, arrays.length)
            .mapToObj(i -> inputs.get(i) + " " + Arrays.toString(arrays[i].shape()))
            .collect(Collectors.joining(", "));
    try {
      return run.output(arrays, known);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "DL4J does not run the network on %s: %s".formatted(given, e.getMessage()), e);
    }
  }
}
