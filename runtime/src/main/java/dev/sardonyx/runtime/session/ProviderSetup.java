package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtEpDevice;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import java.util.List;
import java.util.Map;

/** Enables execution providers, each by the method that ONNX Runtime's Java API has for it. */
final class ProviderSetup {
  private ProviderSetup() {}

  static void add(Provider provider, OrtSession.SessionOptions to) throws OrtException {
    Map<String, String> options = provider.options();
    if (provider instanceof Provider.Cuda) {
      addCuda(provider, to);
    } else if (provider instanceof Provider.TensorRt) {
      try (OrtTensorRTProviderOptions tensorRt =
          new OrtTensorRTProviderOptions(provider.device())) {
        for (Map.Entry<String, String> option : options.entrySet()) {
          tensorRt.add(option.getKey(), option.getValue());
        }
        to.addTensorrt(tensorRt);
      }
      addCuda(new Provider.Cuda(provider.device()), to);
    } else if (provider instanceof Provider.Rocm) {
      to.addROCM(provider.device());
    } else if (provider instanceof Provider.MiGraphX) {
      addByName("MIGraphXExecutionProvider", provider, to);
    } else if (provider instanceof Provider.DirectMl) {
      to.addDirectML(provider.device());
    } else if (provider instanceof Provider.OpenVino openVino) {
      to.addOpenVINO(openVino.deviceType());
    } else if (provider instanceof Provider.CoreMl) {
      to.addCoreML(options);
    } else if (provider instanceof Provider.Xnnpack) {
      to.addXnnpack(options);
    } else if (provider instanceof Provider.Qnn) {
      to.addQnn(options);
    } else if (provider instanceof Provider.WebGpu) {
      to.addWebGPU(options);
    } else if (provider instanceof Provider.Nnapi) {
      to.addNnapi();
    } else if (provider instanceof Provider.Dnnl) {
      to.addDnnl(true);
    } else if (provider instanceof Provider.Acl) {
      to.addACL(true);
    }
    // The CPU is always there.
  }

  private static void addCuda(Provider provider, OrtSession.SessionOptions to) throws OrtException {
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(provider.device())) {
      for (Map.Entry<String, String> option : provider.options().entrySet()) {
        cuda.add(option.getKey(), option.getValue());
      }
      to.addCUDA(cuda);
    }
  }

  /**
   * Selects a provider by the devices it reports, the only way for providers without a method of
   * their own.
   */
  static void addByName(String name, Provider provider, OrtSession.SessionOptions to)
      throws OrtException {
    List<OrtEpDevice> devices =
        Environments.shared().getEpDevices().stream()
            .filter(device -> device.getEpName().equals(name))
            .toList();
    if (devices.size() <= provider.device()) {
      throw new AcceleratorUnavailableException(
          provider.accelerator(),
          "ONNX Runtime knows " + devices.size() + " devices of " + name + " here");
    }
    to.addExecutionProvider(List.of(devices.get(provider.device())), provider.options());
  }
}
