package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtException;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns ONNX Runtime's errors into exceptions that name the node and say what to do. */
final class OrtFailure {
  private static final Pattern NODE_FAILED =
      Pattern.compile(
          "status code returned while running (\\S+) node\\. Name:'([^']*)'\\s*"
              + "(?:Status Message:\\s*)?(.*)",
          Pattern.DOTALL);

  /**
   * Such as {@code In Node, ("n", Op, "", -1) : ("x": tensor(float),) -> ("y": ...) , Error ...}.
   */
  private static final Pattern NODE_REFUSED =
      Pattern.compile(
          "(?:This is an invalid model\\. )?In Node, \\(\"([^\"]*)\", (\\S+), \"([^\"]*)\", -?\\d+\\) :"
              + ".*?, Error:? (.*)",
          Pattern.DOTALL);

  private static final Pattern SOURCE_POSITION =
      Pattern.compile(
          "(?:/\\S+/)?\\S+\\.(?:cc|h|hpp):\\d+ (?:[^\\n]*?\\)(?: const)?(?: \\[with [^\\]]*\\])? )?");

  private OrtFailure() {}

  /** Whether a model did not load because a locale is not installed. */
  static boolean isLocale(OrtException failure) {
    return text(failure).contains("locale");
  }

  /**
   * Whether an output has another shape than that of the buffer that a run was given for it, or
   * ONNX Runtime had inferred another one for the model.
   */
  static boolean isOtherShape(OrtException failure) {
    String text = text(failure);
    return text.contains("The output OrtValue provided for output")
        || text.contains("Got invalid dimensions for output")
        || text.contains("Invalid rank for output");
  }

  static UnsupportedModelException onLoading(OrtException failure) {
    String whole = text(failure);
    Matcher node = NODE_REFUSED.matcher(whole);
    String text =
        node.find()
            ? "node '" + node.group(1) + "' (" + node.group(2) + "): " + node.group(4).strip()
            : whole;
    return new UnsupportedModelException(
        "ONNX Runtime "
            + Environments.shared().getVersion()
            + " cannot load the model: "
            + text
            + loadingHint(failure, text),
        failure);
  }

  private static String loadingHint(OrtException failure, String text) {
    if (text.contains("Unsupported model IR version")
        || text.contains("is under development and support for this is limited")
        || text.contains("only *guarantees* support for models stamped with official")) {
      return ". Convert the model to opset "
          + InferenceSession.TARGET.newestOpset()
          + " or lower, IR version "
          + InferenceSession.TARGET.newestIrVersion()
          + " or lower";
    }
    if (isLocale(failure)) {
      return ". Its text operators need that locale: generate it on this machine (on Debian,"
          + " package locales) or name another one in the model";
    }
    if (failure.getCode() == OrtException.OrtErrorCode.ORT_NOT_IMPLEMENTED) {
      return ". It knows the operator but has no kernel for this version and these element types;"
          + " another opset or element type may have one";
    }
    if (text.contains("is not a registered function/op") || text.contains("No Op registered for")) {
      return ". No operator of this name and version is known to it: import the domain at another"
          + " version, or add the operator to the model as a function";
    }
    return "";
  }

  /** The failure of a run on inputs whose sizes may contradict each other. */
  static ModelRunException onRunning(
      OrtException failure, List<Input> inputs, InputSizes.Dims given) {
    ModelRunException plain = onRunning(failure);
    return InputSizes.contradiction(inputs, given)
        .map(
            why ->
                new ModelRunException(
                    "The inputs contradict each other: " + why + ". " + plain.getMessage(),
                    plain.node().orElse(""),
                    plain.operator().orElse(""),
                    failure))
        .orElse(plain);
  }

  static ModelRunException onRunning(OrtException failure) {
    String text = text(failure);
    Matcher matcher = NODE_FAILED.matcher(text);
    if (!matcher.find()) {
      return new ModelRunException("ONNX Runtime failed: " + text, "", "", failure);
    }
    String operator = matcher.group(1);
    String node = matcher.group(2);
    String message =
        "Node '"
            + node
            + "' ("
            + operator
            + ") failed in ONNX Runtime: "
            + matcher.group(3).strip();
    return NativeFaults.explained(new ModelRunException(message, node, operator, failure));
  }

  /** The message without error codes and positions in ONNX Runtime's source. */
  private static String text(OrtException failure) {
    String message = String.valueOf(failure.getMessage());
    String bare = message.replaceFirst("^Error code - \\w+ - message: ", "");
    return SOURCE_POSITION.matcher(bare).replaceAll("").strip();
  }
}
