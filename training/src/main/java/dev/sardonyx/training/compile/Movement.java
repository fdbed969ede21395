package dev.sardonyx.training.compile;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.jspecify.annotations.Nullable;

/** Operators that move numbers about: flattening, reshaping, joining, cutting, padding, scaling. */
final class Movement {
  private Movement() {}

  static void identity(Node node, NetworkBuilder network) {
    network.alias(node.output(0).name(), node, 0);
  }

  /** The axes in another order, which costs nothing before somebody needs it. */
  static void transpose(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    int[] permutation =
        node.intsAttribute("perm")
            .map(perm -> LongStream.of(perm).mapToInt(Math::toIntExact).toArray())
            .orElseGet(() -> IntStream.range(0, rank).map(i -> rank - 1 - i).toArray());
    network.view(node.output(0).name(), network.held(node, 0).transposed(permutation), node, 0);
  }

  /**
   * DL4J computes with floats. Whole numbers occur only as the indices of an embedding, which
   * truncates them itself.
   */
  static void cast(Node node, NetworkBuilder network) {
    ElementType to = ElementType.of((int) node.intAttribute("to", 0));
    boolean isWhole = to == ElementType.INT32 || to == ElementType.INT64;
    boolean isPlace =
        isWhole
            && network.consumers(node).stream()
                .allMatch(n -> n.is("Gather") && network.isConstant(n, 0));
    if (to != ElementType.FLOAT && !isPlace) {
      throw new NodeRefusal(node, "DL4J computes with floats only, not with " + to);
    }
    network.alias(node.output(0).name(), node, 0);
  }

  static void flatten(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long axis = node.intAttribute("axis", 1);
    if ((axis < 0 ? axis + rank : axis) != 1) {
      throw new NodeRefusal(node, "DL4J keeps the first axis apart, not the first " + axis);
    }
    long[] rest = network.example(node, node.input(0));
    reshape(node, network, rest, LongStream.of(rest).reduce(1, Math::multiplyExact));
  }

  static void reshape(Node node, NetworkBuilder network) {
    Tensor constant = network.optionalConstant(node, 1);
    long[] target =
        constant != null ? constant.toLongs() : node.intsAttribute("shape").orElse(new long[0]);
    Shape shape = network.shape(node.input(0));
    if (isView(node, network)) {
      return;
    }
    long[] rest = network.example(node, node.input(0));
    long size = LongStream.of(rest).reduce(1, Math::multiplyExact);
    boolean zeroCopies = node.intAttribute("allowzero", 0) == 0;
    long[] wanted = new long[Math.max(0, target.length - 1)];
    int open = -1;
    long known = 1;
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = target[i + 1];
      if (wanted[i] == 0 && zeroCopies && i < rest.length) {
        wanted[i] = rest[i];
      }
      if (wanted[i] == -1) {
        open = i;
      } else {
        known *= wanted[i];
      }
    }
    if (open >= 0 && known > 0) {
      wanted[open] = size / known;
      known *= wanted[open];
    }
    if (target.length == 0 || known != size || !keepsBatch(target[0], shape.dim(0), zeroCopies)) {
      throw new NodeRefusal(
          node,
          "DL4J reshapes each example by itself, which %s to %s does not"
              .formatted(shape, Arrays.toString(target)));
    }
    reshape(node, network, rest, wanted);
  }

  /**
   * Whether only axes of size 1 come or go that the array does not have; such a value is then
   * another view of it, whatever the order of its axes.
   */
  private static boolean isView(Node node, NetworkBuilder network) {
    HeldValue held = network.held(node, 0);
    Shape from = network.shape(node.input(0));
    Shape to = network.shape(node.output(0).name());
    if (held.isNatural() || !from.isRanked() || !to.isRanked()) {
      return false;
    }
    int[] order = new int[to.rank()];
    int next = 0;
    for (int i = 0; i < order.length; i++) {
      while (next < from.rank() && held.order()[next] == HeldValue.ABSENT) {
        next++;
      }
      if (next < from.rank() && from.dim(next).isKnown() && from.dim(next).equals(to.dim(i))) {
        order[i] = held.order()[next++];
      } else if (to.dim(i).isFixed(1)) {
        order[i] = HeldValue.ABSENT;
      } else {
        return false;
      }
    }
    while (next < from.rank() && held.order()[next] == HeldValue.ABSENT) {
      next++;
    }
    if (next < from.rank()) {
      return false;
    }
    network.view(node.output(0).name(), new HeldValue(held.vertex(), order), node, 0);
    return true;
  }

  private static boolean keepsBatch(long target, Dim batch, boolean zeroCopies) {
    return target == -1 || (target == 0 && zeroCopies) || batch.isFixed(target);
  }

  static void squeeze(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long[] axes = axes(node, network);
    HeldValue without = withoutAxes(network.held(node, 0), axes, rank);
    if (without != null) {
      network.view(node.output(0).name(), without, node, 0);
      return;
    }
    long[] rest = network.example(node, node.input(0));
    boolean[] drop = new boolean[rank];
    for (long axis : axes) {
      drop[(int) (axis < 0 ? axis + rank : axis)] = true;
    }
    if (drop[0]) {
      throw new NodeRefusal(node, "DL4J keeps the axis of the examples");
    }
    long[] target = new long[rest.length];
    int count = 0;
    for (int i = 0; i < rest.length; i++) {
      if (!drop[i + 1] && !(axes.length == 0 && rest[i] == 1)) {
        target[count++] = rest[i];
      }
    }
    reshape(node, network, rest, Arrays.copyOf(target, count));
  }

  /** The value without axes that its array does not have; null if it has any of them. */
  private static @Nullable HeldValue withoutAxes(HeldValue held, long[] axes, int rank) {
    int[] descending =
        LongStream.of(axes)
            .mapToInt(a -> (int) (a < 0 ? a + rank : a))
            .map(a -> -a)
            .sorted()
            .map(a -> -a)
            .toArray();
    if (axes.length == 0
        || IntStream.of(descending).anyMatch(a -> held.order()[a] != HeldValue.ABSENT)) {
      return null;
    }
    HeldValue without = held;
    for (int axis : descending) {
      without = without.without(axis);
    }
    return without;
  }

  static void unsqueeze(Node node, NetworkBuilder network) {
    long[] rest = network.example(node, node.input(0));
    long[] axes = axes(node, network);
    int rank = rest.length + 1 + axes.length;
    boolean[] added = new boolean[rank];
    for (long axis : axes) {
      added[(int) (axis < 0 ? axis + rank : axis)] = true;
    }
    if (added[0]) {
      throw new NodeRefusal(node, "DL4J keeps the axis of the examples first");
    }
    long[] target = new long[rank - 1];
    int from = 0;
    for (int i = 1; i < rank; i++) {
      target[i - 1] = added[i] ? 1 : rest[from++];
    }
    reshape(node, network, rest, target);
  }

  private static long[] axes(Node node, NetworkBuilder network) {
    Tensor given = network.optionalConstant(node, 1);
    return given != null ? given.toLongs() : node.intsAttribute("axes").orElse(new long[0]);
  }

  private static void reshape(Node node, NetworkBuilder network, long[] from, long... to) {
    String value = node.output(0).name();
    String input = network.vertex(node, 0);
    if (Arrays.equals(from, to)) {
      network.alias(value, node, 0);
    } else if (from.length == 3 && to.length == 1) {
      // ONNX flattens [C,H,W] in that order, and so does DL4J in NCHW.
      network.vertex(
          value,
          new PreprocessorVertex(new CnnToFeedForwardPreProcessor(from[1], from[2], from[0])),
          input);
      network.sharesMemory(value, node, 0);
    } else {
      network.vertex(value, AxisOrder.reshape(to), input);
      network.sharesMemory(value, node, 0);
    }
  }

  static void concat(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long given = node.intAttribute("axis", 1);
    int axis = (int) (given < 0 ? given + rank : given);
    String value = node.output(0).name();
    if (axis == 0) {
      throw new NodeRefusal(node, "DL4J keeps the axis of the examples apart");
    }
    if (node.inputs().size() == 1) {
      network.alias(value, node, 0);
      return;
    }
    List<String> inputs =
        IntStream.range(0, node.inputs().size()).mapToObj(i -> network.vertex(node, i)).toList();
    if (axis == 1) {
      Channels.join(network, node, value, value, inputs, i -> network.size(node, node.input(i), 1));
    } else if (rank <= 4) {
      MergeVertex merge = new MergeVertex();
      merge.setMergeAxis(axis);
      network.vertex(value, merge, inputs.toArray(String[]::new));
    } else {
      throw new NodeRefusal(node, "DL4J does not join axis %d of %d axes".formatted(axis, rank));
    }
  }

  static void split(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long axis = node.intAttribute("axis", 0);
    if ((axis < 0 ? axis + rank : axis) != 1) {
      throw new NodeRefusal(node, "DL4J cuts along axis 1, not " + axis);
    }
    long size = network.size(node, node.input(0), 1);
    int parts = node.outputs().size();
    Tensor given = network.optionalConstant(node, 1);
    long[] sizes =
        given != null ? given.toLongs() : node.intsAttribute("split").orElse(even(size, parts));
    if (sizes.length != parts || LongStream.of(sizes).sum() != size) {
      throw new NodeRefusal(
          node, "its parts %s are not %d channels".formatted(Arrays.toString(sizes), size));
    }
    int from = 0;
    for (int i = 0; i < parts; i++) {
      int to = from + Math.toIntExact(sizes[i]);
      if (node.hasOutput(i)) {
        String value = node.output(i).name();
        String part = Channels.cut(network, node, value, network.vertex(node, 0), from, to);
        network.holds(value, HeldValue.natural(part, rank));
      }
      from = to;
    }
  }

  private static long[] even(long size, int parts) {
    long[] sizes = new long[parts];
    long each = (size + parts - 1) / parts;
    Arrays.fill(sizes, each);
    sizes[parts - 1] = size - each * (parts - 1);
    return sizes;
  }

  static void pad(Node node, NetworkBuilder network) {
    int axes = network.spatialAxes(node, 0);
    int rank = 2 + axes;
    Tensor given = network.optionalConstant(node, 1);
    long[] pads =
        given != null ? given.toLongs() : node.intsAttribute("pads").orElse(new long[2 * rank]);
    Tensor fill = network.optionalConstant(node, 2);
    double value = fill != null ? fill.toScalar() : node.floatAttribute("value", 0);
    if (!node.stringAttribute("mode", "constant").equals("constant") || value != 0) {
      throw new NodeRefusal(node, "DL4J pads with zeros only");
    }
    if (node.hasInput(3)) {
      pads = scattered(pads, network.constant(node, 3).toLongs(), rank);
    }
    boolean onlySpatial =
        pads.length == 2 * rank && pads[0] + pads[1] + pads[rank] + pads[rank + 1] == 0;
    if (!onlySpatial || LongStream.of(pads).anyMatch(p -> p < 0)) {
      throw new NodeRefusal(
          node,
          "DL4J pads the axes behind the channels by 0 or more, not by " + Arrays.toString(pads));
    }
    int[] all = LongStream.of(pads).mapToInt(Math::toIntExact).toArray();
    network.layer(
        node.output(0).name(),
        SpatialLayers.padding(
            Arrays.copyOfRange(all, 2, rank), Arrays.copyOfRange(all, rank + 2, 2 * rank)),
        network.vertex(node, 0));
  }

  /** Pads for some axes as pads for all. */
  private static long[] scattered(long[] pads, long[] axes, int rank) {
    long[] all = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = (int) (axes[i] < 0 ? axes[i] + rank : axes[i]);
      all[axis] = pads[i];
      all[axis + rank] = pads[i + axes.length];
    }
    return all;
  }

  /** Upsample and Resize by whole factors, each pixel repeated. */
  static void upsample(Node node, NetworkBuilder network) {
    network.requireImages(node, node.input(0));
    double[] scales = scales(node, network);
    boolean nearest = node.stringAttribute("mode", "nearest").equals("nearest");
    boolean whole =
        scales.length == 4
            && scales[0] == 1
            && scales[1] == 1
            && Arrays.stream(scales).allMatch(s -> s >= 1 && s == Math.rint(s));
    if (!nearest || !whole || !repeatsPixels(node)) {
      throw new NodeRefusal(
          node, "DL4J only repeats pixels: mode nearest, whole constant scales, aligned at 0");
    }
    network.layer(
        node.output(0).name(),
        new Upsampling2D.Builder().size(new int[] {(int) scales[2], (int) scales[3]}).build(),
        network.vertex(node, 0));
  }

  private static double[] scales(Node node, NetworkBuilder network) {
    if (node.hasInput(3)) {
      return new double[0]; // Sizes instead of scales.
    }
    // Resize has the region of interest in between, Upsample and Resize 10 have not.
    int input = node.inputs().size() > 2 ? 2 : 1;
    Tensor given = network.optionalConstant(node, input);
    if (given != null) {
      return given.toDoubles();
    }
    float[] attribute =
        node.attribute("scales", AttributeValue.Floats.class)
            .map(AttributeValue.Floats::values)
            .orElse(new float[0]);
    double[] scales = new double[attribute.length];
    Arrays.setAll(scales, i -> attribute[i]);
    return scales;
  }

  /** Whether ONNX's rounding takes pixel {@code floor(i / scale)} for whole scales. */
  private static boolean repeatsPixels(Node node) {
    String coordinates = node.stringAttribute("coordinate_transformation_mode", "half_pixel");
    String rounding = node.stringAttribute("nearest_mode", "round_prefer_floor");
    return (coordinates.equals("half_pixel") && rounding.startsWith("round_prefer"))
        || (coordinates.equals("asymmetric") && rounding.equals("floor"))
        || node.is("Upsample");
  }
}
