package dev.sardonyx.ir.op;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes always give equal results for equal inputs. A node is pure if its operator draws no
 * random numbers, or not in the mode it is used in, and if all nodes of its subgraphs and of the
 * function it calls are pure. An operator that the catalogue does not know is not pure, for nobody
 * can tell. For one thread.
 */
public final class Purity {
  /** Says which values are the same in every run. */
  @FunctionalInterface
  public interface Constants {
    /** The elements of a value if they are the same in every run, or else null. */
    @Nullable Tensor find(String value);
  }

  private static final Constants NONE = value -> null;

  private final List<OpsetImport> imports;

  /** Whether each of the model's functions is pure. */
  private final Map<OperatorName, Boolean> functions;

  /** The signatures looked up so far, by type and then by the domain as nodes write it. */
  private final Map<String, Map<String, Found>> signatures = new HashMap<>();

  private record Found(@Nullable OperatorSchema schema) {}

  private Purity(List<OpsetImport> imports, Map<OperatorName, Boolean> functions) {
    this.imports = imports;
    this.functions = functions;
  }

  /**
   * Purity of the nodes of a graph or of a function's body. Linear in the size of the functions.
   *
   * @param functions the functions of the model, which nodes may call
   * @param imports the opset versions the nodes are written in
   */
  public static Purity of(List<Function> functions, List<OpsetImport> imports) {
    Map<OperatorName, Boolean> pure = new HashMap<>();
    functions.forEach(f -> pure.put(OperatorName.of(f), true));
    Map<OperatorName, List<OperatorName>> callers = new HashMap<>();
    Deque<OperatorName> impure = new ArrayDeque<>();
    for (Function function : functions) {
      OperatorName name = OperatorName.of(function);
      Purity body = new Purity(function.opsetImports(), pure);
      Set<OperatorName> called = new HashSet<>();
      if (!body.arePure(function.nodes(), called)) {
        impure.add(name);
      }
      called.forEach(c -> callers.computeIfAbsent(c, k -> new ArrayList<>()).add(name));
    }
    while (!impure.isEmpty()) {
      OperatorName name = impure.pop();
      if (Boolean.TRUE.equals(pure.put(name, false))) {
        impure.addAll(callers.getOrDefault(name, List.of()));
      }
    }
    return new Purity(imports, pure);
  }

  /** Whether all nodes but calls of functions are pure; the functions they call are collected. */
  private boolean arePure(List<Node> nodes, Set<OperatorName> called) {
    boolean pure = true;
    Deque<List<Node>> open = new ArrayDeque<>(List.of(nodes));
    while (!open.isEmpty()) {
      for (Node node : open.pop()) {
        OperatorName name = OperatorName.of(node);
        if (functions.containsKey(name)) {
          called.add(name);
        } else {
          pure &= isPureAlone(node, NONE);
        }
        node.subgraphs().forEach(body -> open.push(body.nodes()));
      }
    }
    return pure;
  }

  /** Whether a node calls a function of the model, which counts before any operator of its name. */
  public boolean isCall(Node node) {
    return !functions.isEmpty() && isCall(OperatorName.of(node));
  }

  /** The same of the nodes of an operator. */
  public boolean isCall(OperatorName operator) {
    return functions.containsKey(operator);
  }

  /** Whether a node is pure, as far as it says without the values of its inputs. */
  public boolean isPure(Node node) {
    return isPure(node, NONE);
  }

  /** Whether a node is pure, given which of its inputs are the same in every run. */
  public boolean isPure(Node node, Constants constants) {
    Boolean function = functions.isEmpty() ? null : functions.get(OperatorName.of(node));
    if (function != null ? !function : !isPureAlone(node, constants)) {
      return false;
    }
    for (Graph body : node.subgraphs()) {
      Set<OperatorName> called = new HashSet<>();
      if (!arePure(body.nodes(), called)
          || !called.stream().allMatch(c -> Boolean.TRUE.equals(functions.get(c)))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the node's operator is pure, with no regard to its subgraphs. */
  private boolean isPureAlone(Node node, Constants constants) {
    OperatorSchema schema = signature(node);
    return schema != null && (schema.isPure() || isTrainingOff(node, schema, constants));
  }

  private @Nullable OperatorSchema signature(Node node) {
    Map<String, Found> byDomain = signatures.get(node.opType());
    if (byDomain == null) {
      byDomain = new HashMap<>(2);
      signatures.put(node.opType(), byDomain);
    }
    Found found = byDomain.get(node.domain());
    if (found == null) {
      OptionalLong opset = OpsetImport.version(imports, node.domain());
      found =
          new Found(
              opset.isEmpty()
                  ? null
                  : OperatorCatalogue.standard().find(node, opset.getAsLong()).orElse(null));
      byDomain.put(node.domain(), found);
    }
    return found.schema();
  }

  /** Whether an operator that is random in training only is used outside of it. */
  private static boolean isTrainingOff(Node node, OperatorSchema schema, Constants constants) {
    if (schema.randomness() != OperatorSchema.Randomness.TRAINING) {
      return false;
    }
    if (schema.attribute("is_test").isPresent()) {
      return node.intAttribute("is_test", 0) != 0;
    }
    for (int i = 0; i < schema.inputs().size(); i++) {
      if (schema.inputs().get(i).name().equals("training_mode")) {
        Tensor mode = node.hasInput(i) ? constants.find(node.input(i)) : null;
        return !node.hasInput(i) || mode != null && mode.size() == 1 && mode.toLongs()[0] == 0;
      }
    }
    return false;
  }
}
