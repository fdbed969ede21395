package dev.sardonyx.training;

import static dev.sardonyx.training.SmallNet.dims;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Something to be trained between a convolution, which gives [N,4,6,7], and a classifier.
 *
 * @param result the dimensions of an example of what it computes
 */
record GradientCase(String name, long[] result, Middle middle) {
  static final int C = 4;
  static final int H = 6;
  static final int W = 7;
  static final int CLASSES = 3;

  /** Adds nodes behind a value; returns what they compute. */
  interface Middle {
    String add(SmallNet net, String x);
  }

  /** What else happens to the value, for some of DL4J's layers overwrite what they read. */
  enum Use {
    ALONE,
    BEFORE_DROPOUT,
    BESIDE_DROPOUT
  }

  Model model(Use use) {
    SmallNet net = new SmallNet();
    String x = net.conv3x3("first", net.input("x", 2, H, W), 2, C, H, W);
    String y = middle.add(net, x);
    if (use != Use.ALONE) {
      net.constant("half", Tensor.scalar(0.5f));
      String dropped = net.node("Dropout", List.of(y, "half"), "dropped", result);
      // The way back through a product reads both factors.
      y = use == Use.BEFORE_DROPOUT ? dropped : small(net, dropped, y);
    }
    return net.model(net.classifier(y, size(result), CLASSES));
  }

  /** A product small enough to keep the softmax away from 0 and 1. */
  private String small(SmallNet net, String a, String b) {
    net.constant("little", Tensor.scalar(0.1f));
    String product = net.node("Mul", List.of(a, b), "product", result);
    return net.node("Mul", List.of(product, "little"), "small", result);
  }

  private static long size(long[] dims) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    return size;
  }

  @Override
  public String toString() {
    return name;
  }

  static Stream<GradientCase> all() {
    return Stream.concat(own(), files());
  }

  /** What networks made here have. */
  static Stream<GradientCase> own() {
    return Stream.of(
            convolutions(), pools(), dense(), activations(), normal(), arithmetic(), shapes())
        .flatMap(s -> s);
  }

  /** What files of other frameworks have and networks made here have not. */
  static Stream<GradientCase> files() {
    return Stream.of(otherConvolutions(), sequences(), moves()).flatMap(s -> s);
  }

  /** The model by itself, with all types. */
  Model typed() {
    return ShapeInference.infer(model(Use.ALONE)).model();
  }

  /** One node with fresh weights. */
  private static GradientCase one(
      String opType, long[] result, List<long[]> weights, Attribute... attributes) {
    return new GradientCase(
        opType + " " + Stream.of(attributes).map(Attribute::value).toList(),
        result,
        (net, x) -> {
          List<String> inputs = new ArrayList<>(List.of(x));
          for (long[] dims : weights) {
            inputs.add(net.weights("w" + inputs.size(), dims));
          }
          return net.node(opType, inputs, "y", result, attributes);
        });
  }

  /** One node that keeps the shape and has no weights. */
  private static GradientCase one(String opType, Attribute... attributes) {
    return one(opType, dims(C, H, W), List.of(), attributes);
  }

  private static GradientCase of(String name, Middle middle) {
    return new GradientCase(name, dims(C, H, W), middle);
  }

  /** Something behind the means of the channels, [N,4]. */
  private static GradientCase vectors(String name, long features, Middle middle) {
    return new GradientCase(
        name,
        dims(features),
        (net, x) ->
            middle.add(net, net.node("ReduceMean", List.of(x), "m", dims(C), AXES, NO_KEEP)));
  }

  private static final Attribute AXES = ints("axes", 2, 3);
  private static final Attribute NO_KEEP = Attribute.ofInt("keepdims", 0);
  private static final Attribute AXIS1 = Attribute.ofInt("axis", 1);

  private static Attribute ints(String name, long... values) {
    return Attribute.ofInts(name, values);
  }

  private static Stream<GradientCase> convolutions() {
    Attribute s2 = ints("strides", 2, 2);
    return Stream.of(
        one("Conv", dims(5, H, W), List.of(dims(5, C, 3, 3), dims(5)), ints("pads", 1, 1, 1, 1)),
        one("Conv", dims(5, H, W), List.of(dims(5, C, 3, 3)), ints("pads", 1, 1, 1, 1)),
        one("Conv", dims(5, 3, 4), List.of(dims(5, C, 1, 1)), s2),
        one("Conv", dims(5, 3, 4), List.of(dims(5, C, 3, 3)), s2, ints("pads", 0, 1, 1, 1)),
        one("Conv", dims(5, 3, 5), List.of(dims(5, C, 2, 3)), ints("dilations", 3, 1)),
        one("Conv", dims(8, 5, 5), List.of(dims(8, 1, 2, 3), dims(8)), Attribute.ofInt("group", C)),
        one("Conv", dims(6, 5, 5), List.of(dims(6, 2, 2, 3), dims(6)), Attribute.ofInt("group", 2)),
        of(
            "Conv with Relu fused",
            (net, x) -> net.relu("r", net.conv3x3("inner", x, C, C, H, W), C, H, W)));
  }

  private static Stream<GradientCase> pools() {
    List<long[]> none = List.of();
    Attribute k2 = ints("kernel_shape", 2, 2);
    Attribute k3 = ints("kernel_shape", 3, 3);
    Attribute s2 = ints("strides", 2, 2);
    Attribute pads = ints("pads", 1, 1, 1, 1);
    Attribute same = Attribute.ofString("auto_pad", "SAME_UPPER");
    return Stream.of(
        one("MaxPool", dims(C, 3, 3), none, k2, s2),
        one("MaxPool", dims(C, 3, 4), none, k3, s2, pads),
        one("MaxPool", dims(C, 3, 4), none, k3, s2, same),
        one("AveragePool", dims(C, 3, 3), none, k2, s2),
        one("AveragePool", dims(C, 3, 4), none, k3, s2, pads),
        one(
            "AveragePool",
            dims(C, 3, 4),
            none,
            k3,
            s2,
            pads,
            Attribute.ofInt("count_include_pad", 1)),
        one("AveragePool", dims(C, 3, 4), none, k3, s2, same),
        one("GlobalAveragePool", dims(C, 1, 1), none),
        one("GlobalMaxPool", dims(C, 1, 1), none),
        one("ReduceMean", dims(C), none, AXES, NO_KEEP));
  }

  private static Stream<GradientCase> dense() {
    return Stream.of(
        vectors(
            "Gemm with alpha and beta",
            5,
            (net, x) ->
                net.node(
                    "Gemm",
                    List.of(x, net.weights("w", 5, C), net.weights("b", 5)),
                    "y",
                    dims(5),
                    Attribute.ofInt("transB", 1),
                    Attribute.ofFloat("alpha", 0.3f),
                    Attribute.ofFloat("beta", 3))),
        vectors(
            "Gemm without a bias",
            5,
            (net, x) -> net.node("Gemm", List.of(x, net.weights("w", C, 5)), "y", dims(5))),
        vectors(
            "MatMul, Add and Tanh",
            5,
            (net, x) -> {
              String y = net.node("MatMul", List.of(x, net.weights("w", C, 5)), "p", dims(5));
              y = net.node("Add", List.of(y, net.weights("b", 5)), "s", dims(5));
              return net.node("Tanh", List.of(y), "y", dims(5));
            }));
  }

  private static Stream<GradientCase> activations() {
    Stream<GradientCase> plain =
        Stream.of(
                "Relu",
                "Sigmoid",
                "Tanh",
                "Elu",
                "Selu",
                "Softplus",
                "Softsign",
                "Mish",
                "Swish",
                "HardSigmoid")
            .map(GradientCase::one);
    Stream<GradientCase> more =
        Stream.of(
            one("LeakyRelu", Attribute.ofFloat("alpha", 0.2f)),
            one("ThresholdedRelu", Attribute.ofFloat("alpha", 0.1f)),
            clip("Clip to 0..6", 0, 6),
            clip("Clip to -1..1", -1, 1),
            vectors("Softmax", C, (net, x) -> net.node("Softmax", List.of(x), "y", dims(C))));
    return Stream.concat(plain, more);
  }

  private static GradientCase clip(String name, float min, float max) {
    return of(
        name,
        (net, x) -> {
          net.constant("min", Tensor.scalar(min));
          net.constant("max", Tensor.scalar(max));
          return net.node("Clip", List.of(x, "min", "max"), "y", dims(C, H, W));
        });
  }

  private static Stream<GradientCase> normal() {
    return Stream.of(
        lrn(3, 1),
        lrn(3, 20),
        lrn(1, 3),
        lrn(99, 5),
        of("Dropout", (net, x) -> dropout(net, "y", x)),
        of(
            "Conv and Dropout of one value",
            (net, x) -> {
              String y = net.conv3x3("inner", x, C, C, H, W);
              return net.node("Add", List.of(y, dropout(net, "d", x)), "y", dims(C, H, W));
            }),
        of(
            "Dropout after Dropout, beside a Conv",
            (net, x) -> {
              String y = dropout(net, "d2", dropout(net, "d1", x));
              String z = net.conv3x3("inner", x, C, C, H, W);
              return net.node("Add", List.of(y, z), "y", dims(C, H, W));
            }),
        of("BatchNormalization", (net, x) -> batchNorm(net, x)),
        of("BatchNormalization and Relu", (net, x) -> net.relu("r", batchNorm(net, x), C, H, W)),
        vectors(
            "BatchNormalization of vectors",
            C,
            (net, x) -> net.node("BatchNormalization", batchNormInputs(net, x), "bn", dims(C))));
  }

  private static GradientCase lrn(int size, float alpha) {
    return one("LRN", Attribute.ofInt("size", size), Attribute.ofFloat("alpha", alpha));
  }

  private static String dropout(SmallNet net, String name, String x) {
    net.constant(name + "_ratio", Tensor.scalar(0.4f));
    return net.node("Dropout", List.of(x, name + "_ratio"), name, dims(C, H, W));
  }

  private static String batchNorm(SmallNet net, String x) {
    return net.node("BatchNormalization", batchNormInputs(net, x), "bn", dims(C, H, W));
  }

  private static List<String> batchNormInputs(SmallNet net, String x) {
    net.positive("bn_scale", C);
    net.weights("bn_bias", C);
    net.weights("bn_mean", C);
    net.positive("bn_var", C);
    return List.of(x, "bn_scale", "bn_bias", "bn_mean", "bn_var");
  }

  private static Stream<GradientCase> arithmetic() {
    Stream<GradientCase> numbers =
        Stream.of("Add", "Sub", "Mul", "Div")
            .map(
                op ->
                    of(
                        op + " with a number",
                        (net, x) -> {
                          net.constant("c", Tensor.scalar(0.7f));
                          return net.node(op, List.of(x, "c"), "y", dims(C, H, W));
                        }));
    Stream<GradientCase> values =
        Stream.of("Add", "Sub", "Mul", "Max", "Sum", "Mean")
            .flatMap(op -> Stream.of(two(op, false), two(op, true)));
    Stream<GradientCase> more =
        Stream.of(
            one("Neg"),
            of(
                "a number minus a value",
                (net, x) -> {
                  net.constant("c", Tensor.scalar(0.7f));
                  return net.node("Sub", List.of("c", x), "y", dims(C, H, W));
                }),
            of("residual block", (net, x) -> net.residual("block", x, C, H, W)),
            of(
                "pre-activation, Relu of a value used twice",
                (net, x) -> {
                  String y = net.conv3x3("inner", net.relu("r", x, C, H, W), C, C, H, W);
                  return net.node("Add", List.of(x, y), "sum", dims(C, H, W));
                }),
            of(
                "Mul with one number for each channel (squeeze and excitation)",
                (net, x) -> {
                  String y = net.node("GlobalAveragePool", List.of(x), "means", dims(C, 1, 1));
                  y = net.node("Sigmoid", List.of(y), "gates", dims(C, 1, 1));
                  return net.node("Mul", List.of(x, y), "gated", dims(C, H, W));
                }));
    return Stream.of(numbers, values, more).flatMap(s -> s);
  }

  /** An operator between two values, or a value and itself. */
  private static GradientCase two(String op, boolean same) {
    return of(
        op + (same ? " of a value and itself" : " of two values"),
        (net, x) ->
            net.node(
                op,
                List.of(x, same ? x : net.conv3x3("inner", x, C, C, H, W)),
                "y",
                dims(C, H, W)));
  }

  private static Stream<GradientCase> shapes() {
    return Stream.of(
        one("Identity"),
        one("Flatten", dims(C * H * W), List.of()),
        new GradientCase(
            "Concat",
            dims(3 * C, H, W),
            (net, x) -> {
              String y = net.conv3x3("inner", x, C, C, H, W);
              return net.node("Concat", List.of(y, x, y), "y", dims(3 * C, H, W), AXIS1);
            }),
        of(
            "Split and Concat",
            (net, x) -> {
              net.constant("sizes", Tensor.ofLongs(new long[] {1, 3}, 2));
              net.nodes("Split", List.of(x, "sizes"), List.of("a", "b"), AXIS1);
              return net.node("Concat", List.of("b", "a"), "y", dims(C, H, W), AXIS1);
            }),
        of(
            "Reshape to rows and back",
            (net, x) -> {
              net.constant("to_rows", Tensor.ofLongs(new long[] {0, -1}, 2));
              net.constant("images", Tensor.ofLongs(new long[] {-1, C, H, W}, 4));
              String y = net.node("Reshape", List.of(x, "to_rows"), "rows", dims(C * H * W));
              return net.node("Reshape", List.of(y, "images"), "y", dims(C, H, W));
            }),
        vectors(
            "Unsqueeze and Squeeze",
            C,
            (net, x) -> {
              net.constant("axes", Tensor.ofLongs(new long[] {2, 3}, 2));
              String y = net.node("Unsqueeze", List.of(x, "axes"), "u", dims(C, 1, 1));
              return net.node("Squeeze", List.of(y, "axes"), "y", dims(C));
            }),
        new GradientCase(
            "Pad and Resize",
            dims(C, 14, 18),
            (net, x) -> {
              net.constant("pads", Tensor.ofLongs(new long[] {0, 0, 1, 0, 0, 0, 0, 2}, 8));
              String y = net.node("Pad", List.of(x, "pads"), "padded", dims(C, 7, 9));
              net.constant("scales", Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4));
              return net.node("Resize", List.of(y, "", "scales"), "large", dims(C, 14, 18));
            }),
        new GradientCase(
            "Upsample",
            dims(C, 2 * H, 3 * W),
            (net, x) -> {
              net.constant("scales", Tensor.ofFloats(new float[] {1, 1, 2, 3}, 4));
              return net.node("Upsample", List.of(x, "scales"), "y", dims(C, 2 * H, 3 * W));
            }));
  }

  /** Something behind the image as a sequence [N,4,42] or a volume [N,4,2,3,7]. */
  private static GradientCase reshaped(String name, long[] example, long[] result, Middle middle) {
    return new GradientCase(
        name,
        result,
        (net, x) -> {
          long[] shape = new long[example.length + 1];
          shape[0] = -1;
          System.arraycopy(example, 0, shape, 1, example.length);
          net.constant("as", Tensor.ofLongs(shape, shape.length));
          return middle.add(net, net.node("Reshape", List.of(x, "as"), "reshaped", example));
        });
  }

  private static GradientCase one(
      String opType, long[] example, long[] result, List<long[]> weights, Attribute... attributes) {
    GradientCase inner = one(opType, result, weights, attributes);
    return reshaped(inner.name + " of " + example.length + " axes", example, result, inner.middle);
  }

  private static final long PLACES = (long) H * W;
  private static final long[] LINE = {C, PLACES};
  private static final long[] VOLUME = {C, 2, 3, W};

  private static Stream<GradientCase> otherConvolutions() {
    Attribute s2 = ints("strides", 2, 2);
    return Stream.of(
        one("Conv", LINE, dims(5, 40), List.of(dims(5, C, 3), dims(5))),
        one(
            "Conv",
            LINE,
            dims(6, 20),
            List.of(dims(6, 2, 3)),
            Attribute.ofInt("group", 2),
            ints("strides", 2),
            ints("pads", 0, 1),
            ints("dilations", 2)),
        one(
            "Conv",
            VOLUME,
            dims(5, 2, 3, W),
            List.of(dims(5, C, 1, 3, 3), dims(5)),
            ints("pads", 0, 1, 1, 0, 1, 1)),
        one(
            "Conv",
            VOLUME,
            dims(C, 1, 3, 3),
            List.of(dims(C, 1, 2, 1, 3), dims(C)),
            Attribute.ofInt("group", C),
            ints("strides", 1, 1, 2)),
        one("ConvTranspose", dims(5, 8, 9), List.of(dims(C, 5, 3, 3), dims(5))),
        one(
            "ConvTranspose",
            dims(5, 11, 13),
            List.of(dims(C, 5, 3, 3), dims(5)),
            s2,
            ints("pads", 1, 1, 1, 1)),
        one(
            "ConvTranspose",
            dims(5, 12, 14),
            List.of(dims(C, 5, 3, 3), dims(5)),
            s2,
            ints("pads", 1, 1, 1, 1),
            ints("output_padding", 1, 1)),
        one("ConvTranspose", dims(6, 7, 8), List.of(dims(C, 3, 2, 2)), Attribute.ofInt("group", 2)),
        one(
            "ConvTranspose",
            LINE,
            dims(5, 85),
            List.of(dims(C, 5, 3), dims(5)),
            ints("strides", 2)),
        one(
            "ConvTranspose",
            LINE,
            dims(5, 84),
            List.of(dims(C, 5, 4), dims(5)),
            ints("strides", 2),
            ints("pads", 1, 1)),
        one(
            "ConvTranspose",
            VOLUME,
            dims(5, 4, 6, 14),
            List.of(dims(C, 5, 2, 2, 2), dims(5)),
            ints("strides", 2, 2, 2)));
  }

  private static Stream<GradientCase> sequences() {
    List<GradientCase> all = new ArrayList<>();
    for (String pool : List.of("MaxPool", "AveragePool")) {
      all.add(one(pool, LINE, dims(C, 21), List.of(), ints("kernel_shape", 2), ints("strides", 2)));
      all.add(
          one(
              pool,
              LINE,
              dims(C, 21),
              List.of(),
              ints("kernel_shape", 3),
              ints("strides", 2),
              ints("pads", 1, 1)));
      all.add(one(pool, VOLUME, dims(C, 1, 2, 6), List.of(), ints("kernel_shape", 2, 2, 2)));
    }
    for (String pool : List.of("ReduceMean", "ReduceMax")) {
      all.add(one(pool, LINE, dims(C), List.of(), ints("axes", 2), NO_KEEP));
      all.add(one(pool, LINE, dims(PLACES), List.of(), ints("axes", 1), NO_KEEP));
    }
    all.add(
        reshaped(
            "ReduceSum",
            LINE,
            dims(C),
            (net, x) -> {
              net.constant("axes", Tensor.ofLongs(new long[] {2}, 1));
              String y = net.node("ReduceSum", List.of(x, "axes"), "sum", dims(C), NO_KEEP);
              net.constant("few", Tensor.scalar(0.05f));
              return net.node("Mul", List.of(y, "few"), "y", dims(C));
            }));
    all.add(one("GlobalAveragePool", LINE, dims(C, 1), List.of()));
    all.add(one("GlobalMaxPool", VOLUME, dims(C, 1, 1, 1), List.of()));
    all.add(one("MatMul", LINE, dims(C, 5), List.of(dims(PLACES, 5))));
    for (String cell : List.of("RNN", "LSTM")) {
      all.add(recurrent(cell, 1, "steps"));
      all.add(recurrent(cell, 1, "last"));
      all.add(recurrent(cell, 1, "picked"));
      all.add(recurrent(cell, 2, "steps"));
    }
    for (long[] example : List.of(LINE, VOLUME)) {
      all.add(
          reshaped(
              "BatchNormalization of " + example.length + " axes",
              example,
              example,
              (net, x) -> net.node("BatchNormalization", batchNormInputs(net, x), "bn", example)));
    }
    return all.stream();
  }

  /** Five steps of four features through a recurrent operator as exporters write it. */
  private static GradientCase recurrent(String cell, int directions, String what) {
    long gates = cell.equals("RNN") ? 1 : 4;
    long hidden = 3;
    boolean allSteps = what.equals("steps");
    return reshaped(
        cell + " of " + directions + " directions, " + what,
        LINE,
        allSteps ? dims(5, directions * hidden) : dims(hidden),
        (net, x) -> {
          net.constant("from", Tensor.ofLongs(new long[] {0}, 1));
          net.constant("to", Tensor.ofLongs(new long[] {5}, 1));
          net.constant("axis", Tensor.ofLongs(new long[] {2}, 1));
          net.constant("axis0", Tensor.ofLongs(new long[] {0}, 1));
          net.constant("axis1", Tensor.ofLongs(new long[] {1}, 1));
          net.constant("end", Tensor.scalar(-1L));
          String y = net.node("Slice", List.of(x, "from", "to", "axis"), "five", dims(C, 5));
          y = net.node("Transpose", List.of(y), "sequence", ints("perm", 2, 0, 1));
          List<String> inputs =
              List.of(
                  y,
                  net.weights("W", directions, gates * hidden, C),
                  net.weights("R", directions, gates * hidden, hidden),
                  net.weights("B", directions, 2 * gates * hidden));
          List<Attribute> attributes =
              new ArrayList<>(List.of(Attribute.ofInt("hidden_size", hidden)));
          if (directions == 2) {
            attributes.add(Attribute.ofString("direction", "bidirectional"));
          }
          net.nodes(cell, inputs, List.of("Y", "Y_h"), attributes.toArray(Attribute[]::new));
          if (what.equals("last")) {
            return net.node("Squeeze", List.of("Y_h", "axis0"), "y", dims(hidden));
          }
          if (directions == 2) {
            net.constant("both", Tensor.ofLongs(new long[] {0, 0, -1}, 3));
            y = net.node("Transpose", List.of("Y"), "side", ints("perm", 0, 2, 1, 3));
            y = net.node("Reshape", List.of(y, "both"), "joined");
          } else {
            y = net.node("Squeeze", List.of("Y", "axis1"), "plain");
          }
          if (what.equals("picked")) {
            return net.node("Gather", List.of(y, "end"), "y", dims(hidden));
          }
          return net.node(
              "Transpose", List.of(y), "y", dims(5, directions * hidden), ints("perm", 1, 0, 2));
        });
  }

  private static Stream<GradientCase> moves() {
    List<GradientCase> all = new ArrayList<>();
    all.add(one("Transpose", dims(W, C, H), List.of(), ints("perm", 0, 3, 1, 2)));
    all.add(one("Transpose", dims(H, C, W), List.of(), ints("perm", 0, 2, 1, 3)));
    all.add(one("Transpose", LINE, dims(PLACES, C), List.of(), ints("perm", 0, 2, 1)));
    all.add(one("PRelu", dims(C, H, W), List.of(dims(C, 1, 1))));
    all.add(one("PRelu", dims(C, H, W), List.of(dims(1))));
    all.add(one("PRelu", dims(C, H, W), List.of(dims(C, H, W))));
    all.add(one("PRelu", LINE, LINE, List.of(dims(C, 1))));
    all.add(
        vectors(
            "PRelu of vectors",
            C,
            (net, x) -> net.node("PRelu", List.of(x, net.weights("w", C)), "y", dims(C))));
    all.add(
        reshaped(
            "SpaceToDepth",
            dims(C, PLACES / 2, 2),
            dims(C * 4, 3, 7),
            (net, x) -> {
              net.constant("image", Tensor.ofLongs(new long[] {-1, C, 6, 14}, 4));
              String y =
                  net.node(
                      "Concat",
                      List.of(x, x),
                      "twice",
                      dims(C, PLACES, 2),
                      Attribute.ofInt("axis", 2));
              y = net.node("Reshape", List.of(y, "image"), "large", dims(C, 6, 14));
              return net.node(
                  "SpaceToDepth",
                  List.of(y),
                  "y",
                  dims(C * 4, 3, 7),
                  Attribute.ofInt("blocksize", 2));
            }));
    all.add(one("Cast", Attribute.ofInt("to", 1)));
    for (long axis = 1; axis <= 3; axis++) {
      all.add(one("Softmax", Attribute.ofInt("axis", axis)));
    }
    all.add(one("Softmax", LINE, LINE, List.of(), Attribute.ofInt("axis", 1)));
    all.add(one("Softmax", LINE, LINE, List.of(), Attribute.ofInt("axis", -1)));
    for (String mode : List.of("DCR", "CRD")) {
      all.add(
          one(
              "DepthToSpace",
              dims(1, 2L * H, 2L * W),
              List.of(),
              Attribute.ofInt("blocksize", 2),
              Attribute.ofString("mode", mode)));
    }
    all.add(
        of(
            "Slice of two axes and Concat along the last",
            (net, x) -> {
              net.constant("zero", Tensor.ofLongs(new long[] {0, 0}, 2));
              net.constant("two", Tensor.ofLongs(new long[] {Long.MAX_VALUE, 2}, 2));
              net.constant("from2", Tensor.ofLongs(new long[] {2}, 1));
              net.constant("far", Tensor.ofLongs(new long[] {Integer.MAX_VALUE}, 1));
              net.constant("a13", Tensor.ofLongs(new long[] {1, 3}, 2));
              net.constant("a3", Tensor.ofLongs(new long[] {-1}, 1));
              String left =
                  net.node("Slice", List.of(x, "zero", "two", "a13"), "left", dims(C, H, 2));
              String right =
                  net.node("Slice", List.of(x, "from2", "far", "a3"), "right", dims(C, H, W - 2));
              return net.node(
                  "Concat", List.of(right, left), "y", dims(C, H, W), Attribute.ofInt("axis", 3));
            }));
    all.add(
        new GradientCase(
            "Gather of a row",
            dims(C, W),
            (net, x) -> {
              net.constant("place", Tensor.scalar(2L));
              return net.node(
                  "Gather", List.of(x, "place"), "y", dims(C, W), Attribute.ofInt("axis", 2));
            }));
    return all.stream();
  }
}
