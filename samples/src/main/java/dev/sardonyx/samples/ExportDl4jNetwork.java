package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.training.read.SavedNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The README's export of a network that DL4J saved, verified afterwards. */
public final class ExportDl4jNetwork {
  private ExportDl4jNetwork() {}

  /**
   * Exports a network whose inputs are rows of features and prints the verification.
   *
   * @param args DL4J's zip, the ONNX file to write
   */
  public static void main(String[] args) throws IOException {
    // README: from here
    SavedNetwork network = SavedNetwork.read(Path.of(args[0])); // or of one in memory: Dl4jImporter
    Model model = network.model();
    OnnxExport.of(model).write(Path.of(args[1]));
    Map<String, Tensor> rows = Map.of("input", Tensor.ofFloats(new float[] {1, 2, 3, 4}, 1, 4));
    Verifier ort = Verifier.of(OrtBackend.cpu());
    System.out.println(ort.against(network.backend(), model, List.of(rows)));
    // README: to here
  }
}
