package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Multiplies a batch normalisation, or a Mul or Add of a constant for each channel, into the
 * weights and bias of the Conv, ConvTranspose or Gemm before it, where nothing else uses its
 * result. The outcome differs by rounding only.
 */
public record ConvBatchNormFolding() implements Pass {
  private static final Set<String> PRODUCTS = Set.of("Conv", "ConvTranspose", "Gemm");

  static final NodeTransform RULES =
      new Selective(
          Set.of("Conv", "ConvTranspose", "Gemm", "BatchNormalization", "Mul", "Add"),
          PRODUCTS,
          ConvBatchNormFolding::rewrite);

  /** Whether a graph has had a node that takes factors in. */
  private static final class Seen {
    boolean product;
  }

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "conv-batch-norm", RULES);
  }

  /** {@code factor * x + shift}, for each channel. */
  private record Affine(double[] factor, double[] shift) {
    int channels() {
      return factor.length;
    }
  }

  private static void rewrite(Node node, Rewriter to) {
    Seen seen = to.memory(Seen.class, Seen::new);
    if (PRODUCTS.contains(node.opType())) {
      seen.product = true;
    } else if (seen.product) {
      fold(node, to);
    }
  }

  private static void fold(Node node, Rewriter to) {
    if (node.is("BatchNormalization")) {
      Affine affine = affine(node, to);
      Node product = affine == null ? null : product(node.input(0), affine.channels(), to);
      if (affine != null && product != null && keepsCompact(product, affine, to)) {
        to.replace(node.output(0), folded(product, affine, to));
      }
    } else if (to.opset() >= 7) {
      for (int i = 0; i < 2; i++) {
        Tensor constant = to.tensor(node.input(1 - i));
        Node product = constant == null ? null : product(node.input(i), -1, to);
        Affine affine =
            product == null || constant == null ? null : affine(node, product, constant, to);
        if (product != null && affine != null && keepsCompact(product, affine, to)) {
          to.replace(node.output(0), folded(product, affine, to));
          return;
        }
      }
    }
  }

  /** Whether weights stored as one repeated element can still be stored so when they are scaled. */
  private static boolean keepsCompact(Node product, Affine affine, Rewriter to) {
    double factor = affine.factor()[0];
    return !Objects.requireNonNull(to.tensor(product.input(1))).isRepeated()
        || Arrays.stream(affine.factor()).allMatch(f -> f == factor);
  }

  /** What a Mul or Add does, if it does the same with all of a channel. */
  private static @Nullable Affine affine(Node node, Node product, Tensor constant, Rewriter to) {
    Tensor weight = Objects.requireNonNull(to.tensor(product.input(1)));
    int channels = (int) channels(product, weight);
    int rank = product.is("Gemm") ? 2 : weight.rank();
    int axis = 1 - rank + constant.rank(); // that of the channels, in the constant
    boolean isWide = axis >= 0 && constant.dim(axis) == channels;
    if (constant.elementType() != weight.elementType()
        || constant.rank() > rank
        || constant.size() != (isWide ? channels : 1)
        || channels == 0) {
      return null;
    }
    double[] elements = constant.toDoubles();
    double[] each = new double[channels];
    double[] neutral = new double[channels];
    for (int i = 0; i < channels; i++) {
      each[i] = elements[isWide ? i : 0];
    }
    Arrays.fill(neutral, node.is("Mul") ? 0 : 1);
    return node.is("Mul") ? new Affine(each, neutral) : new Affine(neutral, each);
  }

  /** What the normalisation does, if it is known and not in training. */
  private static @Nullable Affine affine(Node node, Rewriter to) {
    boolean inference =
        to.opset("") >= 7
            && node.intAttribute("training_mode", 0) == 0
            && node.intAttribute("spatial", 1) == 1
            && node.outputs().stream().filter(r -> r.isPresent()).count() == 1
            && node.hasOutput(0);
    if (!inference || to.isOpen(node) || node.inputs().size() != 5) {
      return null;
    }
    List<double[]> operands = new ArrayList<>();
    for (int i = 1; i < 5; i++) {
      Tensor operand = to.tensor(node.input(i));
      if (operand == null
          || operand.rank() != 1
          || i > 1 && operand.size() != operands.get(0).length) {
        return null;
      }
      operands.add(operand.toDoubles());
    }
    double epsilon = node.floatAttribute("epsilon", 1e-5f);
    int channels = operands.get(0).length;
    double[] factor = new double[channels];
    double[] shift = new double[channels];
    for (int i = 0; i < channels; i++) {
      factor[i] = operands.get(0)[i] / Math.sqrt(operands.get(3)[i] + epsilon);
      shift[i] = operands.get(1)[i] - operands.get(2)[i] * factor[i];
    }
    return new Affine(factor, shift);
  }

  /**
   * The convolution or Gemm that gives a value, if it can take a factor and a shift in.
   *
   * @param channels how many it has to have, or -1
   */
  private static @Nullable Node product(String value, int channels, Rewriter to) {
    Node product = to.producer(value);
    if (product == null
        || !(product.is("Conv") || product.is("ConvTranspose") || isPlainGemm(product, to))
        || to.isOpen(product)
        || !to.isUsedOnce(value)) {
      return null;
    }
    Tensor weight = to.tensor(product.input(1));
    if (weight == null
        || !weight.elementType().isFloat()
        || weight.size() == 0
        || weight.rank() < 2
        || channels >= 0 && channels(product, weight) != channels
        || product.hasInput(2) && to.tensor(product.input(2)) == null) {
      return null;
    }
    return product;
  }

  private static boolean isPlainGemm(Node node, Rewriter to) {
    if (!node.is("Gemm")
        || to.opset() < 11
        || node.floatAttribute("alpha", 1) != 1
        || node.floatAttribute("beta", 1) != 1) {
      return false;
    }
    Tensor weight = to.tensor(node.input(1));
    Tensor bias = node.hasInput(2) ? to.tensor(node.input(2)) : null;
    return weight != null
        && weight.rank() == 2
        && (bias == null || bias.rank() == 1 && bias.size() == channels(node, weight));
  }

  private static long channels(Node product, Tensor weight) {
    return switch (product.opType()) {
      case "Conv" -> weight.dim(0);
      case "Gemm" -> weight.dim(product.intAttribute("transB", 0) == 0 ? 1 : 0);
      default -> weight.dim(1) * product.intAttribute("group", 1);
    };
  }

  private static Value folded(Node product, Affine affine, Rewriter to) {
    Tensor weight = Objects.requireNonNull(to.tensor(product.input(1)));
    Tensor bias = product.hasInput(2) ? to.tensor(product.input(2)) : null;
    int channels = affine.factor().length;
    double[] shifted = affine.shift().clone();
    if (bias != null) {
      double[] before = bias.toDoubles();
      for (int i = 0; i < channels; i++) {
        shifted[i] += before[i] * affine.factor()[i];
      }
    }
    String biasName = bias == null ? product.input(1) + "_bias" : product.input(2);
    List<Value> inputs =
        List.of(
            to.input(product, 0),
            to.constant(product.input(1), scaled(product, weight, affine.factor())),
            to.constant(biasName, Tensor.ofNumbers(weight.elementType(), shifted, channels)));
    return to.node(product.opType(), inputs, product.attributes());
  }

  /** Each output channel's weights times its factor. */
  private static Tensor scaled(Node product, Tensor weight, double[] factor) {
    if (product.is("Gemm") && product.intAttribute("transB", 0) == 0) {
      return scaled(weight, 1, i -> factor[i % factor.length]);
    }
    if (!product.is("ConvTranspose")) { // the outputs come first
      return scaled(weight, (int) (weight.size() / factor.length), i -> factor[i]);
    }
    // [C, M/group, kernel...]: the input channels of a group lead to that group's outputs.
    int perGroup = (int) weight.dim(1);
    int inputsPerGroup = (int) (weight.dim(0) * perGroup / factor.length);
    int window = (int) (weight.size() / weight.dim(0) / perGroup);
    return scaled(
        weight, window, i -> factor[i / perGroup / inputsPerGroup * perGroup + i % perGroup]);
  }

  /** Weights, of which runs of a length have a factor each. */
  private static Tensor scaled(Tensor weight, int length, IntToDoubleFunction factors) {
    if (weight.isRepeated()) {
      double factor = factors.applyAsDouble(0);
      Tensor element = weight.first();
      double[] product = {element.toScalar() * factor};
      return Tensor.repeated(Tensor.ofNumbers(weight.elementType(), product), weight.dims());
    }
    if (weight.elementType() != ElementType.FLOAT) {
      double[] elements = weight.toDoubles();
      for (int i = 0; i < elements.length; i++) {
        elements[i] *= factors.applyAsDouble(i / length);
      }
      return Tensor.ofNumbers(weight.elementType(), elements, weight.dims());
    }
    // Weights may be most of a model: they are read and written once, run by run.
    FloatBuffer from = weight.bytes().asFloatBuffer();
    ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT, weight.size());
    FloatBuffer to = bytes.asFloatBuffer();
    float[] run = new float[length];
    for (int i = 0; from.hasRemaining(); i++) {
      from.get(run);
      scale(run, (float) factors.applyAsDouble(i));
      to.put(run);
    }
    return Tensor.of(ElementType.FLOAT, weight.dims(), bytes);
  }

  private static void scale(float[] elements, float factor) {
    for (int i = 0; i < elements.length; i++) {
      elements[i] *= factor;
    }
  }
}
