package dev.sardonyx.runtime.conformance.generate;

import dev.sardonyx.export.OnnxData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.file.NewFolder;
import dev.sardonyx.runtime.Tolerance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

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
   * @throws IOException naming what cannot be written; nothing is left of the case then
   */
  public void write(Path suite) throws IOException {
    try (NewFolder folder = NewFolder.create(suite.resolve(name))) {
      String tolerance =
          String.format(
              Locale.ROOT,
              "{\"rtol\": %s, \"atol\": %s}%n",
              tolerance().rtol(),
              tolerance().atol());
      folder.write("tolerance.json", tolerance.getBytes(StandardCharsets.UTF_8));
      int i = 0;
      for (Input input : model.graph().inputs()) {
        folder.write("test_data_set_0/input_" + i++ + ".pb", bytes(inputs, input.name()));
      }
      i = 0;
      for (Output output : model.graph().outputs()) {
        folder.write("test_data_set_0/output_" + i++ + ".pb", bytes(outputs, output.name()));
      }
      folder.write("model.onnx", OnnxWriter.toBytes(model));
      folder.keep();
    }
  }

  private static byte[] bytes(Map<String, Datum> data, String name) {
    Datum datum = data.get(name);
    if (datum == null) {
      throw new IllegalStateException("There is no value of '" + name + "'");
    }
    return OnnxData.toBytes(datum, name);
  }
}
