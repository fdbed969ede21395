package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Variables as Keras 3 stores them: an HDF5 group for each object, named after its class or
 * attribute, with the variables numbered in {@code vars} in it.
 */
final class GroupVariables implements Variables {
  private static final List<String> LAYERS = List.of("layers", "_layer_checkpoint_dependencies");

  private final Hdf5.@Nullable Entry group;
  private List<String> groupNames = List.of();
  private int taken;

  GroupVariables(Hdf5.@Nullable Entry group) {
    this.group = group;
  }

  @Override
  public Optional<Tensor> next(String role) {
    return group == null ? Optional.empty() : group.tensor("vars/" + taken++);
  }

  @Override
  public Variables part(List<String> names) {
    if (group != null) {
      for (String name : names) {
        Optional<Hdf5.Entry> inner = group.child(name);
        if (inner.isPresent()) {
          return new GroupVariables(inner.get());
        }
      }
    }
    return new GroupVariables(null);
  }

  @Override
  public Variables ofLayer(int index, ModelConfig.Layer layer, ModelConfig model) {
    if (group == null) {
      return new GroupVariables(null);
    }
    if (groupNames.isEmpty()) {
      groupNames = groupNames(model);
    }
    for (String container : LAYERS) {
      Optional<Hdf5.Entry> layers = group.child(container);
      if (layers.isPresent()) {
        return new GroupVariables(find(layers.get(), groupNames.get(index), layer));
      }
    }
    return new GroupVariables(null);
  }

  private static Hdf5.@Nullable Entry find(
      Hdf5.Entry layers, String groupName, ModelConfig.Layer layer) {
    Hdf5.Entry byClass = layers.child(groupName).orElse(null);
    if (byClass != null && name(byClass).map(layer.name()::equals).orElse(true)) {
      return byClass;
    }
    // The class may have another name in Python; newer files have the layer's name with its
    // variables.
    for (String candidate : layers.names()) {
      Hdf5.Entry entry = layers.child(candidate).orElse(null);
      if (entry != null && name(entry).map(layer.name()::equals).orElse(false)) {
        return entry;
      }
    }
    return byClass;
  }

  private static Optional<String> name(Hdf5.Entry entry) {
    return entry.child("vars").flatMap(v -> v.texts("name")).map(texts -> texts.get(0));
  }

  /**
   * The names of the layers' groups: the classes in snake case, numbered from the second layer of a
   * class on.
   */
  private static List<String> groupNames(ModelConfig model) {
    Map<String, Integer> used = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (ModelConfig.Layer layer : model.layers()) {
      // Operations have no variables and no group.
      String name = layer.isOperation() ? "" : snakeCase(layer.className());
      int before = layer.isOperation() ? 0 : used.merge(name, 1, Integer::sum) - 1;
      names.add(before == 0 ? name : name + "_" + before);
    }
    return names;
  }

  static String snakeCase(String className) {
    return className
        .replaceAll("\\W+", "")
        .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
        .replaceAll("([a-z])([A-Z])", "$1_$2")
        .toLowerCase(Locale.ROOT);
  }
}
