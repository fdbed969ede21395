package dev.sardonyx.export.keras;

import dev.sardonyx.export.keras.KerasCallOrder.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Makes all calls of a model's layers, each after those whose outputs it takes. */
final class ModelCalls {
  private final GraphReading reading;
  private final ModelConfig model;
  private final LayerState state;
  private final Map<String, Integer> indices = new HashMap<>();
  private final int[] firstCall;
  private final int[] firstListed;
  private final Map<Step, List<KerasTensor>> done = new HashMap<>();

  /**
   * @param state of the model, with that of its layers
   */
  ModelCalls(GraphReading reading, ModelConfig model, LayerState state) {
    this.reading = reading;
    this.model = model;
    this.state = state;
    for (int i = 0; i < model.layers().size(); i++) {
      indices.put(model.layers().get(i).name(), i);
    }
    List<Argument.Reference> listed = List.copyOf(model.outputs().values());
    List<Argument.Reference> all = new ArrayList<>(listed);
    model.layers().forEach(l -> l.calls().forEach(c -> all.addAll(c.references())));
    this.firstCall =
        firstCalls(reading.generation() < 3 ? all : all.subList(listed.size(), all.size()), false);
    this.firstListed =
        firstCalls(reading.generation() < 3 ? all : listed, reading.generation() >= 3);
  }

  /**
   * The number that the file gives to the first call of each inner model. It is 1 where Keras
   * counts the creation of the model as its call 0: Keras 3 does so for functional models in the
   * list of outputs, Keras 2 for all inner models. In files of Keras 2 this shows in a reference to
   * one call more than are listed.
   */
  private int[] firstCalls(List<Argument.Reference> references, boolean ofOutputs) {
    int[] first = new int[model.layers().size()];
    boolean[] fromZero = new boolean[first.length];
    for (Argument.Reference reference : references) {
      int at = index(reference);
      ModelConfig.Layer layer = model.layers().get(at);
      if (layer.model() != null) {
        boolean listed = ofOutputs && !layer.className().equals("Sequential");
        boolean beyond = reading.generation() < 3 && reference.call() == layer.calls().size();
        first[at] = listed || beyond ? 1 : first[at];
        fromZero[at] |= reference.call() == 0;
      }
    }
    for (int i = 0; i < first.length; i++) {
      first[i] = fromZero[i] ? 0 : first[i];
    }
    return first;
  }

  private int index(Argument.Reference reference) {
    Integer index = indices.get(reference.layer());
    if (index == null) {
      throw new BrokenFile("refers to layer " + reference.layer() + ", which is not there");
    }
    return index;
  }

  private Step step(Argument.Reference reference, int[] first) {
    int layer = index(reference);
    return new Step(layer, reference.call() - first[layer]);
  }

  private Step step(Argument.Reference reference) {
    return step(reference, firstCall);
  }

  /**
   * Makes the calls.
   *
   * @param inputs by input layer
   * @return the outputs by name; empty if one of them is refused
   */
  Map<String, KerasTensor> run(Map<String, KerasTensor> inputs) {
    for (int i = 0; i < model.layers().size(); i++) {
      KerasTensor input = inputs.get(model.layers().get(i).name());
      if (input != null) {
        done.put(new Step(i, 0), List.of(input));
      }
    }
    Map<Step, Integer> waiting = new HashMap<>();
    Map<Step, List<Step>> users = new HashMap<>();
    Map<Step, Integer> places = KerasCallOrder.places(listedSteps(), this::sources);
    PriorityQueue<Step> ready =
        new PriorityQueue<>(
            Comparator.<Step>comparingInt(s -> places.getOrDefault(s, Integer.MAX_VALUE))
                .thenComparingInt(Step::layer)
                .thenComparingInt(Step::call));
    ready.addAll(done.keySet());
    for (int i = 0; i < model.layers().size(); i++) {
      List<ModelConfig.Call> calls = model.layers().get(i).calls();
      for (int c = 0; c < calls.size(); c++) {
        Step step = new Step(i, c);
        if (done.containsKey(step)) {
          continue;
        }
        List<Step> sources = sources(step);
        sources.forEach(s -> users.computeIfAbsent(s, k -> new ArrayList<>()).add(step));
        waiting.put(step, sources.size());
        if (sources.isEmpty()) {
          ready.add(step);
        }
      }
    }
    int left = waiting.size();
    while (!ready.isEmpty()) {
      Step step = ready.remove();
      if (!done.containsKey(step)) {
        done.put(step, call(step));
        left--;
      }
      for (Step user : users.getOrDefault(step, List.of())) {
        if (waiting.merge(user, -1, Integer::sum) == 0) {
          ready.add(user);
        }
      }
    }
    if (left > 0) {
      throw new BrokenFile(
          "its model " + model.name() + " has calls that wait for one another or for no call");
    }
    return outputs();
  }

  private List<Step> listedSteps() {
    return model.outputs().values().stream().map(r -> step(r, firstListed)).toList();
  }

  /** The calls whose results a call takes; a call that there is not takes none. */
  private List<Step> sources(Step step) {
    List<ModelConfig.Call> calls = model.layers().get(step.layer()).calls();
    return done.containsKey(step) || step.call() < 0 || step.call() >= calls.size()
        ? List.of()
        : calls.get(step.call()).references().stream().map(this::step).distinct().toList();
  }

  private Map<String, KerasTensor> outputs() {
    Map<String, KerasTensor> outputs = new LinkedHashMap<>();
    for (Map.Entry<String, Argument.Reference> output : model.outputs().entrySet()) {
      KerasTensor tensor = tensor(output.getValue(), firstListed, false);
      if (tensor == null) {
        return Map.of();
      }
      outputs.put(output.getKey(), tensor);
    }
    return outputs;
  }

  /** The outputs of one call; none if it, or what it needs, is refused. */
  private List<KerasTensor> call(Step step) {
    ModelConfig.Layer layer = model.layers().get(step.layer());
    ModelConfig.Call call = layer.calls().get(step.call());
    Map<Argument.Reference, KerasTensor> tensors = new HashMap<>();
    for (Argument.Reference reference : call.references()) {
      KerasTensor tensor = tensor(reference, firstCall, true);
      if (tensor == null) {
        return List.of();
      }
      tensors.put(reference, tensor);
    }
    LayerState own = state.layer(step.layer(), model);
    List<KerasTensor> outputs = reading.call(own, call.arguments(), call.named(), tensors);
    return outputs == null ? List.of() : outputs;
  }

  private @Nullable KerasTensor tensor(
      Argument.Reference reference, int[] first, boolean mayStandIn) {
    List<KerasTensor> outputs = done.get(step(reference, first));
    if (outputs == null) {
      throw new BrokenFile(
          "refers to call "
              + reference.call()
              + " of layer "
              + reference.layer()
              + ", which there is not");
    }
    if (outputs.isEmpty()) {
      return mayStandIn ? reading.placeholder(reference) : null;
    }
    if (reference.output() >= outputs.size()) {
      throw new BrokenFile(
          "refers to output "
              + reference.output()
              + " of layer "
              + reference.layer()
              + ", which has "
              + outputs.size());
    }
    return outputs.get(reference.output());
  }
}
