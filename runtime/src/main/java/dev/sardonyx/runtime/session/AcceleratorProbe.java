package dev.sardonyx.runtime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out whether an accelerator works on this machine by computing something on it. */
final class AcceleratorProbe {
  /** How the dynamic loaders of Linux, macOS and Windows report a missing library. */
  private static final Pattern MISSING_LIBRARY =
      Pattern.compile(
          "(lib[\\w+.-]+?\\.so[.\\d]*): cannot open shared object"
              + "|Library not loaded: (\\S+)"
              + "|depends on \"([^\"]+)\" which is missing");

  private AcceleratorProbe() {}

  /** Why the accelerator cannot be used, or nothing if a model has just run on it. */
  static Optional<String> whyUnavailable(Provider provider) {
    Accelerator accelerator = provider.accelerator();
    try {
      OrtEnvironment environment = Environments.shared();
      if (!OrtEnvironment.getAvailableProviders().contains(accelerator.ortProvider())) {
        return Optional.of(notInThisBuild(accelerator));
      }
      run(environment, provider);
      return Optional.empty();
    } catch (AcceleratorUnavailableException e) {
      return Optional.of(e.reason());
    } catch (OrtException | RuntimeException | LinkageError e) {
      return Optional.of(explain(accelerator, String.valueOf(e.getMessage())));
    }
  }

  /** The exception for an accelerator that ONNX Runtime cannot enable. */
  static AcceleratorUnavailableException unavailable(
      Accelerator accelerator, OrtException failure) {
    boolean isInBuild = OrtEnvironment.getAvailableProviders().contains(accelerator.ortProvider());
    return new AcceleratorUnavailableException(
        accelerator,
        isInBuild
            ? explain(accelerator, String.valueOf(failure.getMessage()))
            : notInThisBuild(accelerator));
  }

  /** Squares a matrix: an operation that every accelerator supports. */
  private static void run(OrtEnvironment environment, Provider provider) throws OrtException {
    TensorType type = TensorType.of(ElementType.FLOAT, 8, 8);
    Graph graph =
        Graph.of(
            "probe",
            List.of(Input.of("x", type)),
            List.of(Output.of("y", type)),
            List.of(Node.of("MatMul", List.of("x", "x"), List.of(Result.of("y", type)))),
            List.of());
    byte[] model = OnnxWriter.toBytes(Model.of(graph, 13));
    try (SessionOptions options = new SessionOptions()) {
      ProviderSetup.add(provider, options);
      if (provider.accelerator() != Accelerator.CPU) {
        // Without this, nodes that the provider does not take silently run on the CPU.
        options.addConfigEntry("session.disable_cpu_ep_fallback", "1");
      }
      ByteBuffer zeros = ByteBuffer.allocateDirect(8 * 8 * 4).order(ByteOrder.LITTLE_ENDIAN);
      try (OrtSession session = environment.createSession(model, options);
          OnnxTensor x =
              OnnxTensor.createTensor(environment, zeros.asFloatBuffer(), new long[] {8, 8});
          OrtSession.Result result = session.run(Map.of("x", x))) {
        if (result.size() != 1) {
          throw new IllegalStateException("a trial run gave " + result.size() + " outputs, not 1");
        }
      }
    }
  }

  private static String notInThisBuild(Accelerator accelerator) {
    String remedy =
        switch (accelerator) {
          case CUDA, TENSORRT -> "; onnxruntime_gpu has it (Maven: -Pgpu)";
          case DIRECTML -> "; Microsoft's build for DirectML has it";
          case COREML -> "; the build for macOS has it";
          case NNAPI -> "; the build for Android has it";
          default -> "";
        };
    return "not in this build of ONNX Runtime" + remedy;
  }

  private static String explain(Accelerator accelerator, String message) {
    return explain(accelerator, message, NvidiaMachine.here());
  }

  /** What ONNX Runtime's message says in short, and what to do. */
  static String explain(Accelerator accelerator, String message, NvidiaMachine machine) {
    Matcher missing = MISSING_LIBRARY.matcher(message);
    String reason;
    boolean isMissing = missing.find();
    if (isMissing) {
      String library =
          missing.group(1) != null
              ? missing.group(1)
              : missing.group(2) != null ? missing.group(2) : missing.group(3);
      reason = library + " is missing";
    } else {
      String oneLine = message.strip().replaceAll("\\s+", " ");
      reason = oneLine.replaceFirst("^Error code - \\w+ - message: ", "");
    }
    return switch (accelerator) {
      case CUDA, TENSORRT ->
          reason + "; " + NvidiaDiagnosis.of(machine, accelerator == Accelerator.TENSORRT);
      default -> isMissing ? reason + "; install it and put it on the loader's path" : reason;
    };
  }
}
