package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.training.NdArrays;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;

/**
 * Reads SameDiff graphs. The model computes what the graph's {@code output} gives at inference:
 * placeholders are its inputs, outputs and values between have the names of their variables, and
 * constants and trained variables are initializers of their own types.
 *
 * <p>A first axis that a placeholder leaves open is the batch, the symbol {@code N}, and the same
 * for all placeholders; other open axes are symbols of their own.
 */
public final class SameDiffImporter {
  private SameDiffImporter() {}

  /**
   * Reads a graph.
   *
   * @param outputs names of variables; none for those of {@link #outputs}
   * @throws UnsupportedModelException naming every operator that cannot be read, its variable and
   *     the reason
   */
  public static Model read(SameDiff graph, String... outputs) {
    return read(graph, Map.of(), outputs);
  }

  /**
   * Reads a graph.
   *
   * @param shapes of placeholders that the graph does not tell, or tells otherwise
   * @param outputs names of variables; none for those of {@link #outputs}
   * @throws UnsupportedModelException naming every operator that cannot be read, its variable and
   *     the reason
   */
  public static Model read(SameDiff graph, Map<String, Shape> shapes, String... outputs) {
    List<String> names = outputs.length > 0 ? List.of(outputs) : outputs(graph);
    if (names.isEmpty()) {
      throw new UnsupportedModelException("The graph has no outputs; name some");
    }
    for (String name : names) {
      SDVariable output = graph.getVariable(name);
      if (output != null && output.getVariableType() != VariableType.ARRAY) {
        throw new UnsupportedModelException(
            "Variable '%s' is a %s; name what is computed"
                .formatted(name, output.getVariableType()));
      }
    }
    GraphBuilder b = GraphBuilder.of("SameDiff");
    Map<String, Value> inputs = new LinkedHashMap<>();
    for (SDVariable variable : SameDiffReader.placeholders(graph, names)) {
      inputs.put(variable.name(), b.input(variable.name(), type(variable, shapes)));
    }
    Map<String, Value> values = SameDiffReader.read(b, graph, names, leaf -> leaf(b, inputs, leaf));
    names.forEach(name -> b.output(Objects.requireNonNull(values.get(name))));
    return GivenNames.of(b.buildModel(), names, values);
  }

  private static Value leaf(GraphBuilder b, Map<String, Value> inputs, SDVariable leaf) {
    Value input = inputs.get(leaf.name());
    if (input != null) {
      return input;
    }
    if (leaf.getArr() == null) {
      throw new UnsupportedModelException(
          "Variable '%s' is %s without a value".formatted(leaf.name(), leaf.getVariableType()));
    }
    SameDiffReader.type(leaf);
    return b.constant(leaf.name(), NdArrays.sameType(leaf.getArr()));
  }

  private static TensorType type(SDVariable placeholder, Map<String, Shape> shapes) {
    Shape shape = shapes.get(placeholder.name());
    long[] told = placeholder.placeholderShape();
    if (shape == null && told == null) {
      throw new UnsupportedModelException(
          "Placeholder '%s' has no shape; give it".formatted(placeholder.name()));
    }
    return TensorType.of(
        SameDiffReader.type(placeholder), shape == null ? shape(placeholder, told) : shape);
  }

  private static Shape shape(SDVariable placeholder, long[] told) {
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < told.length; axis++) {
      String open = placeholder.name().replaceAll("\\W", "_") + "_" + axis;
      dims.add(told[axis] >= 0 ? Dim.of(told[axis]) : Dim.symbol(axis == 0 ? "N" : open));
    }
    return Shape.of(dims.toArray(Dim[]::new));
  }

  /**
   * The outputs of a graph: those that it names itself, or else all variables that no operator
   * uses, apart from losses and the operators that compute them.
   */
  public static List<String> outputs(SameDiff graph) {
    if (graph.outputs() != null && !graph.outputs().isEmpty()) {
      return List.copyOf(graph.outputs());
    }
    Set<String> losses = new HashSet<>(graph.getLossVariables());
    Set<String> used = new HashSet<>();
    for (SameDiffOp op : graph.getOps().values()) {
      if (!losses.containsAll(op.getOutputsOfOp())) {
        used.addAll(Objects.requireNonNullElse(op.getInputsToOp(), List.of()));
      }
    }
    return graph.variables().stream()
        .filter(variable -> variable.getVariableType() == VariableType.ARRAY)
        .map(SDVariable::name)
        .filter(name -> !used.contains(name) && !losses.contains(name))
        .toList();
  }
}
