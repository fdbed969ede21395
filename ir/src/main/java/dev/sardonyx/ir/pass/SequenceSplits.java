package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parts of a tensor, taken from Split rather than from a sequence of parts. */
final class SequenceSplits {
  static final NodeTransform RULE = NodeTransform.of("SequenceAt", SequenceSplits::part);

  private SequenceSplits() {}

  private static @Nullable Value part(Node at, Rewriter to) {
    Node cut = to.producer(at.input(0));
    Tensor position = to.tensor(at.input(1));
    if (cut == null || !cut.is("SplitToSequence") || position == null || to.isOpen(cut)) {
      return null;
    }
    long[] sizes = sizes(cut, to);
    long index = position.toLongs()[0];
    if (sizes == null || index >= sizes.length || index < -sizes.length) {
      return null;
    }
    int i = (int) (index < 0 ? index + sizes.length : index);
    Map<String, List<String>> made = to.memory(RULE, HashMap::new);
    List<String> parts = made.get(at.input(0));
    if (parts != null && to.has(parts.get(i))) {
      return to.value(parts.get(i));
    }
    List<Value> split = to.split(to.input(cut, 0), cut.intAttribute("axis", 0), sizes);
    List<String> names = new ArrayList<>(split.stream().map(Value::name).toList());
    names.set(i, at.output(0).name()); // as the part will be called
    made.put(at.input(0), names);
    return split.get(i);
  }

  /** The sizes of the parts, or null if they are not known or lose their axis. */
  private static long @Nullable [] sizes(Node cut, Rewriter to) {
    Shape shape = to.shape(cut.input(0));
    long axis = cut.intAttribute("axis", 0);
    if (!shape.isRanked() || axis < -shape.rank() || axis >= shape.rank() || !cut.hasInput(1)) {
      return null;
    }
    Tensor split = to.tensor(cut.input(1));
    Dim dim = shape.dim((int) (axis < 0 ? axis + shape.rank() : axis));
    if (split == null || split.rank() == 1) {
      return split == null || !fits(split.toLongs(), dim) ? null : split.toLongs();
    }
    long each = split.toLongs()[0];
    if (!dim.isFixed() || each <= 0 || dim.value() == 0 || dim.value() / each > 1024) {
      return null;
    }
    long[] sizes = new long[(int) ((dim.value() + each - 1) / each)];
    Arrays.fill(sizes, each);
    sizes[sizes.length - 1] = dim.value() - each * (sizes.length - 1);
    return sizes;
  }

  /** Whether sizes can be those of the parts of a dimension; the checker tells if they cannot. */
  private static boolean fits(long[] sizes, Dim dim) {
    return Arrays.stream(sizes).allMatch(size -> size >= 0)
        && !Dim.of(Arrays.stream(sizes).sum()).isDifferentFrom(dim);
  }
}
