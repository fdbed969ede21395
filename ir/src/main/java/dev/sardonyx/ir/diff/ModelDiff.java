package dev.sardonyx.ir.diff;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.ValueType;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What differs between two models, such as one before and after a pass, or two exports of a
 * network. Names of nodes and of values between inputs and outputs, the order of nodes, whether a
 * constant is an initializer or a Constant node, and attributes given as their default make no
 * difference. Nor do the bits of NaN; but -0 is not 0.
 *
 * <p>Nodes of the two models are brought together by what they compute, by their names, and by
 * their place among others; what has no partner was added or removed, and partners are compared by
 * attributes, inputs, types, weights and metadata. Work and memory are linear in the models.
 */
public final class ModelDiff {
  private ModelDiff() {}

  /**
   * The differences, in the order of the first model's parts; empty for models that say the same.
   *
   * @param before the model that is compared to
   * @param after the model that may differ from it
   */
  public static List<Difference> between(Model before, Model after) {
    GraphDiff.Comparison comparison =
        GraphDiff.Comparison.of(before.opsetImports(), after.opsetImports());
    compareFacts(comparison.found(), "model", facts(before), facts(after));
    GraphDiff main = GraphDiff.compare("main", before.graph(), after.graph(), comparison);
    compareTraining(before.training(), after.training(), main, comparison.found());
    compareFunctions(before, after, comparison);
    return List.copyOf(comparison.found());
  }

  private static Map<String, String> facts(Model model) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("IR version", Long.toString(model.irVersion()));
    opsets(facts, model.opsetImports());
    facts.put("producer", (model.producerName() + " " + model.producerVersion()).trim());
    facts.put("domain", model.domain());
    facts.put("model version", Long.toString(model.modelVersion()));
    facts.put("doc string", model.metadata().docString());
    model.metadata().properties().forEach((key, value) -> facts.put("property " + key, value));
    return facts;
  }

  private static void opsets(Map<String, String> facts, List<OpsetImport> imports) {
    Map<String, String> sorted = new TreeMap<>();
    for (OpsetImport each : imports) {
      String domain = OpsetImport.canonical(each.domain());
      sorted.put(
          "opset of " + (domain.isEmpty() ? "ai.onnx" : domain), Long.toString(each.version()));
    }
    facts.putAll(sorted);
  }

  private static void compareFacts(
      List<Difference> found, String place, Map<String, String> before, Map<String, String> after) {
    Set<String> names = new LinkedHashSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      String first = before.getOrDefault(name, "");
      String second = after.getOrDefault(name, "");
      if (first.equals(second)) {
        continue;
      }
      if (first.isEmpty()) {
        found.add(new Difference.Added(place, name + " " + second));
      } else if (second.isEmpty()) {
        found.add(new Difference.Removed(place, name + " " + first));
      } else {
        found.add(new Difference.Changed(place, name, first, second));
      }
    }
  }

  /** A training's graphs see the values of the main graph; what it binds goes by names. */
  private static void compareTraining(
      List<TrainingInfo> before, List<TrainingInfo> after, GraphDiff main, List<Difference> found) {
    for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
      String place = "training[" + i + "]";
      if (i >= after.size()) {
        found.add(new Difference.Removed("model", place));
      } else if (i >= before.size()) {
        found.add(new Difference.Added("model", place));
      } else {
        TrainingInfo a = before.get(i);
        TrainingInfo b = after.get(i);
        main.compareInside(
            place + ".initialization", a.initialization(), b.initialization(), false);
        main.compareInside(place + ".algorithm", a.algorithm(), b.algorithm(), false);
        compareFacts(found, place, facts(a), facts(b));
      }
    }
  }

  private static Map<String, String> facts(TrainingInfo training) {
    Map<String, String> facts = new LinkedHashMap<>();
    training.initializationBinding().forEach((to, from) -> facts.put("first value of " + to, from));
    training.updateBinding().forEach((to, from) -> facts.put("update of " + to, from));
    if (!training.metadata().equals(Metadata.EMPTY)) {
      facts.put("metadata", training.metadata().toString());
    }
    return facts;
  }

  private static void compareFunctions(Model before, Model after, GraphDiff.Comparison comparison) {
    Map<OperatorName, Function> first = byName(before);
    Map<OperatorName, Function> second = byName(after);
    Map<String, OperatorName> names = new TreeMap<>();
    first.keySet().forEach(name -> names.put(name.toString(), name));
    second.keySet().forEach(name -> names.put(name.toString(), name));
    for (OperatorName name : names.values()) {
      Function a = first.get(name);
      Function b = second.get(name);
      if (a == null) {
        comparison.found().add(new Difference.Added("model", "function " + name));
      } else if (b == null) {
        comparison.found().add(new Difference.Removed("model", "function " + name));
      } else {
        compareFunction(a, b, comparison);
      }
    }
  }

  private static void compareFunction(Function a, Function b, GraphDiff.Comparison comparison) {
    String place = "function " + a.operator();
    compareFacts(comparison.found(), place, facts(a), facts(b));
    GraphDiff.Comparison inside =
        new GraphDiff.Comparison(
            a.opsetImports(),
            b.opsetImports(),
            comparison.numbers(),
            comparison.found(),
            comparison.told());
    GraphDiff.compare(place, graph(a), graph(b), inside);
  }

  private static Map<String, String> facts(Function function) {
    Map<String, String> facts = new LinkedHashMap<>();
    opsets(facts, function.opsetImports());
    facts.put("attributes", String.join(", ", function.attributes()));
    function
        .defaults()
        .forEach(a -> facts.put("default of attribute " + a.name(), a.value().toString()));
    return facts;
  }

  private static Graph graph(Function function) {
    return Graph.of(
            function.name(),
            function.inputs().stream().map(i -> Input.of(i, ValueType.unknown())).toList(),
            function.outputs().stream().map(o -> Output.of(o, ValueType.unknown())).toList(),
            function.nodes(),
            List.of())
        .withMetadata(function.metadata());
  }

  private static Map<OperatorName, Function> byName(Model model) {
    return model.functions().stream()
        .collect(Collectors.toMap(OperatorName::of, f -> f, (first, repeated) -> first));
  }
}
