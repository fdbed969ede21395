package dev.sardonyx.training;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Fresh weights for a model that is to be trained. */
public final class Weights {
  private Weights() {}

  /**
   * The model with Glorot-uniform weights (X. Glorot, Y. Bengio, "Understanding the difficulty of
   * training deep feedforward neural networks", 2010): uniform in +-sqrt(6 / (fanIn + fanOut)), for
   * Conv, ConvTranspose, Gemm and MatMul. Biases become 0, a batch normalisation's scale and
   * variance 1, its shift and mean 0. Other constants stay as they are.
   *
   * @param seed the same seed gives the same weights, on any machine
   */
  public static Model glorotUniform(Model model, long seed) {
    Graph graph = model.graph();
    Map<String, Filler> fillers = new HashMap<>();
    for (Node node : graph.nodes()) {
      addFillers(node, fillers);
    }
    SplittableRandom seeds = new SplittableRandom(seed);
    List<Constant> fresh = new ArrayList<>();
    for (Constant constant : graph.constants()) {
      Filler filler = fillers.get(constant.name());
      if (filler != null
          && constant.data() instanceof Tensor tensor
          && tensor.elementType() == ElementType.FLOAT) {
        float[] elements = new float[tensor.length()];
        filler.fill(elements, tensor.dims(), seeds.split());
        fresh.add(constant.withData(Tensor.ofFloats(elements, tensor.dims())));
      } else {
        fresh.add(constant);
      }
    }
    return model.withGraph(graph.withConstants(fresh));
  }

  private interface Filler {
    void fill(float[] elements, long[] dims, SplittableRandom random);
  }

  private static void addFillers(Node node, Map<String, Filler> fillers) {
    if (node.is("Conv") || node.is("ConvTranspose")) {
      fillers.put(node.input(1), Weights::glorot);
      fillers.put(node.input(2), constant(0));
    } else if (node.is("Gemm") || node.is("MatMul")) {
      fillers.put(node.input(1), Weights::glorot);
      fillers.put(node.input(2), constant(0));
    } else if (node.is("BatchNormalization")) {
      fillers.put(node.input(1), constant(1));
      fillers.put(node.input(2), constant(0));
      fillers.put(node.input(3), constant(0));
      fillers.put(node.input(4), constant(1));
    }
  }

  private static Filler constant(float value) {
    return (elements, dims, random) -> Arrays.fill(elements, value);
  }

  /** Weights [out,in,...] or [in,out]: the axes behind the first two are the receptive field. */
  private static void glorot(float[] elements, long[] dims, SplittableRandom random) {
    long field = 1;
    for (int i = 2; i < dims.length; i++) {
      field *= dims[i];
    }
    long fans = dims.length < 2 ? elements.length : (dims[0] + dims[1]) * field;
    double limit = Math.sqrt(6.0 / Math.max(1, fans));
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) ((random.nextDouble() * 2 - 1) * limit);
    }
  }
}
