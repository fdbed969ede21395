package dev.sardonyx.training;

import static java.util.stream.Collectors.toSet;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.BorrowedOutputs;
import dev.sardonyx.ir.backend.ModelInputs;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.training.compile.CompiledNetwork;
import dev.sardonyx.training.compile.HeldValue;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model that DL4J runs. Runs are one after another, whatever thread asks. */
final class Dl4jModel implements PreparedModel {
  private final CompiledNetwork compiled;
  private final List<String> outputs;
  private final ModelInputs inputs;
  private final boolean onlyEnds;
  private final int threads;
  private boolean closed;

  /**
   * @param threads for a run, 0 for as many as ND4J sees fit
   */
  Dl4jModel(CompiledNetwork compiled, List<String> outputs, int threads) {
    this.compiled = compiled;
    this.outputs = outputs;
    this.threads = threads;
    this.onlyEnds = onlyEnds(compiled.network().getConfiguration());
    this.inputs = ModelInputs.withoutInitializers(compiled.model().graph());
  }

  @Override
  public Outputs run(Map<String, ? extends Datum> given) {
    Map<String, INDArray> computed = compute(given);
    Outputs results = outputs(computed, NdArrays::tensor);
    computed.values().forEach(Dl4jModel::free);
    return results;
  }

  /** With outputs in ND4J's memory, which is freed when they are given back. */
  @Override
  public BorrowedOutputs borrow(Map<String, ? extends Datum> given) {
    Map<String, INDArray> computed = compute(given);
    return BorrowedOutputs.of(
        outputs(computed, NdArrays::view), () -> computed.values().forEach(Dl4jModel::free));
  }

  private Outputs outputs(Map<String, INDArray> computed, Function<INDArray, Tensor> dense) {
    Map<String, Datum> results = new LinkedHashMap<>();
    for (String output : outputs) {
      Tensor constant = compiled.constants().get(output);
      results.put(output, constant != null ? constant : value(output, computed, dense));
    }
    return Outputs.of(results);
  }

  private Tensor value(
      String output, Map<String, INDArray> computed, Function<INDArray, Tensor> dense) {
    HeldValue held = Objects.requireNonNull(compiled.vertices().get(output));
    INDArray array = Objects.requireNonNull(computed.get(held.vertex()));
    // What has another order is copied for it, and nothing else keeps that copy.
    return held.isNatural() ? dense.apply(array) : NdArrays.tensor(held.value(array));
  }

  private synchronized Map<String, INDArray> compute(Map<String, ? extends Datum> given) {
    if (closed) {
      throw new IllegalStateException("The prepared model is closed");
    }
    inputs.require(given);
    Map<String, Tensor> checked = new HashMap<>();
    for (String name : compiled.network().getConfiguration().getNetworkInputs()) {
      checked.put(name, filled(name, given.get(name)));
    }
    return NativeThreads.during(threads, () -> computed(checked));
  }

  /** The value given for an input. It is a tensor, since the compiler accepts no other inputs. */
  private static Tensor filled(String name, @Nullable Datum given) {
    if (given instanceof Tensor tensor && tensor.size() > 0) {
      return tensor;
    }
    throw new IllegalArgumentException(
        "Input '%s' is empty, which DL4J does not take: %s"
            .formatted(name, given == null ? "null" : given.type()));
  }

  private Map<String, INDArray> computed(Map<String, Tensor> values) {
    ComputationGraph network = compiled.network();
    List<String> names = network.getConfiguration().getNetworkInputs();
    INDArray[] arrays = new INDArray[names.size()];
    for (int i = 0; i < arrays.length; i++) {
      arrays[i] = NdArrays.array(Objects.requireNonNull(values.get(names.get(i))));
    }
    Map<String, INDArray> computed = new HashMap<>();
    if (onlyEnds) {
      INDArray[] results = network.output(false, arrays);
      List<String> vertices = network.getConfiguration().getNetworkOutputs();
      for (int i = 0; i < results.length; i++) {
        computed.put(vertices.get(i), results[i]);
      }
    } else {
      computed.putAll(network.feedForward(arrays, false, true));
    }
    // Results may be views of inputs, so these are freed with them.
    for (int i = 0; i < arrays.length; i++) {
      computed.put(names.get(i), arrays[i]);
    }
    return computed;
  }

  /**
   * Whether nothing in the network uses its outputs. Otherwise {@code ComputationGraph.output}
   * loses track of its workspaces (a NullPointerException), and all activations are asked for
   * instead.
   */
  private static boolean onlyEnds(ComputationGraphConfiguration configuration) {
    Set<String> used =
        configuration.getVertexInputs().values().stream().flatMap(List::stream).collect(toSet());
    return Collections.disjoint(used, configuration.getNetworkOutputs());
  }

  /** Gives native memory back at once, which the garbage collector would do late. */
  private static void free(INDArray array) {
    if (array.closeable()) {
      array.close();
    }
  }

  /** Only refuses further runs: the garbage collector frees the network's own arrays. */
  @Override
  public synchronized void close() {
    closed = true;
  }
}
