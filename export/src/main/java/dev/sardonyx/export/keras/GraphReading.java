package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The reading of one file: the graph that is being built, and the layers that are refused. */
final class GraphReading {
  private final LayerReaders readers;
  private final Limits limits;

  /** The names of refused layers, by class and reason. */
  private final Map<String, Set<String>> refusals = new LinkedHashMap<>();

  private GraphBuilder builder = GraphBuilder.of("model");
  private int depth;
  private boolean training;
  private int generation;
  private boolean dropsMasks;
  private final Set<String> withoutMask = new HashSet<>();

  GraphReading(LayerReaders readers, Limits limits) {
    this.readers = readers;
    this.limits = limits;
  }

  int generation() {
    return generation;
  }

  GraphBuilder builder() {
    return builder;
  }

  /**
   * Whether the call that is being made, or one around it, asks for the mode of training. Calls in
   * Keras 3 do not, since there {@code predict} takes no notice.
   */
  boolean training() {
    return training;
  }

  /** Takes the mask of a value away from all calls that are still to be made. */
  void dropMask(Value value) {
    if (dropsMasks) {
      withoutMask.add(value.name());
    }
  }

  /** A tensor as it is now: without its mask if that was taken away. */
  KerasTensor asItIs(KerasTensor tensor) {
    return withoutMask.contains(tensor.value().name()) ? KerasTensor.of(tensor.value()) : tensor;
  }

  /**
   * @throws UnsupportedModelException if layers cannot be expressed, naming all of them
   */
  Model read(KerasFile file) {
    generation = file.generation();
    dropsMasks = file.dropsMasks();
    ModelConfig model = ModelConfig.parse(file.model());
    builder = GraphBuilder.of(model.name().isEmpty() ? "model" : model.name());
    refuseUnknown(model, "");
    Map<String, KerasTensor> inputs = new LinkedHashMap<>();
    model
        .inputs()
        .forEach((name, reference) -> inputs.put(reference.layer(), input(name, reference, model)));
    Map<String, KerasTensor> outputs =
        new ModelCalls(this, model, LayerState.ofModel(model, file.variables())).run(inputs);
    if (!refusals.isEmpty()) {
      throw new UnsupportedModelException(
          "cannot be expressed in ONNX: "
              + refusals.entrySet().stream()
                  .map(e -> e.getKey().formatted(listed(e.getValue())))
                  .collect(Collectors.joining("; ")));
    }
    outputs.forEach((name, tensor) -> builder.output(tensor.value(), outputName(name, inputs)));
    return builder.buildModel();
  }

  /** The name of an output, which must not be that of an input; both are names of layers. */
  private static String outputName(String name, Map<String, KerasTensor> inputs) {
    boolean taken =
        inputs.values().stream().anyMatch(t -> t.value().name().equals(name)) || name.isEmpty();
    return taken ? name + "_out" : name;
  }

  private KerasTensor input(String name, Argument.Reference reference, ModelConfig model) {
    LayerConfig config =
        model
            .layer(reference.layer())
            .orElseThrow(() -> new BrokenFile("has no input layer " + reference.layer()))
            .config();
    if (config.truth("sparse", false) || config.truth("ragged", false)) {
      refuse(name, "InputLayer", "sparse and ragged inputs are not in ONNX");
    }
    JsonElement shape = ModelConfig.inputShape(config);
    if (!shape.isJsonArray()) {
      throw new BrokenFile(
          "does not say the shape of input "
              + name
              + "; call the model once, or give it an Input, before it is saved");
    }
    ElementType type = elementType(config.text("dtype", "float32"));
    return KerasTensor.of(builder.input(name, TensorType.of(type, shape(name, shape))));
  }

  /** A shape from JSON; a null is the batch or becomes a symbol named after the input. */
  private static Shape shape(String name, JsonElement json) {
    List<Dim> dims = new ArrayList<>();
    for (JsonElement element : json.getAsJsonArray()) {
      int axis = dims.size();
      if (element.isJsonNull()) {
        dims.add(Shape.parse(axis == 0 ? "N" : symbol(name, axis)).dim(0));
      } else if (element.isJsonPrimitive() && element.getAsJsonPrimitive().isNumber()) {
        dims.add(Dim.of(element.getAsLong()));
      } else {
        throw new BrokenFile("input " + name + " has the shape " + LayerConfig.shortened(json));
      }
    }
    return Shape.of(dims);
  }

  private static String symbol(String name, int axis) {
    String letters = name.replaceAll("[^A-Za-z0-9_]", "_");
    return (letters.matches("[A-Za-z_].*") ? letters : "_" + letters) + "_" + axis;
  }

  static ElementType elementType(String kerasName) {
    String onnxName =
        switch (kerasName) {
          case "float32" -> "float";
          case "float64" -> "double";
          default -> kerasName.toLowerCase(Locale.ROOT);
        };
    return ElementType.named(onnxName)
        .orElseThrow(() -> new LayerRefusal("elements of the type " + kerasName));
  }

  /** A placeholder for the output of a refused layer; the model is not kept. */
  @Nullable KerasTensor placeholder(Argument.Reference reference) {
    JsonObject declared = reference.declared();
    if (declared == null
        || !declared.has("shape")
        || !declared.get("shape").isJsonArray()
        || !declared.has("dtype")) {
      return null;
    }
    String name = builder.freshName("refused");
    return KerasTensor.of(
        builder.input(
            builder.innerName(name),
            TensorType.of(
                elementType(declared.get("dtype").getAsString()),
                shape(name, declared.get("shape")))));
  }

  /** Refuses every layer that cannot be read, including those in inner models and wrappers. */
  private void refuseUnknown(ModelConfig model, String path) {
    for (ModelConfig.Layer layer : model.layers()) {
      refuseUnknown(layer, path);
    }
  }

  private void refuseUnknown(ModelConfig.Layer layer, String path) {
    if (layer.model() != null) {
      refuseUnknown(layer.model(), path + layer.name() + ".");
      return;
    }
    refusal(layer).ifPresent(reason -> refuse(path + layer.name(), layer.className(), reason));
    for (String wrapped : List.of("layer", "cell", "backward_layer")) {
      JsonElement inner = layer.config().element(wrapped);
      if (inner.isJsonObject() && inner.getAsJsonObject().has("class_name")) {
        refuseUnknown(ModelConfig.inner(inner), path + layer.name() + ".");
      }
    }
  }

  private Optional<String> refusal(ModelConfig.Layer layer) {
    Optional<String> old = generation == 1 ? FirstKeras.refusal(layer) : Optional.empty();
    return old.or(() -> readers.refusal(layer));
  }

  private void refuse(String name, String className, String reason) {
    String sentence = "%s (" + escaped(className) + "): " + escaped(reason);
    refusals.computeIfAbsent(sentence, k -> new LinkedHashSet<>()).add(name);
  }

  private static String escaped(String text) {
    return text.replace("%", "%%");
  }

  private static String listed(Set<String> layers) {
    return (layers.size() == 1 ? "layer " : "layers ") + String.join(", ", layers);
  }

  /**
   * One call of a layer.
   *
   * @return its outputs; null if it is refused
   */
  @Nullable List<KerasTensor> call(
      LayerState state,
      List<Argument> arguments,
      Map<String, Argument> named,
      Map<Argument.Reference, KerasTensor> tensors) {
    ModelConfig.Layer layer = state.layer();
    limits.requireDepth(++depth, "Layers within layers");
    boolean around = training;
    training =
        generation < 3 && TrainingOnlyReaders.training(layer, arguments, named).orElse(around);
    try {
      if (layer.model() != null) {
        return builder.scope(layer.name(), () -> callModel(state, arguments, tensors));
      }
      LayerReader reader = readers.find(layer);
      if (reader == null || refusal(layer).isPresent()) {
        return null; // already among the refusals
      }
      if (training) {
        TrainingOnlyReaders.requireNoChance(layer);
      }
      KerasLayer call = new KerasLayer(this, state, arguments, named, tensors);
      return builder.scope(layer.name(), () -> reader.read(call));
    } catch (LayerRefusal e) {
      refuse(builder.fullName(layer.name()), layer.className(), String.valueOf(e.getMessage()));
      return null;
    } catch (GraphBuildException e) {
      throw new BrokenFile("does not fit what it is given: " + e.problem(), e).at(place(layer));
    } catch (BrokenFile e) {
      throw e.at(place(layer));
    } finally {
      depth--;
      training = around;
    }
  }

  private String place(ModelConfig.Layer layer) {
    return "layer " + builder.fullName(layer.name()) + " (" + layer.className() + "): ";
  }

  private @Nullable List<KerasTensor> callModel(
      LayerState state, List<Argument> arguments, Map<Argument.Reference, KerasTensor> tensors) {
    ModelConfig model = state.layer().model();
    if (model == null || arguments.isEmpty()) {
      throw new BrokenFile("is called without arguments");
    }
    Map<String, KerasTensor> inputs = new LinkedHashMap<>();
    if (arguments.get(0) instanceof Argument.Named dictionary) {
      model
          .inputs()
          .forEach(
              (name, input) -> {
                String key = model.namedInputs() ? name : input.layer();
                Argument given = dictionary.items().get(key);
                if (given instanceof Argument.Reference reference) {
                  inputs.put(input.layer(), tensors.get(reference));
                }
              });
    } else {
      List<Argument.Reference> given = arguments.get(0).references();
      List<Argument.Reference> wanted = List.copyOf(model.inputs().values());
      for (int i = 0; i < Math.min(given.size(), wanted.size()); i++) {
        inputs.put(wanted.get(i).layer(), tensors.get(given.get(i)));
      }
    }
    if (inputs.size() != model.inputs().size()) {
      throw new BrokenFile(
          "is called with "
              + inputs.size()
              + " tensors, but has "
              + model.inputs().size()
              + " inputs");
    }
    Map<String, KerasTensor> outputs = new ModelCalls(this, model, state).run(inputs);
    return outputs.isEmpty() ? null : List.copyOf(outputs.values());
  }

  /** The value of a layer's constant, which is made once. */
  Value constant(LayerState state, String name, dev.sardonyx.ir.Tensor tensor) {
    return state.constants().computeIfAbsent(name, n -> builder.numberedConstant(n, tensor));
  }

  /** An empty table. */
  static <K, V> Map<K, V> table() {
    return new HashMap<>();
  }
}
