package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.quantize.QuantizationOptions;
import dev.sardonyx.export.quantize.SmoothQuant;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.OrtBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks of a transformer whose normalisation gives a few channels a hundred times as much. */
class SmoothQuantTest {
  private static final int SIZE = 32;

  /** What gives the products their value. */
  private enum Giver {
    LAYER_NORMALIZATION,
    MUL,
    MUL_AND_ADD,
    /** Whose constants others use, too, so that a Mul is needed. */
    SHARED,
    RELU
  }

  private final Random random = new Random(6);

  private Tensor numbers(double scale, long... dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    float[] all = new float[size];
    for (int i = 0; i < size; i++) {
      all[i] = (float) (random.nextGaussian() * scale);
    }
    return Tensor.ofFloats(all, dims);
  }

  /** Factors of channels, some of which are large. */
  private Tensor outliers() {
    float[] all = numbers(0.2, SIZE).toFloats();
    for (int i = 0; i < SIZE; i++) {
      all[i] += i % 11 == 3 ? 100 : 1;
    }
    return Tensor.ofFloats(all, SIZE);
  }

  private Model model(Giver giver) {
    GraphBuilder b = GraphBuilder.of("block", 17);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 6, SIZE));
    Value scale = b.constant("scale", outliers());
    Value shift = b.constant("shift", numbers(0.1, SIZE));
    Value given =
        switch (giver) {
          case LAYER_NORMALIZATION ->
              b.node("LayerNormalization", List.of(x, scale, shift), Attribute.ofInt("axis", -1));
          case MUL -> b.mul(x, scale);
          case MUL_AND_ADD, SHARED -> b.add(b.mul(x, scale), shift);
          case RELU -> b.relu(b.mul(x, scale));
        };
    Value q = b.matMul(given, b.constant("wq", numbers(0.2, SIZE, SIZE)));
    Value k = b.matMul(given, b.constant("wk", numbers(0.2, SIZE, SIZE)));
    Value y = b.add(b.sigmoid(b.mul(q, b.constant(0.01f))), b.tanh(b.mul(k, b.constant(0.02f))));
    b.output(giver == Giver.SHARED ? b.mul(y, scale) : y, "y");
    return b.buildModel();
  }

  private List<Map<String, Tensor>> batches() {
    List<Map<String, Tensor>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(Map.of("x", numbers(1, 2, 6, SIZE)));
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void meansTheSameAndLosesLess(Giver giver) {
    Model model = model(giver);
    List<Map<String, Tensor>> batches = batches();
    Map<String, float[]> maxima = ChannelMaxima.of(OrtBackend.cpu(), model, batches);
    assertEquals(1, maxima.size());
    Model smooth = new SmoothQuant(maxima, 0.5).apply(model).model();
    assertEquals(List.of(), Checker.check(smooth).problems());
    boolean folded = giver != Giver.SHARED && giver != Giver.RELU;
    int more = smooth.graph().nodes().size() - model.graph().nodes().size();
    assertEquals(folded ? 0 : 1, more);
    SignalToNoise ratio = SignalToNoise.of(OrtBackend.cpu(), model, batches);
    assertTrue(ratio.applyAsDouble(smooth) > 100, () -> ratio.applyAsDouble(smooth) + " dB");
    double before = ratio.applyAsDouble(quantized(model, batches));
    double after = ratio.applyAsDouble(quantized(smooth, batches));
    assertTrue(after > before + 3, before + " dB, smoothed " + after + " dB");
  }

  /** Channels without weights, or always zero, must not fill the range of all others. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void channelsThatAreZeroOnOneSideDoNotStandOut(boolean withoutWeights) {
    float[] scale = new float[SIZE];
    float[] weights = new float[SIZE * SIZE];
    for (int i = 0; i < weights.length; i++) {
      int channel = i / SIZE;
      boolean dead = channel % 8 == 5;
      // Far more in the values than in the weights, or the other way round
      scale[channel] = withoutWeights ? 50 : dead ? 0 : 0.02f;
      double reach = withoutWeights && dead ? 0 : withoutWeights ? 0.001 : 0.5;
      weights[i] = (float) (random.nextGaussian() * reach);
    }
    GraphBuilder b = GraphBuilder.of("dead", 17);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 2, 6, SIZE));
    Value given = b.mul(x, b.constant("scale", Tensor.ofFloats(scale, SIZE)));
    b.output(b.matMul(given, b.constant("w", Tensor.ofFloats(weights, SIZE, SIZE))), "y");
    Model model = b.buildModel();
    List<Map<String, Tensor>> batches = batches();
    Map<String, float[]> maxima = ChannelMaxima.of(OrtBackend.cpu(), model, batches);
    Model smooth = new SmoothQuant(maxima, 0.5).apply(model).model();
    SignalToNoise ratio = SignalToNoise.of(OrtBackend.cpu(), model, batches);
    assertTrue(ratio.applyAsDouble(smooth) > 100, () -> ratio.applyAsDouble(smooth) + " dB");
    double before = ratio.applyAsDouble(quantized(model, batches));
    double after = ratio.applyAsDouble(quantized(smooth, batches));
    assertTrue(after > before - 2, before + " dB, smoothed " + after + " dB");
  }

  private static Model quantized(Model model, List<Map<String, Tensor>> batches) {
    return Quantizer.of(model)
        .calibrate(batches, Calibration.minMax())
        .quantize(QuantizationOptions.cpu().operators("MatMul"))
        .model();
  }

  @Test
  void valuesThatAreNotKnownStay() {
    Model model = model(Giver.MUL);
    assertSame(model, new SmoothQuant(Map.of(), 0.5).apply(model).model());
  }

  @Test
  void otherNumbersOfChannelsAreRefused() {
    Model model = model(Giver.MUL);
    String value = SmoothQuant.values(model).get(0);
    SmoothQuant wrong = new SmoothQuant(Map.of(value, new float[3]), 0.5);
    String message =
        assertThrows(IllegalArgumentException.class, () -> wrong.apply(model)).getMessage();
    assertTrue(message.contains("has 32 channels for") && message.contains("3 maxima"), message);
    assertThrows(IllegalArgumentException.class, () -> new SmoothQuant(Map.of(), 1.5));
  }

  /** With alpha 1 all channels of the value reach equally far. */
  @Test
  void alphaSaysHowMuchIsMoved() {
    Model model = model(Giver.MUL_AND_ADD);
    List<Map<String, Tensor>> batches = batches();
    Map<String, float[]> maxima = ChannelMaxima.of(OrtBackend.cpu(), model, batches);
    Model smooth = new SmoothQuant(maxima, 1).apply(model).model();
    Map<String, float[]> equal = ChannelMaxima.of(OrtBackend.cpu(), smooth, batches);
    for (float largest : equal.values().iterator().next()) {
      assertEquals(1, largest, 1e-4);
    }
    assertEquals(
        model.graph().nodes().stream().map(Node::opType).toList(),
        smooth.graph().nodes().stream().map(Node::opType).toList());
  }
}
