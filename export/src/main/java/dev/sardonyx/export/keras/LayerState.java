package dev.sardonyx.export.keras;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What all calls of a layer share: its variables, and the constants made from them. */
final class LayerState {
  private final ModelConfig.Layer layer;
  private final Variables variables;
  private final ElementType computeType;
  private final Map<String, Tensor> read = new HashMap<>();
  private final Map<String, Value> constants = new HashMap<>();
  private final Map<String, LayerState> parts = new HashMap<>();

  private LayerState(ModelConfig.Layer layer, Variables variables, ElementType computeType) {
    this.layer = layer;
    this.variables = variables;
    this.computeType = computeType;
  }

  /** The state of the outermost model. */
  static LayerState ofModel(ModelConfig model, Variables variables) {
    ModelConfig.Layer layer =
        new ModelConfig.Layer(
            model.className(),
            "",
            false,
            model.name(),
            new LayerConfig(new com.google.gson.JsonObject()),
            model,
            List.of(),
            com.google.gson.JsonNull.INSTANCE);
    return new LayerState(layer, variables, ElementType.FLOAT);
  }

  /** The state of a layer of this model. */
  LayerState layer(int index, ModelConfig model) {
    return parts.computeIfAbsent(
        "#" + index,
        k -> {
          ModelConfig.Layer inner = model.layers().get(index);
          return new LayerState(
              inner, variables.ofLayer(index, inner, model), DtypePolicy.computeType(inner));
        });
  }

  /**
   * The state of a layer within this one, where this one is not a model.
   *
   * @param names of the attribute that holds it, the usual one first
   */
  LayerState part(ModelConfig.Layer inner, List<String> names) {
    return parts.computeIfAbsent(
        names.get(0),
        k -> new LayerState(inner, variables.part(names), DtypePolicy.computeType(inner)));
  }

  ModelConfig.Layer layer() {
    return layer;
  }

  ElementType computeType() {
    return computeType;
  }

  Map<String, Value> constants() {
    return constants;
  }

  /**
   * A variable by its role, which is read once. Ask for several in the order in which they are
   * stored.
   */
  Tensor variable(String role) {
    return read.computeIfAbsent(
        role,
        k ->
            variables
                .next(role)
                .orElseThrow(() -> new BrokenFile("the file has no weights for its " + role)));
  }
}
