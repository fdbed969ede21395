package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
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
  private final boolean first;
  private int taken;

  private ListedVariables(Hdf5.Entry group, List<String> names, boolean first) {
    this.group = group;
    this.names = names;
    this.first = first;
  }

  /** Variables that had to be put into another order. */
  private record Ordered(Iterator<Tensor> left) implements Variables {
    @Override
    public Optional<Tensor> next(String role) {
      return left.hasNext() ? Optional.of(left.next()) : Optional.empty();
    }

    @Override
    public Variables part(List<String> parts) {
      return this;
    }

    @Override
    public Variables ofLayer(int index, ModelConfig.Layer layer, ModelConfig model) {
      return NONE;
    }
  }

  /**
   * The variables of a file's model.
   *
   * @param first whether Keras 1 wrote them
   */
  static Variables of(Hdf5.Entry weights, boolean first) {
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
            .map(g -> new ListedVariables(g, g.texts("weight_names").orElse(List.of()), first))
            .map(listed -> listed.as(layer))
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
    return new ListedVariables(group, own, first).as(layer);
  }

  /** These variables as those of a layer, in the order in which its reader asks for them. */
  private Variables as(ModelConfig.Layer layer) {
    if (!first || layer.model() != null) {
      return this;
    }
    List<Tensor> all = new ArrayList<>();
    for (String name : names) {
      all.add(group.tensor(name).orElseThrow(() -> new BrokenFile("the file lacks " + name)));
    }
    return new Ordered(FirstKeras.weights(layer, all).iterator());
  }

  private List<String> within(Set<String> layers) {
    List<String> own = new ArrayList<>();
    for (String name : names) {
      List<String> path = Arrays.asList(name.split("/", -1));
      boolean there =
          first
              ? layers.stream().anyMatch(l -> name.startsWith(l + "_"))
              : path.subList(0, path.size() - 1).stream().anyMatch(layers::contains);
      if (there) {
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
