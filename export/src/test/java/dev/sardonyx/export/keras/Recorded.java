package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What Keras computed of the models that src/test/python/keras_fixtures.py made. */
record Recorded(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
  static final Path FOLDER =
      Path.of(
          System.getProperty(
              "sardonyx.keras.fixtures", "src/test/resources/dev/sardonyx/export/keras"));

  static Recorded of(String name, Model model) {
    try (Hdf5 file = Hdf5.open(FOLDER.resolve("recorded.h5"), Limits.standard())) {
      Hdf5.Entry group = file.root().child(name).orElseThrow();
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (Input input : model.graph().inputs()) {
        Tensor given = group.tensor("inputs/" + input.name()).orElseThrow();
        inputs.put(
            input.name(),
            Tensor.ofNumbers(
                ((TensorType) input.type()).elementType(), given.toDoubles(), given.dims()));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      Hdf5.Entry given = group.child("outputs").orElseThrow();
      given.names().forEach(n -> outputs.put(n, given.tensor(n).orElseThrow()));
      return new Recorded(inputs, outputs);
    }
  }
}
