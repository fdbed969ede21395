package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one of several initializers with the same type and elements; a subgraph uses those of the
 * graphs around it. Initializers that are an input's default or an output stay.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: still there
public record DuplicateInitializers() implements Pass {
  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "duplicate-initializers", new Transform());
  }

  static final class Transform implements NodeTransform {
    @Override
    public void begin(Graph graph, Rewriter to) {
      Set<String> defaults = new HashSet<>();
      graph.inputs().stream().map(Input::name).forEach(defaults::add);
      Known own = known(to);
      for (Constant constant : graph.constants()) {
        if (!(constant.data() instanceof Tensor tensor) || defaults.contains(constant.name())) {
          continue;
        }
        String before = find(tensor, to);
        if (before == null) {
          own.add(constant.name(), tensor);
        } else if (!to.isPinned(constant.name())) {
          to.replace(constant, before);
        }
      }
    }

    private Known known(Rewriter graph) {
      return graph.memory(this, Known::new);
    }

    private @Nullable String find(Tensor tensor, Rewriter to) {
      for (Rewriter graph = to; graph != null; graph = graph.outer()) {
        Named before = known(graph).find(tensor);
        // What was there may have gone since, and its name with another initializer.
        if (before != null && to.tensor(before.name()) == before.tensor()) {
          return before.name();
        }
      }
      return null;
    }

    @Override
    public Set<String> operators() {
      return Set.of(); // all is done before the first node
    }

    @Override
    public void rewrite(Node node, Rewriter to) {}
  }

  private record Named(String name, Tensor tensor) {}

  /**
   * The initializers of one graph, by their hash, which few bytes tell. All bytes are read only
   * where these do not decide.
   */
  private static final class Known {
    private final Map<Integer, Named> first = new HashMap<>();
    private final Map<Integer, Map<Long, List<Named>>> others = new HashMap<>();

    void add(String name, Tensor tensor) {
      int kind = tensor.hashCode();
      Named named = new Named(name, tensor);
      if (first.putIfAbsent(kind, named) != null) {
        others
            .computeIfAbsent(kind, k -> new HashMap<>())
            .computeIfAbsent(checksum(tensor), c -> new ArrayList<>())
            .add(named);
      }
    }

    @Nullable Named find(Tensor tensor) {
      int kind = tensor.hashCode();
      Named candidate = first.get(kind);
      if (candidate == null) {
        return null;
      }
      if (candidate.tensor().equals(tensor)) {
        return candidate;
      }
      Map<Long, List<Named>> bySum = others.get(kind);
      if (bySum == null) {
        return null;
      }
      for (Named named : bySum.getOrDefault(checksum(tensor), List.of())) {
        if (named.tensor().equals(tensor)) {
          return named;
        }
      }
      return null;
    }

    private static long checksum(Tensor tensor) {
      TensorSource source = tensor.source();
      if (source == null) {
        return tensor.strings().hashCode();
      }
      CRC32C sum = new CRC32C();
      int step = 1 << 26;
      for (long at = 0; at < source.byteSize(); at += step) {
        sum.update(source.slice(at, (int) Math.min(step, source.byteSize() - at)));
      }
      return sum.getValue();
    }
  }
}
