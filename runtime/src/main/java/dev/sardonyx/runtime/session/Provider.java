package dev.sardonyx.runtime.session;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * An execution provider of ONNX Runtime with its options as types. The options' names and their
 * meaning are ONNX Runtime's; options left at their defaults are not passed.
 *
 * <p>A session whose provider cannot be used is not made; to try one provider after another, use
 * {@link Accelerator#auto}.
 */
public sealed interface Provider {
  /** Which it is. */
  Accelerator accelerator();

  /** The number of the device, from 0. */
  default int device() {
    return 0;
  }

  /** The options as ONNX Runtime names them, without the device. */
  Map<String, String> options();

  /** A label such as {@code CUDA:1}; the device is left out if it is the first. */
  default String label() {
    return device() == 0 ? accelerator().toString() : accelerator() + ":" + device();
  }

  /** ONNX Runtime's own kernels. */
  record Cpu() implements Provider {
    @Override
    public Accelerator accelerator() {
      return Accelerator.CPU;
    }

    @Override
    public Map<String, String> options() {
      return Map.of();
    }
  }

  /** How cuDNN's algorithm for a convolution is found. */
  enum CudnnSearch {
    /** All algorithms are measured, for every new shape. */
    EXHAUSTIVE,
    /** By cuDNN's heuristics. */
    HEURISTIC,
    /** The default algorithm, without a search. */
    DEFAULT
  }

  /** By how much the memory that a session keeps on a GPU grows. */
  enum ArenaGrowth {
    /** To twice as much at a time: the fewest allocations. */
    NEXT_POWER_OF_TWO,
    /** By what is asked for: the least memory, for many sessions on one GPU. */
    SAME_AS_REQUESTED
  }

  /**
   * Nvidia GPUs.
   *
   * @param device the GPU's number
   * @param memoryLimit bytes of its memory that the session's arena may take, 0 for all
   * @param tf32 whether float32 is multiplied with the precision of TensorFloat-32
   * @param search how convolutions are chosen
   * @param graph whether runs are captured as a CUDA graph and replayed; shapes and addresses must
   *     then stay the same, as those of a {@link Binding} do
   * @param growth of the session's arena
   */
  record Cuda(
      int device,
      long memoryLimit,
      boolean tf32,
      CudnnSearch search,
      boolean graph,
      ArenaGrowth growth)
      implements Provider {
    public Cuda {
      requireDevice(device);
      requireNotNegative("The memory limit", memoryLimit);
    }

    /** In full float32, so that results can be compared. */
    public Cuda(int device) {
      this(device, 0, false, CudnnSearch.EXHAUSTIVE, false, ArenaGrowth.NEXT_POWER_OF_TWO);
    }

    public Cuda withMemoryLimit(long bytes) {
      return new Cuda(device, bytes, tf32, search, graph, growth);
    }

    /** Faster, with ten bits of mantissa. */
    public Cuda withTf32() {
      return new Cuda(device, memoryLimit, true, search, graph, growth);
    }

    public Cuda withSearch(CudnnSearch changed) {
      return new Cuda(device, memoryLimit, tf32, changed, graph, growth);
    }

    public Cuda withGraph() {
      return new Cuda(device, memoryLimit, tf32, search, true, growth);
    }

    public Cuda withGrowth(ArenaGrowth changed) {
      return new Cuda(device, memoryLimit, tf32, search, graph, changed);
    }

    @Override
    public Accelerator accelerator() {
      return Accelerator.CUDA;
    }

    @Override
    public Map<String, String> options() {
      Map<String, String> options = new LinkedHashMap<>();
      options.put("use_tf32", flag(tf32));
      if (memoryLimit > 0) {
        options.put("gpu_mem_limit", Long.toString(memoryLimit));
      }
      if (search != CudnnSearch.EXHAUSTIVE) {
        options.put("cudnn_conv_algo_search", search.name());
      }
      if (graph) {
        options.put("enable_cuda_graph", "1");
      }
      if (growth == ArenaGrowth.SAME_AS_REQUESTED) {
        options.put("arena_extend_strategy", "kSameAsRequested");
      }
      return options;
    }
  }

  /**
   * The shapes that TensorRT compiles an input for.
   *
   * @param input its name
   * @param least the smallest
   * @param best the shape to optimise for
   * @param most the largest
   */
  record ShapeRange(String input, List<Long> least, List<Long> best, List<Long> most) {
    public ShapeRange {
      least = List.copyOf(least);
      best = List.copyOf(best);
      most = List.copyOf(most);
      if (least.size() != best.size() || best.size() != most.size()) {
        throw new IllegalArgumentException(
            "Input '"
                + input
                + "': shapes "
                + least
                + ", "
                + best
                + " and "
                + most
                + " are not of one rank");
      }
      for (int axis = 0; axis < best.size(); axis++) {
        if (least.get(axis) > best.get(axis) || best.get(axis) > most.get(axis)) {
          throw new IllegalArgumentException(
              "Input '"
                  + input
                  + "', dimension "
                  + axis
                  + ": "
                  + least.get(axis)
                  + ", "
                  + best.get(axis)
                  + ", "
                  + most.get(axis)
                  + " do not rise");
        }
      }
    }

    private String text(List<Long> shape) {
      StringJoiner dims = new StringJoiner("x");
      shape.forEach(dim -> dims.add(dim.toString()));
      return input + ":" + dims;
    }
  }

  /**
   * Nvidia GPUs through TensorRT, which compiles each model, for minutes, before its first run;
   * with CUDA for the nodes that it does not support.
   *
   * @param device the GPU's number
   * @param fp16 whether it may compute in float16
   * @param int8 whether it may compute in int8, for quantised models
   * @param engineCache a folder for compiled models, null for none
   * @param timingCache a folder for measurements that speed up later compilations, null for none
   * @param profile the shapes of inputs with symbolic dimensions
   */
  record TensorRt(
      int device,
      boolean fp16,
      boolean int8,
      @Nullable Path engineCache,
      @Nullable Path timingCache,
      List<ShapeRange> profile)
      implements Provider {
    public TensorRt {
      requireDevice(device);
      profile = List.copyOf(profile);
    }

    /** In float32, nothing kept. */
    public TensorRt(int device) {
      this(device, false, false, null, null, List.of());
    }

    public TensorRt withFp16() {
      return new TensorRt(device, true, int8, engineCache, timingCache, profile);
    }

    public TensorRt withInt8() {
      return new TensorRt(device, fp16, true, engineCache, timingCache, profile);
    }

    /** Keeps compiled models and measurements in a folder. */
    public TensorRt withCache(Path folder) {
      return new TensorRt(device, fp16, int8, folder, folder, profile);
    }

    public TensorRt withProfile(List<ShapeRange> changed) {
      return new TensorRt(device, fp16, int8, engineCache, timingCache, changed);
    }

    @Override
    public Accelerator accelerator() {
      return Accelerator.TENSORRT;
    }

    @Override
    public Map<String, String> options() {
      Map<String, String> options = new LinkedHashMap<>();
      if (fp16) {
        options.put("trt_fp16_enable", "1");
      }
      if (int8) {
        options.put("trt_int8_enable", "1");
      }
      if (engineCache != null) {
        options.put("trt_engine_cache_enable", "1");
        options.put("trt_engine_cache_path", engineCache.toString());
      }
      if (timingCache != null) {
        options.put("trt_timing_cache_enable", "1");
        options.put("trt_timing_cache_path", timingCache.toString());
      }
      if (!profile.isEmpty()) {
        StringJoiner least = new StringJoiner(",");
        StringJoiner best = new StringJoiner(",");
        StringJoiner most = new StringJoiner(",");
        for (ShapeRange range : profile) {
          least.add(range.text(range.least()));
          best.add(range.text(range.best()));
          most.add(range.text(range.most()));
        }
        options.put("trt_profile_min_shapes", least.toString());
        options.put("trt_profile_opt_shapes", best.toString());
        options.put("trt_profile_max_shapes", most.toString());
      }
      return options;
    }
  }

  /**
   * AMD GPUs through ROCm's kernels.
   *
   * @param device the GPU's number
   */
  record Rocm(int device) implements Provider {
    public Rocm {
      requireDevice(device);
    }

    @Override
    public Accelerator accelerator() {
      return Accelerator.ROCM;
    }

    @Override
    public Map<String, String> options() {
      return Map.of();
    }
  }

  /**
   * AMD GPUs through MIGraphX, which compiles each model.
   *
   * @param device the GPU's number
   * @param fp16 whether it may compute in float16
   * @param int8 whether it may compute in int8
   */
  record MiGraphX(int device, boolean fp16, boolean int8) implements Provider {
    public MiGraphX {
      requireDevice(device);
    }

    @Override
    public Accelerator accelerator() {
      return Accelerator.MIGRAPHX;
    }

    @Override
    public Map<String, String> options() {
      Map<String, String> options = new LinkedHashMap<>();
      if (fp16) {
        options.put("migraphx_fp16_enable", "1");
      }
      if (int8) {
        options.put("migraphx_int8_enable", "1");
      }
      return options;
    }
  }

  /**
   * GPUs under Windows.
   *
   * @param device the adapter's number
   */
  record DirectMl(int device) implements Provider {
    public DirectMl {
      requireDevice(device);
    }

    @Override
    public Accelerator accelerator() {
      return Accelerator.DIRECTML;
    }

    @Override
    public Map<String, String> options() {
      return Map.of();
    }
  }

  /**
   * Intel's CPUs, GPUs and NPUs.
   *
   * @param deviceType such as {@code CPU}, {@code GPU.1}, {@code NPU} or {@code AUTO:GPU,CPU}
   */
  record OpenVino(String deviceType) implements Provider {
    @Override
    public Accelerator accelerator() {
      return Accelerator.OPENVINO;
    }

    @Override
    public Map<String, String> options() {
      return Map.of("device_type", deviceType);
    }
  }

  /** What CoreML may compute on. */
  enum ComputeUnits {
    ALL("ALL"),
    CPU_ONLY("CPUOnly"),
    CPU_AND_GPU("CPUAndGPU"),
    CPU_AND_NEURAL_ENGINE("CPUAndNeuralEngine");

    private final String word;

    ComputeUnits(String word) {
      this.word = word;
    }
  }

  /**
   * Apple's GPU and Neural Engine, which may compute in float16.
   *
   * @param units what to compute on
   * @param mlProgram whether models become ML Programs, for macOS 12 and newer, or neural networks
   */
  record CoreMl(ComputeUnits units, boolean mlProgram) implements Provider {
    @Override
    public Accelerator accelerator() {
      return Accelerator.COREML;
    }

    @Override
    public Map<String, String> options() {
      Map<String, String> options = new LinkedHashMap<>();
      if (units != ComputeUnits.ALL) {
        options.put("MLComputeUnits", units.word);
      }
      if (mlProgram) {
        options.put("ModelFormat", "MLProgram");
      }
      return options;
    }
  }

  /**
   * Google's XNNPACK kernels on the CPU.
   *
   * @param threads threads of its own pool
   */
  record Xnnpack(int threads) implements Provider {
    public Xnnpack {
      if (threads < 1) {
        throw new IllegalArgumentException("XNNPACK takes at least 1 thread, not " + threads);
      }
    }

    @Override
    public Accelerator accelerator() {
      return Accelerator.XNNPACK;
    }

    @Override
    public Map<String, String> options() {
      return Map.of("intra_op_num_threads", Integer.toString(threads));
    }
  }

  /**
   * Qualcomm's AI Engine.
   *
   * @param backend its library, such as {@code QnnHtp.dll} or {@code libQnnHtp.so}; null for the
   *     default
   * @param fp16 whether float32 is computed in float16 on the HTP
   */
  record Qnn(@Nullable Path backend, boolean fp16) implements Provider {
    @Override
    public Accelerator accelerator() {
      return Accelerator.QNN;
    }

    @Override
    public Map<String, String> options() {
      Map<String, String> options = new LinkedHashMap<>();
      if (backend != null) {
        options.put("backend_path", backend.toString());
      }
      if (fp16) {
        options.put("enable_htp_fp16_precision", "1");
      }
      return options;
    }
  }

  /**
   * Any GPU through WebGPU.
   *
   * @param channelsLast whether convolutions are computed in NHWC, which is faster, or NCHW
   */
  record WebGpu(boolean channelsLast) implements Provider {
    @Override
    public Accelerator accelerator() {
      return Accelerator.WEBGPU;
    }

    @Override
    public Map<String, String> options() {
      return channelsLast ? Map.of() : Map.of("preferredLayout", "NCHW");
    }
  }

  /** Android's Neural Networks API. */
  record Nnapi() implements Provider {
    @Override
    public Accelerator accelerator() {
      return Accelerator.NNAPI;
    }

    @Override
    public Map<String, String> options() {
      return Map.of();
    }
  }

  /** Intel's oneDNN kernels on the CPU. */
  record Dnnl() implements Provider {
    @Override
    public Accelerator accelerator() {
      return Accelerator.DNNL;
    }

    @Override
    public Map<String, String> options() {
      return Map.of();
    }
  }

  /** The Arm Compute Library. */
  record Acl() implements Provider {
    @Override
    public Accelerator accelerator() {
      return Accelerator.ACL;
    }

    @Override
    public Map<String, String> options() {
      return Map.of();
    }
  }

  private static String flag(boolean value) {
    return value ? "1" : "0";
  }

  private static void requireDevice(int device) {
    requireNotNegative("A device's number", device);
  }

  private static void requireNotNegative(String what, long number) {
    if (number < 0) {
      throw new IllegalArgumentException(what + " is not negative: " + number);
    }
  }
}
