package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.export.Target;
import dev.sardonyx.export.quantize.DynamicQuantization;
import dev.sardonyx.export.quantize.QuantizationScheme;
import dev.sardonyx.export.quantize.QuantizedModel;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Networks of one layer in integers: ONNX Runtime and the reference evaluator compute the same, and
 * it is near what the network computed before.
 */
class DynamicInOrtTest {
  /** One kind of layer: a model from {@code x} to {@code y}. */
  private enum Layer {
    MAT_MUL("2,3,40") {
      @Override
      Value build(GraphBuilder b, Value x, Random random) {
        return b.matMul(x, b.constant("w", gaussian(random, 40, 24)));
      }
    },
    GEMM("40,3") {
      @Override
      Value build(GraphBuilder b, Value x, Random random) {
        return b.node(
            "Gemm",
            List.of(
                x,
                b.constant("w", gaussian(random, 24, 40)),
                b.constant("c", gaussian(random, 24))),
            Attribute.ofInt("transA", 1),
            Attribute.ofInt("transB", 1),
            Attribute.ofFloat("alpha", 0.5f),
            Attribute.ofFloat("beta", -2f));
      }
    },
    CONV("2,4,9,9") {
      @Override
      Value build(GraphBuilder b, Value x, Random random) {
        Value w = b.constant("w", gaussian(random, 6, 2, 3, 3));
        return b.node(
            "Conv",
            List.of(x, w, b.constant("c", gaussian(random, 6))),
            Attribute.ofInt("group", 2),
            Attribute.ofInts("pads", 1, 1, 1, 1));
      }
    },
    GATHER("3,2") {
      @Override
      Value build(GraphBuilder b, Value x, Random random) {
        Value indices = b.cast(b.mul(x, b.constant(3f)), ElementType.INT64);
        return b.gather(b.constant("w", gaussian(random, 50, 24)), indices, 0);
      }
    },
    LSTM("5,2,16") {
      @Override
      Value build(GraphBuilder b, Value x, Random random) {
        long hidden = 12;
        return b.nodes(
                "LSTM",
                3,
                OperatorBuilder.operands(
                    x,
                    b.constant("w", gaussian(random, 2, 4 * hidden, 16)),
                    b.constant("r", gaussian(random, 2, 4 * hidden, hidden)),
                    b.constant("c", gaussian(random, 2, 8 * hidden))),
                Attribute.ofInt("hidden_size", hidden),
                Attribute.ofString("direction", "bidirectional"))
            .get(0);
      }
    };

    private final String shape;

    Layer(String shape) {
      this.shape = shape;
    }

    long[] input() {
      return Shape.parse(shape).toLongs();
    }

    abstract Value build(GraphBuilder b, Value x, Random random);

    Model model(Random random) {
      GraphBuilder b = GraphBuilder.of("layer", 17);
      Value x = b.input("x", TensorType.of(ElementType.FLOAT, input()));
      b.output(build(b, x, random), "y");
      return b.buildModel();
    }
  }

  private static Tensor gaussian(Random random, long... dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    float[] all = new float[size];
    for (int i = 0; i < size; i++) {
      all[i] = (float) (random.nextGaussian() / 2);
    }
    return Tensor.ofFloats(all, dims);
  }

  private static float[] run(Backend backend, Model model, Map<String, Tensor> inputs) {
    try (PreparedModel prepared = backend.prepare(model)) {
      return prepared.run(inputs).tensor("y").toFloats();
    }
  }

  /** Root of the mean square of differences, by that of the numbers. */
  private static double relative(float[] numbers, float[] others) {
    double square = 0;
    double difference = 0;
    for (int i = 0; i < numbers.length; i++) {
      square += (double) numbers[i] * numbers[i];
      difference += Math.pow((double) numbers[i] - others[i], 2);
    }
    return Math.sqrt(difference / square);
  }

  private static List<DynamicQuantization> kinds() {
    QuantizationScheme signed = QuantizationScheme.symmetric(ElementType.INT8);
    QuantizationScheme unsigned = QuantizationScheme.symmetric(ElementType.UINT8);
    QuantizationScheme asymmetric = QuantizationScheme.asymmetric(ElementType.UINT8);
    DynamicQuantization all =
        DynamicQuantization.of().operators("Conv", "Gather", "Gemm", "LSTM", "MatMul");
    return List.of(
        all,
        all.withReducedRange(),
        all.withWeights(signed, false),
        all.withWeights(unsigned, true),
        all.withWeights(asymmetric, false));
  }

  @ParameterizedTest
  @EnumSource
  void sameInBothAndNearTheOriginal(Layer layer) {
    Random random = new Random(11);
    Model model = layer.model(random);
    Map<String, Tensor> inputs = Map.of("x", gaussian(random, layer.input()));
    float[] original = run(new ReferenceBackend(), model, inputs);
    for (DynamicQuantization kind : kinds()) {
      QuantizedModel quantized = kind.quantize(model);
      assertEquals(List.of(), Checker.check(quantized.model()).problems(), kind.toString());
      assertEquals(layer == Layer.LSTM ? 2 : 1, quantized.report().weights().size());
      float[] reference = run(new ReferenceBackend(), quantized.model(), inputs);
      float[] ort = run(OrtBackend.cpu(), quantized.model(), inputs);
      // The evaluator does not quantise what goes into an LSTM, ONNX Runtime does
      assertEquals(0, relative(reference, ort), layer == Layer.LSTM ? 0.02 : 2e-3, kind.toString());
      assertEquals(0, relative(original, ort), 0.03, kind.toString());
    }
  }

  /** A product with its bias is one node there, and what two products share is quantised once. */
  @Test
  void onnxRuntimeFusesProducts(@TempDir Path folder) throws IOException {
    assertEquals(List.of("DynamicQuantizeMatMul"), optimized(1, folder.resolve("one.onnx")));
    assertEquals(
        List.of("DynamicQuantizeLinear", "MatMulIntegerToFloat", "MatMulIntegerToFloat"),
        optimized(2, folder.resolve("two.onnx")));
  }

  private static List<String> optimized(int products, Path file) throws IOException {
    Random random = new Random(3);
    GraphBuilder b = GraphBuilder.of("products", 17);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, 3, 32));
    for (int i = 0; i < products; i++) {
      Value product = b.matMul(x, b.constant("w" + i, gaussian(random, 32, 32)));
      b.output(b.add(product, b.constant("c" + i, gaussian(random, 32))), "y" + i);
    }
    Model quantized = DynamicQuantization.of().quantize(b.buildModel()).model();
    InferenceSession.of(quantized, SessionOptions.DEFAULT.withOptimizedModel(file)).close();
    return OnnxReader.read(file).graph().nodes().stream().map(Node::opType).toList();
  }

  @Test
  void aTargetWithoutContribOperatorsKeepsItsRecurrentLayers() {
    Model model = Layer.LSTM.model(new Random(1));
    DynamicQuantization plain = DynamicQuantization.of().forTarget(Target.named("opset-17"));
    QuantizedModel kept = plain.quantize(model);
    assertSame(model, kept.model());
    assertEquals("the target has no DynamicQuantizeLSTM", kept.report().kept().get(0).reason());
  }
}
