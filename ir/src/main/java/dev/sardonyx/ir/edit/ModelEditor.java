package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.pass.Passes;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Changes a model that is already there, one line an edit. Immutable: each method gives back
 * another editor, and {@link #model} the changed model.
 *
 * <p>Values, nodes and dimensions are named as the model names them; a node or value of a subgraph
 * may be named where its name is the only one of its kind. Every method throws an {@link
 * EditException} if a name is not there, is taken, or the edit would change a type that others rely
 * on.
 */
public final class ModelEditor {
  private final Model original;
  private final Model edited;

  private ModelEditor(Model original, Model edited) {
    this.original = original;
    this.edited = edited;
  }

  public static ModelEditor of(Model model) {
    return new ModelEditor(model, model);
  }

  /** Quantisation annotations of values that are gone go as well. */
  private ModelEditor with(Model changed) {
    Graph graph = changed.graph();
    if (graph.quantization().isEmpty()) {
      return new ModelEditor(original, changed);
    }
    Set<String> values = Values.of(graph);
    return new ModelEditor(
        original,
        changed.withGraph(
            graph.withQuantization(
                graph.quantization().stream().filter(q -> values.contains(q.value())).toList())));
  }

  /**
   * The edited model.
   *
   * @throws EditException if it has an error that the original had not, naming all of them
   */
  public Model model() {
    Set<String> before = new HashSet<>();
    Checker.check(original).errors().forEach(p -> before.add(p.message()));
    List<Problem> added =
        Checker.check(edited).errors().stream().filter(p -> !before.contains(p.message())).toList();
    if (!added.isEmpty()) {
      throw new EditException(
          "The edited model is not valid: "
              + String.join("; ", added.stream().map(Problem::toString).toList()));
    }
    return edited;
  }

  // Names

  /** Another name for a value, wherever it is used. */
  public ModelEditor renameValue(String from, String to) {
    return with(Renames.value(edited, from, to));
  }

  /** Another name for an input of the model. */
  public ModelEditor renameInput(String from, String to) {
    Values.input(edited.graph(), from);
    return renameValue(from, to);
  }

  /** Another name for an output of the model. */
  public ModelEditor renameOutput(String from, String to) {
    Values.output(edited.graph(), from);
    return renameValue(from, to);
  }

  public ModelEditor renameNode(String from, String to) {
    return with(Renames.node(edited, from, to));
  }

  /** Another name for a symbolic dimension, in all types. */
  public ModelEditor renameDimension(String from, String to) {
    return with(Renames.dim(edited, from, to));
  }

  /** Another operator name for a function of the model, as {@code my.domain.Block}. */
  public ModelEditor renameFunction(String from, String to) {
    return with(Renames.function(edited, from, to));
  }

  /** A prefix for the names of all values and nodes. */
  public ModelEditor prefix(String prefix) {
    return with(Renames.prefix(edited, prefix, true));
  }

  /** A prefix for the names of all values and nodes but the model's inputs and outputs. */
  public ModelEditor prefixInside(String prefix) {
    return with(Renames.prefix(edited, prefix, false));
  }

  // Dimensions

  /**
   * Another dimension for an input; types that follow from it are inferred anew.
   *
   * @param axis from 0, or from -1 backwards
   * @param dimension a number such as {@code 1}, a symbol such as {@code N}, or {@code ?}
   */
  public ModelEditor dimension(String input, int axis, String dimension) {
    Values.requireGiven(dimension, "dimension");
    Dim parsed = Dim.parse(dimension);
    Dim dim = parsed instanceof Dim.Symbol ? Renames.requireSymbol(dimension) : parsed;
    return with(Border.dim(edited, input, axis, dim));
  }

  /** The same symbol as the first dimension of every required input that is a tensor. */
  public ModelEditor symbolicBatch(String symbol) {
    return with(Border.batch(edited, Renames.requireSymbol(symbol)));
  }

  /** A number for a symbolic dimension, in all types. */
  public ModelEditor fixDimension(String symbol, long size) {
    return with(Border.fix(edited, symbol, size));
  }

  // Types and layouts

  /** An input of another element type, which a Cast inside makes what it was. */
  public ModelEditor inputElementType(String input, ElementType elementType) {
    return with(Border.elementType(edited, input, elementType));
  }

  /** An output of another element type, by a Cast at the end. */
  public ModelEditor outputElementType(String output, ElementType elementType) {
    return with(Border.outputElementType(edited, output, elementType));
  }

  /** An input that is [N,C,...] inside is given as [N,...,C]; see {@link #transposeInput}. */
  public ModelEditor inputChannelsLast(String input) {
    int rank = Border.rankWithChannels(edited, input);
    return with(Border.transposed(edited, input, Border.channelsFirstFromLast(rank)));
  }

  /** An input that is [N,...,C] inside is given as [N,C,...]; see {@link #transposeInput}. */
  public ModelEditor inputChannelsFirst(String input) {
    int rank = Border.rankWithChannels(edited, input);
    return with(Border.transposed(edited, input, Border.channelsLastFromFirst(rank)));
  }

  /**
   * An input whose axes callers give in another order. A Transpose is put in, and moved to where it
   * undoes another one, if there is one.
   *
   * @param order for each axis inside the model, which axis of the new input it is
   */
  public ModelEditor transposeInput(String input, int... order) {
    return with(Border.transposed(edited, input, order));
  }

  /**
   * An output whose axes callers get in another order.
   *
   * @param order for each axis of the new output, which axis inside the model it is
   */
  public ModelEditor transposeOutput(String output, int... order) {
    return with(Border.outputTransposed(edited, output, order));
  }

  // Outputs

  /** A value of the main graph as a further output. */
  public ModelEditor addOutput(String value) {
    return with(Border.addOutput(edited, value));
  }

  /** Without an output and what only it depends on. */
  public ModelEditor removeOutput(String output) {
    return with(Border.removeOutput(edited, output));
  }

  /** These values of the main graph as the only outputs, without what they do not depend on. */
  public ModelEditor outputs(String... values) {
    return with(Border.outputs(edited, List.of(values)));
  }

  /**
   * The model up to a value, with other nodes from there on.
   *
   * @param output the name of the only output
   * @param head builds on the value with all methods of a {@link GraphBuilder}
   */
  public ModelEditor replaceHead(
      String value, String output, BiFunction<? super GraphBuilder, Value, ? extends Value> head) {
    return with(Border.replaceHead(edited, value, output, head));
  }

  // Nodes

  /** A node with other inputs, attributes or operator; its results keep their names. */
  public ModelEditor changeNode(String node, UnaryOperator<Node> change) {
    return with(NodeEdits.change(edited, node, change));
  }

  /** Other nodes for one that has a single result, whose type must stay. */
  public ModelEditor replaceNode(
      String node, BiFunction<? super GraphBuilder, List<Value>, ? extends Value> body) {
    return with(
        NodeEdits.replace(
            edited, node, (b, inputs) -> Collections.singletonList(body.apply(b, inputs))));
  }

  /** Other nodes for one with several results; a value for each, whose types must stay. */
  public ModelEditor replaceNodes(
      String node,
      BiFunction<? super GraphBuilder, List<Value>, ? extends List<? extends Value>> body) {
    return with(NodeEdits.replace(edited, node, body));
  }

  /**
   * Other nodes for the part of the main graph that computes some values from others: everything
   * that used the outputs uses what is built instead, and nodes that nothing needs any more go.
   *
   * @param inputs what the builder is given, in order
   * @param outputs values that nodes compute, in the order in which the new ones are given back
   * @throws EditException if an input depends on one of the outputs
   */
  public ModelEditor replacePart(
      List<String> inputs,
      List<String> outputs,
      BiFunction<? super GraphBuilder, List<Value>, ? extends List<? extends Value>> body) {
    return with(PartReplacement.between(edited, inputs, outputs, body));
  }

  /**
   * Another value of the main graph in the place of one, wherever that is used, as an output too;
   * nodes that nothing needs any more go.
   *
   * @throws EditException if the other value depends on the one
   */
  public ModelEditor replaceUses(String value, String by) {
    return with(PartReplacement.uses(edited, value, by));
  }

  /** Nodes between a value of the main graph and all that uses it, as an output too. */
  public ModelEditor insertAfter(
      String value, BiFunction<? super GraphBuilder, Value, ? extends Value> body) {
    return with(NodeEdits.insertAfter(edited, value, body));
  }

  /** Nodes between a node and one of its inputs; other users of that value do not see them. */
  public ModelEditor insertBefore(
      String node, int input, BiFunction<? super GraphBuilder, Value, ? extends Value> body) {
    return with(NodeEdits.insertBefore(edited, node, input, body));
  }

  /** Without a node: its first input takes the place of its result, if the types allow it. */
  public ModelEditor removeNode(String node) {
    return with(NodeEdits.remove(edited, node));
  }

  // Initializers

  /** An initializer as an input that callers must give. */
  public ModelEditor initializerToInput(String initializer) {
    return with(Border.toInput(edited, initializer));
  }

  /** An input as an initializer of the given data. */
  public ModelEditor inputToInitializer(String input, TensorData data) {
    return with(Border.toInitializer(edited, input, data));
  }

  /** Other data for an initializer. */
  public ModelEditor initializer(String name, TensorData data) {
    return with(Border.initializer(edited, name, data));
  }

  // Parts and wholes

  /**
   * The part that computes some values from others, with the names it has now.
   *
   * @throws EditException if the outputs depend on other inputs too, naming them
   */
  public ModelEditor extract(List<String> inputs, List<String> outputs) {
    return with(Extraction.between(edited, inputs, outputs));
  }

  /**
   * Another model behind this one. Inner names of the other that are taken get a number; opset
   * versions may differ as long as the operators in use do not.
   *
   * @param connections from an output of this model to the input of the next that it becomes
   * @throws EditException if types, functions, opsets or names at the border do not go together
   */
  public ModelEditor append(Model next, Map<String, String> connections) {
    return append(next, connections.entrySet());
  }

  /**
   * The same, also where one output becomes several inputs, such as {@code
   * List.of(Map.entry("features", "left"), Map.entry("features", "right"))}.
   */
  public ModelEditor append(Model next, Collection<Map.Entry<String, String>> connections) {
    return with(Merging.connect(edited, next, connections));
  }

  /**
   * A function of the model, made of some nodes of the main graph. Wherever the main graph computes
   * the same from other values, it is called too. One of the nodes must depend on all others.
   *
   * @param operator the function's operator with its domain, such as {@code my.Block}
   */
  public ModelEditor outline(String operator, String... nodes) {
    return with(Outlining.outline(edited, operator, List.of(nodes)));
  }

  /** Calls of the model's functions replaced by their bodies. */
  public ModelEditor inlineFunctions() {
    return with(Passes.named("function-inlining").apply(edited).model());
  }

  // Less

  /** Without the types of intermediate values. */
  public ModelEditor withoutTypes() {
    return with(Stripping.types(edited));
  }

  /** Without doc strings. */
  public ModelEditor withoutDocs() {
    return with(Stripping.docs(edited));
  }

  /** Without doc strings and properties. */
  public ModelEditor withoutMetadata() {
    return with(Stripping.metadata(edited));
  }

  /**
   * Without the properties of graphs, functions, nodes and values, which no file before IR version
   * 10 can hold; those of the model itself stay.
   */
  public ModelEditor withoutPropertiesOfParts() {
    return with(Stripping.propertiesOfParts(edited));
  }

  /**
   * With zeros in place of large initializers and Constant nodes, in subgraphs and functions too,
   * so that the model's structure can be shown or sent without its weights.
   *
   * @param minElements those of fewer elements stay; shapes and axes have to
   */
  public ModelEditor withoutWeights(long minElements) {
    return with(Stripping.weights(edited, minElements));
  }
}
