package dev.sardonyx.training.onednn;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The parameters of a DL4J network, and where their gradients go, as memory of oneDNN. */
final class Parameters {
  private final ComputationGraph network;
  private final Tape tape;
  private final Map<String, Map<String, INDArray>> gradients = new HashMap<>();

  Parameters(ComputationGraph network, Tape tape) {
    this.network = network;
    this.tape = tape;
  }

  /** A parameter as DL4J keeps it, seen with other axes; -1 stands for an axis of 1. */
  memory value(String layer, String key, int... axes) {
    return seen(network.getLayer(layer).getParam(key), axes);
  }

  /** The gradient of a parameter, likewise. */
  memory gradient(String layer, String key, int... axes) {
    return seen(gradientOf(layer, key), axes);
  }

  /** A parameter that is a vector, whatever axes of 1 it has. */
  memory vector(String layer, String key) {
    return line(network.getLayer(layer).getParam(key));
  }

  memory vectorGradient(String layer, String key) {
    return line(gradientOf(layer, key));
  }

  private INDArray gradientOf(String layer, String key) {
    return Objects.requireNonNull(
        gradients.computeIfAbsent(layer, name -> gradientsOf(network.getLayer(name))).get(key));
  }

  /** The gradients of a layer's parameters: views of the network's one array of gradients. */
  static Map<String, INDArray> gradientsOf(Layer layer) {
    return layer
        .conf()
        .getLayer()
        .initializer()
        .getGradientsFromFlattened(layer.conf(), layer.getGradientsViewArray());
  }

  private memory seen(INDArray array, int... axes) {
    long[] dims = new long[axes.length];
    long[] strides = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      dims[i] = axes[i] < 0 ? 1 : array.size(axes[i]);
      strides[i] = axes[i] < 0 ? 1 : array.stride(axes[i]);
    }
    return tape.at(address(array), new memory.desc(dims, memory.data_type.f32, strides));
  }

  private memory line(INDArray array) {
    for (int i = 0; i < array.rank(); i++) {
      if (array.size(i) > 1 && array.stride(i) != 1) {
        throw new NotTakenException("a vector of parameters is not contiguous");
      }
    }
    return tape.at(address(array), Tape.plain(array.length()));
  }

  /** Where an array's first element lies; it stays the array's memory. */
  static Pointer address(INDArray array) {
    if (array.dataType() != DataType.FLOAT) {
      throw new NotTakenException("its numbers are of type " + array.dataType());
    }
    return array.data().addressPointer();
  }
}
