package dev.sardonyx.export.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A model as its file describes it, for all versions of Keras: its layers, and the arguments of
 * their calls.
 *
 * @param inputs the input layers by the names of the model's inputs
 * @param outputs by the names of the model's outputs
 * @param namedInputs whether the inputs are a dictionary
 */
record ModelConfig(
    String className,
    String name,
    List<Layer> layers,
    Map<String, Argument.Reference> inputs,
    Map<String, Argument.Reference> outputs,
    boolean namedInputs) {
  /** Classes that are models made of layers. */
  private static final Set<String> MODELS = Set.of("Sequential", "Functional", "Model");

  /**
   * A layer.
   *
   * @param className without the package under which it is registered
   * @param module the Python module of the class; empty if the file does not say
   * @param own whether it is not one of Keras's classes, though it may have the name of one
   * @param model the model, if the layer is one, otherwise null
   * @param calls the calls of the layer, with their arguments
   * @param builtFor the input shape that it was built for, as JSON, if the file says it
   */
  record Layer(
      String className,
      String module,
      boolean own,
      String name,
      LayerConfig config,
      @Nullable ModelConfig model,
      List<Call> calls,
      JsonElement builtFor) {
    /** Whether it is an operation of {@code keras.ops}, not a layer. */
    boolean isOperation() {
      return !own && isNamedAsOperation();
    }

    private boolean isNamedAsOperation() {
      return module.contains(".ops.") || module.startsWith("keras.ops") || untypedOperation();
    }

    /**
     * Whether it looks like an operation in a file of the older format, which does not say the
     * module: operations lack settings that all layers have, but some are made with a dtype.
     */
    private boolean untypedOperation() {
      return module.isEmpty()
          && !config.json().has("trainable")
          && (!config.json().has("dtype") || OperationReaders.OPERATIONS.containsKey(className));
    }
  }

  /** One call of a layer. */
  record Call(List<Argument> arguments, Map<String, Argument> named) {
    Call {
      arguments = List.copyOf(arguments);
      named = new LinkedHashMap<>(named);
    }

    List<Argument.Reference> references() {
      List<Argument.Reference> all = new ArrayList<>();
      arguments.forEach(a -> all.addAll(a.references()));
      named.values().forEach(a -> all.addAll(a.references()));
      return all;
    }
  }

  /** Parses the whole model of a file. */
  static ModelConfig parse(JsonElement root) {
    if (!root.isJsonObject()) {
      throw new BrokenFile("its configuration is no JSON object");
    }
    JsonObject object = root.getAsJsonObject();
    String className = text(object, "class_name");
    if (!MODELS.contains(className)) {
      throw new LayerRefusal(
          "the model is of the class "
              + className
              + ", whose Python code says what it computes; save it as a Sequential or functional"
              + " model");
    }
    return parse(className, element(object, "config"), object.get("build_config"));
  }

  private static ModelConfig parse(
      String className, JsonElement config, @Nullable JsonElement build) {
    // The oldest Sequential models are just a list of layers.
    JsonObject object = new JsonObject();
    if (config.isJsonArray()) {
      object.add("layers", config);
    } else if (config.isJsonObject()) {
      object = config.getAsJsonObject();
    }
    JsonArray listed = array(object, "layers");
    List<Layer> layers = new ArrayList<>();
    for (JsonElement layer : listed) {
      layers.add(layer(layer));
    }
    String name = object.has("name") ? text(object, "name") : className;
    if (layers.isEmpty()) {
      throw new BrokenFile("its model " + name + " has no layers");
    }
    ModelConfig model =
        object.has("input_layers")
            ? functional(className, name, layers, object)
            : sequential(className, name, layers, object, build);
    model.requireSound();
    return model;
  }

  private static Layer layer(JsonElement element) {
    if (!element.isJsonObject()) {
      throw new BrokenFile("its layers hold " + LayerConfig.shortened(element));
    }
    JsonObject object = element.getAsJsonObject();
    String className = text(object, "class_name");
    JsonElement config = element(object, "config");
    boolean isModel =
        MODELS.contains(className)
            && (config.isJsonArray()
                || config.isJsonObject() && config.getAsJsonObject().has("layers"));
    LayerConfig settings =
        new LayerConfig(config.isJsonObject() ? config.getAsJsonObject() : new JsonObject());
    String name =
        object.has("name") && object.get("name").isJsonPrimitive()
            ? object.get("name").getAsString()
            : settings.text("name", className);
    List<Call> calls = new ArrayList<>();
    if (object.has("inbound_nodes")) {
      array(object, "inbound_nodes").forEach(node -> calls.add(call(node)));
    }
    String module = optionalText(object, "module");
    return new Layer(
        className.substring(className.indexOf('>') + 1),
        module,
        isOwn(className, module, optionalText(object, "registered_name")),
        name,
        settings,
        isModel ? parse(className, config, object.get("build_config")) : null,
        calls,
        builtFor(object));
  }

  /**
   * Whether a class is not Keras's: in the older format such a class has a package before its name,
   * in the newer one it is registered, and its module, if any, is another.
   */
  private static boolean isOwn(String className, String module, String registeredName) {
    return className.contains(">")
        ? !className.startsWith("Keras>")
        : !registeredName.isEmpty() && !module.matches("((tf_)?keras|tensorflow)(\\..*)?");
  }

  /** A layer within the settings of another, such as the layer that a wrapper wraps. */
  static Layer inner(JsonElement element) {
    return layer(element);
  }

  private static JsonElement builtFor(JsonObject layer) {
    if (layer.has("build_config") && layer.get("build_config").isJsonObject()) {
      JsonElement shape = layer.getAsJsonObject("build_config").get("input_shape");
      return shape == null ? com.google.gson.JsonNull.INSTANCE : shape;
    }
    return com.google.gson.JsonNull.INSTANCE;
  }

  private static Call call(JsonElement node) {
    if (node.isJsonObject()) {
      JsonObject object = node.getAsJsonObject();
      List<Argument> arguments = new ArrayList<>();
      array(object, "args").forEach(a -> arguments.add(Argument.parse(a)));
      Map<String, Argument> named = new LinkedHashMap<>();
      if (object.has("kwargs") && object.get("kwargs").isJsonObject()) {
        object
            .getAsJsonObject("kwargs")
            .entrySet()
            .forEach(e -> named.put(e.getKey(), Argument.parse(e.getValue())));
      }
      return new Call(arguments, named);
    }
    Map<String, Argument> named = new LinkedHashMap<>();
    Argument all = Argument.parseLegacy(node, named);
    if (all instanceof Argument.Items items && items.items().size() == 1) {
      all = items.items().get(0);
    }
    return new Call(List.of(all), named);
  }

  private static ModelConfig functional(
      String className, String name, List<Layer> layers, JsonObject object) {
    JsonElement inputs = element(object, "input_layers");
    return new ModelConfig(
        className,
        name,
        List.copyOf(layers),
        references(inputs),
        references(element(object, "output_layers")),
        inputs.isJsonObject());
  }

  /**
   * {@code ["a",0,0]}, a list of such, a dictionary, or structures of these. Keras numbers what is
   * in a dictionary in the order of its keys, which the file may have in another.
   */
  private static Map<String, Argument.Reference> references(JsonElement element) {
    Map<String, Argument.Reference> all = new LinkedHashMap<>();
    collect("", element, all);
    if (all.isEmpty()) {
      throw new BrokenFile("its model has no inputs or outputs");
    }
    return all;
  }

  private static void collect(
      String key, JsonElement element, Map<String, Argument.Reference> into) {
    if (Argument.isReference(element)) {
      Argument.Reference reference = Argument.reference(element, null);
      into.put(unused(key.isEmpty() ? reference.layer() : key, into.keySet()), reference);
    } else if (element.isJsonArray()) {
      element.getAsJsonArray().forEach(e -> collect("", e, into));
    } else if (element.isJsonObject()) {
      new TreeMap<>(element.getAsJsonObject().asMap()).forEach((k, e) -> collect(k, e, into));
    } else {
      throw new BrokenFile(
          LayerConfig.shortened(element) + " stands where [layer, call, output] belongs");
    }
  }

  private static String unused(String name, Set<String> taken) {
    String free = name;
    for (int i = 1; taken.contains(free); i++) {
      free = name + "_" + i;
    }
    return free;
  }

  /** A Sequential model: each layer is called once, with the output of the one before. */
  private static ModelConfig sequential(
      String className,
      String name,
      List<Layer> layers,
      JsonObject object,
      @Nullable JsonElement build) {
    List<Layer> chain = new ArrayList<>();
    if (!layers.get(0).className().equals("InputLayer")) {
      chain.add(inputLayer(layers.get(0), object, build));
    }
    chain.addAll(layers);
    for (int i = 1; i < chain.size(); i++) {
      Layer layer = chain.get(i);
      Argument before = new Argument.Reference(chain.get(i - 1).name(), 0, 0, null);
      chain.set(i, withCalls(layer, List.of(new Call(List.of(before), Map.of()))));
    }
    Layer last = chain.get(chain.size() - 1);
    Layer first = chain.get(0);
    return new ModelConfig(
        className,
        name,
        List.copyOf(chain),
        Map.of(first.name(), new Argument.Reference(first.name(), 0, 0, null)),
        Map.of(last.name(), new Argument.Reference(last.name(), 0, 0, null)),
        false);
  }

  private static Layer withCalls(Layer layer, List<Call> calls) {
    return new Layer(
        layer.className(),
        layer.module(),
        layer.own(),
        layer.name(),
        layer.config(),
        layer.model(),
        calls,
        layer.builtFor());
  }

  /** The input that a Sequential model without an input layer was built for. */
  private static Layer inputLayer(Layer first, JsonObject model, @Nullable JsonElement build) {
    JsonObject config = new JsonObject();
    Optional<JsonElement> shape =
        Optional.ofNullable(first.config().json().get("batch_input_shape"))
            .or(() -> Optional.ofNullable(first.config().json().get("batch_shape")))
            .or(() -> Optional.ofNullable(model.get("build_input_shape")))
            .or(
                () ->
                    Optional.ofNullable(build)
                        .filter(JsonElement::isJsonObject)
                        .map(b -> b.getAsJsonObject().get("input_shape")))
            .or(() -> Optional.of(first.builtFor()))
            .filter(JsonElement::isJsonArray)
            .or(() -> innerInput(first));
    shape.ifPresent(s -> config.add("batch_shape", s));
    config.addProperty("name", first.name() + "_input");
    config.addProperty("dtype", first.className().equals("Embedding") ? "int32" : "float32");
    return new Layer(
        "InputLayer",
        "keras.layers",
        false,
        first.name() + "_input",
        new LayerConfig(config),
        null,
        List.of(),
        com.google.gson.JsonNull.INSTANCE);
  }

  /** The input of the first layer, if that is itself a model. */
  private static Optional<JsonElement> innerInput(Layer first) {
    return Optional.ofNullable(first.model())
        .filter(m -> m.inputs().size() == 1)
        .flatMap(m -> m.layer(m.inputs().values().iterator().next().layer()))
        .map(l -> inputShape(l.config()));
  }

  /** The shape that an input layer declares, the batch included; JSON's null if it does not. */
  static JsonElement inputShape(LayerConfig config) {
    return config.has("batch_shape")
        ? config.element("batch_shape")
        : config.element("batch_input_shape");
  }

  Optional<Layer> layer(String wanted) {
    return layers.stream().filter(l -> l.name().equals(wanted)).findFirst();
  }

  /** Refuses two layers of the same name, and references to layers that do not exist. */
  private void requireSound() {
    Set<String> names = new HashSet<>();
    for (Layer layer : layers) {
      if (!names.add(layer.name())) {
        throw new BrokenFile("its model " + name + " has two layers named " + layer.name());
      }
    }
    for (Layer layer : layers) {
      for (Call call : layer.calls()) {
        call.references().forEach(r -> requireThere(names, r, "layer " + layer.name()));
      }
    }
    inputs.values().forEach(r -> requireThere(names, r, "an input"));
    outputs.values().forEach(r -> requireThere(names, r, "an output"));
  }

  private void requireThere(Set<String> names, Argument.Reference reference, String user) {
    if (!names.contains(reference.layer())) {
      throw new BrokenFile(
          "its model "
              + name
              + ": "
              + user
              + " refers to layer "
              + reference.layer()
              + ", which is not there");
    }
  }

  // JSON

  static JsonElement element(JsonObject object, String key) {
    JsonElement element = object.get(key);
    if (element == null) {
      throw new BrokenFile(
          "its configuration has no " + key + " in " + LayerConfig.shortened(object));
    }
    return element;
  }

  static JsonObject object(JsonObject object, String key) {
    JsonElement element = element(object, key);
    if (!element.isJsonObject()) {
      throw new BrokenFile("its " + key + " is " + LayerConfig.shortened(element));
    }
    return element.getAsJsonObject();
  }

  private static JsonArray array(JsonObject object, String key) {
    JsonElement element = element(object, key);
    if (!element.isJsonArray()) {
      throw new BrokenFile(
          "its " + key + " is " + LayerConfig.shortened(element) + ", where a list belongs");
    }
    return element.getAsJsonArray();
  }

  /** A text; empty if it is not there. */
  private static String optionalText(JsonObject object, String key) {
    JsonElement element = object.get(key);
    return element != null && element.isJsonPrimitive() ? element.getAsString() : "";
  }

  private static String text(JsonObject object, String key) {
    JsonElement element = element(object, key);
    if (!element.isJsonPrimitive()) {
      throw new BrokenFile(
          "its " + key + " is " + LayerConfig.shortened(element) + ", where a name belongs");
    }
    return element.getAsString();
  }
}
