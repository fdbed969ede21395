package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Multiplies a batch normalisation into the weights and bias of the convolution (or transposed
 * convolution) before it, where nothing else uses the convolution's result. The outcome differs by
 * rounding only.
 */
public record ConvBatchNormFolding() implements Pass {
  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "conv-batch-norm", ConvBatchNormFolding::rewrite);
  }

  /** {@code factor * x + shift}, for each channel. */
  private record Affine(double[] factor, double[] shift) {}

  static void rewrite(Node node, Rewriter to) {
    Affine affine = node.is("BatchNormalization") ? affine(node, to) : null;
    Node conv = affine == null ? null : convolution(node, affine, to);
    if (affine != null && conv != null) {
      to.replace(node.output(0), folded(conv, affine, to));
    }
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

  /** The convolution before a normalisation, if it can take it in. */
  private static @Nullable Node convolution(Node normalization, Affine affine, Rewriter to) {
    String value = normalization.input(0);
    Node conv = to.producer(value);
    if (conv == null
        || !(conv.is("Conv") || conv.is("ConvTranspose"))
        || to.isOpen(conv)
        || !to.isUsedOnce(value)) {
      return null;
    }
    Tensor weight = to.tensor(conv.input(1));
    if (weight == null
        || !weight.elementType().isFloat()
        || weight.size() == 0
        || channels(conv, weight) != affine.factor().length
        || conv.hasInput(2) && to.tensor(conv.input(2)) == null) {
      return null;
    }
    return conv;
  }

  private static long channels(Node conv, Tensor weight) {
    return conv.is("Conv") ? weight.dim(0) : weight.dim(1) * conv.intAttribute("group", 1);
  }

  private static Value folded(Node conv, Affine affine, Rewriter to) {
    Tensor weight = Objects.requireNonNull(to.tensor(conv.input(1)));
    Tensor bias = conv.hasInput(2) ? to.tensor(conv.input(2)) : null;
    int channels = affine.factor().length;
    double[] shifted = affine.shift().clone();
    if (bias != null) {
      double[] before = bias.toDoubles();
      for (int i = 0; i < channels; i++) {
        shifted[i] += before[i] * affine.factor()[i];
      }
    }
    String biasName = bias == null ? conv.input(1) + "_bias" : conv.input(2);
    List<Value> inputs =
        List.of(
            to.input(conv, 0),
            to.constant(conv.input(1), scaled(conv, weight, affine.factor())),
            to.constant(biasName, Tensor.ofNumbers(weight.elementType(), shifted, channels)));
    return to.node(conv.opType(), inputs, conv.attributes());
  }

  /** Each output channel's weights times its factor. */
  private static Tensor scaled(Node conv, Tensor weight, double[] factor) {
    if (weight.size() == 0) {
      return weight;
    }
    if (conv.is("Conv")) {
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
