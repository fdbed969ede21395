package dev.sardonyx.training.read;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.training.NdArrays;
import dev.sardonyx.training.read.samediff.SameDiffReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layers and vertices that define a SameDiff graph, DL4J's own and users'. The graph is defined
 * once more, for inputs of the shapes that are known, and its operators become nodes.
 */
final class SameDiffParts {
  private static final String INPUT = "input";
  private static final String LABELS = "labels";
  private static final String MASK = "mask";

  private final Site site;
  private final SameDiff graph = SameDiff.create();
  private final Map<String, SDVariable> parameters = new LinkedHashMap<>();

  /** What placeholders and parameters stand for. */
  private final Map<String, Supplier<Value>> leaves = new HashMap<>();

  private SameDiffParts(Site site) {
    this.site = site;
  }

  static Value layer(SameDiffLayer layer, Site site, Value x) {
    SameDiffParts part = new SameDiffParts(site);
    SDVariable input = part.input(INPUT, x);
    part.parameters(layer.getLayerParams());
    SDVariable mask = part.mask(MASK, x);
    return part.read(() -> layer.defineLayer(part.graph, input, part.parameters, mask).name());
  }

  /** The activations; the loss is for training. */
  static Value output(SameDiffOutputLayer layer, Site site, Value x) {
    if (INPUT.equals(layer.activationsVertexName())) {
      return x;
    }
    SameDiffParts part = new SameDiffParts(site);
    SDVariable input = part.input(INPUT, x);
    part.parameters(layer.getLayerParams());
    SDVariable labels =
        layer.labelsRequired() ? part.graph.placeHolder(LABELS, part.type(x), -1, -1) : null;
    return part.read(
        () -> {
          layer.defineLayer(part.graph, input, labels, part.parameters);
          return layer.activationsVertexName();
        });
  }

  static Value vertex(SameDiffVertex given, Site site, List<Value> inputs) {
    SameDiffParts part = new SameDiffParts(site);
    SameDiffVertex vertex = part.copy(given);
    List<String> names = vertex.getVertexParams().getInputs();
    Map<String, SDVariable> variables = new LinkedHashMap<>();
    Map<String, SDVariable> masks = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      variables.put(names.get(i), part.input(names.get(i), inputs.get(i)));
      masks.put(names.get(i), part.mask(names.get(i) + "_mask", inputs.get(i)));
    }
    part.parameters(vertex.getVertexParams());
    return part.read(
        () -> vertex.defineVertex(part.graph, variables, part.parameters, masks).name());
  }

  /**
   * A vertex keeps the variables of the first graph that it defines, so the network's stays out.
   */
  private SameDiffVertex copy(SameDiffVertex vertex) {
    try {
      String json = NeuralNetConfiguration.mapper().writeValueAsString(vertex);
      SameDiffVertex copy =
          (SameDiffVertex) NeuralNetConfiguration.mapper().readValue(json, GraphVertex.class);
      copy.setDataType(vertex.getDataType());
      return copy;
    } catch (IOException e) {
      throw site.refuse(
          "DL4J itself cannot save it: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }

  private DataType type(Value x) {
    return NdArrays.dataType(site.type(x));
  }

  /** A placeholder of which, as in DL4J, the batch is open. */
  private SDVariable input(String name, Value x) {
    leaves.put(name, () -> x);
    Shape shape = site.shape(x);
    long[] dims = new long[shape.rank()];
    for (int axis = 0; axis < dims.length; axis++) {
      Dim dim = shape.dim(axis);
      dims[axis] = axis > 0 && dim.isFixed() ? dim.value() : -1;
    }
    return graph.placeHolder(name, type(x), dims);
  }

  private void parameters(SDLayerParams defined) {
    defined
        .getParamShapes()
        .forEach(
            (name, shape) -> {
              INDArray array = site.array(name);
              leaves.put(name, () -> site.weights(name));
              parameters.put(name, graph.var(name, array.dataType(), shape));
            });
  }

  /** Ones, if the network is fed without masks. */
  private SDVariable mask(String name, Value x) {
    Value known = site.mask();
    leaves.put(name, () -> known == null ? ones(x) : known);
    long[] open = new long[site.rank(x)];
    Arrays.fill(open, -1);
    return graph.placeHolder(name, type(x), open);
  }

  /** A number for each example, or for each step of sequences {@code [N,C,T]}. */
  private Value ones(Value x) {
    GraphBuilder b = site.b();
    int rank = site.rank(x);
    Value batch = b.shape(x, 0, 1);
    Value rest =
        rank == 3
            ? b.shape(x, 2, 3)
            : b.constant(Tensor.repeated(Tensor.scalar(1L), rank == 2 ? 1 : rank - 1));
    Tensor one = Tensor.ofNumbers(site.type(x), new double[] {1}, 1);
    return b.constantOfShape(b.concat(0, batch, rest), one);
  }

  /** The nodes of what a layer defines, which is code of others and may fail. */
  private Value read(Supplier<String> definition) {
    String output;
    try {
      output = definition.get();
    } catch (RuntimeException e) {
      throw site.refuse(
          "its own code fails for these inputs: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
    Map<String, Value> values = SameDiffReader.read(site.b(), graph, List.of(output), this::leaf);
    return Objects.requireNonNull(values.get(output));
  }

  private Value leaf(SDVariable variable) {
    Supplier<Value> known = leaves.get(variable.name());
    if (known != null) {
      return known.get();
    }
    if (variable.getArr() == null) {
      throw site.refuse("its variable '%s' has no value".formatted(variable.name()));
    }
    return site.b().constant(variable.name(), NdArrays.sameType(variable.getArr()));
  }
}
