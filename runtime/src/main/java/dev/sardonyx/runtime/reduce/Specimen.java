package dev.sardonyx.runtime.reduce;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.TensorData;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A model with inputs on which a backend may fail. */
record Specimen(Model model, Map<String, Datum> inputs) {
  /** With other inputs, whose types the model declares. */
  Specimen withInputs(Map<String, Datum> changed) {
    return new Specimen(
        model.withGraph(
            model
                .graph()
                .withInputs(
                    model.graph().inputs().stream()
                        .map(
                            input -> {
                              Datum value = changed.get(input.name());
                              return value == null ? input : input.withType(value.type());
                            })
                        .toList())),
        changed);
  }

  /** With other tensors, dense inputs and initializers, by their names. */
  Specimen withTensors(UnaryOperator<Map<String, Datum>> change) {
    Map<String, Datum> all = new LinkedHashMap<>(inputs);
    model.graph().constants().forEach(c -> all.put(c.name(), c.data()));
    Map<String, Datum> changed = change.apply(new LinkedHashMap<>(all));
    Map<String, Datum> own = new LinkedHashMap<>(inputs);
    own.replaceAll((name, value) -> changed.getOrDefault(name, value));
    Map<String, Datum> constants = new HashMap<>(changed);
    return new Specimen(
            model.withGraph(
                model
                    .graph()
                    .withConstants(
                        model.graph().constants().stream()
                            .map(
                                c ->
                                    constants.get(c.name()) instanceof TensorData data
                                        ? c.withData(data)
                                        : c)
                            .toList())),
            inputs)
        .withInputs(own);
  }

  /** All inputs and initializers. */
  Map<String, Datum> values() {
    Map<String, Datum> all = new LinkedHashMap<>(inputs);
    model.graph().constants().forEach(c -> all.put(c.name(), c.data()));
    return all;
  }

  int nodes() {
    return model.graph().nodes().size();
  }

  List<String> outputs() {
    return model.graph().outputs().stream().map(output -> output.name()).toList();
  }
}
