package dev.sardonyx.export.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors of rounded weights cancel out, and no weight is far from what it was. */
final class BalancedRoundingTest {
  private static final QuantizationScheme INT8 = QuantizationScheme.symmetric(ElementType.INT8);

  /** Dimensions of weights and the axis of their outputs. */
  private record Form(int axis, long... dims) {
    int inner(int from) {
      long inner = 1;
      for (int i = from; i < dims.length; i++) {
        inner *= dims[i];
      }
      return (int) inner;
    }
  }

  private static Stream<Form> forms() {
    return Stream.of(
        new Form(0, 8, 6, 3, 3),
        new Form(0, 8, 1, 3, 3),
        new Form(0, 5, 40),
        new Form(1, 40, 5),
        new Form(1, 6, 4, 2, 2),
        new Form(1, 30, 1),
        new Form(0, 4, 2, 7));
  }

  private static Tensor weights(Form form, long seed) {
    Random random = new Random(seed);
    float[] all = new float[form.inner(0)];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) (random.nextGaussian() * (random.nextInt(9) == 0 ? 5 : 1));
    }
    return Tensor.ofFloats(all, form.dims());
  }

  /** Errors in steps, summed over what has the same index along both first axes, or the outputs. */
  private static double[] sums(Form form, Tensor weights, QuantizedWeights as, boolean windows) {
    float[] wanted = weights.toFloats();
    float[] given = as.dequantized();
    int outputs = (int) form.dims()[form.axis()];
    int pairs = (int) (form.dims()[0] * form.dims()[1]);
    double[] sums = new double[windows ? pairs : outputs];
    for (int i = 0; i < wanted.length; i++) {
      int pair = i / form.inner(2);
      int output = (int) (form.axis() == 0 ? pair / form.dims()[1] : pair % form.dims()[1]);
      float scale = as.parameters().get(output % as.parameters().size()).scale();
      sums[windows ? pair : output] += (given[i] - wanted[i]) / scale;
    }
    return sums;
  }

  private static double largest(double[] sums) {
    return Arrays.stream(sums).map(Math::abs).max().orElse(0);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void errorsCancelOut(Form form) {
    for (int axis : new int[] {form.axis(), QuantizedWeights.PER_TENSOR}) {
      for (int seed = 0; seed < 20; seed++) {
        Tensor weights = weights(form, seed);
        QuantizedWeights nearest = QuantizedWeights.of("w", weights, axis, INT8);
        QuantizedWeights balanced = BalancedRounding.of(nearest, weights, form.axis());
        // An element that was turned for its window is not turned again for the output
        assertTrue(largest(sums(form, weights, balanced, false)) < 1.01, form + " " + seed);
        if (form.dims()[1 - form.axis()] == 1 || form.dims().length == 2) {
          boolean windows = form.dims().length > 2;
          assertTrue(largest(sums(form, weights, balanced, windows)) < 0.51, form + " " + seed);
        }
        float[] wanted = weights.toFloats();
        float[] given = balanced.dequantized();
        for (int i = 0; i < wanted.length; i++) {
          double steps = (given[i] - wanted[i]) / balanced.parametersOf(i).scale();
          assertTrue(Math.abs(steps) < 1.001, form + ": " + steps);
        }
        for (double q : balanced.elements().toDoubles()) {
          assertTrue(q >= -127 && q <= 127);
        }
        assertEquals(nearest.parameters(), balanced.parameters());
      }
    }
  }

  @Test
  void whatIsExactStays() {
    float[] exact = {1, 0, -127, 127, 3, 0};
    Tensor weights = Tensor.ofFloats(exact, 1, 6);
    QuantizedWeights nearest = QuantizedWeights.of("w", weights, 0, INT8);
    assertEquals(nearest, BalancedRounding.of(nearest, weights, 0));
  }

  /** A normalization multiplies by its scale one by one: no sum is there to cancel errors in. */
  @Test
  void onlyWeightsOfSumsAreBalanced() {
    Tensor weights = weights(new Form(1, 40, 5), 1);
    assertEquals(
        rounded("LayerNormalization", weights, false),
        rounded("LayerNormalization", weights, true));
    assertNotEquals(rounded("MatMul", weights, false), rounded("MatMul", weights, true));
  }

  private static QuantizedWeights rounded(String opType, Tensor weights, boolean oneSided) {
    Node node = Node.of(opType, List.of("x", "w"), List.of());
    QuantizationParameters input = new QuantizationParameters(ElementType.UINT8, 1, 0, 0, 255);
    return ProductWeights.of(node, weights, null, input, oneSided, QuantizationOptions.qnn())
        .weights();
  }
}
