package dev.sardonyx.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;

/** The one ONNX Runtime environment of the process. */
final class Environments {
  private Environments() {}

  /** The environment: silent, since failures come as exceptions, and without telemetry. */
  static OrtEnvironment shared() {
    return Holder.SHARED;
  }

  private static final class Holder {
    static final OrtEnvironment SHARED = open();

    private static OrtEnvironment open() {
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "sardonyx");
      try {
        environment.setTelemetry(false);
      } catch (OrtException e) {
        throw new IllegalStateException("Cannot switch off ONNX Runtime's telemetry", e);
      }
      return environment;
    }
  }
}
