package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.runtime.Models;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Providers' options by ONNX Runtime's names for them. */
class ProviderTest {
  @Test
  void optionsHaveOnnxRuntimesNames() {
    assertEquals(Map.of("use_tf32", "0"), new Provider.Cuda(0).options());
    assertEquals(
        Map.of(
            "use_tf32", "1",
            "gpu_mem_limit", "1073741824",
            "cudnn_conv_algo_search", "HEURISTIC",
            "enable_cuda_graph", "1",
            "arena_extend_strategy", "kSameAsRequested"),
        new Provider.Cuda(1)
            .withMemoryLimit(1L << 30)
            .withTf32()
            .withSearch(Provider.CudnnSearch.HEURISTIC)
            .withGraph()
            .withGrowth(Provider.ArenaGrowth.SAME_AS_REQUESTED)
            .options());
    assertEquals(Map.of(), new Provider.TensorRt(0).options());
    Path cache = Path.of("cache");
    Provider.ShapeRange range =
        new Provider.ShapeRange("x", List.of(1L, 3L), List.of(8L, 3L), List.of(32L, 3L));
    assertEquals(
        Map.of(
            "trt_fp16_enable", "1",
            "trt_int8_enable", "1",
            "trt_engine_cache_enable", "1",
            "trt_engine_cache_path", "cache",
            "trt_timing_cache_enable", "1",
            "trt_timing_cache_path", "cache",
            "trt_profile_min_shapes", "x:1x3",
            "trt_profile_opt_shapes", "x:8x3",
            "trt_profile_max_shapes", "x:32x3"),
        new Provider.TensorRt(0)
            .withFp16()
            .withInt8()
            .withCache(cache)
            .withProfile(List.of(range))
            .options());
    assertEquals(
        Map.of("MLComputeUnits", "CPUAndGPU", "ModelFormat", "MLProgram"),
        new Provider.CoreMl(Provider.ComputeUnits.CPU_AND_GPU, true).options());
    assertEquals(Map.of("intra_op_num_threads", "4"), new Provider.Xnnpack(4).options());
    assertEquals(Map.of("preferredLayout", "NCHW"), new Provider.WebGpu(false).options());
    assertEquals(
        Map.of("backend_path", "libQnnHtp.so", "enable_htp_fp16_precision", "1"),
        new Provider.Qnn(Path.of("libQnnHtp.so"), true).options());
  }

  @Test
  void senselessOptionsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Provider.Cuda(-1));
    assertThrows(IllegalArgumentException.class, () -> new Provider.Cuda(0).withMemoryLimit(-1));
    assertThrows(IllegalArgumentException.class, () -> new Provider.Xnnpack(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Provider.ShapeRange("x", List.of(2L), List.of(1L), List.of(3L)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Provider.ShapeRange("x", List.of(1L), List.of(1L, 2L), List.of(3L)));
  }

  /** One that is named is used, or the session is refused with the reason. */
  @ParameterizedTest
  @EnumSource
  void noneFallsBackUnasked(Accelerator accelerator) {
    SessionOptions options = SessionOptions.DEFAULT.withProviders(accelerator.provider(0));
    boolean works = AcceleratorProbe.whyUnavailable(accelerator.provider(0)).isEmpty();
    if (works) {
      InferenceSession.of(Models.addRelu(), options).close();
      return;
    }
    AcceleratorUnavailableException refusal =
        assertThrows(
            AcceleratorUnavailableException.class,
            () -> InferenceSession.of(Models.addRelu(), options));
    assertEquals(accelerator, refusal.accelerator());
    assertTrue(
        refusal.getMessage().startsWith("Accelerator " + accelerator + " is not available: "),
        refusal.getMessage());
  }

  /** The way of providers that have no method of their own, for one that is always there. */
  @Test
  void providersByTheNamesOfTheirDevices() throws OrtException {
    try (OrtSession.SessionOptions options = Environments.newSessionOptions()) {
      ProviderSetup.addByName("CPUExecutionProvider", new Provider.Cpu(), options);
      assertThrows(
          AcceleratorUnavailableException.class,
          () -> ProviderSetup.addByName("NoSuchProvider", new Provider.Cpu(), options));
    }
  }
}
