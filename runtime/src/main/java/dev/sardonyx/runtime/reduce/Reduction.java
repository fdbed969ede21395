package dev.sardonyx.runtime.reduce;

import dev.sardonyx.export.OnnxData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.file.NewFolder;
import dev.sardonyx.runtime.FailureKind;
import dev.sardonyx.runtime.Tolerance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A small model that a backend fails on.
 *
 * @param inputs what it fails on
 * @param expected what the reference gives
 * @param kind how the backend fails
 * @param message what is wrong, in words
 * @param alone whether the model fails by itself, and not only as a part of a larger one
 * @param candidate the backend that fails
 * @param reference the backend that is right
 * @param tolerance by how much numbers may differ
 * @param nodesBefore how many nodes the model had before
 * @param trials how many smaller models were tried
 */
public record Reduction(
    Model model,
    Map<String, Datum> inputs,
    Map<String, Datum> expected,
    FailureKind kind,
    String message,
    boolean alone,
    String candidate,
    String reference,
    Tolerance tolerance,
    int nodesBefore,
    int trials) {
  /**
   * Writes the model and its data as a case of the ONNX backend suite, {@code model.onnx} and
   * {@code test_data_set_0}, with a {@code README.txt} that says what is wrong and how to see it.
   *
   * @param folder made if it is not there
   * @throws IOException naming the folder or file if it is not empty, or cannot be written; nothing
   *     is left of it then
   */
  public void write(Path folder) throws IOException {
    try (NewFolder made = NewFolder.create(folder)) {
      int number = 0;
      for (Input input : model.graph().inputs()) {
        Datum value = inputs.get(input.name());
        if (value != null) {
          String name = "test_data_set_0/input_" + number++ + ".pb";
          made.write(name, OnnxData.toBytes(value, input.name()));
        }
      }
      number = 0;
      for (Output output : model.graph().outputs()) {
        Datum value = expected.get(output.name());
        if (value != null) {
          String name = "test_data_set_0/output_" + number++ + ".pb";
          made.write(name, OnnxData.toBytes(value, output.name()));
        }
      }
      made.write("README.txt", readme().getBytes(StandardCharsets.UTF_8));
      OnnxWriter.write(model, made.begin("model.onnx"));
      made.keep();
    }
  }

  /** One command that shows the failure again if the model fails by itself, from its folder. */
  public String command() {
    List<String> words = new ArrayList<>(List.of("sardonyx", "verify", "--isolated"));
    if (!tolerance.equals(Tolerance.DEFAULT)) {
      words.addAll(List.of("--rtol", "" + tolerance.rtol(), "--atol", "" + tolerance.atol()));
    }
    int number = 0;
    for (Input input : model.graph().inputs()) {
      if (inputs.containsKey(input.name())) {
        words.add("--input");
        words.add(quoted(input.name() + "=test_data_set_0/input_" + number++ + ".pb"));
      }
    }
    words.add("model.onnx");
    return String.join(" ", words);
  }

  private static String quoted(String word) {
    return word.matches("[\\w./=:-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private String readme() {
    return """
    %s: %s
    %s against %s

    %d of %d nodes, found in %d trials. In this folder,

        %s

    %s. It is also a case of the ONNX backend suite's layout.
    """
        .formatted(
            kind,
            Printable.line(message),
            candidate,
            reference,
            model.graph().nodes().size(),
            nodesBefore,
            trials,
            Printable.line(command()),
            alone
                ? "shows it again"
                : "shows what the node gives by itself, where it does not fail: in the model it is"
                    + " computed\notherwise, or its operands differ, within the tolerance");
  }

  @Override
  public String toString() {
    return kind + " with " + model.graph().nodes().size() + " of " + nodesBefore + " nodes";
  }
}
