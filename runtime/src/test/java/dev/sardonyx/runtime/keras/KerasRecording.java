package dev.sardonyx.runtime.keras;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What Keras computed of a model, in recorded.h5 of the model's folder. */
record KerasRecording(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
  /**
   * @param name of the model's file
   */
  static KerasRecording of(Path folder, String name, Model model) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    try (HdfFile recorded = new HdfFile(folder.resolve("recorded.h5"))) {
      Group group = (Group) recorded.getChild(name.replaceFirst("\\.[a-z0-9]+$", ""));
      for (Input input : model.graph().inputs()) {
        Tensor given = tensor(((Group) group.getChild("inputs")).getChild(input.name()));
        ElementType type = ((TensorType) input.type()).elementType();
        inputs.put(input.name(), Tensor.ofNumbers(type, given.toDoubles(), given.dims()));
      }
      Group expected = (Group) group.getChild("outputs");
      for (Output output : model.graph().outputs()) {
        Node recordedOutput = expected.getChild(output.name());
        if (recordedOutput != null) {
          outputs.put(output.name(), inType(output, tensor(recordedOutput)));
        }
      }
      require(outputs, expected);
    }
    return new KerasRecording(inputs, outputs);
  }

  /** Booleans and bytes are recorded as wider integers. */
  private static Tensor inType(Output output, Tensor recorded) {
    ElementType type = ((TensorType) output.type()).elementType();
    return type.isFloat() || recorded.elementType().isFloat()
        ? recorded
        : Tensor.ofNumbers(type, recorded.toDoubles(), recorded.dims());
  }

  private static void require(Map<String, Tensor> outputs, Group expected) {
    Set<String> missing = new TreeSet<>(expected.getChildren().keySet());
    missing.removeAll(outputs.keySet());
    if (!missing.isEmpty()) {
      throw new AssertionError("The model lacks the outputs " + missing);
    }
  }

  private static Tensor tensor(Node node) {
    Dataset dataset = (Dataset) node;
    long[] dims = Arrays.stream(dataset.getDimensions()).asLongStream().toArray();
    Object data = dataset.getDataFlat();
    if (data instanceof float[] floats) {
      return Tensor.ofFloats(floats, dims);
    }
    if (data instanceof int[] ints) {
      return Tensor.ofInts(ints, dims);
    }
    return data instanceof long[] longs
        ? Tensor.ofLongs(longs, dims)
        : Tensor.ofDoubles((double[]) data, dims);
  }
}
