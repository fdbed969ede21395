package dev.sardonyx.ir.eval.program;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.kernel.Kernel;
import dev.sardonyx.ir.eval.kernel.Kernels;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Makes programs of graphs: finds kernels, binds functions, drops what no output needs. */
public final class Compiler {
  /** A function with the attributes of a call, of which only those count that it refers to. */
  private record Call(OperatorName function, List<Attribute> attributes) {}

  private final Limits limits;
  private final Map<OperatorName, Function> functions = new HashMap<>();
  private final Set<OperatorName> withReferences = new HashSet<>();
  private final Map<Call, Program> called = new HashMap<>();
  private final Set<OperatorName> active = new HashSet<>();

  /** Functions and gradients whose nodes are being made, and how many nodes they came to. */
  private int expanding;

  private long expanded;

  public Compiler(List<Function> functions, Limits limits) {
    this.limits = limits;
    functions.forEach(f -> this.functions.put(OperatorName.of(f), f));
    this.functions.forEach(
        (name, function) -> {
          if (function.refersToAttributes()) {
            withReferences.add(name);
          }
        });
  }

  /**
   * @param outputs names of the values to compute
   * @throws UnsupportedModelException naming the first node there is no kernel for
   * @throws dev.sardonyx.ir.LimitExceededException if gradients and functions come to more nodes
   *     than the limits allow
   */
  public Program graph(Graph graph, List<String> outputs, List<OpsetImport> imports) {
    Map<String, Datum> constants = new LinkedHashMap<>();
    for (Constant constant : graph.constants()) {
      constants.put(constant.name(), constant.data());
    }
    List<String> inputs = graph.inputs().stream().map(Input::name).toList();
    return program(inputs, outputs, constants, graph.nodes(), imports);
  }

  private Program program(
      List<String> inputs,
      List<String> outputs,
      Map<String, Datum> constants,
      List<Node> nodes,
      List<OpsetImport> imports) {
    Set<String> needed = new HashSet<>(outputs);
    Set<String> own = new HashSet<>(inputs);
    own.addAll(constants.keySet());
    List<Program.Step> steps = new ArrayList<>();
    // From the back: a node is of use if a later one or an output needs a result of it, and the
    // first need met for a value is its last use.
    for (int n = nodes.size() - 1; n >= 0; n--) {
      Node node = nodes.get(n);
      if (Collections.disjoint(needed, names(node))) {
        continue;
      }
      Program.Operation operation =
          Gradient.is(node)
              ? gradient(node, constants, nodes.subList(0, n), imports)
              : operation(node, imports);
      Set<String> uses = new TreeSet<>(node.inputs());
      uses.remove(Node.ABSENT);
      if (operation instanceof Program.Builtin builtin) {
        builtin.bodies().values().forEach(body -> uses.addAll(body.captures()));
      } else if (operation instanceof Gradient gradient) {
        uses.addAll(gradient.forward().captures());
      }
      List<String> lastUses = uses.stream().filter(u -> !needed.contains(u)).toList();
      needed.addAll(uses);
      own.addAll(names(node));
      steps.add(new Program.Step(node, operation, lastUses));
      expanded += expanding > 0 ? 1 : 0;
      limits.requireExpansions(expanded, "The evaluator's program up to node " + node.label());
    }
    Collections.reverse(steps);
    needed.removeAll(own);
    return new Program(inputs, outputs, constants, steps, needed);
  }

  /** A gradient runs the nodes before it again, those that its inputs stand for left out. */
  private Gradient gradient(
      Node node, Map<String, Datum> constants, List<Node> before, List<OpsetImport> imports) {
    return Gradient.of(
        node,
        (inputs, outputs) -> {
          List<Node> nodes =
              before.stream().filter(b -> Collections.disjoint(names(b), inputs)).toList();
          expanding++;
          expanded += before.size();
          Program program = program(inputs, outputs, constants, nodes, imports);
          expanding--;
          return program;
        });
  }

  private static List<String> names(Node node) {
    return node.outputs().stream().filter(Result::isPresent).map(Result::name).toList();
  }

  private Program.Operation operation(Node node, List<OpsetImport> imports) {
    Function function = functions.get(OperatorName.of(node));
    if (function != null) {
      return call(node, function);
    }
    OperatorSchema schema = schema(node, imports);
    Kernel kernel = schema == null ? null : Kernels.STANDARD.find(schema);
    String reason = whyUnsupported(node, schema, kernel, imports);
    if (schema == null || kernel == null || reason != null) {
      throw new UnsupportedModelException(
          "The reference evaluator cannot run node " + node.label() + ": " + reason);
    }
    IdentityHashMap<Graph, Program> bodies = new IdentityHashMap<>();
    node.subgraphs()
        .forEach(
            body -> {
              List<String> outputs = body.outputs().stream().map(Output::name).toList();
              bodies.put(body, graph(body, outputs, imports));
            });
    return new Program.Builtin(kernel, schema, bodies);
  }

  private Program.Operation call(Node node, Function function) {
    OperatorName name = OperatorName.of(node);
    Call call =
        new Call(name, withReferences.contains(name) ? node.attributes() : List.<Attribute>of());
    Program body = called.get(call);
    if (body == null) {
      if (!active.add(name)) {
        throw new UnsupportedModelException(
            "The reference evaluator cannot run node "
                + node.label()
                + ": function "
                + node.operator()
                + " calls itself");
      }
      expanding++;
      body =
          program(
              function.inputs(),
              function.outputs(),
              Map.of(),
              function.nodesFor(node.attributes()),
              function.opsetImports());
      expanding--;
      active.remove(name);
      called.put(call, body);
    }
    return new Program.Call(body);
  }

  public static @Nullable OperatorSchema schema(Node node, List<OpsetImport> imports) {
    OptionalLong opset = OpsetImport.version(imports, node.domain());
    // Files older than opset imports mean version 1.
    return opset.isEmpty() && !imports.isEmpty()
        ? null
        : OperatorCatalogue.standard().find(node, opset.orElse(1)).orElse(null);
  }

  public static @Nullable String whyUnsupported(
      Node node,
      @Nullable OperatorSchema schema,
      @Nullable Kernel kernel,
      Collection<OpsetImport> imports) {
    if (schema == null) {
      return "operator "
          + node.operator()
          + " is neither a function of the model nor known in "
          + (imports.isEmpty() ? "opset 1" : "the opsets it imports, " + imports);
    }
    if (schema.deprecated()) {
      return "operator " + schema.name() + " was taken out of ONNX in opset " + schema.since();
    }
    return kernel == null ? "operator " + node.operator() + " has no kernel" : null;
  }
}
