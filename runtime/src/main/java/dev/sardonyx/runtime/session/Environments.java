package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** The one ONNX Runtime environment of the process. */
final class Environments {
  private static final String NAME = "sardonyx";

  private Environments() {}

  /**
   * The environment. It logs nothing, since failures come as exceptions, and sends no telemetry.
   *
   * @throws AcceleratorUnavailableException if ONNX Runtime itself does not load on this machine
   */
  static OrtEnvironment shared() {
    if (Holder.SHARED == null) {
      throw new AcceleratorUnavailableException(Accelerator.CPU, Holder.FAILURE);
    }
    return Holder.SHARED;
  }

  /**
   * Options for a session. Loads the native libraries first, as creating the options would load
   * them in ONNX Runtime's own way.
   */
  static SessionOptions newSessionOptions() {
    shared();
    return new SessionOptions();
  }

  private static final class Holder {
    static final @Nullable OrtEnvironment SHARED;

    /** Why there is none. */
    static final String FAILURE;

    static {
      OrtEnvironment shared = null;
      String failure = "";
      try {
        shared = open();
      } catch (LinkageError | RuntimeException e) {
        failure = explain(e);
      }
      SHARED = shared;
      FAILURE = failure;
    }

    private static String explain(Throwable failure) {
      Throwable root = failure;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      return "ONNX Runtime's native libraries do not load: "
          + root
          + (root instanceof IOException
              ? "; they need a writable folder for temporary files (-Djava.io.tmpdir names it)"
              : NativeLoading.advice(String.valueOf(root.getMessage()))
                  .map(advice -> "; " + advice)
                  .orElse(""));
    }

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
     * Takes another reference to the environment. ONNX Runtime's own shutdown hook releases the
     * only one, which destroys the environment while threads may still use it. There is no public
     * API for this; if a version lacks the method used here, exiting during a call is unsafe, and
     * nothing else changes.
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
