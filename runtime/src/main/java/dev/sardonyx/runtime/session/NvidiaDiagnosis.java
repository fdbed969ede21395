package dev.sardonyx.runtime.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Why ONNX Runtime's CUDA or TensorRT provider does not work on a machine: the versions of driver,
 * CUDA, cuDNN and TensorRT that it wants, those that are there, and what to do.
 *
 * @param wanted such as {@code CUDA 12}
 * @param found such as {@code CUDA 11.8.89 in /usr/local/cuda-11.8/lib64}
 * @param advice what to do, in order; nothing if all that is wanted is there
 */
record NvidiaDiagnosis(List<String> wanted, List<String> found, List<String> advice) {
  /** The oldest that runs programs of any CUDA 12. */
  private static final String LEAST_DRIVER = "525.60.13";

  /** Something that is installed at once, with the libraries that are loaded of it. */
  private record Part(String name, String installation, List<NvidiaMachine.Library> libraries) {
    int major() {
      return libraries.get(0).major();
    }

    String wanted() {
      return name + " " + major();
    }
  }

  /** What libonnxruntime_providers_cuda of the pinned version is linked to. */
  private static final Part CUDA =
      new Part(
          "CUDA",
          "CUDA 12",
          List.of(
              new NvidiaMachine.Library("cudart", 12),
              new NvidiaMachine.Library("cublasLt", 12),
              new NvidiaMachine.Library("cublas", 12),
              new NvidiaMachine.Library("curand", 10)));

  /** Loaded with the first node that needs it, such as a convolution. */
  private static final Part CUDNN =
      new Part("cuDNN", "cuDNN 9 for CUDA 12", List.of(new NvidiaMachine.Library("cudnn", 9)));

  private static final Part TENSORRT =
      new Part(
          "TensorRT",
          "TensorRT 10",
          List.of(
              new NvidiaMachine.Library("nvinfer", 10),
              new NvidiaMachine.Library("nvonnxparser", 10)));

  NvidiaDiagnosis {
    wanted = List.copyOf(wanted);
    found = List.copyOf(found);
    advice = List.copyOf(advice);
  }

  static NvidiaDiagnosis of(NvidiaMachine machine, boolean tensorRt) {
    List<String> wanted = new ArrayList<>();
    List<String> found = new ArrayList<>();
    List<String> advice = new ArrayList<>();
    wanted.add("NVIDIA driver " + LEAST_DRIVER + " or newer");
    addDriver(machine, found, advice);
    for (Part part : tensorRt ? List.of(CUDA, CUDNN, TENSORRT) : List.of(CUDA, CUDNN)) {
      wanted.add(part.wanted());
      addPart(machine, part, found, advice);
    }
    return new NvidiaDiagnosis(wanted, found, advice);
  }

  private static void addDriver(NvidiaMachine machine, List<String> found, List<String> advice) {
    Optional<String> version = machine.driverVersion();
    if (!machine.hasKernelModule() || (version.isEmpty() && !machine.hasDriverLibrary())) {
      found.add("no driver");
      advice.add(
          "install the driver of an NVIDIA GPU (a container is given the host's by --gpus all)");
      return;
    }
    found.add("driver" + version.map(number -> " " + number).orElse(" of unknown version"));
    if (!machine.hasDevice() || !machine.hasDriverLibrary()) {
      found.add(machine.hasDevice() ? "no libcuda.so.1" : "no GPU that this process may use");
      advice.add("let the process have the GPU (a container by --gpus all)");
    } else if (version.isPresent() && !NvidiaMachine.isAtLeast(version.get(), LEAST_DRIVER)) {
      advice.add("update the driver");
    }
  }

  private static void addPart(
      NvidiaMachine machine, Part part, List<String> found, List<String> advice) {
    List<NvidiaMachine.Found> all = machine.find(part.libraries().get(0));
    Optional<NvidiaMachine.Found> right = all.stream().filter(f -> f.is(part.major())).findFirst();
    Optional<NvidiaMachine.Found> best = right.or(() -> all.stream().findFirst());
    List<String> missing =
        part.libraries().stream()
            .filter(library -> !isLoadable(machine, library))
            .map(machine::fileName)
            .toList();
    found.add(best.map(file -> described(part, file)).orElse("no " + part.name()));
    if (missing.isEmpty()) {
      return;
    }
    if (right.isPresent() && !right.get().loadable()) {
      advice.add("add " + right.get().folder() + " to " + machine.pathVariable());
    } else {
      advice.add(
          "install "
              + part.installation()
              + (right.isPresent() ? " (not found: " + String.join(", ", missing) + ")" : ""));
    }
  }

  private static boolean isLoadable(NvidiaMachine machine, NvidiaMachine.Library library) {
    return machine.find(library).stream()
        .anyMatch(file -> file.is(library.major()) && file.loadable());
  }

  private static String described(Part part, NvidiaMachine.Found file) {
    return part.name()
        + " "
        + file.version()
        + " in "
        + file.folder()
        + (file.loadable() ? "" : ", where it is not looked for");
  }

  /** In one line. */
  @Override
  public String toString() {
    return "wanted: "
        + String.join(", ", wanted)
        + "; found: "
        + String.join(", ", found)
        + (advice.isEmpty() ? "" : "; to do: " + String.join("; ", advice));
  }
}
