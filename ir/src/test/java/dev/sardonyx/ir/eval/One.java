package dev.sardonyx.ir.eval;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One node evaluated on tensors. */
public record One(String operator, int opset, int outputs, List<Attribute> attributes) {
  public static One of(String operator, int opset, Attribute... attributes) {
    return new One(operator, opset, 1, List.of(attributes));
  }

  public One withOutputs(int changed) {
    return new One(operator, opset, changed, attributes);
  }

  /** The first output; null stands for an absent input. */
  public Tensor of(Datum... inputs) {
    return (Tensor) all(inputs).get(0);
  }

  public List<Datum> all(Datum... inputs) {
    List<String> names = new ArrayList<>();
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      names.add(inputs[i] == null ? Node.ABSENT : "x" + i);
    }
    for (int i = 0; i < outputs; i++) {
      results.add(Result.of("y" + i));
    }
    Node node = Node.of(operator, names, results, attributes.toArray(Attribute[]::new));
    return ReferenceBackend.evaluate(node, List.of(OpsetImport.onnx(opset)), Arrays.asList(inputs));
  }
}
