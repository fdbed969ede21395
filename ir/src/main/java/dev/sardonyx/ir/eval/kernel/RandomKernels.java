package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/** Random numbers. A seed gives those that ONNX's reference (NumPy's RandomState) draws. */
final class RandomKernels {
  private RandomKernels() {}

  static void register(Kernels kernels) {
    kernels.one("RandomUniform", c -> uniform(c, false));
    kernels.one("RandomUniformLike", c -> uniform(c, true));
    kernels.one("RandomNormal", c -> normal(c, false));
    kernels.one("RandomNormalLike", c -> normal(c, true));
    kernels.one("Bernoulli", RandomKernels::bernoulli);
    kernels.one("Multinomial", RandomKernels::multinomial);
    kernels.add("Dropout", RandomKernels::dropout);
  }

  private static MersenneTwister generator(KernelContext c) {
    if (c.attribute("seed") == null) {
      return new MersenneTwister((int) System.nanoTime());
    }
    return c.opType().equals("Dropout")
        ? new MersenneTwister((int) c.intAttribute("seed"))
        : new MersenneTwister((int) (long) c.floatAttribute("seed"));
  }

  private static Tensor filled(KernelContext c, boolean like, DoubleSupplier numbers) {
    long[] dims = like ? c.dims(0) : c.intsAttribute("shape", new long[0]);
    ElementType own = like && c.type(0).isFloat() ? c.type(0) : ElementType.FLOAT;
    ElementType type = ElementType.of((int) c.intAttribute("dtype", own.code()));
    double[] values = new double[Dims.size(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.getAsDouble();
    }
    return Elements.of(type, values, dims);
  }

  private static Tensor uniform(KernelContext c, boolean like) {
    double low = c.floatAttribute("low", 0);
    double high = c.floatAttribute("high", 1);
    MersenneTwister generator = generator(c);
    return filled(c, like, () -> low + (high - low) * generator.uniform());
  }

  private static Tensor normal(KernelContext c, boolean like) {
    double mean = c.floatAttribute("mean", 0);
    double scale = c.floatAttribute("scale", 1);
    MersenneTwister generator = generator(c);
    return filled(c, like, () -> mean + scale * generator.normal());
  }

  /** One with the probability each element says, else zero. */
  private static Tensor bernoulli(KernelContext c) {
    MersenneTwister generator = generator(c);
    double[] values = c.doubles(0);
    for (int i = 0; i < values.length; i++) {
      values[i] = generator.uniform() < values[i] ? 1 : 0;
    }
    ElementType type = ElementType.of((int) c.intAttribute("dtype", c.type(0).code()));
    return Elements.of(type, values, c.dims(0));
  }

  /** Draws classes from unnormalised log probabilities {@code [N, classes]}. */
  private static Tensor multinomial(KernelContext c) {
    MersenneTwister generator = generator(c);
    Tensor probabilities = Rows.along(c.tensor(0), 1, SoftmaxKernels.softmax(ElementType.DOUBLE));
    double[] values = Elements.doubles(probabilities);
    int classes = (int) c.tensor(0).dim(1);
    int batch = (int) c.tensor(0).dim(0);
    int samples = (int) c.intAttribute("sample_size", 1);
    long[] drawn = new long[Dims.size(batch, samples)];
    for (int i = 0; i < drawn.length; i++) {
      double left = generator.uniform();
      int k = 0;
      while (k < classes - 1 && left >= values[i / samples * classes + k]) {
        left -= values[i / samples * classes + k++];
      }
      drawn[i] = k;
    }
    ElementType type = ElementType.of((int) c.intAttribute("dtype", ElementType.INT32.code()));
    return Elements.of(type, drawn, batch, samples);
  }

  /** In training, drops elements and scales up the others; else gives its input. */
  private static List<Datum> dropout(KernelContext c) {
    Tensor x = c.tensor(0);
    boolean training =
        c.since() < 7
            ? !c.flag("is_test")
            : c.since() >= 12 && c.has(2) && Elements.booleans(c.tensor(2))[0];
    double ratio = c.since() < 12 ? c.floatAttribute("ratio", 0.5f) : c.doubleInput(1, 0.5);
    ElementType maskType = c.since() < 10 ? x.elementType() : ElementType.BOOL;
    double[] mask = new double[x.length()];
    if (!training || ratio == 0) {
      Arrays.fill(mask, 1);
      return List.of(x, Elements.of(maskType, mask, x.dims()));
    }
    MersenneTwister generator = generator(c);
    double[] y = Elements.doubles(x);
    for (int i = 0; i < y.length; i++) {
      mask[i] = generator.uniform() >= ratio ? 1 : 0;
      y[i] *= mask[i] / (1 - ratio);
    }
    return List.of(
        Elements.of(x.elementType(), y, x.dims()), Elements.of(maskType, mask, x.dims()));
  }
}
