package dev.sardonyx.ir.eval.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What loops over floats give is what the functions give, rounded, for floats of all sizes. */
class FloatFunctionTest {
  private static final float[] SPECIAL = {
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    -0.5f,
    1.5f,
    -2.5f,
    3f,
    -3f,
    88f,
    -88f,
    104f,
    -104f,
    710f,
    -710f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    1e-20f,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN
  };

  private static final Map<String, FloatFunction> FUNCTIONS =
      Map.ofEntries(
          Map.entry("abs", FloatFunction.abs()),
          Map.entry("negative", FloatFunction.negative()),
          Map.entry("floor", FloatFunction.floor()),
          Map.entry("ceil", FloatFunction.ceil()),
          Map.entry("round", FloatFunction.round()),
          Map.entry("sign", FloatFunction.sign()),
          Map.entry("squareRoot", FloatFunction.squareRoot()),
          Map.entry("reciprocal", FloatFunction.reciprocal()),
          Map.entry("relu", FloatFunction.relu()),
          Map.entry("leakyRelu", FloatFunction.leakyRelu(0.01f)),
          Map.entry("leakyRelu of 0", FloatFunction.leakyRelu(0)),
          Map.entry("leakyRelu of -0.5", FloatFunction.leakyRelu(-0.5f)),
          Map.entry("leakyRelu of infinity", FloatFunction.leakyRelu(Float.POSITIVE_INFINITY)),
          Map.entry("clip", FloatFunction.clip(-0.7, 6)),
          Map.entry("hardSigmoid", FloatFunction.hardSigmoid(0.2f, 0.5f)),
          Map.entry("hardSwish", FloatFunction.hardSwish()),
          Map.entry("softsign", FloatFunction.softsign()),
          Map.entry("thresholdedRelu", FloatFunction.thresholdedRelu(1)),
          Map.entry("exp", FloatFunction.exp()),
          Map.entry("sigmoid", FloatFunction.sigmoid()),
          Map.entry("tanh", FloatFunction.tanh()));

  private static float[] floats() {
    Random random = new Random(3);
    float[] x = new float[20_000];
    for (int i = 0; i < x.length; i++) {
      x[i] =
          i < SPECIAL.length
              ? SPECIAL[i]
              : i % 2 == 0
                  ? (float) random.nextGaussian() * 5
                  : Float.intBitsToFloat(random.nextInt());
    }
    return x;
  }

  @Test
  void loopsGiveWhatTheFunctionsGive() {
    FUNCTIONS.forEach(
        (name, function) -> {
          float[] x = floats();
          float[] y = x.clone();
          function.loop().apply(y, 0, y.length);
          int apart = 0;
          for (int i = 0; i < x.length; i++) {
            float expected = (float) function.applyAsDouble(x[i]);
            String message = name + " of " + x[i];
            // Numbers beside the middle of two floats may become either.
            if (Float.isNaN(expected) || Float.isInfinite(expected)) {
              assertEquals(expected, y[i], message);
              continue;
            }
            assertEquals(expected, y[i], Math.ulp(expected), message);
            assertEquals(
                Math.copySign(1, expected), Math.copySign(1, y[i]), message + ", its sign");
            apart += expected == y[i] ? 0 : 1;
          }
          assertTrue(apart < x.length / 1000, name + " is rounded otherwise " + apart + " times");
        });
  }

  @Test
  void exponentialsAreAsExactAsTheySay() {
    Random random = new Random(4);
    for (int i = 0; i < 200_000; i++) {
      double x = random.nextGaussian() * (i % 3 == 0 ? 0.1 : i % 3 == 1 ? 5 : 200);
      double exp = Math.exp(x);
      assertEquals(exp, SpecialFunctions.expForFloat(x), exp * 5e-13, "exp of " + x);
      double tanh = Math.tanh(x);
      assertEquals(tanh, SpecialFunctions.tanhForFloat(x), Math.abs(tanh) * 5e-12, "tanh " + x);
    }
  }
}
