package dev.sardonyx.runtime.session;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a session takes and gives.
 *
 * @param given the inputs of the model that a caller gives
 * @param outputs the types of the session's outputs
 * @param fetches how to read the values asked for, in order
 */
record Signature(List<Input> given, Map<String, ValueType> outputs, List<Fetch> fetches) {
  /**
   * The signature that ONNX Runtime reports.
   *
   * @throws UnsupportedModelException if there are types that its Java API does not pass as they
   *     are
   */
  static Signature of(OrtSession session) throws OrtException {
    List<Input> given = new ArrayList<>();
    for (NodeInfo info : session.getInputInfo().values()) {
      TensorType type = type(info);
      if (Carrier.forInput(type.elementType()).map(Carrier::needsCast).orElse(true)) {
        throw notAsItIs(info);
      }
      given.add(Input.of(info.getName(), type));
    }
    Map<String, ValueType> outputs = new LinkedHashMap<>();
    List<Fetch> fetches = new ArrayList<>();
    for (NodeInfo info : session.getOutputInfo().values()) {
      TensorType type = type(info);
      if (Carrier.forOutput(type.elementType()).map(Carrier::needsCast).orElse(true)) {
        throw notAsItIs(info);
      }
      outputs.put(info.getName(), type);
      fetches.add(new Fetch(info.getName(), type, info.getName(), null));
    }
    return new Signature(given, outputs, fetches);
  }

  private static TensorType type(NodeInfo info) {
    if (!(info.getInfo() instanceof TensorInfo tensor)) {
      throw notAsItIs(info);
    }
    ElementType element = OrtValues.elementType(tensor.onnxType);
    long[] dims = tensor.getShape();
    String[] names = tensor.getDimensionNames();
    if (dims.length == 0) {
      // A scalar, or of unknown rank: ONNX Runtime does not tell which.
      return TensorType.of(element, Shape.UNKNOWN);
    }
    List<Dim> shape = new ArrayList<>();
    for (int axis = 0; axis < dims.length; axis++) {
      String name = axis < names.length ? names[axis] : "";
      shape.add(
          dims[axis] >= 0 ? Dim.of(dims[axis]) : name.isEmpty() ? Dim.UNKNOWN : Dim.symbol(name));
    }
    return TensorType.of(element, Shape.of(shape));
  }

  private static UnsupportedModelException notAsItIs(NodeInfo info) {
    return new UnsupportedModelException(
        "ONNX Runtime's Java API does not pass " + info.getName() + " as it is");
  }
}
