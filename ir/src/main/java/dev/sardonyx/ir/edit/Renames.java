package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.TrainingInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** Other names for values, nodes, dimensions and functions. */
final class Renames {
  private Renames() {}

  static Model value(Model model, String from, String to) {
    Graph main = model.graph();
    List<Graph> owners = new ArrayList<>();
    Everywhere.subgraphs(
        main,
        g -> {
          if (Values.of(g).contains(from)) {
            owners.add(g);
          }
        });
    if (owners.isEmpty()) {
      Values.require(main, from);
    }
    if (owners.size() > 1) {
      throw new EditException(
          "Several graphs have a value named "
              + from
              + ": "
              + String.join(", ", owners.stream().map(Graph::name).toList())
              + "; make their names differ first, as prefixing the model does");
    }
    Values.requireFree(Values.everywhere(main), to, "value");
    Map<String, String> names = Map.of(from, to);
    UnaryOperator<Graph> rename =
        g -> Values.of(g).contains(from) ? ScopedRenaming.graph(g, names) : g;
    return model
        .withGraph(Everywhere.graph(main, rename))
        .withTraining(model.training().stream().map(t -> bindings(t, names)).toList());
  }

  /** The initializers of the main graph that training sets. */
  private static TrainingInfo bindings(TrainingInfo training, Map<String, String> names) {
    return new TrainingInfo(
        training.initialization(),
        training.algorithm(),
        keys(training.initializationBinding(), names),
        keys(training.updateBinding(), names),
        training.metadata());
  }

  private static Map<String, String> keys(Map<String, String> map, Map<String, String> names) {
    Map<String, String> changed = new LinkedHashMap<>();
    map.forEach((key, value) -> changed.put(names.getOrDefault(key, key), value));
    return changed;
  }

  static Model node(Model model, String from, String to) {
    NodeEdits.require(model.graph(), from);
    Values.requireFree(Values.nodes(model.graph()), to, "node");
    return model.withGraph(
        Everywhere.graph(
            model.graph(),
            g ->
                g.withNodes(
                    g.nodes().stream()
                        .map(n -> n.name().equals(from) ? n.withName(to) : n)
                        .toList())));
  }

  static Model dim(Model model, String from, String to) {
    Set<String> symbols = DeclaredTypes.symbols(model);
    if (!symbols.contains(from)) {
      throw new EditException(
          "The model has no symbolic dimension "
              + from
              + (symbols.isEmpty() ? "" : "; it has " + String.join(", ", symbols)));
    }
    requireSymbol(to);
    if (symbols.contains(to)) {
      throw new EditException(
          "The model already has a dimension "
              + to
              + "; two dimensions of one name are taken to be equal");
    }
    return DeclaredTypes.map(
        model, t -> DeclaredTypes.substituted(t, Map.of(from, Dim.symbol(to))));
  }

  /** Refuses what is a number, an expression, or nothing. */
  static Dim requireSymbol(String symbol) {
    Values.requireGiven(symbol, "dimension's name");
    boolean isNumber = symbol.matches("\\d+"); // also one beyond all sizes
    if (symbol.isBlank() || isNumber || !(Dim.parse(symbol) instanceof Dim.Symbol)) {
      throw new EditException("A dimension's name is a plain word such as N, not '" + symbol + "'");
    }
    return Dim.symbol(symbol);
  }

  static Model function(Model model, String from, String to) {
    OperatorName before = OperatorName.parse(from);
    OperatorName after = OperatorName.parse(to);
    if (model.functions().stream().noneMatch(f -> OperatorName.of(f).equals(before))) {
      Set<String> known =
          new TreeSet<>(model.functions().stream().map(Function::operator).toList());
      throw new EditException(
          "The model has no function "
              + from
              + (known.isEmpty() ? "" : "; it has " + String.join(", ", known)));
    }
    Values.requireFree(model, after);
    UnaryOperator<Node> call = n -> OperatorName.of(n).equals(before) ? n.withOperator(to) : n;
    Model called =
        Everywhere.graphs(model, g -> g.withNodes(g.nodes().stream().map(call).toList()));
    long version = model.opset(after.domain()).orElse(1);
    List<Function> functions = new ArrayList<>();
    for (int i = 0; i < model.functions().size(); i++) {
      Function function = called.functions().get(i);
      function = function.withNodes(function.nodes().stream().map(call).toList());
      if (!function.nodes().equals(model.functions().get(i).nodes())) {
        function = importing(function, OpsetImport.of(after.domain(), version));
      }
      functions.add(
          OperatorName.of(function).equals(before) ? function.withOperator(to) : function);
    }
    Model renamed = called.withFunctions(functions);
    return renamed.opset(after.domain()).isPresent()
        ? renamed
        : renamed.withOpsetImport(after.domain(), version);
  }

  private static Function importing(Function function, OpsetImport wanted) {
    if (OpsetImport.version(function.opsetImports(), wanted.domain()).isPresent()) {
      return function;
    }
    List<OpsetImport> imports = new ArrayList<>(function.opsetImports());
    imports.add(wanted);
    return function.withOpsetImports(imports);
  }

  /** All values and nodes with a prefix, those of subgraphs too; the border's only if asked for. */
  static Model prefix(Model model, String prefix, boolean border) {
    Values.requireGiven(prefix, "prefix");
    Graph main = model.graph();
    Map<String, String> kept = new HashMap<>();
    if (!border) {
      main.inputs().forEach(i -> kept.put(i.name(), i.name()));
      main.outputs().forEach(o -> kept.put(o.name(), o.name()));
    }
    Map<String, String> all = new HashMap<>();
    Values.everywhere(main).forEach(v -> all.put(v, prefix + v));
    all.putAll(kept);
    requireDistinct(all);
    Graph values = dev.sardonyx.ir.Renaming.of(all).graph(main);
    Graph nodes =
        Everywhere.graph(
            values,
            g ->
                g.withNodes(
                    g.nodes().stream()
                        .map(n -> n.name().isEmpty() ? n : n.withName(prefix + n.name()))
                        .toList()));
    return model
        .withGraph(nodes)
        .withTraining(model.training().stream().map(t -> bindings(t, all)).toList());
  }

  private static void requireDistinct(Map<String, String> names) {
    Map<String, String> taken = new HashMap<>();
    names.forEach(
        (from, to) -> {
          String other = taken.put(to, from);
          if (other != null) {
            throw new EditException(
                "With this prefix the values " + other + " and " + from + " would both be " + to);
          }
        });
  }
}
