package dev.sardonyx.samples.read;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.training.read.SavedNetwork;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A small DL4J network with random weights, whose exported model has to give what it gives.
 *
 * @param types of its inputs
 * @param indices whether inputs are whole numbers below this; 0 for real numbers
 */
record ParityCase(String name, SavedNetwork network, List<InputType> types, int indices) {
  private static final int TIME = 5;

  /** Layers one after another. */
  static ParityCase chain(String name, InputType type, Layer... layers) {
    NeuralNetConfiguration.ListBuilder list = settings().list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    return of(name, list.setInputType(type).build(), type);
  }

  /** Layers one after another, whose types DL4J does not set. */
  static ParityCase untyped(String name, InputType type, Layer... layers) {
    NeuralNetConfiguration.ListBuilder list = settings().list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    return of(name, list.build(), type);
  }

  /** A chain that is described in other ways than layer by layer. */
  static ParityCase of(String name, MultiLayerConfiguration configuration, InputType type) {
    MultiLayerNetwork network = new MultiLayerNetwork(configuration);
    network.init();
    randomise(network.paramTable(), name);
    return new ParityCase(name, new SavedNetwork.Chain(network), List.of(type), 0);
  }

  /** A graph, with the inputs {@code in0}, {@code in1}, ... */
  static ParityCase graph(
      String name, Consumer<ComputationGraphConfiguration.GraphBuilder> body, InputType... types) {
    return unchecked(name, body.andThen(g -> g.setInputTypes(types)), types);
  }

  /** A graph whose types DL4J does not check: that of a broadcast, for one, it refuses. */
  static ParityCase unchecked(
      String name, Consumer<ComputationGraphConfiguration.GraphBuilder> body, InputType... types) {
    ComputationGraphConfiguration.GraphBuilder graph = settings().graphBuilder();
    for (int i = 0; i < types.length; i++) {
      graph.addInputs("in" + i);
    }
    body.accept(graph);
    ComputationGraph network = new ComputationGraph(graph.build());
    network.init();
    randomise(network.paramTable(), name);
    return new ParityCase(name, new SavedNetwork.OfGraph(network), List.of(types), 0);
  }

  /** A vertex called {@code y} over inputs, which are used as they are. */
  static ParityCase vertex(String name, GraphVertex vertex, InputType... types) {
    String[] inputs = new String[types.length];
    Arrays.setAll(inputs, i -> "in" + i);
    return graph(name, g -> g.addVertex("y", vertex, inputs).setOutputs("y"), types);
  }

  /** The same with whole numbers from 0 to below a limit as inputs. */
  ParityCase withIndices(int limit) {
    return new ParityCase(name, network, types, limit);
  }

  private static NeuralNetConfiguration.Builder settings() {
    return new NeuralNetConfiguration.Builder()
        .seed(1)
        .updater(new NoOp())
        .activation(Activation.IDENTITY);
  }

  /** Any number; variances are positive. */
  private static void randomise(Map<String, INDArray> parameters, String seed) {
    Random random = new Random(seed.hashCode());
    parameters.forEach(
        (name, array) -> {
          float[] numbers = new float[Math.toIntExact(array.length())];
          for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) (random.nextDouble() * 1.2 - 0.6);
            if (name.endsWith("_var")) {
              numbers[i] = Math.abs(numbers[i]) + 0.1f;
            }
          }
          array.assign(Nd4j.createFromArray(numbers).reshape(array.shape()));
        });
  }

  /** Inputs for as many examples. */
  Map<String, Tensor> inputs(List<String> names, int batch) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    Random random = new Random(batch);
    for (int i = 0; i < names.size(); i++) {
      long[] dims = dims(types.get(i), batch);
      float[] numbers =
          new float[Math.toIntExact(LongStream.of(dims).reduce(1, Math::multiplyExact))];
      for (int j = 0; j < numbers.length; j++) {
        numbers[j] = indices > 0 ? random.nextInt(indices) : (float) (random.nextDouble() * 4 - 2);
      }
      inputs.put(names.get(i), Tensor.ofFloats(numbers, dims));
    }
    return inputs;
  }

  private static long[] dims(InputType type, int batch) {
    if (type instanceof InputType.InputTypeConvolutionalFlat flat) {
      return new long[] {batch, flat.getFlattenedSize()};
    }
    long[] dims = type.getShape(true);
    dims[0] = batch;
    for (int i = 1; i < dims.length; i++) {
      dims[i] = dims[i] < 0 ? TIME : dims[i];
    }
    return dims;
  }

  /** All that the network is made of: layers, vertices, preprocessors and activation functions. */
  List<Object> parts() {
    return NetworkParts.of(network);
  }

  @Override
  public String toString() {
    return name;
  }
}
