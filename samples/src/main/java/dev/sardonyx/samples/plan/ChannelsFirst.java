package dev.sardonyx.samples.plan;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.edit.ModelEditor;
import java.util.List;
import java.util.Map;

/**
 * Networks that see images with their channels last, as Keras's do, on data that have them first.
 */
final class ChannelsFirst {
  /** The first whose typed operators can be built. */
  private static final long OLDEST_OPSET = 7;

  private static final long[] TO_LAST = {0, 2, 3, 1};

  private ChannelsFirst() {}

  /**
   * A network that takes [N,C,H,W] in place of [N,H,W,C] if only the latter fits the data; any
   * other as it is.
   *
   * @param example the shape of an image of the data, [C,H,W]
   */
  static Model of(Model model, List<Long> example) {
    List<Input> inputs = model.graph().inputs();
    if (example.size() != 3
        || inputs.isEmpty()
        || model.opset("").orElse(0) < OLDEST_OPSET
        || !(inputs.get(0).type() instanceof TensorType type)) {
      return model;
    }
    Shape seen = type.shape();
    if (!seen.isRanked()
        || seen.rank() != 4
        || fits(seen, example)
        || !fits(seen, List.of(example.get(1), example.get(2), example.get(0)))) {
      return model;
    }
    String name = inputs.get(0).name();
    Shape first = Shape.of(List.of(seen.dim(0), seen.dim(3), seen.dim(1), seen.dim(2)));
    GraphBuilder b =
        GraphBuilder.of(model.graph().name(), Math.toIntExact(model.opset("").orElse(0)));
    Value image = b.input(name, TensorType.of(type.elementType(), first));
    Value last = b.transpose(image, TO_LAST);
    // A value of the network must keep its name, by which the plan may know it.
    String free = free(model, last.name());
    b.output(last, free);
    return ModelEditor.of(b.buildModel()).append(model, Map.of(free, name)).model();
  }

  private static String free(Model model, String name) {
    GraphIndex taken = GraphIndex.of(model.graph());
    String free = name;
    while (taken.has(free)) {
      free += "_last";
    }
    return free;
  }

  private static boolean fits(Shape seen, List<Long> example) {
    return seen.with(0, Dim.UNKNOWN)
        .isCompatibleWith(
            Shape.of(
                List.of(
                    Dim.UNKNOWN,
                    Dim.of(example.get(0)),
                    Dim.of(example.get(1)),
                    Dim.of(example.get(2)))));
  }
}
