package dev.sardonyx.samples.read.samediff;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.LongStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A SameDiff graph in the making, with random values for its placeholders. The first axis of a
 * placeholder is open.
 */
final class Bench {
  private final SameDiff sd = SameDiff.create();
  private final Random random;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final List<String> outputs = new ArrayList<>();
  private int weights;

  Bench(long seed) {
    this.random = new Random(seed);
  }

  SameDiff sd() {
    return sd;
  }

  Map<String, Tensor> inputs() {
    return inputs;
  }

  List<String> outputs() {
    return outputs;
  }

  void output(SDVariable... all) {
    for (SDVariable each : all) {
      outputs.add(each.name());
    }
  }

  /** Numbers from -2 to 2. */
  SDVariable x(long... dims) {
    return placeholder(DataType.FLOAT, ElementType.FLOAT, dims, () -> real() * 4 - 2);
  }

  /** The same with the first axis given, for what needs its size. */
  SDVariable fixed(long... dims) {
    String name = "in" + inputs.size();
    inputs.put(name, tensor(ElementType.FLOAT, dims, () -> real() * 4 - 2));
    return sd.placeHolder(name, DataType.FLOAT, dims);
  }

  SDVariable doubles(long... dims) {
    return placeholder(DataType.DOUBLE, ElementType.DOUBLE, dims, () -> real() * 4 - 2);
  }

  /** Numbers from 0.1 to 2. */
  SDVariable positive(long... dims) {
    return placeholder(DataType.FLOAT, ElementType.FLOAT, dims, () -> real() * 1.9 + 0.1);
  }

  /** Numbers from -0.95 to 0.95. */
  SDVariable unit(long... dims) {
    return placeholder(DataType.FLOAT, ElementType.FLOAT, dims, () -> real() * 1.9 - 0.95);
  }

  /** Positive numbers of which those along the last axis sum up to 1. */
  SDVariable probabilities(long... dims) {
    Tensor any = tensor(ElementType.FLOAT, dims, () -> real() + 0.1);
    float[] numbers = any.toFloats();
    int size = Math.toIntExact(dims[dims.length - 1]);
    for (int row = 0; row < numbers.length; row += size) {
      float sum = 0;
      for (int i = 0; i < size; i++) {
        sum += numbers[row + i];
      }
      for (int i = 0; i < size; i++) {
        numbers[row + i] /= sum;
      }
    }
    return placeholder(DataType.FLOAT, Tensor.ofFloats(numbers, dims));
  }

  /** Given numbers. */
  SDVariable of(float[] numbers, long... dims) {
    return placeholder(DataType.FLOAT, Tensor.ofFloats(numbers, dims));
  }

  SDVariable of(int[] numbers, long... dims) {
    return placeholder(DataType.INT32, Tensor.ofInts(numbers, dims));
  }

  /** Whole numbers from 0 to below a limit. */
  SDVariable ints(int limit, long... dims) {
    return placeholder(DataType.INT32, ElementType.INT32, dims, () -> random.nextInt(limit));
  }

  SDVariable longs(int limit, long... dims) {
    return placeholder(DataType.INT64, ElementType.INT64, dims, () -> random.nextInt(limit));
  }

  /** Numbers among which are equal ones, zeros too. */
  SDVariable whole(int limit, long... dims) {
    return placeholder(
        DataType.FLOAT, ElementType.FLOAT, dims, () -> random.nextInt(2 * limit) - limit);
  }

  SDVariable bools(long... dims) {
    boolean[] truths = new boolean[Math.toIntExact(size(dims))];
    for (int i = 0; i < truths.length; i++) {
      truths[i] = random.nextBoolean();
    }
    return placeholder(DataType.BOOL, Tensor.ofBooleans(truths, dims));
  }

  /** A variable that is trained. */
  SDVariable weights(long... dims) {
    return sd.var("w" + weights++, array(dims, () -> real() * 1.2 - 0.6));
  }

  SDVariable positiveWeights(long... dims) {
    return sd.var("w" + weights++, array(dims, () -> real() + 0.1));
  }

  SDVariable constant(int... numbers) {
    return sd.constant(Nd4j.createFromArray(numbers));
  }

  SDVariable constant(INDArray array) {
    return sd.constant(array);
  }

  private double real() {
    return random.nextDouble();
  }

  private INDArray array(long[] dims, DoubleSupplier numbers) {
    float[] all = new float[Math.toIntExact(size(dims))];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) numbers.getAsDouble();
    }
    return Nd4j.createFromArray(all).reshape(dims);
  }

  private SDVariable placeholder(
      DataType type, ElementType element, long[] dims, DoubleSupplier numbers) {
    return placeholder(type, tensor(element, dims, numbers));
  }

  private SDVariable placeholder(DataType type, Tensor value) {
    String name = "in" + inputs.size();
    inputs.put(name, value);
    long[] open = value.dims();
    if (open.length > 0) {
      open[0] = -1;
    }
    return sd.placeHolder(name, type, open);
  }

  private static Tensor tensor(ElementType element, long[] dims, DoubleSupplier numbers) {
    double[] all = new double[Math.toIntExact(size(dims))];
    for (int i = 0; i < all.length; i++) {
      all[i] = numbers.getAsDouble();
    }
    return Tensor.ofNumbers(element, all, dims);
  }

  private static long size(long[] dims) {
    return LongStream.of(dims).reduce(1, Math::multiplyExact);
  }
}
