package dev.sardonyx.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/** The one ONNX Runtime environment of the process. */
final class Environments {
  private static final String NAME = "sardonyx";

  private Environments() {}

  /** The environment: silent, since failures come as exceptions, and without telemetry. */
  static OrtEnvironment shared() {
    return Holder.SHARED;
  }

  /** Options for a session; the libraries are loaded by then, which making them does otherwise. */
  static SessionOptions newSessionOptions() {
    shared();
    return new SessionOptions();
  }

  private static final class Holder {
    static final OrtEnvironment SHARED = open();

    private static OrtEnvironment open() {
      NativeLibraries.provide();
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, NAME);
      try {
        environment.setTelemetry(false);
      } catch (OrtException e) {
        throw new IllegalStateException("Cannot switch off ONNX Runtime's telemetry", e);
      }
      keepUntilExit();
      NativeCalls.holdExit();
      return environment;
    }

    /**
     * Takes another reference to the environment. ONNX Runtime's own shutdown hook gives back the
     * only one, which takes the environment down under threads that are still inside it. There is
     * no public way; should a version have none at all, an exit in the middle of a call is unsafe
     * and nothing else changes.
     */
    private static void keepUntilExit() {
      try {
        Field api = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
        api.setAccessible(true);
        Method create =
            OrtEnvironment.class.getDeclaredMethod(
                "createHandle", long.class, int.class, String.class);
        create.setAccessible(true);
        int level = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL.getValue();
        Object unused = create.invoke(null, api.getLong(null), level, NAME);
      } catch (ReflectiveOperationException | RuntimeException e) {
        // As said above.
      }
    }
  }
}
