package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.export.OnnxData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.Tolerance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model of one node, and the outputs that the reference evaluator gives for some inputs.
 *
 * @param name such as {@code Conv/0007}; unique within a run
 */
public record GeneratedCase(
    String name, Model model, Map<String, Datum> inputs, Map<String, Datum> outputs) {
  /** The node's operator. */
  public String operator() {
    return model.graph().nodes().get(0).operator();
  }

  /** The tolerance of the coarsest floating-point type among the values. */
  public Tolerance tolerance() {
    Tolerance widest = Tolerance.DEFAULT;
    for (Datum datum :
        Stream.concat(inputs.values().stream(), outputs.values().stream()).toList()) {
      if (datum instanceof Tensor tensor) {
        ElementType type = tensor.elementType();
        Tolerance rounded = Tolerance.DEFAULT.roundedTo(type);
        widest = rounded.rtol() > widest.rtol() ? rounded : widest;
      }
    }
    return widest;
  }

  /**
   * Writes the case into a folder named after it, in the layout of the ONNX backend suite.
   *
   * @throws IOException if a file cannot be written
   */
  public void write(Path suite) throws IOException {
    Path folder = suite.resolve(name);
    Path data = Files.createDirectories(folder.resolve("test_data_set_0"));
    Files.write(folder.resolve("model.onnx"), OnnxWriter.toBytes(model));
    Files.writeString(
        folder.resolve("tolerance.json"),
        String.format(
            Locale.ROOT, "{\"rtol\": %s, \"atol\": %s}%n", tolerance().rtol(), tolerance().atol()));
    int i = 0;
    for (Input input : model.graph().inputs()) {
      write(data.resolve("input_" + i++ + ".pb"), inputs.get(input.name()), input.name());
    }
    i = 0;
    for (Output output : model.graph().outputs()) {
      write(data.resolve("output_" + i++ + ".pb"), outputs.get(output.name()), output.name());
    }
  }

  private static void write(Path file, @Nullable Datum datum, String name) throws IOException {
    if (datum == null) {
      throw new IllegalStateException("There is no value of '" + name + "'");
    }
    Files.write(file, OnnxData.toBytes(datum, name));
  }
}
