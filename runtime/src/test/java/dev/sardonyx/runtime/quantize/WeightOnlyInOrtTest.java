package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.quantize.QuantizedModel;
import dev.sardonyx.export.quantize.ScaleSearch;
import dev.sardonyx.export.quantize.WeightOnlyQuantization;
import dev.sardonyx.export.quantize.WeightOnlyQuantization.Format;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random products and tables with quantised weights: ONNX Runtime and the reference evaluator
 * compute the same, and it differs from the original by no more than half a step for each weight.
 */
class WeightOnlyInOrtTest {
  private static final int SEEDS = Integer.getInteger("sardonyx.quantize.seeds", 30);

  static IntStream seeds() {
    return IntStream.range(0, SEEDS);
  }

  /** One random model with what it is asked. */
  private static final class Case {
    final Random random;
    final WeightOnlyQuantization wanted;
    final Model model;
    final Map<String, Tensor> inputs;
    final int depth;

    Case(int seed) {
      random = new Random(seed);
      wanted = wanted();
      boolean table = random.nextInt(4) == 0;
      depth = table ? wanted.blockSize() * (1 + random.nextInt(3)) : 16 + random.nextInt(200);
      int width = 1 + random.nextInt(40);
      GraphBuilder b = GraphBuilder.of("random", 17 + random.nextInt(8));
      inputs = table ? table(b, width) : product(b, width);
      model = b.buildModel();
    }

    private WeightOnlyQuantization wanted() {
      WeightOnlyQuantization all =
          WeightOnlyQuantization.of(random.nextBoolean() ? 4 : 8)
              .withBlockSize(16 << random.nextInt(3))
              .withFormat(pick(Format.values()))
              .withSearch(pick(ScaleSearch.values()));
      return random.nextBoolean() ? all : all.withZeroPoints();
    }

    private <T> T pick(T[] values) {
      return values[random.nextInt(values.length)];
    }

    private Map<String, Tensor> table(GraphBuilder b, int width) {
      Value ids = b.input("ids", TensorType.of(ElementType.INT64, 2, 3));
      b.output(b.gather(b.constant("w", numbers(width, depth)), ids, 0), "y");
      long[] all = random.longs(6, -width, width).toArray();
      return Map.of("ids", Tensor.ofLongs(all, 2, 3));
    }

    private Map<String, Tensor> product(GraphBuilder b, int width) {
      boolean gemm = random.nextBoolean();
      boolean transposed = random.nextBoolean();
      Tensor stored = transposed ? numbers(width, depth) : numbers(depth, width);
      boolean turned = gemm && random.nextBoolean();
      long[] dims =
          gemm ? turned ? new long[] {depth, 3} : new long[] {3, depth} : new long[] {2, 3, depth};
      Value a = b.input("a", TensorType.of(ElementType.FLOAT, dims));
      Value w = b.constant("w", stored);
      Value y;
      if (gemm) {
        Tensor bias = random.nextBoolean() ? numbers(width) : numbers(3, 1);
        y =
            b.node(
                "Gemm",
                List.of(a, w, b.constant("c", bias)),
                Attribute.ofInt("transA", turned ? 1 : 0),
                Attribute.ofInt("transB", transposed ? 1 : 0),
                Attribute.ofFloat("alpha", random.nextBoolean() ? 1 : -0.5f),
                Attribute.ofFloat("beta", random.nextBoolean() ? 1 : 2));
      } else {
        y = b.matMul(a, transposed ? b.transpose(w, 1, 0) : w);
      }
      b.output(y, "y");
      return Map.of("a", numbers(dims));
    }

    /** Numbers of any scale, most of them near 0. */
    private Tensor numbers(long... dims) {
      int size = 1;
      for (long dim : dims) {
        size *= (int) dim;
      }
      float[] all = new float[size];
      for (int i = 0; i < size; i++) {
        all[i] = (float) random.nextGaussian();
      }
      return Tensor.ofFloats(all, dims);
    }
  }

  /**
   * The 4-bit product that it makes of DequantizeLinear and MatMul would round the other operand.
   */
  private static final SessionOptions EXACT =
      SessionOptions.DEFAULT.withConfiguration("session.qdq_matmulnbits_accuracy_level", "0");

  private static float[] ort(Model model, Map<String, Tensor> inputs) {
    try (InferenceSession session = InferenceSession.of(model, EXACT)) {
      return session.run(inputs).tensor("y").toFloats();
    }
  }

  private static float[] run(Backend backend, Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared = backend.prepare(model)) {
      return prepared.run(inputs).tensor("y").toFloats();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void sameInBothAndNearTheOriginal(int seed) {
    Case each = new Case(seed);
    QuantizedModel quantized = each.wanted.quantize(each.model);
    assertEquals(List.of(), Checker.check(quantized.model()).problems());
    assertEquals(
        1, quantized.report().weights().size(), () -> each.wanted + "\n" + quantized.report());
    float[] original = run(new ReferenceBackend(), each.model, each.inputs);
    float[] reference = run(new ReferenceBackend(), quantized.model(), each.inputs);
    float[] ort = ort(quantized.model(), each.inputs);
    double steps = each.wanted.bits() == 4 ? 7 : 127;
    for (int i = 0; i < original.length; i++) {
      assertEquals(
          reference[i],
          ort[i],
          1e-4 * (1 + Math.abs(reference[i])),
          each.wanted + " " + each.model);
      // Sums of independent errors of at most half a step of a range of some five deviations
      double allowed =
          each.inputs.containsKey("ids") ? 5 / steps : 8 * Math.sqrt(each.depth) / steps;
      assertEquals(original[i], reference[i], allowed, each.wanted.toString());
    }
    double ratio = quantized.report().weights().get(0).signalToNoise();
    assertTrue(ratio > (each.wanted.bits() == 4 ? 15 : 38), () -> ratio + " dB, " + each.wanted);
  }

  /** Weights and scales of float16, in a table and two products. */
  @ParameterizedTest
  @EnumSource
  void modelsOfFloat16(Format format) {
    Case each = new Case(1);
    GraphBuilder b = GraphBuilder.of("half", 21);
    Value ids = b.input("ids", TensorType.of(ElementType.INT64, 2, 3));
    Value rows = b.gather(half(b, "table", each.numbers(20, 64)), ids, 0);
    Value hidden = b.relu(b.matMul(rows, half(b, "w", each.numbers(64, 32))));
    Value y = b.matMul(hidden, half(b, "v", each.numbers(32, 16)));
    b.output(b.cast(y, ElementType.FLOAT), "y");
    Model model = b.buildModel();
    QuantizedModel quantized = WeightOnlyQuantization.of(8).withFormat(format).quantize(model);
    assertEquals(List.of(), Checker.check(quantized.model()).problems());
    assertEquals(3, quantized.report().weights().size(), quantized.report()::toString);
    Map<String, Tensor> inputs =
        Map.of("ids", Tensor.ofLongs(new long[] {0, 3, 7, 19, -1, 5}, 2, 3));
    float[] original = run(new ReferenceBackend(), model, inputs);
    float[] reference = run(new ReferenceBackend(), quantized.model(), inputs);
    float[] ort = ort(quantized.model(), inputs);
    for (int i = 0; i < original.length; i++) {
      assertEquals(reference[i], ort[i], 0.5); // of sums of some 50
      assertEquals(original[i], ort[i], 2);
    }
  }

  private static Value half(GraphBuilder b, String name, Tensor floats) {
    return b.constant(
        name, Tensor.ofNumbers(ElementType.FLOAT16, floats.toDoubles(), floats.dims()));
  }
}
