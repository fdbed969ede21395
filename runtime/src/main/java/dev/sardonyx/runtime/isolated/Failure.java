package dev.sardonyx.runtime.isolated;

import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.session.ModelRunException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** Exceptions sent to the other process, where they are thrown as the same class. */
final class Failure {
  /** What an exception of another class becomes. */
  private static final String OTHER = "other";

  private Failure() {}

  static void write(DataOutputStream out, Throwable failure) throws IOException {
    out.writeByte(Message.FAILED.number());
    DatumCodec.writeText(out, kind(failure));
    DatumCodec.writeText(
        out,
        kind(failure).equals(OTHER) ? failure.toString() : String.valueOf(failure.getMessage()));
    boolean isRun = failure instanceof ModelRunException;
    DatumCodec.writeText(out, isRun ? ((ModelRunException) failure).node().orElse("") : "");
    DatumCodec.writeText(out, isRun ? ((ModelRunException) failure).operator().orElse("") : "");
  }

  private static String kind(Throwable failure) {
    if (failure instanceof UnsupportedModelException) {
      return "unsupported";
    } else if (failure instanceof ModelRunException) {
      return "run";
    } else if (failure instanceof IllegalArgumentException) {
      return "argument";
    } else if (failure instanceof IllegalStateException) {
      return "state";
    } else if (failure instanceof OutOfMemoryError) {
      return "memory";
    }
    return OTHER;
  }

  static RuntimeException read(DataInputStream in, String model) throws IOException {
    String kind = DatumCodec.readText(in);
    String message = DatumCodec.readText(in);
    String node = DatumCodec.readText(in);
    String operator = DatumCodec.readText(in);
    return switch (kind) {
      case "unsupported" -> new UnsupportedModelException(message);
      case "run" -> new ModelRunException(message, node, operator);
      case "argument" -> new IllegalArgumentException(message);
      case "memory" ->
          new IsolationException(
              IsolationException.Kind.OUT_OF_MEMORY,
              model,
              "",
              "Model '" + model + "' needs more memory than its process has: " + message);
      default -> new IllegalStateException(message);
    };
  }
}
