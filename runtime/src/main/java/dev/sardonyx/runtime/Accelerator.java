package dev.sardonyx.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What ONNX Runtime may compute on: its execution providers that the Java API can switch on.
 * Operators that an accelerator lacks run on the CPU.
 */
public enum Accelerator {
  /**
   * Nvidia GPUs, in full float32: TensorFloat-32 is switched off so that results can be compared.
   */
  CUDA("CUDA", OrtProvider.CUDA, true),
  /** Nvidia GPUs through TensorRT, which compiles each model for minutes before its first run. */
  TENSORRT("TensorRT", OrtProvider.TENSOR_RT, true),
  /** AMD GPUs. */
  ROCM("ROCm", OrtProvider.ROCM, true),
  /** GPUs under Windows. */
  DIRECTML("DirectML", OrtProvider.DIRECT_ML, true),
  /** Apple's GPU and Neural Engine, which may compute in float16. */
  COREML("CoreML", OrtProvider.CORE_ML, false),
  /** Android's Neural Networks API. */
  NNAPI("NNAPI", OrtProvider.NNAPI, false),
  /** Qualcomm's AI Engine. */
  QNN("QNN", OrtProvider.QNN, false),
  /** Any GPU through WebGPU. */
  WEBGPU("WebGPU", OrtProvider.WEBGPU, false),
  /** Intel's CPUs, GPUs and NPUs through OpenVINO. */
  OPENVINO("OpenVINO", OrtProvider.OPEN_VINO, false),
  /** Intel's oneDNN kernels on the CPU. */
  DNNL("DNNL", OrtProvider.DNNL, false),
  /** The Arm Compute Library. */
  ACL("ACL", OrtProvider.ACL, false),
  /** Google's XNNPACK kernels on the CPU. */
  XNNPACK("XNNPACK", OrtProvider.XNNPACK, false),
  /** ONNX Runtime's own kernels, which are always there. */
  CPU("CPU", OrtProvider.CPU, true);

  private final String label;
  private final OrtProvider provider;
  private final boolean automatic;

  Accelerator(String label, OrtProvider provider, boolean automatic) {
    this.label = label;
    this.provider = provider;
    this.automatic = automatic;
  }

  /** The name a command line takes, such as {@code tensorrt}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The name people read, such as {@code TensorRT}. */
  @Override
  public String toString() {
    return label;
  }

  OrtProvider provider() {
    return provider;
  }

  void addTo(SessionOptions options, int device) throws OrtException {
    switch (this) {
      case CUDA -> addCuda(options, device);
      case TENSORRT -> addTensorRt(options, device);
      case ROCM -> options.addROCM(device);
      case DIRECTML -> options.addDirectML(device);
      case COREML -> options.addCoreML(Map.of());
      case NNAPI -> options.addNnapi();
      case QNN -> options.addQnn(Map.of());
      case WEBGPU -> options.addWebGPU(Map.of());
      case OPENVINO -> options.addOpenVINO("");
      case DNNL -> options.addDnnl(true);
      case ACL -> options.addACL(true);
      case XNNPACK -> options.addXnnpack(Map.of());
      case CPU -> {}
    }
  }

  /**
   * The best accelerator that really loads, tried in the order CUDA, TensorRT, ROCm, DirectML, CPU.
   * The others may compute in less than float32 or only help some models: they are for those who
   * name them.
   *
   * @return the accelerator, and why each better one was not taken
   * @throws AcceleratorUnavailableException if ONNX Runtime itself does not load here, saying why
   */
  public static AcceleratorSelection auto() {
    Environments.shared();
    List<AcceleratorSelection.Refusal> refused = new ArrayList<>();
    for (Accelerator candidate : values()) {
      if (!candidate.automatic || candidate == CPU) {
        continue;
      }
      Optional<String> reason = AcceleratorProbe.whyUnavailable(candidate, 0);
      if (reason.isEmpty()) {
        return new AcceleratorSelection(candidate, 0, refused);
      }
      refused.add(new AcceleratorSelection.Refusal(candidate, reason.get()));
    }
    return new AcceleratorSelection(CPU, 0, refused);
  }

  /**
   * The accelerator of a name, such as {@code cuda}, {@code cuda:1} for the second device, or
   * {@code auto}.
   *
   * @throws AcceleratorUnavailableException if it does not load here, saying why
   * @throws IllegalArgumentException if there is no such name
   */
  public static AcceleratorSelection of(String name) {
    if (name.strip().equalsIgnoreCase("auto")) {
      return auto();
    }
    String[] parts = name.strip().split(":", 2);
    Accelerator accelerator = named(parts[0], name);
    int device = parts.length == 1 ? 0 : deviceNumber(parts[1], name);
    return accelerator.select(device);
  }

  /**
   * This accelerator's first device.
   *
   * @throws AcceleratorUnavailableException if it does not load here, saying why
   */
  public AcceleratorSelection select() {
    return select(0);
  }

  private AcceleratorSelection select(int device) {
    Optional<String> reason = AcceleratorProbe.whyUnavailable(this, device);
    if (reason.isPresent()) {
      throw new AcceleratorUnavailableException(this, reason.get());
    }
    return new AcceleratorSelection(this, device, List.of());
  }

  private static Accelerator named(String id, String whole) {
    for (Accelerator candidate : values()) {
      if (candidate.id().equalsIgnoreCase(id)) {
        return candidate;
      }
    }
    throw new IllegalArgumentException(
        "There is no accelerator '"
            + whole
            + "'; there are auto, "
            + Arrays.stream(values()).map(Accelerator::id).collect(Collectors.joining(", ")));
  }

  private static int deviceNumber(String text, String whole) {
    if (!text.matches("\\d{1,4}")) {
      throw new IllegalArgumentException(
          "Accelerator '" + whole + "': the device after the colon is a number, such as cuda:1");
    }
    return Integer.parseInt(text);
  }

  private static void addCuda(SessionOptions options, int device) throws OrtException {
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device)) {
      cuda.add("use_tf32", "0");
      options.addCUDA(cuda);
    }
  }

  private static void addTensorRt(SessionOptions options, int device) throws OrtException {
    try (OrtTensorRTProviderOptions tensorRt = new OrtTensorRTProviderOptions(device)) {
      options.addTensorrt(tensorRt);
    }
    addCuda(options, device);
  }
}
