package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Hands models to ONNX Runtime in memory: the graph as a file's bytes, and the weights beside it as
 * direct buffers, so that they may exceed what one protobuf message holds. Weights that lie in a
 * data file are not read, but mapped.
 *
 * <p>ONNX Runtime copies them. It would not if they were also given by {@code addInitializer}, but
 * then its optimisers, which transpose some initializers in place, give wrong results.
 */
final class SessionLoader {
  /** In bytes; a smaller tensor costs less inside the message than beside it. */
  private static final long SMALL = 1024;

  private SessionLoader() {}

  static OrtSession load(Model model, OrtSession.SessionOptions options) throws OrtException {
    return load(model, options, SMALL, false);
  }

  /**
   * Loads a model for a GPU, where a session keeps what a thread needs, 72 MiB of cuBLAS's and
   * cuDNN's under CUDA, for the thread that made it and for each that runs it: the calling thread
   * makes it, so that one that makes and runs it needs that once.
   */
  static OrtSession loadForGpu(Model model, OrtSession.SessionOptions options) throws OrtException {
    return load(model, options, SMALL, isShallow(model));
  }

  private static boolean isShallow(Model model) {
    return model.functions().isEmpty()
        && model.graph().nodes().stream().allMatch(node -> node.subgraphs().isEmpty());
  }

  /**
   * @param small constants with fewer bytes go into the message
   * @param shallow whether the calling thread makes the session
   */
  static OrtSession load(
      Model model, OrtSession.SessionOptions options, long small, boolean shallow)
      throws OrtException {
    Map<String, Tensor> weights = weights(model.graph(), small);
    byte[] bytes = OnnxWriter.toBytes(model, weights);
    if (hasBranchesWithin(model.graph(), 0)) {
      SessionSetup.disableOptimizer("ConstantFolding", options);
    }
    Map<String, OnnxTensorLike> tensors = new HashMap<>();
    try (DirectMemory memory = new DirectMemory()) {
      for (Map.Entry<String, Tensor> weight : weights.entrySet()) {
        tensors.put(weight.getKey(), direct(weight.getValue(), memory));
      }
      if (!tensors.isEmpty()) {
        options.addExternalInitializers(tensors);
      }
      return NativeCalls.create(shallow, () -> Environments.shared().createSession(bytes, options));
    } finally {
      tensors.values().forEach(OnnxTensorLike::close);
    }
  }

  /**
   * Whether an If lies in a body that itself lies in a body. Where the conditions of such nodes are
   * constants, ONNX Runtime 1.28 takes their branches apart as it folds constants, and reads memory
   * that it has freed, which ends the process.
   */
  private static boolean hasBranchesWithin(Graph graph, int depth) {
    return graph.nodes().stream()
        .anyMatch(
            node ->
                depth >= 2 && node.is("If")
                    || node.subgraphs().stream()
                        .anyMatch(body -> hasBranchesWithin(body, depth + 1)));
  }

  /** The constants that are handed over beside the message, by name. */
  private static Map<String, Tensor> weights(Graph graph, long small) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    Set<String> used = used(graph);
    for (Constant constant : graph.constants()) {
      if (constant.data() instanceof Tensor tensor
          && tensor.byteSize() >= small
          && Carrier.isBuffer(tensor.elementType())
          && used.contains(constant.name())) {
        weights.put(constant.name(), tensor);
      }
    }
    return weights;
  }

  /**
   * Names that anything refers to; ONNX Runtime drops other constants before it looks for their
   * data.
   */
  private static Set<String> used(Graph graph) {
    Set<String> used = new HashSet<>();
    collectUsed(graph, used);
    // Initializers that are also inputs are not constant to ONNX Runtime.
    graph.inputs().stream().map(Input::name).forEach(used::remove);
    return used;
  }

  private static void collectUsed(Graph graph, Set<String> used) {
    graph.outputs().stream().map(Output::name).forEach(used::add);
    for (Node node : graph.nodes()) {
      used.addAll(node.inputs());
      node.subgraphs().forEach(body -> collectUsed(body, used));
    }
  }

  private static OnnxTensor direct(Tensor tensor, DirectMemory memory) throws OrtException {
    OnnxJavaType type = Carrier.javaType(tensor.elementType());
    if (type == null) {
      throw new IllegalStateException("No buffers of type " + tensor.elementType());
    }
    ByteBuffer bytes = tensor.bytes();
    if (!bytes.isDirect()) {
      bytes = memory.allocate(bytes.remaining()).put(bytes).flip();
    }
    return OrtValues.wrap(bytes, type, tensor.dims());
  }

  /** Bytes of the constants of the main graph. */
  static long constantBytes(Model model) {
    return model.graph().constants().stream()
        .map(Constant::data)
        .mapToLong(data -> data instanceof Tensor tensor ? tensor.byteSize() : 0)
        .sum();
  }
}
