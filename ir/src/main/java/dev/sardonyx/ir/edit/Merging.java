package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.TypeMerge;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Two models as one: outputs of the first become inputs of the second. */
final class Merging {
  private Merging() {}

  static Model connect(
      Model first, Model second, Collection<Map.Entry<String, String>> connections) {
    return connect(first, second, outputOfInput(connections));
  }

  private static Map<String, String> outputOfInput(
      Collection<Map.Entry<String, String>> connections) {
    Map<String, String> outputOfInput = new LinkedHashMap<>();
    for (Map.Entry<String, String> connection : connections) {
      String other = outputOfInput.put(connection.getValue(), connection.getKey());
      if (other != null) {
        throw new EditException(
            "Two outputs are connected to input "
                + connection.getValue()
                + ": "
                + other
                + " and "
                + connection.getKey());
      }
    }
    return outputOfInput;
  }

  /**
   * @param outputOfInput for inputs of the second, which output of the first each becomes
   */
  private static Model connect(Model first, Model second, Map<String, String> outputOfInput) {
    if (!first.training().isEmpty() || !second.training().isEmpty()) {
      throw new EditException("A model with training information cannot be merged");
    }
    requireConnections(first.graph(), second.graph(), outputOfInput);
    Graph next = named(first, bound(first, second, outputOfInput), outputOfInput);
    Set<OpsetImport> imports = imports(first, second);
    List<Function> functions = functions(first, second);
    Set<String> connected = new LinkedHashSet<>(outputOfInput.values());
    Model merged =
        first
            .withGraph(joined(first.graph(), next, connected))
            .withVersions(Math.max(first.irVersion(), second.irVersion()), new ArrayList<>(imports))
            .withFunctions(functions)
            .withMetadata(both(first.metadata(), second.metadata()));
    return DeclaredTypes.inferFrom(merged, connected);
  }

  private static void requireConnections(
      Graph first, Graph second, Map<String, String> outputOfInput) {
    if (outputOfInput.isEmpty()) {
      throw new EditException("Name at least one output and the input that it becomes");
    }
    outputOfInput.forEach(
        (to, from) -> {
          Values.output(first, from);
          Input input = Values.input(second, to);
          ValueType given = GraphIndex.of(first).type(from);
          if (TypeMerge.both(given, input.type()).isEmpty()) {
            throw new EditException(
                "Output "
                    + from
                    + " is "
                    + given
                    + "; it cannot be input "
                    + to
                    + ", which is "
                    + input.type());
          }
        });
  }

  /**
   * The second model with its symbols bound by the connections. Others that the first model has too
   * get new names, since they stand for other sizes.
   */
  private static Model bound(Model first, Model second, Map<String, String> outputOfInput) {
    Map<String, Dim> symbols = new HashMap<>();
    outputOfInput.forEach(
        (to, from) -> {
          if (GraphIndex.of(first.graph()).type(from) instanceof TensorType given
              && Values.input(second.graph(), to).type() instanceof TensorType taken
              && given.shape().isRanked()
              && taken.shape().isRanked()) {
            for (int i = 0; i < given.shape().rank(); i++) {
              if (taken.shape().dim(i) instanceof Dim.Symbol s && given.shape().dim(i).isKnown()) {
                symbols.putIfAbsent(s.name(), given.shape().dim(i));
              }
            }
          }
        });
    Set<String> taken = new TreeSet<>(DeclaredTypes.symbols(first));
    Set<String> own = DeclaredTypes.symbols(second);
    taken.addAll(own);
    for (String symbol : own) {
      if (!symbols.containsKey(symbol) && DeclaredTypes.symbols(first).contains(symbol)) {
        symbols.put(symbol, Dim.symbol(Values.fresh(taken, symbol)));
      }
    }
    return DeclaredTypes.map(second, t -> DeclaredTypes.substituted(t, symbols));
  }

  /** The second graph under names that the first has not; what callers see keeps its name. */
  private static Graph named(Model first, Model second, Map<String, String> outputOfInput) {
    Graph graph = second.graph();
    Set<String> taken = Values.everywhere(first.graph());
    Map<String, String> names = new HashMap<>(outputOfInput);
    Set<String> border = new LinkedHashSet<>();
    graph.inputs().forEach(i -> border.add(i.name()));
    graph.outputs().forEach(o -> border.add(o.name()));
    border.removeAll(outputOfInput.keySet());
    for (String value : border) {
      if (taken.contains(value)) {
        throw new EditException(
            "Both models have a value "
                + value
                + "; rename it in one of them, or prefix the names of one");
      }
    }
    taken.addAll(border);
    for (String value : Values.everywhere(graph)) {
      if (!border.contains(value) && !names.containsKey(value)) {
        names.put(value, Values.fresh(taken, value));
      }
    }
    Set<String> nodes = Values.nodes(first.graph());
    return Everywhere.graph(
        Renaming.of(names).graph(graph),
        g ->
            g.withNodes(
                g.nodes().stream()
                    .map(n -> n.name().isEmpty() ? n : n.withName(Values.fresh(nodes, n.name())))
                    .toList()));
  }

  private static Graph joined(Graph first, Graph second, Set<String> connected) {
    List<Input> inputs = new ArrayList<>(first.inputs());
    second.inputs().stream().filter(i -> !connected.contains(i.name())).forEach(inputs::add);
    List<Output> outputs = new ArrayList<>(first.outputs());
    outputs.removeIf(o -> connected.contains(o.name()));
    outputs.addAll(second.outputs());
    List<Node> nodes = new ArrayList<>(first.nodes());
    nodes.addAll(second.nodes());
    List<Constant> constants = new ArrayList<>(first.constants());
    second.constants().stream()
        .filter(c -> !connected.contains(c.name())) // a default that is no longer needed
        .forEach(constants::add);
    List<QuantizationAnnotation> quantization = new ArrayList<>(first.quantization());
    quantization.addAll(second.quantization());
    return new Graph(
        first.name(),
        inputs,
        outputs,
        nodes,
        constants,
        quantization,
        both(first.metadata(), second.metadata()));
  }

  private static Metadata both(Metadata first, Metadata second) {
    Map<String, String> properties = new LinkedHashMap<>(second.properties());
    properties.putAll(first.properties());
    return Metadata.of(first.docString(), properties);
  }

  private static Set<OpsetImport> imports(Model first, Model second) {
    Map<String, Long> versions = new LinkedHashMap<>();
    first.opsetImports().forEach(i -> versions.put(OpsetImport.canonical(i.domain()), i.version()));
    for (OpsetImport other : second.opsetImports()) {
      String domain = OpsetImport.canonical(other.domain());
      Long version = versions.putIfAbsent(domain, other.version());
      if (version != null && version < other.version()) {
        requireSameMeaning(first, domain, version, other.version());
        versions.put(domain, other.version());
      } else if (version != null && version > other.version()) {
        requireSameMeaning(second, domain, other.version(), version);
      }
    }
    Set<OpsetImport> imports = new LinkedHashSet<>();
    versions.forEach((domain, version) -> imports.add(OpsetImport.of(domain, version)));
    return imports;
  }

  /** Under the newer version all operators of the model must be what they were. */
  private static void requireSameMeaning(Model model, String domain, long from, long to) {
    Set<String> changed = new TreeSet<>();
    Everywhere.nodes(
        model.graph(),
        n -> {
          if (OpsetImport.canonical(n.domain()).equals(domain)) {
            Optional<OperatorSchema> before = OperatorCatalogue.standard().find(n, from);
            Optional<OperatorSchema> after = OperatorCatalogue.standard().find(n, to);
            if (before.isEmpty() || !before.equals(after)) {
              changed.add(n.operator());
            }
          }
        });
    if (!changed.isEmpty()) {
      throw new EditException(
          "One model uses version "
              + from
              + " of "
              + (domain.isEmpty() ? "ai.onnx" : domain)
              + ", the other "
              + to
              + ", and these operators differ between the two: "
              + String.join(", ", changed)
              + "; convert one of the models first");
    }
  }

  private static List<Function> functions(Model first, Model second) {
    Map<OperatorName, Function> all = new LinkedHashMap<>();
    first.functions().forEach(f -> all.put(OperatorName.of(f), f));
    for (Function function : second.functions()) {
      Function other = all.putIfAbsent(OperatorName.of(function), function);
      if (other != null && !other.equals(function)) {
        throw new EditException(
            "Both models define function "
                + function.operator()
                + ", but not alike; rename it in one of them");
      }
    }
    return List.copyOf(all.values());
  }
}
