package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What ONNX Runtime may compute on: the execution providers that its Java API can enable. Operators
 * that an accelerator does not support run on the CPU.
 */
public enum Accelerator {
  /**
   * Nvidia GPUs, in full float32: TensorFloat-32 is switched off so that results can be compared.
   */
  CUDA("CUDA", OrtProvider.CUDA, true),
  /**
   * Nvidia GPUs through TensorRT, which compiles each model before its first run; that takes
   * minutes.
   */
  TENSORRT("TensorRT", OrtProvider.TENSOR_RT, true),
  /** AMD GPUs. */
  ROCM("ROCm", OrtProvider.ROCM, true),
  /** AMD GPUs through MIGraphX, which compiles each model before its first run. */
  MIGRAPHX("MIGraphX", OrtProvider.MI_GRAPH_X, false),
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

  OrtProvider ortProvider() {
    return provider;
  }

  /**
   * The accelerator with its options at their defaults.
   *
   * @param device the device's number, from 0; ignored by accelerators that choose the device
   *     themselves
   */
  public Provider provider(int device) {
    return switch (this) {
      case CUDA -> new Provider.Cuda(device);
      case TENSORRT -> new Provider.TensorRt(device);
      case ROCM -> new Provider.Rocm(device);
      case MIGRAPHX -> new Provider.MiGraphX(device, false, false);
      case DIRECTML -> new Provider.DirectMl(device);
      case COREML -> new Provider.CoreMl(Provider.ComputeUnits.ALL, false);
      case NNAPI -> new Provider.Nnapi();
      case QNN -> new Provider.Qnn(null, false);
      case WEBGPU -> new Provider.WebGpu(true);
      case OPENVINO -> new Provider.OpenVino("");
      case DNNL -> new Provider.Dnnl();
      case ACL -> new Provider.Acl();
      case XNNPACK -> new Provider.Xnnpack(1);
      case CPU -> new Provider.Cpu();
    };
  }

  /**
   * The first accelerator that works on this machine, tried in the order CUDA, TensorRT, ROCm,
   * DirectML, CPU. The others may compute in less than float32 or only help some models, so they
   * must be asked for by name.
   *
   * @return the accelerator, and why each better one was not taken
   * @throws AcceleratorUnavailableException if ONNX Runtime itself does not load here, saying why
   */
  public static AcceleratorSelection auto() {
    Environments.shared();
    List<AcceleratorSelection.Refused> refused = new ArrayList<>();
    for (Accelerator candidate : values()) {
      if (!candidate.automatic || candidate == CPU) {
        continue;
      }
      Optional<String> reason = AcceleratorProbe.whyUnavailable(candidate.provider(0));
      if (reason.isEmpty()) {
        return new AcceleratorSelection(candidate.provider(0), refused);
      }
      refused.add(new AcceleratorSelection.Refused(candidate, reason.get()));
    }
    return new AcceleratorSelection(CPU.provider(0), refused);
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
    if (parts.length == 2 && accelerator == CPU) {
      throw new IllegalArgumentException(
          "Accelerator '" + name + "': the CPU has no devices to choose from; say cpu");
    }
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
    return select(provider(device));
  }

  /**
   * An accelerator with the caller's options.
   *
   * @throws AcceleratorUnavailableException if it does not load here, saying why
   */
  public static AcceleratorSelection select(Provider provider) {
    Optional<String> reason = AcceleratorProbe.whyUnavailable(provider);
    if (reason.isPresent()) {
      throw new AcceleratorUnavailableException(provider.accelerator(), reason.get());
    }
    return new AcceleratorSelection(provider, List.of());
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
}
