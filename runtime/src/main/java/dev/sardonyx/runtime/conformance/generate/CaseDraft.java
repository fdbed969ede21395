package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OnnxRelease;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A node and what it is given, which may or may not be valid.
 *
 * @param opset of the node's own domain
 * @param inputs by the names that the node has for them
 */
record CaseDraft(Node node, long opset, Map<String, Datum> inputs) {
  static final String ML = "ai.onnx.ml";

  /** Of ONNX's own operators, beside those of another domain. */
  private static final int MAIN_OPSET = 21;

  CaseDraft {
    inputs = Map.copyOf(inputs);
  }

  /** A node with inputs {@code x0, x1, ...}; those without a value are absent. */
  static CaseDraft of(
      String domain,
      String operator,
      long opset,
      List<Optional<Datum>> values,
      List<Attribute> attributes,
      int outputs) {
    Map<String, Datum> inputs = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      String name = values.get(i).isPresent() ? "x" + i : Node.ABSENT;
      names.add(name);
      values.get(i).ifPresent(value -> inputs.put(name, value));
    }
    while (!names.isEmpty() && names.get(names.size() - 1).isEmpty()) {
      names.remove(names.size() - 1);
    }
    List<Result> results = IntStream.range(0, outputs).mapToObj(i -> Result.of("y" + i)).toList();
    return new CaseDraft(
        new Node(domain, operator, "", "", names, attributes, results, Metadata.EMPTY),
        opset,
        inputs);
  }

  CaseDraft withNode(Node changed) {
    Map<String, Datum> left = new LinkedHashMap<>(inputs);
    left.keySet().retainAll(changed.inputs());
    return new CaseDraft(changed, opset, left);
  }

  CaseDraft withInput(String name, Datum changed) {
    Map<String, Datum> all = new LinkedHashMap<>(inputs);
    all.put(name, changed);
    return new CaseDraft(node, opset, all);
  }

  CaseDraft withOpset(long changed) {
    return new CaseDraft(node, changed, inputs);
  }

  /** The names of inputs that are there, once each, in the node's order. */
  List<String> names() {
    return node.inputs().stream().filter(inputs::containsKey).distinct().toList();
  }

  /** The inputs that are tensors. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : names()) {
      if (inputs.get(name) instanceof Tensor tensor) {
        tensors.put(name, tensor);
      }
    }
    return tensors;
  }

  /** A model of the node alone, its outputs as inference finds them. */
  Model model(String name) {
    List<Input> given = new ArrayList<>();
    for (String input : names()) {
      Datum datum = inputs.get(input);
      if (datum != null) {
        given.add(Input.of(input, datum.type()));
      }
    }
    List<Output> outputs = new ArrayList<>();
    for (Result result : node.outputs()) {
      if (!result.name().isEmpty()) {
        outputs.add(Output.of(result.name(), ValueType.unknown()));
      }
    }
    Graph graph = Graph.of(name, given, outputs, List.of(node), List.of());
    boolean isMain = node.domain().isEmpty();
    long main = isMain ? opset : MAIN_OPSET;
    List<OpsetImport> imports =
        isMain
            ? List.of(OpsetImport.onnx(opset))
            : List.of(OpsetImport.onnx(main), OpsetImport.of(node.domain(), opset));
    long irVersion = Math.max(OnnxRelease.irVersionFor(main), 8);
    return ShapeInference.infer(Model.of(graph, main).withVersions(irVersion, imports)).model();
  }
}
