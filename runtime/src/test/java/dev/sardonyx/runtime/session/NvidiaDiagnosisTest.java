package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines with and without Nvidia's software, as trees of files. */
class NvidiaDiagnosisTest {
  private static final String TOOLKIT = "/usr/local/cuda-12.4/lib64";
  private static final String LIBRARIES = "/usr/lib/x86_64-linux-gnu";

  @TempDir Path root;

  private Path at(String name) {
    return root.resolve(
        name.replaceFirst("^[A-Z]:", "").replace('\\', '/').replaceFirst("^/+", ""));
  }

  private void write(String name, String text) throws IOException {
    Path file = at(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void write(String folder, List<String> names) throws IOException {
    for (String name : names) {
      write(folder + (folder.contains("\\") ? "\\" : "/") + name, "");
    }
  }

  private void driver(String version) throws IOException {
    write(
        "/proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  "
            + version
            + "  Sat Aug 19 01:15:15 UTC 2023\nGCC version:  gcc version 12.3.0\n");
    write("/dev/nvidia0", "");
    write(LIBRARIES, List.of("libcuda.so.1", "libcuda.so." + version));
  }

  private void cuda(String folder, String version) throws IOException {
    write(
        folder,
        List.of(
            "libcudart.so.12",
            "libcudart.so." + version,
            "libcublas.so.12",
            "libcublasLt.so.12",
            "libcurand.so.10"));
  }

  private NvidiaDiagnosis diagnosis(Map<String, String> environment, boolean tensorRt) {
    return NvidiaDiagnosis.of(new NvidiaMachine(this::at, environment, false), tensorRt);
  }

  private NvidiaDiagnosis diagnosis() {
    return diagnosis(Map.of(), false);
  }

  @Test
  void nothing() {
    assertEquals(
        "wanted: NVIDIA driver 525.60.13 or newer, CUDA 12, cuDNN 9, TensorRT 10; found: no driver,"
            + " no CUDA, no cuDNN, no TensorRT; to do: install the driver of an NVIDIA GPU (a"
            + " container is given the host's by --gpus all); install CUDA 12; install cuDNN 9 for"
            + " CUDA 12; install TensorRT 10",
        diagnosis(Map.of(), true).toString());
  }

  @Test
  void allThatIsWanted() throws IOException {
    driver("535.104.05");
    cuda(LIBRARIES, "12.4.127");
    write(LIBRARIES, List.of("libcudnn.so.9", "libcudnn.so.9.1.0"));
    NvidiaDiagnosis diagnosis = diagnosis();
    assertEquals(
        List.of(
            "driver 535.104.05", "CUDA 12.4.127 in " + LIBRARIES, "cuDNN 9.1.0 in " + LIBRARIES),
        diagnosis.found());
    assertEquals(List.of(), diagnosis.advice());
    assertFalse(diagnosis.toString().contains("to do"), diagnosis.toString());
  }

  @Test
  void oldVersions() throws IOException {
    driver("470.82.01");
    write("/usr/local/cuda-11.8/lib64", List.of("libcudart.so.11.0", "libcudart.so.11.8.89"));
    write(LIBRARIES, List.of("libcudnn.so.8.9.7"));
    NvidiaDiagnosis diagnosis = diagnosis();
    assertEquals(
        List.of(
            "driver 470.82.01",
            "CUDA 11.8.89 in /usr/local/cuda-11.8/lib64, where it is not looked for",
            "cuDNN 8.9.7 in " + LIBRARIES),
        diagnosis.found());
    assertEquals(
        List.of("update the driver", "install CUDA 12", "install cuDNN 9 for CUDA 12"),
        diagnosis.advice());
  }

  @Test
  void installedWhereItIsNotLookedFor() throws IOException {
    driver("550.54.14");
    cuda(TOOLKIT, "12.4.127");
    cuda("/usr/local/cuda-11.8/lib64", "11.8.89");
    write(LIBRARIES, List.of("libcudnn.so.9"));
    assertEquals(List.of("add " + TOOLKIT + " to LD_LIBRARY_PATH"), diagnosis().advice());
    assertEquals(List.of(), diagnosis(Map.of("LD_LIBRARY_PATH", "/x:" + TOOLKIT), false).advice());
  }

  @Test
  void theLoadersConfigurationCounts() throws IOException {
    driver("550.54.14");
    cuda(TOOLKIT, "12.4.127");
    write("/opt/cudnn", List.of("libcudnn.so.9.8.0"));
    write("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n# more\n/opt/cudnn\n");
    write("/etc/ld.so.conf.d/cuda.conf", TOOLKIT + "\n");
    write("/etc/ld.so.conf.d/cuda.conf.off", "/opt/none\n");
    NvidiaDiagnosis diagnosis = diagnosis();
    assertEquals(List.of(), diagnosis.advice(), diagnosis.toString());
    assertTrue(diagnosis.found().contains("cuDNN 9.8.0 in /opt/cudnn"), diagnosis.toString());
  }

  @Test
  void halfOfCuda() throws IOException {
    driver("550.54.14");
    write(LIBRARIES, List.of("libcudart.so.12", "libcublas.so.12", "libcudnn.so.9"));
    assertEquals(
        List.of("install CUDA 12 (not found: libcublasLt.so.12, libcurand.so.10)"),
        diagnosis().advice());
  }

  @Test
  void aContainerWithoutTheGpu() throws IOException {
    driver("550.54.14");
    cuda(LIBRARIES, "12.4.127");
    write(LIBRARIES, List.of("libcudnn.so.9"));
    Files.delete(at("/dev/nvidia0"));
    Files.delete(at(LIBRARIES + "/libcuda.so.1"));
    Files.delete(at(LIBRARIES + "/libcuda.so.550.54.14"));
    NvidiaDiagnosis diagnosis = diagnosis();
    assertEquals(
        List.of("driver 550.54.14", "no GPU that this process may use"),
        diagnosis.found().subList(0, 2));
    assertEquals(
        List.of("let the process have the GPU (a container by --gpus all)"), diagnosis.advice());
  }

  @Test
  void openKernelModuleAndWindowsSubsystem() throws IOException {
    write(
        "/proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build\n");
    NvidiaMachine open = new NvidiaMachine(this::at, Map.of(), false);
    assertEquals("560.35.03", open.driverVersion().orElseThrow());
    Files.delete(at("/proc/driver/nvidia/version"));
    write("/dev/dxg", "");
    write("/usr/lib/wsl/lib", List.of("libcuda.so.1"));
    assertEquals("driver of unknown version", diagnosis().found().get(0));
  }

  @Test
  void windows() throws IOException {
    String toolkit = "C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA\\v12.6\\bin";
    write("C:\\Windows\\System32", List.of("nvcuda.dll"));
    write(
        toolkit,
        List.of("cudart64_12.dll", "cublas64_12.dll", "cublasLt64_12.dll", "curand64_10.dll"));
    write("C:\\cudnn", List.of("cudnn64_9.dll"));
    NvidiaMachine off = new NvidiaMachine(this::at, Map.of("PATH", "C:\\cudnn"), true);
    assertEquals(List.of("add " + toolkit + " to PATH"), NvidiaDiagnosis.of(off, false).advice());
    NvidiaMachine on = new NvidiaMachine(this::at, Map.of("PATH", "C:\\cudnn;" + toolkit), true);
    NvidiaDiagnosis diagnosis = NvidiaDiagnosis.of(on, false);
    assertEquals(List.of(), diagnosis.advice(), diagnosis.toString());
    assertEquals(
        List.of("driver of unknown version", "CUDA 12 in " + toolkit, "cuDNN 9 in C:\\cudnn"),
        diagnosis.found());
    assertEquals(
        "11.0", new NvidiaMachine.Library("cudart", 12).version("cudart64_110.dll").orElseThrow());
  }

  @Test
  void theReasonComesFirst() throws IOException {
    driver("550.54.14");
    NvidiaMachine machine = new NvidiaMachine(this::at, Map.of(), false);
    String reason =
        AcceleratorProbe.explain(
            Accelerator.CUDA,
            "Error code - ORT_FAIL - message: Failed to load library"
                + " libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open"
                + " shared object file: No such file or directory",
            machine);
    assertTrue(
        reason.startsWith("libcublasLt.so.12 is missing; wanted: NVIDIA driver 525.60.13 or newer"),
        reason);
    assertTrue(reason.contains("found: driver 550.54.14, no CUDA, no cuDNN; to do: "), reason);
    assertTrue(
        AcceleratorProbe.explain(
                Accelerator.TENSORRT, "CUDA failure 100: no CUDA-capable\n device", machine)
            .startsWith("CUDA failure 100: no CUDA-capable device; wanted: "),
        "another failure");
    assertEquals(
        "libx.so.1 is missing; install it and put it on the loader's path",
        AcceleratorProbe.explain(
            Accelerator.ROCM, "libx.so.1: cannot open shared object", machine));
  }
}
