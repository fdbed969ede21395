package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Variables as {@code .h5} files store them: one list for each layer of the outermost model, in the
 * order in which they were created, the trainable ones first.
 */
final class ListedVariables implements Variables {
  private final Hdf5.Entry group;
  private final List<String> names;
  private int taken;

  private ListedVariables(Hdf5.Entry group, List<String> names) {
    this.group = group;
    this.names = names;
  }

  /** The variables of a file's model. */
  static Variables of(Hdf5.Entry weights) {
    return new Variables() {
      @Override
      public Optional<Tensor> next(String role) {
        return Optional.empty();
      }

      @Override
      public Variables part(List<String> parts) {
        return NONE;
      }

      @Override
      public Variables ofLayer(int index, ModelConfig.Layer layer, ModelConfig model) {
        return weights
            .child(layer.name())
            .<Variables>map(g -> new ListedVariables(g, g.texts("weight_names").orElse(List.of())))
            .orElse(NONE);
      }
    };
  }

  @Override
  public Optional<Tensor> next(String role) {
    return taken < names.size() ? group.tensor(names.get(taken++)) : Optional.empty();
  }

  /** Objects within a layer share its list. */
  @Override
  public Variables part(List<String> parts) {
    return this;
  }

  /** The variables of a layer of an inner model, found by the layer's name in their paths. */
  @Override
  public Variables ofLayer(int index, ModelConfig.Layer layer, ModelConfig model) {
    List<String> own = within(Set.of(layer.name()));
    if (own.isEmpty() && layer.model() != null) {
      Set<String> leaves = new HashSet<>();
      collect(layer.model(), leaves);
      own = within(leaves);
    }
    return new ListedVariables(group, own);
  }

  private List<String> within(Set<String> layers) {
    List<String> own = new ArrayList<>();
    for (String name : names) {
      List<String> path = Arrays.asList(name.split("/", -1));
      if (path.subList(0, path.size() - 1).stream().anyMatch(layers::contains)) {
        own.add(name);
      }
    }
    return own;
  }

  private static void collect(ModelConfig model, Set<String> into) {
    for (ModelConfig.Layer layer : model.layers()) {
      into.add(layer.name());
      if (layer.model() != null) {
        collect(layer.model(), into);
      }
    }
  }
}
