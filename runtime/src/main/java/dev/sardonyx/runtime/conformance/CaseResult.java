package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What came out of one case.
 *
 * @param operators of the main graph; empty if the model cannot be read
 * @param types the element types of the model's inputs and outputs
 * @param opset of ONNX's own operators, 0 if the model cannot be read
 * @param stages in the order they were run
 */
public record CaseResult(
    String name,
    List<String> operators,
    List<String> types,
    long opset,
    List<CaseResult.StageResult> stages) {
  public CaseResult {
    operators = List.copyOf(operators);
    types = List.copyOf(types);
    stages = List.copyOf(stages);
  }

  /** The outcome in one stage. */
  public record StageResult(String stage, Outcome outcome, long micros) {}

  /** A result without stages: what is known of the case from its model. */
  static CaseResult of(SuiteCase suiteCase) {
    Model model;
    try {
      model = suiteCase.model();
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      // The first stage tells why.
      return new CaseResult(suiteCase.name(), List.of(), List.of(), 0, List.of());
    }
    return of(suiteCase.name(), model);
  }

  /** A result without stages: what a model tells of its case. */
  public static CaseResult of(String name, Model model) {
    Set<String> operators =
        model.graph().nodes().stream()
            .map(Node::operator)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> types = new TreeSet<>();
    model.graph().inputs().forEach(input -> collect(input.type(), types));
    model.graph().outputs().forEach(output -> collect(output.type(), types));
    return new CaseResult(
        name, List.copyOf(operators), List.copyOf(types), model.opset("").orElse(0), List.of());
  }

  private static void collect(ValueType type, Set<String> names) {
    if (type instanceof TensorType tensor) {
      add(tensor.elementType(), names);
    } else if (type instanceof SparseTensorType sparse) {
      add(sparse.elementType(), names);
    } else if (type instanceof SequenceType sequence) {
      collect(sequence.element(), names);
    } else if (type instanceof OptionalType optional) {
      collect(optional.element(), names);
    } else if (type instanceof MapType map) {
      add(map.key(), names);
      collect(map.value(), names);
    }
  }

  private static void add(ElementType type, Set<String> names) {
    if (type != ElementType.UNDEFINED) {
      names.add(type.toString());
    }
  }

  /** The same case after some stages. */
  public CaseResult withStages(List<StageResult> changed) {
    return new CaseResult(name, operators, types, opset, changed);
  }
}
