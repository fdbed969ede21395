package dev.sardonyx.training.compile;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;

/** Operators that move numbers about: flattening, reshaping, joining, cutting, padding, scaling. */
final class Movement {
  private Movement() {}

  static void identity(Node node, NetworkBuilder network) {
    network.alias(node.output(0).name(), node, 0);
  }

  static void flatten(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long axis = node.intAttribute("axis", 1);
    if ((axis < 0 ? axis + rank : axis) != 1) {
      throw network.refuse(node, "DL4J keeps the first axis apart, not the first " + axis);
    }
    long[] rest = restOfShape(node, network);
    reshape(node, network, rest, LongStream.of(rest).reduce(1, Math::multiplyExact));
  }

  static void reshape(Node node, NetworkBuilder network) {
    Tensor constant = network.optionalConstant(node, 1);
    long[] target =
        constant != null ? constant.toLongs() : node.intsAttribute("shape").orElse(new long[0]);
    Shape shape = network.shape(node.input(0));
    long[] rest = restOfShape(node, network);
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
      throw network.refuse(
          node,
          "DL4J reshapes each example by itself, which %s to %s does not"
              .formatted(shape, Arrays.toString(target)));
    }
    reshape(node, network, rest, wanted);
  }

  private static boolean keepsBatch(long target, Dim batch, boolean zeroCopies) {
    return target == -1 || (target == 0 && zeroCopies) || batch.isFixed(target);
  }

  static void squeeze(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long[] rest = restOfShape(node, network);
    long[] axes = axes(node, network);
    boolean[] drop = new boolean[rank];
    for (long axis : axes) {
      drop[(int) (axis < 0 ? axis + rank : axis)] = true;
    }
    if (drop[0]) {
      throw network.refuse(node, "DL4J keeps the axis of the examples");
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

  static void unsqueeze(Node node, NetworkBuilder network) {
    long[] rest = restOfShape(node, network);
    long[] axes = axes(node, network);
    int rank = rest.length + 1 + axes.length;
    boolean[] added = new boolean[rank];
    for (long axis : axes) {
      added[(int) (axis < 0 ? axis + rank : axis)] = true;
    }
    if (added[0]) {
      throw network.refuse(node, "DL4J keeps the axis of the examples first");
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
      int[] shape = new int[to.length + 1];
      shape[0] = -1;
      for (int i = 0; i < to.length; i++) {
        shape[i + 1] = Math.toIntExact(to[i]);
      }
      network.vertex(value, new ReshapeVertex('c', shape, null), input);
      network.sharesMemory(value, node, 0);
    }
  }

  /** The dimensions of an example. */
  private static long[] restOfShape(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long[] rest = new long[rank - 1];
    for (int i = 1; i < rank; i++) {
      rest[i - 1] = network.size(node, node.input(0), i);
    }
    return rest;
  }

  static void concat(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long axis = node.intAttribute("axis", 1);
    if ((axis < 0 ? axis + rank : axis) != 1) {
      throw network.refuse(node, "DL4J joins along axis 1, not " + axis);
    }
    if (node.inputs().size() == 1) {
      network.alias(node.output(0).name(), node, 0);
      return;
    }
    String[] inputs = new String[node.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = network.vertex(node, i);
    }
    network.vertex(node.output(0).name(), new MergeVertex(), inputs);
  }

  static void split(Node node, NetworkBuilder network) {
    int rank = network.rank(node, node.input(0));
    long axis = node.intAttribute("axis", 0);
    if ((axis < 0 ? axis + rank : axis) != 1) {
      throw network.refuse(node, "DL4J cuts along axis 1, not " + axis);
    }
    long size = network.size(node, node.input(0), 1);
    int parts = node.outputs().size();
    Tensor given = network.optionalConstant(node, 1);
    long[] sizes =
        given != null ? given.toLongs() : node.intsAttribute("split").orElse(even(size, parts));
    if (sizes.length != parts || LongStream.of(sizes).sum() != size) {
      throw network.refuse(
          node, "its parts %s are not %d channels".formatted(Arrays.toString(sizes), size));
    }
    int from = 0;
    for (int i = 0; i < parts; i++) {
      int to = from + Math.toIntExact(sizes[i]);
      if (node.hasOutput(i)) {
        network.vertex(
            node.output(i).name(), new SubsetVertex(from, to - 1), network.vertex(node, 0));
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
    network.requireImages(node, node.input(0));
    Tensor given = network.optionalConstant(node, 1);
    long[] pads = given != null ? given.toLongs() : node.intsAttribute("pads").orElse(new long[8]);
    Tensor fill = network.optionalConstant(node, 2);
    double value = fill != null ? fill.toScalar() : node.floatAttribute("value", 0);
    if (!node.stringAttribute("mode", "constant").equals("constant") || value != 0) {
      throw network.refuse(node, "DL4J pads with zeros only");
    }
    if (node.hasInput(3)) {
      pads = scattered(pads, network.constant(node, 3).toLongs());
    }
    boolean onlyImages = pads.length == 8 && pads[0] + pads[1] + pads[4] + pads[5] == 0;
    if (!onlyImages || LongStream.of(pads).anyMatch(p -> p < 0)) {
      throw network.refuse(
          node, "DL4J pads height and width by 0 or more, not " + Arrays.toString(pads));
    }
    int[] padding = {(int) pads[2], (int) pads[6], (int) pads[3], (int) pads[7]};
    network.layer(
        node.output(0).name(),
        new ZeroPaddingLayer.Builder(padding).build(),
        network.vertex(node, 0));
  }

  /** Pads for some axes as pads for all four. */
  private static long[] scattered(long[] pads, long[] axes) {
    long[] all = new long[8];
    for (int i = 0; i < axes.length; i++) {
      int axis = (int) (axes[i] < 0 ? axes[i] + 4 : axes[i]);
      all[axis] = pads[i];
      all[axis + 4] = pads[i + axes.length];
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
      throw network.refuse(
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
