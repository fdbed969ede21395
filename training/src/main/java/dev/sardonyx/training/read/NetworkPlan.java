package dev.sardonyx.training.read;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A network of either kind, taken apart.
 *
 * @param name of its graph in the IR
 * @param steps in DL4J's own order
 * @param keepsInputs whether a layer at inference works on a copy of its input if others use it,
 *     too, which depends on DL4J's workspaces
 */
record NetworkPlan(
    String name,
    List<String> inputs,
    List<NetworkStep> steps,
    List<String> outputs,
    boolean keepsInputs) {

  static NetworkPlan of(MultiLayerNetwork network) {
    List<NetworkStep> steps = new ArrayList<>();
    String input = inputName(network);
    String before = input;
    for (int i = 0; i < network.getnLayers(); i++) {
      // Not from the layers: a wrapper returns the configuration of what it wraps.
      MultiLayerConfiguration all = network.getLayerWiseConfigurations();
      String name = name(network, i);
      InputPreProcessor preprocessor = all.getInputPreProcess(i);
      steps.add(
          new NetworkStep(
              name,
              parts(preprocessor, all.getConf(i).getLayer()),
              List.of(before),
              network.getLayer(i)));
      before = name;
    }
    return new NetworkPlan("MultiLayerNetwork", List.of(input), steps, List.of(before), true);
  }

  private static String name(MultiLayerNetwork network, int index) {
    String given = network.getLayerWiseConfigurations().getConf(index).getLayer().getLayerName();
    return given == null ? "layer" + index : given;
  }

  /** The input of a chain has no name in DL4J. */
  private static String inputName(MultiLayerNetwork network) {
    Set<String> layers = new HashSet<>();
    for (int i = 0; i < network.getnLayers(); i++) {
      layers.add(name(network, i));
    }
    String name = layers.contains("input") ? "features" : "input";
    while (layers.contains(name)) {
      name += "'";
    }
    return name;
  }

  static NetworkPlan of(ComputationGraph network) {
    ComputationGraphConfiguration configuration = network.getConfiguration();
    List<NetworkStep> steps = new ArrayList<>();
    for (int index : network.topologicalSortOrder()) {
      String name = network.getVertices()[index].getVertexName();
      GraphVertex vertex = configuration.getVertices().get(name);
      if (vertex != null) { // otherwise an input
        List<Object> parts =
            vertex instanceof LayerVertex of
                ? parts(of.getPreProcessor(), of.getLayerConf().getLayer())
                : List.of(vertex);
        List<String> inputs = Objects.requireNonNull(configuration.getVertexInputs().get(name));
        steps.add(new NetworkStep(name, parts, inputs, network.getVertices()[index]));
      }
    }
    return new NetworkPlan(
        "ComputationGraph",
        configuration.getNetworkInputs(),
        steps,
        configuration.getNetworkOutputs(),
        configuration.getInferenceWorkspaceMode() != WorkspaceMode.NONE);
  }

  private static List<Object> parts(InputPreProcessor preprocessor, Object layer) {
    return preprocessor == null ? List.of(layer) : List.of(preprocessor, layer);
  }

  /** What the mask of an input is called. */
  String mask(String input) {
    String name = input + "_mask";
    while (inputs.contains(name) || hasStep(name)) {
      name += "'";
    }
    return name;
  }

  private boolean hasStep(String name) {
    return steps.stream().anyMatch(step -> step.name().equals(name));
  }

  /** The steps that read an input of the network or the result of a step. */
  List<NetworkStep> consumers(String value) {
    return steps.stream().filter(step -> step.inputs().contains(value)).toList();
  }
}
