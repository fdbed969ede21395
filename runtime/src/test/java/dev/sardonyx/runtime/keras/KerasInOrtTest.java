package dev.sardonyx.runtime.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.keras.KerasReader;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models of Keras, simplified and exported, give in ONNX Runtime what Keras gave. */
final class KerasInOrtTest {
  private static final Path FOLDER =
      Path.of(
          System.getProperty(
              "sardonyx.keras.fixtures", "../export/src/test/resources/dev/sardonyx/export/keras"));

  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.endsWith(".keras"))
          .filter(n -> !List.of("own_layer.keras", "refused.keras").contains(n))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputsAreKerass(String file) throws IOException {
    Model read = KerasReader.standard().read(FOLDER.resolve(file));
    Model exported = OnnxExport.of(Passes.simplify().apply(read).model()).toModel();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    try (HdfFile recorded = new HdfFile(FOLDER.resolve("recorded.h5"))) {
      Group model = (Group) recorded.getChild(file.replace(".keras", ""));
      for (Input input : read.graph().inputs()) {
        Tensor given = tensor(((Group) model.getChild("inputs")).getChild(input.name()));
        ElementType type = ((TensorType) input.type()).elementType();
        inputs.put(input.name(), Tensor.ofNumbers(type, given.toDoubles(), given.dims()));
      }
      for (Node output : (Group) model.getChild("outputs")) {
        outputs.put(output.getName(), tensor(output));
      }
    }
    boolean half = file.startsWith("mixed");
    VerificationReport report =
        Verifier.of(OrtBackend.cpu())
            .withTolerance(half ? new Tolerance(1e-2, 1e-3) : new Tolerance(1e-5, 1e-5))
            .againstRecorded("Keras", exported, List.of(new Verifier.Recorded(inputs, outputs)));
    assertEquals(outputs.size(), report.values().size());
    assertTrue(report.passed(), report.table());
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
