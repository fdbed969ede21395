package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.runtime.conformance.Suite;
import dev.sardonyx.runtime.conformance.SuiteCase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the ONNX backend suite shows of each operator: nodes with their data, attributes' values.
 */
final class Templates {
  private static final long MOST_ELEMENTS = 4096;

  private static @Nullable Templates suite;

  private final Map<String, List<CaseDraft>> drafts = new HashMap<>();
  private final Map<String, List<AttributeValue>> values = new HashMap<>();

  private Templates() {}

  /** Nothing is known. */
  static Templates none() {
    return new Templates();
  }

  /** What the suite that comes with Sardonyx shows; it is read once. */
  static synchronized Templates ofSuite() throws IOException {
    Templates known = suite;
    if (known == null) {
      known = read();
      suite = known;
    }
    return known;
  }

  private static Templates read() throws IOException {
    Templates templates = new Templates();
    try (Suite suite = Suite.onnx()) {
      for (SuiteCase suiteCase : suite.cases()) {
        if (suiteCase.name().startsWith("node/")) {
          templates.add(suiteCase);
        }
      }
    }
    return templates;
  }

  private void add(SuiteCase suiteCase) throws IOException {
    Model model = suiteCase.model();
    Graph graph = model.graph();
    List<SuiteCase.DataSet> sets = suiteCase.dataSets();
    if (graph.nodes().size() != 1 || sets.isEmpty()) {
      return;
    }
    Node node = graph.nodes().get(0);
    Map<String, Datum> inputs = new HashMap<>(sets.get(0).inputs());
    for (Constant constant : graph.constants()) {
      if (constant.data() instanceof Tensor tensor) {
        inputs.putIfAbsent(constant.name(), tensor);
      }
    }
    inputs.keySet().retainAll(node.inputs());
    boolean small =
        inputs.values().stream()
            .allMatch(datum -> !(datum instanceof Tensor t) || t.size() <= MOST_ELEMENTS);
    boolean complete =
        node.inputs().stream().allMatch(name -> name.isEmpty() || inputs.containsKey(name));
    if (!small || !complete) {
      return;
    }
    long opset = model.opset(node.domain()).orElse(1);
    drafts
        .computeIfAbsent(node.operator(), name -> new ArrayList<>())
        .add(new CaseDraft(node, opset, inputs));
    for (Attribute attribute : node.attributes()) {
      values
          .computeIfAbsent(key(node.operator(), attribute.name()), name -> new ArrayList<>())
          .add(attribute.value());
    }
  }

  private static String key(String operator, String attribute) {
    return operator + " " + attribute;
  }

  /** Nodes of an operator that an opset has. */
  List<CaseDraft> of(OperatorSchema schema) {
    String operator =
        schema.domain().isEmpty() ? schema.name() : schema.domain() + "." + schema.name();
    return drafts.getOrDefault(operator, List.of());
  }

  /** RandomTensors that the suite has for an attribute, one for each time it has it. */
  List<AttributeValue> values(Node node, String attribute, AttributeType type) {
    return values.getOrDefault(key(node.operator(), attribute), List.of()).stream()
        .filter(value -> value.type() == type)
        .toList();
  }
}
