package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A GPU of Nvidia's, where there is one: ONNX Runtime's GPU build, CUDA 12 and cuDNN 9. */
class CudaTest {
  private static final Provider.Cuda CUDA = new Provider.Cuda(0);
  private static final SessionOptions ON_CUDA = SessionOptions.DEFAULT.withProviders(CUDA);

  @BeforeEach
  void needsCuda() {
    Optional<String> missing = AcceleratorProbe.whyUnavailable(CUDA);
    assumeTrue(missing.isEmpty(), () -> "No CUDA here: " + missing.orElseThrow());
  }

  private static Tensor images(int count, long seed) {
    float[] pixels = new float[count * 28 * 28];
    Random random = new Random(seed);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    return Tensor.ofFloats(pixels, count, 1, 28, 28);
  }

  @Test
  void theSeedNetworkComputesTheSameValueByValue() {
    Model seed = Networks.named("seed").build(1);
    VerificationReport report =
        Verifier.of(OrtBackend.of(Accelerator.of("cuda")))
            .against(new ReferenceBackend(), seed, List.of(Map.of("image", images(8, 1))));
    assertTrue(report.passed(), report.toString());
  }

  @Test
  void autoTakesTheGpu() {
    assertEquals(Accelerator.CUDA, Accelerator.auto().accelerator());
  }

  @Test
  void theProfileTellsWhichNodeRanWhere(@TempDir Path folder) throws IOException {
    Profile profile;
    try (InferenceSession session =
        InferenceSession.of(
            Networks.named("seed").build(1), ON_CUDA.withProfile(folder.resolve("p")))) {
      session.run(Map.of("image", images(2, 1)));
      profile = session.profile();
    }
    assertEquals(List.of(), profile.onCpu(), profile.toString());
    assertTrue(
        profile.nodesByProvider().keySet().stream().allMatch(p -> p.startsWith("CUDA")),
        profile.toString());
  }

  /** TensorFloat-32 has ten bits of mantissa; without it, products are those of float32. */
  @Test
  void tensorFloat32IsFarLessPrecise() {
    int n = 512;
    float[] a = gaussians(n * n, 1);
    float[] b = gaussians(n * n, 2);
    GraphBuilder builder = GraphBuilder.of("product");
    TensorType square = TensorType.of(ElementType.FLOAT, Shape.of(n, n));
    Value x = builder.input("x", square);
    builder.output(builder.matMul(x, builder.input("w", square)), "y");
    Model model = builder.buildModel();
    Map<String, Tensor> inputs =
        Map.of("x", Tensor.ofFloats(a, n, n), "w", Tensor.ofFloats(b, n, n));
    double full = error(model, CUDA, inputs, a, b, n);
    double reduced = error(model, CUDA.withTf32(), inputs, a, b, n);
    assertTrue(full < 1e-4, "float32: " + full);
    assertTrue(reduced > 10 * full && reduced < 0.1, "TF32: " + reduced + ", float32: " + full);
  }

  /** The largest difference from the product in double, of the first 16 rows. */
  private static double error(
      Model model, Provider provider, Map<String, Tensor> inputs, float[] a, float[] b, int n) {
    float[] y;
    try (InferenceSession session =
        InferenceSession.of(model, SessionOptions.DEFAULT.withProviders(provider))) {
      y = session.run(inputs).tensor("y").toFloats();
    }
    double largest = 0;
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += (double) a[i * n + k] * b[k * n + j];
        }
        largest = Math.max(largest, Math.abs(sum - y[i * n + j]) / Math.sqrt(n));
      }
    }
    return largest;
  }

  private static float[] gaussians(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** A graph that is captured reads new contents of the same buffers in each run. */
  @Test
  void aCapturedGraphComputesWhatIsInTheBuffers() {
    Model seed = Networks.named("seed").build(1);
    try (InferenceSession plain = InferenceSession.of(seed, ON_CUDA);
        InferenceSession captured =
            InferenceSession.of(
                seed,
                SessionOptions.DEFAULT.withProviders(
                    CUDA.withGraph().withSearch(Provider.CudnnSearch.HEURISTIC)));
        Binding binding = captured.bind()) {
      FloatBuffer image = binding.allocateInput("image", 4, 1, 28, 28).asFloatBuffer();
      FloatBuffer probabilities = binding.allocateOutput("probabilities", 4, 10).asFloatBuffer();
      for (int run = 0; run < 5; run++) {
        Tensor images = images(4, run);
        image.put(0, images.toFloats());
        binding.run();
        float[] found = new float[40];
        probabilities.get(0, found);
        assertArrayEquals(
            plain.run(Map.of("image", images)).tensor().toFloats(), found, 1e-5f, "run " + run);
      }
    }
  }

  @Test
  void aMemoryLimitThatIsTooSmallIsAnErrorAndTheSessionGoesOn() {
    Model seed = Networks.named("seed").build(1);
    try (InferenceSession session =
        InferenceSession.of(
            seed, SessionOptions.DEFAULT.withProviders(CUDA.withMemoryLimit(64L << 20)))) {
      ModelRunException refused =
          org.junit.jupiter.api.Assertions.assertThrows(
              ModelRunException.class, () -> session.run(Map.of("image", images(4096, 1))));
      assertTrue(refused.getMessage().contains("emory"), refused.getMessage());
      assertEquals(
          Shape.of(2, 10), session.run(Map.of("image", images(2, 1))).tensor().type().shape());
    }
  }

  @Test
  void manyThreadsShareASession() {
    Model seed = Networks.named("seed").build(1);
    try (InferenceSession session = InferenceSession.of(seed, ON_CUDA);
        PreparedModel cpu = OrtBackend.cpu().prepare(seed)) {
      IntStream.range(0, 64)
          .parallel()
          .forEach(
              i -> {
                Map<String, Tensor> inputs = Map.of("image", images(1 + i % 5, i));
                assertArrayEquals(
                    cpu.run(inputs).get("probabilities") instanceof Tensor t
                        ? t.toFloats()
                        : new float[0],
                    session.run(inputs).tensor().toFloats(),
                    1e-5f);
              });
    }
  }

  /** Of sessions that come and go nothing stays on the GPU. */
  @Test
  void sessionsGiveTheirMemoryBack() throws IOException, InterruptedException {
    Model seed = Networks.named("seed").build(1);
    long after20 = 0;
    for (int i = 0; i < 60; i++) {
      try (InferenceSession session = InferenceSession.of(seed, ON_CUDA)) {
        session.run(Map.of("image", images(64, i)));
      }
      if (i == 19) {
        after20 = usedMebibytes();
      }
    }
    long after60 = usedMebibytes();
    assertTrue(after60 <= after20 + 64, after20 + " MiB after 20 sessions, then " + after60);
  }

  /** A session keeps handles of cuBLAS and cuDNN for each thread that has used it. */
  @Test
  void theThreadThatMakesASessionRunsItWithoutMoreMemory() throws Exception {
    Model seed = Networks.named("seed").build(1);
    long here = mebibytesOfEight(() -> InferenceSession.of(seed, ON_CUDA));
    long elsewhere =
        mebibytesOfEight(
            () -> CompletableFuture.supplyAsync(() -> InferenceSession.of(seed, ON_CUDA)).get());
    assertTrue(here < 0.9 * elsewhere, here + " MiB, made in another thread " + elsewhere);
  }

  private static long mebibytesOfEight(Callable<InferenceSession> making) throws Exception {
    long before = usedMebibytes();
    List<InferenceSession> sessions = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        sessions.add(making.call());
        sessions.get(i).run(Map.of("image", images(4, i)));
      }
      return usedMebibytes() - before;
    } finally {
      sessions.forEach(InferenceSession::close);
    }
  }

  private static long usedMebibytes() throws IOException, InterruptedException {
    Process smi =
        new ProcessBuilder("nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits")
            .start();
    String said = new String(smi.getInputStream().readAllBytes(), Charset.defaultCharset()).strip();
    smi.waitFor();
    return Long.parseLong(said.lines().findFirst().orElseThrow().strip());
  }
}
