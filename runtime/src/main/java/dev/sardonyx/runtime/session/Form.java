package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.OptionalDatum;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.ValueType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The structure of an input, without its tensors' contents and dimensions. ONNX Runtime's Java API
 * takes nothing but tensors, so the graph that puts an input together from tensors depends on its
 * form.
 */
sealed interface Form {
  /** One tensor. */
  record Leaf() implements Form {}

  /** A sequence, with the form of each item. */
  record Items(List<Form> items) implements Form {
    public Items {
      items = List.copyOf(items);
    }
  }

  /** An optional, absent if null. */
  record Maybe(@Nullable Form value) implements Form {}

  Leaf LEAF = new Leaf();

  /** The form of a value that has been found to fit the declared type. */
  static Form of(ValueType declared, Datum datum) {
    if (declared instanceof OptionalType optional) {
      if (datum instanceof OptionalDatum given) {
        Datum value = given.value();
        return new Maybe(value == null ? null : of(optional.element(), value));
      }
      return new Maybe(of(optional.element(), datum));
    }
    if (declared instanceof SequenceType sequence && datum instanceof SequenceDatum given) {
      return new Items(given.items().stream().map(item -> of(sequence.element(), item)).toList());
    }
    return LEAF;
  }

  /**
   * The forms that a graph is first prepared for, before any input is known, for inputs without
   * default.
   */
  static Map<String, Form> typical(Graph graph) {
    Set<String> constants =
        graph.constants().stream().map(Constant::name).collect(Collectors.toSet());
    Map<String, Form> forms = new LinkedHashMap<>();
    for (Input input : graph.inputs()) {
      if (!constants.contains(input.name())) {
        forms.put(input.name(), typical(input.type()));
      }
    }
    return forms;
  }

  /** One item, optionals present. */
  private static Form typical(ValueType declared) {
    if (declared instanceof OptionalType optional) {
      return new Maybe(typical(optional.element()));
    }
    return declared instanceof SequenceType sequence
        ? new Items(Collections.nCopies(1, typical(sequence.element())))
        : LEAF;
  }
}
